/* pipeline.h - what a pipeline is told to do: its configuration as data.
 *
 * app/config.c fills it from YAML; nothing here reads text. All strs are owned by whoever made it.
 */
#ifndef INGEST_PIPELINE_H
#define INGEST_PIPELINE_H

#include <regex.h>

#include "codec/time.h"
#include "iceberg/metadata.h"
#include "ingest/path.h"
#include "source/source.h"

struct contracts;

enum { NAME_RULES = 4, NAME_PARTS = 8, REQUIRE_MAX = 16, IGNORE_MAX = 16, ID_PATHS = 16, KEYS_MAX = 6 };

enum name_kind { NAME_PATH, NAME_TEMPLATE, NAME_CONST, NAME_PART };

/* One way to an event's name; the first that gives one is taken. */
struct name_rule {
	enum name_kind kind;
	struct path    paths[NAME_PARTS];        /* NAME_PATH: one; NAME_TEMPLATE: one a placeholder */
	str            texts[NAME_PARTS + 1];    /* NAME_TEMPLATE: around the placeholders; NAME_CONST: texts[0] */
	uint32_t       path_count;
	regex_t        expression;               /* NAME_PART: over the part's key; first group of the last match, or all of it */
};

enum id_kind { ID_PATH, ID_HASH, ID_RECORD };

struct id_rule {
	enum id_kind kind;
	struct path  paths[ID_PATHS]; /* ID_PATH: one */
	uint32_t     path_count;
	bool         is_uuid;         /* declared so: the column is of type uuid */
};

struct time_rule {
	struct path    path;
	bool           has_unit;
	enum time_unit unit;
	bool           has_zone;
	int            zone_minutes;
	bool           is_kept; /* the member stays a column of its own beside event_time */
};

enum require_kind { REQUIRE_ANY, REQUIRE_OBJECT, REQUIRE_STRING, REQUIRE_NUMBER };

struct require_rule {
	struct path       path;
	enum require_kind kind;
};

/* Whether every record taken is kept as received, too (archive.h). */
enum raw_rule { RAW_DEFAULT, RAW_ON, RAW_OFF }; /* default: on where the source is followed */

/* How rows of a table become files. */
struct table_rule {
	const str         *match; /* globs over the table's name; none: every table */
	size_t             match_count;
	uint64_t           target_bytes;  /* of a file, about */
	int64_t            max_delay_us;  /* a row waits no longer for its file */
	bool               has_partition; /* else as the pipeline says */
	enum ice_transform partition;     /* of a table that is made */
};

struct table_rules {
	struct table_rule        common;
	const struct table_rule *overrides; /* whole ones: what they leave out is as in common */
	size_t                   override_count;
};
#define TABLE_RULES ((struct table_rules){.common = {.target_bytes = 128 << 20, .max_delay_us = INT64_C(900000000)}})

/* The first that fits the name. */
const struct table_rule *table_rule_of(const struct table_rules *rules, str table);

enum on_conflict { CONFLICT_QUARANTINE, CONFLICT_KEEP_FIRST };

struct limits {
	struct json_limits json;
	uint32_t columns;        /* leaves of one table: 2,000 */
	uint32_t members;        /* columns made of the members of one nested object: 256 */
	uint32_t names;          /* event names of one pipeline: 2,000 */
	int64_t  time_floor_us;  /* 2000-01-01 */
	int64_t  time_ahead_us;  /* 24 h */
};
#define LIMITS ((struct limits){JSON_LIMITS, 2000, 256, 2000, INT64_C(946684800000000), INT64_C(86400000000)})

struct pipeline {
	str                 name;
	struct source_conf  source;
	enum raw_rule       raw;
	int64_t             raw_keep_us;  /* segments older than that go, once nothing needs them; 0: never */
	struct id_rule      id;
	struct name_rule    names[NAME_RULES];
	uint32_t            name_count;
	struct time_rule    time;
	struct path         attributes;   /* count 0: none */
	struct require_rule require[REQUIRE_MAX];
	uint32_t            require_count;
	bool                has_event_type, has_event_subtype, has_created_datetime; /* enrichment */
	int64_t             window_us;    /* dedupe; 0: no dedupe at all */
	uint32_t            merge_runs;   /* of ids, that become one; 0: as dedupe has it */
	struct path         ignore[IGNORE_MAX];
	uint32_t            ignore_count;
	enum on_conflict    on_conflict;
	str                 table;        /* template: {event_name} {event_type} {event_subtype} */
	enum ice_transform  partition;
	str                 keys[KEYS_MAX]; /* columns that get a bloom filter beside event_id */
	uint32_t            key_count;
	struct limits       limits;
	struct contracts   *contracts;    /* borrowed, and shared by pipelines; NULL: none */
	bool                is_declared_only; /* names without a contract are refused */
};

/* Give every path, and every member of a contract, its hashes under the lake's secret. */
void pipeline_seed(struct pipeline *p, uint64_t secret);

#endif
