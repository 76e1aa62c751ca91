/* The kinds to measure with are as large, as wide and as deep as they claim: who compares engines on them
 * counts on that. */
#include "base/map.h"
#include "tests/lib/test.h"
#include "tests/unit/simulate/stream.h"

struct claim {
	enum simulate_kind kind;
	double             bytes_low, bytes_high;   /* a record, on average */
	double             leaves_low, leaves_high; /* values in one, on average */
	size_t             columns_low, columns_high;
	unsigned           depth;                   /* of objects */
};

static const struct claim claims[] = {
	{SIMULATE_ONE, 1300, 1600, 42, 45, 45, 45, 2},
	{SIMULATE_MIXED, 1250, 1450, 45, 52, 9500, 10500, 4},
	{SIMULATE_FLAT100, 320, 380, 10, 14, 1000, 1400, 1},
	{SIMULATE_WIDE, 1000, 1300, 40, 46, 2013, 2013, 1},
};

struct look {
	struct map columns; /* by event name and path */
	uint64_t   records, bytes, leaves;
	unsigned   depth;
};

static void look_done(struct look *l)
{
	map_done(&l->columns);
}

AUTO_DEFINE(look, look_done)

static void look_at(struct look *l, const char *path, json_t *value, unsigned depth)
{
	char        below[512];
	const char *key;
	json_t     *member;

	if (!json_is_object(value)) {
		l->leaves++;
		map_put(&l->columns, str_of(path));
		return;
	}
	l->depth = depth > l->depth ? depth : l->depth;
	json_object_foreach(value, key, member) {
		(void)snprintf(below, sizeof(below), "%s/%s", path, key);
		look_at(l, below, member, depth + 1);
	}
}

static void look_at_line(void *context, const char *file, size_t number, str line)
{
	struct look *l = context;
	const char  *fault = NULL;
	json_t      *record = stream_parse(line, &fault);

	(void)file, (void)number;
	CHECK(record != NULL);
	l->records++;
	l->bytes += line.len;
	look_at(l, json_string_value(json_object_get(record, "event_name")), record, 1);
	json_decref(record);
}

TEST(records_are_as_large_and_wide_as_is_claimed)
{
	const char *folder = test_folder();

	for (unsigned i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		const struct claim  *claim = &claims[i];
		struct simulate_conf conf = {.kind = claim->kind, .events = 20000, .seed = 3};
		AUTO(stream)         s = {0};
		AUTO(look)           l = {0};
		double               bytes, leaves;
		char                 name[16];

		(void)snprintf(name, sizeof(name), "%u", i);
		stream_make(&s, conf, folder, name);
		stream_each(&s, look_at_line, &l);
		bytes = (double)l.bytes / (double)l.records;
		leaves = (double)l.leaves / (double)l.records;
		CHECK(bytes > claim->bytes_low && bytes < claim->bytes_high);
		CHECK(leaves > claim->leaves_low && leaves < claim->leaves_high);
		CHECK(l.columns.live >= claim->columns_low && l.columns.live <= claim->columns_high);
		CHECK_INT(l.depth, claim->depth);
	}
}

TEST(mixed_has_as_many_names_as_are_asked_for)
{
	struct simulate_conf conf = {.kind = SIMULATE_MIXED, .events = 20000, .seed = 3, .names = 300};
	const char          *folder = test_folder();
	AUTO(stream)         many = {0}, few = {0};

	stream_make(&many, conf, folder, "many");
	CHECK_INT(json_object_size(json_object_get(many.ledger, "tables")), 300);
	conf.names = 2;
	stream_make(&few, conf, folder, "few");
	CHECK_INT(json_object_size(json_object_get(few.ledger, "tables")), 2);
	CHECK_INT(stream_rows(&few, "user_profile_created") + stream_rows(&few, "user_settings_updated"), 20000);
}
