/* A record is found in raw by when and where it was taken, or not at all. */
#include "ingest/raw_find.h"

#include "catalog/catalog.h"
#include "os/clock.h"
#include "store/store.h"
#include "tests/lib/test.h"

enum { RECORDS = 4 };

struct cellar {
	struct lake         *lake;
	struct journal       journal;
	struct journal_state state;
	struct arena         arena;
	struct err           e;
};

static str raw_of(struct cellar *c, int number)
{
	return arena_format(&c->arena, "r%d,sale", number);
}

static void pack(struct cellar *c, struct segment_writer *w, int64_t taken_us, bool is_made, int first, int step)
{
	const struct segment_part part = {STR("/in/a.csv"), STR("a.csv")};
	AUTO(segment_packer)      p = {0};
	struct segment_piece      piece = {0};

	segment_packer_begin(&p);
	for (int i = 0; i < RECORDS; i++) {
		str raw = raw_of(c, first + i), text = is_made ? arena_format(&c->arena, "{\"id\":\"r%d\"}", first + i) : raw;

		segment_packer_add(&p, &(struct segment_record){
			.offset = (uint64_t)(i * step), .whole_len = raw.len, .text = text, .raw = raw, .word = STR("time.unit"),
			.verdict = VERDICT_QUARANTINE,
		});
	}
	CHECK_OK(segment_pack(&p, taken_us, is_made, &part, 1, &piece, &c->e), &c->e);
	segment_put(w, &piece);
	segment_piece_done(&piece);
}

static void commit(struct cellar *c, str pipeline, struct segment_writer *w, int64_t *bytes)
{
	AUTO(journal_entry) entry = {0};
	struct origin       origin = {STR("0"), c->journal.epoch, c->journal.head + 1};
	char                checksum[33];
	str                 text;

	CHECK_OK(segment_close(w, &text, &c->e), &c->e);
	lake_checksum(text, checksum);
	*VEC_ADD(&entry.raws) = (struct entry_raw){
		.pipeline = pipeline, .key = lake_raw_key(&c->arena, STR("0"), lake_origin(&c->arena, &origin, 0)),
		.checksum = arena_str(&c->arena, str_of(checksum)), .bytes = (int64_t)text.len, .records = (int64_t)w->records,
	};
	*bytes = (int64_t)text.len;
	CHECK_OK(store_put_new(c->lake->store, entry.raws.at[0].key, text, &c->e), &c->e);
	CHECK_OK(journal_commit(&c->journal, &entry, &c->e), &c->e);
	segment_clear(w);
}

/* Entry 2: three blocks of rows that were made into JSON, of which two were taken at once; entry 3: one of JSON as it came, and one that
 * was made of a file of the same name, later. Entry 4 is of another pipeline. */
static void cellar_open(struct cellar *c)
{
	AUTO(segment_writer) w = {0};
	struct store        *s = store_new_mem();
	int64_t              bytes;

	*c = (struct cellar){0};
	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), true, &c->lake, &c->e), &c->e);
	CHECK_OK(journal_open(c->lake, STR("0"), &c->journal, &c->state, &c->e), &c->e);
	pack(c, &w, 1000, true, 0, 10);
	pack(c, &w, 2000, true, 10, 10);
	pack(c, &w, 2000, true, 20, 7);
	commit(c, STR("p"), &w, &bytes);
	pack(c, &w, 3000, false, 30, 10);
	pack(c, &w, 4000, true, 40, 10);
	commit(c, STR("p"), &w, &bytes);
	pack(c, &w, 5000, true, 50, 10);
	commit(c, STR("q"), &w, &bytes);
	state_done(&c->state);
	c->state = (struct journal_state){0};
	CHECK_OK(journal_load(c->lake, STR("0"), &c->state, &c->e), &c->e);
}

static void cellar_close(struct cellar *c)
{
	state_done(&c->state);
	lake_close(c->lake);
	arena_done(&c->arena);
}

static void look(struct cellar *c, struct raw_find *r, int64_t taken_us, const char *position, int number, bool is_there)
{
	const struct segment_record *found;

	CHECK_OK(raw_find(r, taken_us, str_of(position), raw_of(c, number), &found, &c->e), &c->e);
	CHECK((found != NULL) == is_there);
	if (found != NULL && is_there)
		CHECK_STR(found->text, arena_format(&c->arena, "{\"id\":\"r%d\"}", number));
}

TEST(raw_is_found_by_time_and_place)
{
	const str        names[] = {STR("p"), STR("none")};
	struct raw_find  finds[2];
	struct cellar    c;

	cellar_open(&c);
	CHECK_OK(raw_find_open(c.lake, &c.state, names, 2, finds, &c.e), &c.e);
	CHECK(finds[0].had_any && finds[0].objects.count == 2);
	CHECK(!finds[1].had_any && finds[1].objects.count == 0);
	for (int round = 0; round < 2; round++) { /* in order of arrival, and in any */
		look(&c, &finds[0], 1000, "a.csv:0", 0, true);
		look(&c, &finds[0], 1000, "a.csv:30", 3, true);
		look(&c, &finds[0], 2000, "a.csv:0", 10, true); /* the same place as in the block beside it */
		look(&c, &finds[0], 2000, "a.csv:0", 20, true);
		look(&c, &finds[0], 2000, "a.csv:7", 21, true);
		look(&c, &finds[0], 4000, "a.csv:20", 42, true);
	}
	look(&c, &finds[0], 1000, "a.csv:0", 10, false);  /* another record stood there then */
	look(&c, &finds[0], 1001, "a.csv:0", 0, false);   /* and nothing was taken at that time */
	look(&c, &finds[0], 3000, "a.csv:0", 30, false);  /* nothing was made of it */
	look(&c, &finds[0], 5000, "a.csv:0", 50, false);  /* of another pipeline */
	look(&c, &finds[0], 2000, "b.csv:0", 10, false);
	look(&c, &finds[1], 1000, "a.csv:0", 0, false);
	raw_find_done(&finds[0]);
	raw_find_done(&finds[1]);
	cellar_close(&c);
}

TEST(raw_that_is_gone_is_not_found)
{
	const str        names[] = {STR("p")};
	struct raw_find  find;
	struct cellar    c;

	cellar_open(&c);
	CHECK_OK(raw_find_open(c.lake, &c.state, names, 1, &find, &c.e), &c.e);
	CHECK_OK(store_remove(c.lake->store, find.objects.at[0].key, &c.e), &c.e);
	look(&c, &find, 1000, "a.csv:0", 0, false);
	look(&c, &find, 4000, "a.csv:0", 40, true);
	raw_find_done(&find);
	cellar_close(&c);
}

TEST(raw_that_was_let_go_is_not_looked_for)
{
	const str           names[] = {STR("p")};
	AUTO(journal_entry) entry = {0};
	struct raw_find     find;
	struct cellar       c;

	cellar_open(&c);
	*VEC_ADD(&entry.forgotten) = (struct entry_forgotten){STR("p"), 2};
	CHECK_OK(journal_commit(&c.journal, &entry, &c.e), &c.e);
	state_done(&c.state);
	c.state = (struct journal_state){0};
	CHECK_OK(journal_load(c.lake, STR("0"), &c.state, &c.e), &c.e);
	CHECK_OK(raw_find_open(c.lake, &c.state, names, 1, &find, &c.e), &c.e);
	CHECK_INT(find.objects.count, 1);
	look(&c, &find, 1000, "a.csv:0", 0, false);
	look(&c, &find, 4000, "a.csv:0", 40, true);
	raw_find_done(&find);
	cellar_close(&c);
}
