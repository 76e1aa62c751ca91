/* Framing: a file of any bytes, under every format, over a file system in memory.
 *
 * Records rise and do not overlap; in lines, every byte that is not blank lies in one. Closed after each run and
 * opened again where the lake had it, a source hands out the same records; so does one that follows while the file
 * grows, where it saw the same framing. A state of any text is refused, or comes back as it was. */
#include "base/map.h"
#include "codec/csv.h"
#include "codec/inflate.h"
#include "os/clock.h"
#include "source/file_int.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 3000 };

/* What a lake would keep of the one part, and the records as lines of text. */
struct taken {
	struct arena arena;
	str          state;
	struct buf   records;
	uint64_t     end; /* of the last record, in the decoded file */
	size_t       count, runs;
};

static void taken_done(struct taken *t)
{
	arena_done(&t->arena);
	buf_done(&t->records);
}
AUTO_DEFINE(taken, taken_done)

/* A clock that stands until it is set. */
static int64_t now_us;

static int64_t still_us(struct clock *c)
{
	(void)c;
	return now_us;
}

static void no_sleep(struct clock *c, int64_t us)
{
	(void)c;
	now_us += us;
}

static struct clock still = {.now_us = still_us, .mono_us = still_us, .sleep_us = no_sleep};

static str state_of(void *context, str key)
{
	(void)key;
	return ((struct taken *)context)->state;
}

static bool is_blank(str text)
{
	return str_trim(text).len == 0;
}

static struct file_state state_at(const struct taken *t)
{
	struct file_state s;
	struct err        e = ERR_NONE;

	CHECK_OK(file_state_parse(t->state, &s, &e), &e);
	return s;
}

static enum frame_kind kind_of(const struct taken *t)
{
	return state_at(t).kind;
}

/* `plain` is the file where it is not compressed, else empty. */
static void take_record(struct taken *t, const struct run *run, const struct record *r, str plain)
{
	str raw = str_make(run->bytes.ptr + r->raw, r->raw_len);

	CHECK(r->part == 0 && (size_t)r->text + r->text_len <= run->bytes.len);
	CHECK((size_t)r->raw + r->raw_len <= run->bytes.len);
	buf_print(&t->records, "%llu %d " STR_FMT "\n", (unsigned long long)r->offset, (int)r->fault, STR_ARG(raw));
	t->count++;
	if (plain.len == 0)
		return;
	CHECK(r->offset >= t->end && r->offset + r->raw_len <= plain.len);
	CHECK(str_eq(str_make(plain.ptr + r->offset, r->raw_len), raw));
	if (kind_of(t) == FRAME_LINES && t->end > 0)
		CHECK(is_blank(str_make(plain.ptr + t->end, (size_t)(r->offset - t->end))));
	t->end = r->offset + r->raw_len;
}

static void take_run(struct taken *t, const struct run *run, str plain)
{
	CHECK_INT(run->parts.count, 1);
	CHECK_STR(run->parts.at[0].from, t->state);
	CHECK(!str_eq(run->parts.at[0].from, run->parts.at[0].to));
	t->state = arena_str(&t->arena, run->parts.at[0].to);
	for (size_t i = 0; i < run->records.count; i++)
		take_record(t, run, &run->records.at[i], plain);
	t->runs++;
}

static struct source *open_file(struct taken *t, const struct source_conf *conf, str bytes, size_t shown)
{
	struct source *s = NULL;
	struct err     e = ERR_NONE;

	CHECK_OK(source_open_file(fuzz_fs(bytes, shown), &still, conf, state_of, t, &s, &e), &e);
	return s;
}

/* Runs, at most so many; false: there are no more. */
static bool take_runs(struct source *s, struct taken *t, size_t most, str plain)
{
	AUTO(run)  run = {0};
	struct err e = ERR_NONE;
	int        got = 1;

	for (size_t i = 0; i < most && got > 0; i++) {
		got = source_read(s, &run, &e);
		CHECK_OK(got, &e);
		if (got > 0)
			take_run(t, &run, plain);
	}
	return got > 0;
}

static void take_at_once(const struct source_conf *conf, str bytes, struct taken *t)
{
	str              plain = inflate_sniff(bytes) == INFLATE_PLAIN && conf->record_limit == 0 ? bytes : (str){0};
	AUTO_PTR(source) s = open_file(t, conf, bytes, bytes.len);

	while (take_runs(s, t, 1, plain))
		;
	if (plain.len > 0 && t->count > 0 && kind_of(t) == FRAME_LINES)
		CHECK(is_blank(str_from(plain, (size_t)t->end)));
}

static void check_reopened(const struct source_conf *conf, str bytes, const struct taken *whole)
{
	AUTO(taken)        t = {0};
	struct source_conf small = *conf;
	bool               is_more = true;
	uint64_t           text = whole->runs > 0 ? state_at(whole).offset : 0; /* decoded: a few bytes may be many */

	small.run_bytes = 1 + fuzz_choice(bytes, 3, 64);
	while (is_more) {
		AUTO_PTR(source) s = open_file(&t, &small, bytes, bytes.len);

		is_more = take_runs(s, &t, 1, (str){0});
		CHECK(t.runs <= 4 * (bytes.len + text) + 8);
	}
	CHECK_STR(buf_str(&t.records), buf_str(&whole->records));
}

/* Where a text is CSV, its first bytes say by which delimiter. */
static bool is_same_csv(str bytes, size_t cut)
{
	return csv_sniff_delimiter(frame_without_mark(str_head(bytes, cut))) ==
	       csv_sniff_delimiter(frame_without_mark(bytes));
}

static void check_growing(const struct source_conf *conf, str bytes, const struct taken *whole)
{
	AUTO(taken)        t = {0};
	struct source_conf follow = *conf;
	size_t             cut = fuzz_choice(bytes, 4, bytes.len + 1);

	follow.is_following = true;
	{
		AUTO_PTR(source) s = open_file(&t, &follow, bytes, cut);

		while (take_runs(s, &t, 1, (str){0}))
			;
		now_us += 500000; /* enough to look again, not enough to be quiet */
		(void)fuzz_fs(bytes, bytes.len);
		while (take_runs(s, &t, 1, (str){0}))
			;
	}
	{
		AUTO_PTR(source) s = open_file(&t, conf, bytes, bytes.len);

		while (take_runs(s, &t, 1, (str){0}))
			;
	}
	if (t.runs > 0 && whole->runs > 0 && kind_of(&t) == kind_of(whole) && is_same_csv(bytes, cut))
		CHECK_STR(buf_str(&t.records), buf_str(&whole->records));
}

static void check_format(str bytes, enum source_format format, str records, uint64_t record_limit, bool is_deep)
{
	static const str   glob = {FUZZ_FILE, sizeof(FUZZ_FILE) - 1};
	AUTO(taken)        whole = {0};
	struct source_conf conf = {
		.globs = &glob, .glob_count = 1, .format = format, .records = records, .record_limit = record_limit};

	now_us = 1;
	take_at_once(&conf, bytes, &whole);
	if (is_deep)
		check_reopened(&conf, bytes, &whole);
	if (is_deep && inflate_sniff(bytes) == INFLATE_PLAIN)
		check_growing(&conf, bytes, &whole);
}

static void check_state(str text)
{
	AUTO(arena)       a = ARENA_INIT;
	struct file_state s;
	struct err        e = ERR_NONE;

	if (file_state_parse(text, &s, &e) == 0)
		CHECK_STR(file_state_format(&s, &a), text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		enum source_format format;
		str                records;
		uint64_t           record_limit;
	} ways[] = {
		{FORMAT_AUTO, {"", 0}, 0},   {FORMAT_JSON, {"", 0}, 0},     {FORMAT_CSV, {"", 0}, 0}, {FORMAT_FLUENTD, {"", 0}, 0},
		{FORMAT_AUTO, {"/a", 2}, 0}, {FORMAT_JSON, {"/Records/x~1y", 13}, 20}, {FORMAT_AUTO, {"", 0}, 20},
	};
	str    bytes = str_make(data, size);
	size_t deep = fuzz_choice(bytes, 5, sizeof(ways) / sizeof(ways[0])); /* it takes long */

	if (size > INPUT_MAX)
		return 0;
	check_state(bytes);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		check_format(bytes, ways[i].format, ways[i].records, ways[i].record_limit, i == deep);
	return 0;
}
