/* The daily files, read back by the house's own CSV reader. */
#include "base/map.h"
#include "codec/csv.h"
#include "codec/time.h"
#include "tests/lib/test.h"
#include "tests/unit/simulate/stream.h"

enum { AMOUNT = 6, TIME = 9, FIELDS = 10 };

struct table {
	struct map        rows; /* of the day under way */
	uint64_t          row_count, duplicates, miscounted, no_time, drifted, late, quoted;
	const char       *file;
	struct csv_fields fields;
};

static void table_done(struct table *t)
{
	map_done(&t->rows);
	csv_fields_done(&t->fields);
}

AUTO_DEFINE(table, table_done)

static int64_t file_day(const char *file)
{
	struct time_parts p = {0};

	CHECK_INT(sscanf(file, "year=%d/month=%d/day=%d/events.csv", &p.year, &p.month, &p.day), 3);
	return time_day(time_join(&p));
}

static void take_row(struct table *t, str line)
{
	const struct csv_field *fields = t->fields.at;
	int64_t                 us;
	bool                    flagged;

	if (t->fields.count != FIELDS) {
		t->miscounted++;
		return;
	}
	if (time_parse(fields[TIME].text, true, 0, &us, NULL, &flagged) != TIME_OK) {
		t->no_time++;
		return;
	}
	if (map_put(&t->rows, line)->num++ > 0) {
		t->duplicates++;
		return;
	}
	t->row_count++;
	t->drifted += str_eq(fields[AMOUNT].text, STR("n/a"));
	t->late += time_day(us) < file_day(t->file);
	t->quoted += fields[5].was_quoted;
	CHECK(time_day(us) <= file_day(t->file));
}

static void take_line(void *context, const char *file, size_t number, str line)
{
	struct table *t = context;

	CHECK(csv_split(line, ',', &t->fields));
	if (number == 0) {
		CHECK_STR(line, STR("event_id,user_id,session_id,event_name,country,device,"
		                    "amount,quantity,referrer,event_time"));
		map_done(&t->rows);
		t->file = file;
	} else {
		take_row(t, line);
	}
}

TEST(csv_files_are_what_the_ledger_says)
{
	struct simulate_conf conf = {
		.kind = SIMULATE_CSV, .events = 20000, .seed = 2, .duplicates = 0.05,
		.restamped = 0.05, .late = 0.05, .malformed = 0.05, .drift = 0.05,
	};
	AUTO(stream) s = {0};
	AUTO(table)  t = {0};
	json_t      *reasons;

	stream_make(&s, conf, test_folder(), "s");
	stream_each(&s, take_line, &t);
	reasons = json_object_get(s.ledger, "reasons");
	CHECK_INT(stream_file_count(&s), 3);
	CHECK_INT(t.row_count, stream_rows(&s, "user_event"));
	CHECK_INT(t.duplicates, stream_count(&s, "duplicates"));
	CHECK_INT(t.miscounted, json_integer_value(json_object_get(reasons, "csv.fields")));
	CHECK_INT(t.no_time, json_integer_value(json_object_get(reasons, "time.syntax")));
	CHECK_INT(t.drifted, stream_count(&s, "drifted"));
	CHECK(t.late > 0 && t.late <= stream_count(&s, "late"));
	CHECK(t.quoted > 1000);
}
