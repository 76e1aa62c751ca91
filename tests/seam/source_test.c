/* The contract of sources, over every kind: opened again at the positions that were taken,
 * nothing is lost and nothing before them comes again, whatever the run at which it was closed. */
#include <zlib.h>

#include "base/map.h"
#include "os/clock.h"
#include "os/fs.h"
#include "source/source.h"
#include "tests/lib/test.h"

/* What a lake would keep. */
struct taken {
	struct arena arena;
	struct map   states; /* part key -> str * */
	struct buf   records;
	size_t       count, runs;
};

static void taken_done(struct taken *t)
{
	arena_done(&t->arena);
	map_done(&t->states);
	buf_done(&t->records);
}

AUTO_DEFINE(taken, taken_done)

struct kind {
	const char *name;
	struct source *(*open)(const struct kind *k, struct taken *t);
	const char *text, *path; /* in memory; or files */
	const char *records;
	uint64_t    run_bytes;
	bool        is_following;
};

static str state_of(void *context, str key)
{
	str *state = map_ptr(&((struct taken *)context)->states, key);

	return state ? *state : (str){0};
}

static struct source *open_mem(const struct kind *k, struct taken *t)
{
	return source_new_mem(STR("memory"), str_of(k->text), state_of, t);
}

static struct source *open_file(const struct kind *k, struct taken *t)
{
	static str         glob;
	struct source     *s = NULL;
	struct err         e = ERR_NONE;
	struct source_conf conf = {
		.globs = &glob,
		.glob_count = 1,
		.run_bytes = k->run_bytes,
		.records = str_of(k->records),
		.is_following = k->is_following,
	};

	glob = str_of(k->path);
	CHECK_OK(source_open_file(fs_real(), clock_real(), &conf, state_of, t, &s, &e), &e);
	return s;
}

/* Contract of one run: parts go on where they were left, records lie inside, each belongs to a
 * part. */
static void take_run(struct taken *t, const struct run *run)
{
	for (size_t i = 0; i < run->parts.count; i++) {
		const struct run_part *part = &run->parts.at[i];
		str                   *state = ARENA_NEW(&t->arena, str);

		CHECK_STR(part->from, state_of(t, part->key));
		CHECK(!str_eq(part->from, part->to));
		*state = arena_str(&t->arena, part->to);
		map_put(&t->states, part->key)->ptr = state;
	}
	for (size_t i = 0; i < run->records.count; i++) {
		const struct record *r = &run->records.at[i];
		str                  text = {run->bytes.ptr + r->text, r->text_len};
		str                  raw = {run->bytes.ptr + r->raw, r->raw_len};

		CHECK((size_t)r->text + r->text_len <= run->bytes.len);
		CHECK((size_t)r->raw + r->raw_len <= run->bytes.len);
		CHECK(r->part < run->parts.count);
		buf_print(&t->records, "%llu %d " STR_FMT " " STR_FMT "\n", (unsigned long long)r->offset,
		          (int)r->fault, STR_ARG(raw), STR_ARG(text));
	}
	t->count += run->records.count;
	t->runs++;
}

/* At most `limit` runs; how many there were. */
static size_t take_runs(const struct kind *k, struct taken *t, size_t limit)
{
	AUTO_PTR(source) s = k->open(k, t);
	AUTO(run)        run = {0};
	struct err       e = ERR_NONE;
	size_t           runs = 0;
	int              rc = 1;

	while (s != NULL && runs < limit && (rc = source_read(s, &run, &e)) == 1) {
		take_run(t, &run);
		CHECK_OK(source_settle(s, run.parts.at, run.parts.count, &e), &e);
		runs++;
	}
	CHECK_OK(rc, &e);
	return runs;
}

static void check_kind(const struct kind *k)
{
	AUTO(taken) whole = {0};
	AUTO(taken) each = {0};
	size_t      runs = take_runs(k, &whole, SIZE_MAX);

	CHECK(runs > 1);
	for (size_t stop = 0; stop <= runs; stop++) {
		AUTO(taken) t = {0};

		CHECK_INT(take_runs(k, &t, stop), stop);
		(void)take_runs(k, &t, SIZE_MAX);
		if (!str_eq(buf_str(&t.records), buf_str(&whole.records)))
			test_fail(__FILE__, __LINE__, "%s: other records when closed after %zu runs",
			          k->name, stop);
		CHECK_INT(take_runs(k, &t, SIZE_MAX), 0);
	}
	/* Closed after every run. */
	while (take_runs(k, &each, 1) == 1)
		CHECK(each.runs <= runs + 8);
	if (!str_eq(buf_str(&each.records), buf_str(&whole.records)))
		test_fail(__FILE__, __LINE__, "%s: other records when closed after every run", k->name);
	CHECK_INT(each.count, whole.count);
}

/* --- the kinds ------------------------------------------------------------------------------- */

static void write_file(const char *path, str bytes, bool is_gzip)
{
	gzFile file = gzopen(path, is_gzip ? "wb" : "wbT"); /* T: as they are */

	if (file == NULL || gzwrite(file, bytes.ptr, (unsigned)bytes.len) != (int)bytes.len ||
	    gzclose(file) != Z_OK)
		abort();
}

TEST(source_mem_keeps_the_contract)
{
	AUTO(buf) text = BUF(0);

	for (int i = 0; i < 20000; i++)
		buf_print(&text, "{\"n\":%d}\n%s", i, i % 7 ? "" : "\n");
	buf_add(&text, STR("{\"last\":true}"));
	buf_byte(&text, '\0');
	check_kind(&(struct kind){"mem", open_mem, .text = text.ptr});
}

TEST(source_file_keeps_the_contract_whatever_the_framing)
{
	static const struct { const char *name, *text, *records; } files[] = {
		{"lines", "{\"a\":1}\n\n{\"a\":2}\r\n[3]\n x\n{\"a\":5}", ""},
		{"marked lines", "\xEF\xBB\xBF\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{}\n", ""},
		{"values", "{\"a\":1}{\"a\":\n2}  {\"a\":\"}\"}{\"b\":4}{}x", ""},
		{"array", "[ {\"a\":1},{\"a\":2} , 3,\n{\"a\":\"]\"}, []\n]\n", ""},
		{"nested",
		 "{\"n\":1,\"r\":[{\"a\":1},{\"a\":2}],\"m\":{}}{\"q\":0}\n{\"r\":[{\"a\":3}]}{\"r\":7}", "/r"},
		{"nested in arrays", "[{\"r\":[1]},{\"r\":[2,3]},{\"r\":[4]}] [0,{\"r\":[5,6]}]", "/1/r"},
		{"fluentd", "1\ta\t{\"a\":1}\n2\tb\t{\"a\":2}\n\nx\n3\tc\t{}\n4\tc\t{}\n", ""},
		{"csv", "\na,b\n1,2\n\"x\ny\",3\n\n4\n5,\"6\"\"\"\n7,8", ""},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		for (int variant = 0; variant < 4; variant++) {
			AUTO(arena) a = ARENA_INIT;
			const char *path = arena_format(&a, "%s/x", test_folder()).ptr;
			str         text = str_of(files[i].text);

			write_file(path, text, variant % 2);
			check_kind(&(struct kind){
				files[i].name, open_file, .path = path, .records = files[i].records,
				.run_bytes = variant < 2 ? 1 : 9,
			});
		}
}

TEST(source_file_keeps_the_contract_over_many_files)
{
	AUTO(arena) a = ARENA_INIT;
	const char *folder = test_folder();
	AUTO(buf)   text = BUF(0);

	for (int i = 0; i < 12; i++) {
		buf_clear(&text);
		for (int line = 0; line < i * 300; line++)
			buf_print(&text, "{\"file\":%d,\"line\":%d}\n", i, line);
		write_file(arena_format(&a, "%s/%02d.json", folder, i).ptr, buf_str(&text), i % 3 == 0);
	}
	check_kind(&(struct kind){
		"many files", open_file,
		.path = arena_format(&a, "%s/*.json", folder).ptr,
		.run_bytes = 20000,
	});
	check_kind(&(struct kind){
		"many files, followed", open_file,
		.path = arena_format(&a, "%s/*.json", folder).ptr,
		.run_bytes = 20000,
		.is_following = true,
	});
}
