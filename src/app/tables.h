/* tables.h - the tables of a lake: by the names that people type, and what is worth knowing of each. */
#ifndef APP_TABLES_H
#define APP_TABLES_H

#include "lake/scan.h"

#define TABLES_LANE STR("0")

struct table_name {
	str space, name, full; /* "events", "push_event", "events.push_event" */
};

/* All of them: those of events first, each space sorted. Owned by `a`. */
int tables_all(struct lake *l, struct arena *a, struct table_name **out, size_t *count, struct err *e) MUST_USE;
/* `typed` is a name with or without its space. ERR_MISSING names the nearest one. */
int tables_find(struct lake *l, str typed, struct arena *a, struct table_name *out, struct err *e) MUST_USE;

/* The field whose bounds say when a file's events happened; 0 where there is none. */
int32_t tables_time_field(const struct schema *s, const struct ice_spec *spec);
/* First and last of it in a file; false where the file does not say. */
bool    tables_file_times(const struct ice_file *f, int32_t time_field, int64_t *first_us, int64_t *last_us);

/* Of a partition value as the table's own spec writes it, "2015-01-01-15"; "-" where a file has none. */
const char *tables_partition(const struct scan *s, const struct ice_file *f, struct arena *a);

/* From the metadata alone: no data file is opened. */
struct table_facts {
	int64_t     rows, files, bytes;
	int64_t     snapshots;
	uint64_t    mark;        /* up to which entry of the journal it is applied */
	const char *first, *last; /* partitions; "-": it has none */
	bool        has_times;
	int64_t     oldest_us, newest_us;
	int64_t     extra;       /* rows with something in _extra, as far as the files count them */
};

int tables_facts(struct lake *l, const struct scan *s, struct arena *a, struct table_facts *out,
                 struct err *e) MUST_USE;

#endif
