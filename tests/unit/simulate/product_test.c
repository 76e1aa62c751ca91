/* Product and domain events and those to measure with, read back by a stranger: ids, tables, reasons,
 * late and drifting records as the ledger says. */
#include "base/map.h"
#include "tests/lib/test.h"
#include "tests/unit/simulate/stream.h"

/* Where a kind keeps its id, name and time. */
struct envelope {
	const char *folder_of_id; /* the member they stand in, NULL at the top */
	const char *id, *name;
	const char *folder_of_time;
	long long   second;
};

static const struct envelope product = {NULL, "event_uuid", "event_name", NULL, 1};
static const struct envelope domain = {"data", "id", "type", "meta", 1000};
static const struct envelope tracked = {NULL, "event_id", "event_name", NULL, 1000};

struct seen {
	const struct envelope *envelope;
	struct map             ids, tables, reasons;
	struct map             types; /* of each path of each table, JSON type + 1 */
	uint64_t               duplicates, restamped, late, drifted;
	long long              newest;
};

static void seen_done(struct seen *s)
{
	map_done(&s->ids);
	map_done(&s->tables);
	map_done(&s->reasons);
	map_done(&s->types);
}

AUTO_DEFINE(seen, seen_done)

static json_t *inside(json_t *record, const char *folder)
{
	return folder == NULL ? record : json_object_get(record, folder);
}

/* The codes of the quarantine, in the order a reader meets them. */
static const char *fault_of(const struct envelope *env, json_t *record)
{
	const json_t *id = json_object_get(inside(record, env->folder_of_id), env->id);
	const json_t *name = json_object_get(inside(record, env->folder_of_id), env->name);
	const json_t *time = json_object_get(inside(record, env->folder_of_time), "created_at");
	const json_t *attributes = json_object_get(inside(record, "data"), "attributes");

	if (id == NULL)
		return "id.missing";
	if (json_string_length(id) == 0)
		return "id.invalid";
	if (name == NULL)
		return "type.missing";
	if (time == NULL)
		return "time.missing";
	if (!json_is_integer(time))
		return "time.syntax";
	if (env == &domain && !json_is_object(attributes))
		return "schema.required";
	return NULL;
}

/* Adds the type of every member, at any depth; returns how many differ from the first of their
 * path. */
static unsigned note_types(struct map *types, const char *path, json_t *value)
{
	char             below[512];
	const char      *key;
	json_t          *member;
	size_t           i;
	struct map_item *item = map_put(types, str_of(path));
	uint64_t         type = (uint64_t)json_typeof(value) + 1;
	unsigned         differ = 0;

	if (json_is_boolean(value))
		type = JSON_TRUE + 1;
	CHECK(!json_is_null(value));
	CHECK(!json_is_array(value) || json_array_size(value) > 0);
	CHECK(!json_is_object(value) || json_object_size(value) > 0);
	if (item->num == 0)
		item->num = type;
	differ += item->num != type;
	json_object_foreach(value, key, member) {
		(void)snprintf(below, sizeof(below), "%s/%s", path, key);
		differ += note_types(types, below, member);
	}
	json_array_foreach(value, i, member) {
		(void)snprintf(below, sizeof(below), "%s/*", path);
		differ += note_types(types, below, member);
	}
	return differ;
}

static void take_good(struct seen *s, json_t *record)
{
	const struct envelope *env = s->envelope;
	json_t                *named = inside(record, env->folder_of_id);
	const char            *id = json_string_value(json_object_get(named, env->id));
	const char            *name = json_string_value(json_object_get(named, env->name));
	json_t                *stamped = inside(record, env->folder_of_time);
	int64_t                time = json_integer_value(json_object_get(stamped, "created_at"));
	struct map_item       *item = map_put(&s->ids, str_of(id));
	char                   table[128];
	unsigned               differ;

	CHECK_INT(strlen(id), 36);
	if (item->num != 0) {
		s->duplicates++;
		s->restamped += item->num != (uint64_t)time;
		return;
	}
	item->num = (uint64_t)time;
	(void)snprintf(table, sizeof(table), "%s", name);
	for (char *p = table; *p != '\0'; p++)
		*p = *p == ':' || *p == '.' ? '_' : *p;
	map_put(&s->tables, str_of(table))->num++;
	s->late += time < s->newest - 3000 * env->second;
	if (time > s->newest)
		s->newest = time;
	differ = note_types(&s->types, table, record);
	CHECK(differ <= 1);
	s->drifted += differ;
}

static void take_line(void *context, const char *file, size_t number, str line)
{
	struct seen *s = context;
	const char  *fault = NULL;
	json_t      *record = stream_parse(line, &fault);

	(void)file;
	if (record != NULL)
		fault = fault_of(s->envelope, record);
	if (fault == NULL)
		take_good(s, record);
	else
		map_put(&s->reasons, str_of(fault))->num++;
	CHECK(fault == NULL || number > 0);
	json_decref(record);
}

static void check_reasons(const struct seen *s, json_t *reasons)
{
	uint64_t    of_text = 0;
	const char *code;
	json_t     *count;

	json_object_foreach(reasons, code, count) {
		const struct map_item *item = map_get(&s->reasons, str_of(code));

		if (str_starts(str_of(code), STR("json.")))
			of_text += (uint64_t)json_integer_value(count);
		else
			CHECK_INT(item ? item->num : 0, json_integer_value(count));
	}
	CHECK_INT(map_get(&s->reasons, STR("json"))->num, of_text);
	CHECK_INT(json_object_size(reasons), s->envelope == &domain ? 11 : 10);
}

static void check_kind(enum simulate_kind kind, const struct envelope *envelope, size_t tables)
{
	struct simulate_conf conf = {
		.kind = kind, .events = 30000, .seed = 9, .duplicates = 0.03, .restamped = 0.03,
		.late = 0.03, .malformed = 0.03, .drift = 0.03, .files = 2,
	};
	AUTO(stream) s = {0};
	AUTO(seen)   seen = {.envelope = envelope};
	AUTO(arena)  a = ARENA_INIT;

	stream_make(&s, conf, test_folder(), "s");
	stream_each(&s, take_line, &seen);
	CHECK_INT(seen.duplicates, stream_count(&s, "duplicates"));
	CHECK(seen.restamped > 700 && seen.restamped < 1100);
	CHECK_INT(seen.late, stream_count(&s, "late"));
	CHECK_INT(seen.drifted, stream_count(&s, "drifted"));
	CHECK_INT(seen.tables.live, tables);
	CHECK_INT(json_object_size(json_object_get(s.ledger, "tables")), tables);
	for (size_t i = 0; i < seen.tables.count; i++) {
		const struct map_item *item = &seen.tables.items[i];

		CHECK_INT(item->num, stream_rows(&s, arena_cstr(&a, item->key)));
	}
	check_reasons(&seen, json_object_get(s.ledger, "reasons"));
}

TEST(product_events_are_what_the_ledger_says)
{
	check_kind(SIMULATE_PRODUCT, &product, 100);
}

TEST(domain_events_are_what_the_ledger_says)
{
	check_kind(SIMULATE_DOMAIN, &domain, 300);
}

TEST(events_to_measure_with_are_what_the_ledger_says)
{
	check_kind(SIMULATE_ONE, &tracked, 1);
	check_kind(SIMULATE_MIXED, &tracked, 200);
	check_kind(SIMULATE_FLAT100, &product, 100);
	check_kind(SIMULATE_WIDE, &tracked, 1);
}
