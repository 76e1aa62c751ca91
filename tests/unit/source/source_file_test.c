/* Files: what is taken, skipped, taken on, and taken anew. */
#include <fcntl.h>
#include <unistd.h>

#include "codec/inflate.h"
#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"
#include "tests/unit/source/gather.h"

#define ONE(path) (&(struct source_conf){.globs = &(str){(path), strlen(path)}, .glob_count = 1})

static str texts(struct gather *g, const char *path)
{
	gather_files(g, ONE(path), NULL);
	return gather_texts(g);
}

static str lines_of(struct buf *b, int count)
{
	buf_clear(b);
	for (int i = 0; i < count; i++)
		buf_print(b, "{\"n\":%d,\"text\":\"line %d of many\"}\n", i, i);
	return buf_str(b);
}

TEST(file_is_known_by_its_bytes_not_its_name)
{
	const char    *folder = test_folder();
	AUTO(buf)      lines = BUF(0), gzip = BUF(0), zstd = BUF(0);
	struct err     e = ERR_NONE;
	str            text = lines_of(&lines, 20000);
	struct { const char *name; str bytes; } files[] = {
		{"plain.json.gz", text}, {"gzip.json", {0}}, {"zstd.json", {0}},
	};

	pack_gzip(text, &gzip);
	files[1].bytes = buf_str(&gzip);
	CHECK_OK(zstd_pack(text, 1, &zstd, &e), &e);
	files[2].bytes = buf_str(&zstd);
	for (size_t i = 0; i < 3; i++) {
		AUTO(gather) g = {0};
		const char  *path = path_of(folder, files[i].name);

		file_put(path, files[i].bytes);
		CHECK(str_eq(texts(&g, path), text));
		CHECK_INT(g.raw_bytes, files[i].bytes.len);
		CHECK_INT(g.done_parts, 1);
	}
}

TEST(file_csv_rows_are_objects_and_do_not_share_a_run_with_json)
{
	const char        *folder = test_folder();
	AUTO(gather)       g = {0};
	struct source_conf conf = *ONE(path_of(folder, "*"));

	file_put(path_of(folder, "1.json"), STR("{\"a\":1}\n"));
	file_put(path_of(folder, "2.csv"), STR("a,b\n1,x\n"));
	file_put(path_of(folder, "3.csv"), STR("a\n2\n"));
	file_put(path_of(folder, "4.json"), STR("{\"a\":3}"));
	gather_files(&g, &conf, NULL);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":\"1\",\"b\":\"x\"}\n{\"a\":\"2\"}\n{\"a\":3}\n"));
	CHECK_STR(g.records.at[1].raw, STR("1,x"));
	CHECK_INT(g.runs, 3);
	CHECK(!g.is_text_typed);
}

TEST(file_taken_whole_is_skipped_and_growth_is_taken_on)
{
	const char          *path = path_of(test_folder(), "a.json");
	AUTO(gather)         g = {0};
	struct source_counts counts;

	file_put(path, STR("\xEF\xBB\xBF{\"a\":1}\n\n{\"a\":2}"));
	gather_files(&g, ONE(path), &counts);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":2}\n"));
	CHECK_INT(g.records.at[0].offset, 3);
	CHECK_INT(g.blank_lines, 1);
	CHECK_INT(counts.parts_taken, 1);
	CHECK_INT(counts.bytes_total, 19);
	CHECK_INT(counts.bytes_read, 19);

	gather_files(&g, ONE(path), &counts);
	CHECK_INT(g.runs, 1);
	CHECK_INT(counts.parts_skipped, 1);
	CHECK_INT(counts.parts_taken, 0);
	CHECK_INT(counts.bytes_total, 0);

	file_add(path, STR("\n{\"a\":3}\n"));
	gather_files(&g, ONE(path), &counts);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"));
	CHECK_INT(counts.parts_taken, 1);
}

TEST(file_growth_is_taken_on_inside_gzip_too)
{
	const char  *path = path_of(test_folder(), "a.gz");
	AUTO(gather) g = {0};
	AUTO(buf)    lines = BUF(0), gzip = BUF(0);
	str          text = lines_of(&lines, 10000);

	pack_gzip(text, &gzip);
	file_put(path, buf_str(&gzip));
	CHECK(str_eq(texts(&g, path), text));
	buf_clear(&gzip);
	pack_gzip(STR("{\"more\":1}\n"), &gzip);
	file_add(path, buf_str(&gzip));
	CHECK_INT(texts(&g, path).len, text.len + 11);
	CHECK_STR(g.records.at[10000].text, STR("{\"more\":1}"));
	CHECK_INT(g.records.at[10000].offset, text.len);
}

TEST(file_replaced_is_taken_from_its_start)
{
	const char  *path = path_of(test_folder(), "a.json");
	AUTO(gather) g = {0};

	file_put(path, STR("{\"a\":1}\n{\"a\":2}\n"));
	(void)texts(&g, path);
	file_put(path, STR("{\"b\":1}\n{\"b\":2}\n")); /* as long */
	(void)texts(&g, path);
	file_put(path, STR("{\"b\":1}\n")); /* as it begins, and shorter */
	(void)texts(&g, path);
	file_put(path, STR("{\"c\":1}\n{\"c\":2}\n{\"c\":3}\n")); /* longer */
	CHECK_STR(texts(&g, path), STR("{\"a\":1}\n{\"a\":2}\n{\"b\":1}\n{\"b\":2}\n{\"b\":1}\n"
	                               "{\"c\":1}\n{\"c\":2}\n{\"c\":3}\n"));
	file_put(path, STR("")); /* nothing: said once */
	CHECK_INT(texts(&g, path).len, 8 * 8);
	CHECK_INT(g.runs, 5);
	(void)texts(&g, path);
	CHECK_INT(g.runs, 5);
}

TEST(file_of_any_framing_grows)
{
	static const struct { const char *records, *first, *more, *want; } cases[] = {
		{"", "[{\"a\":1},\n{\"a\":2}", ",{\"a\":3}\n]", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"},
		{"", "{\n\"a\":1}\n", "{\n\"a\":2}\n", "{\n\"a\":1}\n{\n\"a\":2}\n"},
		{"/r", "{\"r\":[1,2", "2,3]}{\"r\":[4]}", "1\n2\n2\n3\n4\n"},
		{"/r", "{\"r\":[1]}", "{\"q\":[2],\"r\":[3]}", "1\n3\n"},
		{"", "a,b\n1,2\n", "3,4\n", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char        *path = path_of(test_folder(), "a");
		AUTO(gather)       g = {0};
		struct source_conf conf = *ONE(path);

		conf.records = str_of(cases[i].records);
		file_put(path, str_of(cases[i].first));
		gather_files(&g, &conf, NULL);
		file_add(path, str_of(cases[i].more));
		gather_files(&g, &conf, NULL);
		CHECK_STR(gather_texts(&g), str_of(cases[i].want));
	}
}

TEST(file_list_is_sorted_and_each_file_is_in_it_once)
{
	const char  *folder = test_folder();
	AUTO(gather) g = {0};
	str          globs[] = {
		str_of(path_of(folder, "b*.json")),
		str_of(path_of(folder, "*.json")),
		str_of(path_of(folder, "./c.json")),
		str_of(path_of(folder, "link")),
	};

	file_put(path_of(folder, "c.json"), STR("3"));
	file_put(path_of(folder, "a.json"), STR("1"));
	file_put(path_of(folder, "b.json"), STR("2"));
	CHECK_INT(symlink("a.json", path_of(folder, "link")), 0);
	gather_files(&g, &(struct source_conf){.globs = globs, .glob_count = 4}, NULL);
	CHECK_STR(gather_texts(&g), STR("1\n2\n3\n"));
	CHECK_INT(g.runs, 1);
}

static int open_error(const struct source_conf *conf, source_state_fn *state, void *context, struct err *e)
{
	AUTO_PTR(source) s = NULL;

	return source_open_file(fs_real(), clock_real(), conf, state, context, &s, e);
}

static str newer_state(void *context, str key)
{
	(void)context, (void)key;
	return STR("v2 what will be");
}

TEST(file_mistakes_are_told_in_words)
{
	const char        *folder = test_folder();
	struct err         e = ERR_NONE;
	struct source_conf conf = *ONE(path_of(folder, "*.json"));

	CHECK_ERR(open_error(ONE(path_of(folder, "none.json")), NULL, NULL, &e), ERR_MISSING);
	CHECK(strstr(e.text, "none.json") != NULL);
	CHECK_ERR(open_error(&conf, NULL, NULL, &e), ERR_MISSING);
	CHECK(strstr(e.text, "*.json") != NULL);
	conf.is_following = true;
	CHECK_OK(open_error(&conf, NULL, NULL, &e), &e);
	conf.records = STR("Records");
	CHECK_ERR(open_error(&conf, NULL, NULL, &e), ERR_INPUT);
	file_put(path_of(folder, "a.json"), STR("1"));
	CHECK_ERR(open_error(ONE(path_of(folder, "a.json")), newer_state, NULL, &e), ERR_UNSUPPORTED);
	CHECK_ERR(open_error(ONE(folder), NULL, NULL, &e), ERR_MISSING);
}

/* --- compression that breaks off ------------------------------------------------------------- */

TEST(file_cut_short_gives_what_is_whole_and_one_fault)
{
	const char *path = path_of(test_folder(), "a.gz");
	AUTO(buf)   lines = BUF(0), gzip = BUF(0);
	str         text = lines_of(&lines, 50000);

	pack_gzip(text, &gzip);
	for (size_t cut = 0; cut < 6; cut++) {
		AUTO(gather) g = {0};
		size_t       keep = cut == 0 ? 30 : gzip.len * cut / 6 - 4, last;

		file_put(path, str_head(buf_str(&gzip), keep));
		(void)texts(&g, path);
		last = g.records.count - 1;
		CHECK_INT(g.records.at[last].fault, RECORD_COMPRESSION);
		CHECK_INT(g.records.at[last].text.len, 0);
		CHECK_INT(g.done_parts, 1);
		CHECK(str_starts(g.fault, str_of(path)) && strstr(g.fault.ptr, "cut short") != NULL);
		for (size_t i = 0; i < last; i++)
			CHECK_INT(g.records.at[i].fault, RECORD_OK);
		CHECK(str_starts(text, str_head(gather_texts(&g), gather_texts(&g).len - 1)));

		/* It comes back whole: the rest is taken, nothing twice. */
		g.records.count = last;
		file_put(path, buf_str(&gzip));
		CHECK(str_eq(texts(&g, path), text));
	}
}

TEST(file_with_a_bad_checksum_gives_its_records_and_one_fault)
{
	const char  *path = path_of(test_folder(), "a.gz");
	AUTO(gather) g = {0};
	AUTO(buf)    lines = BUF(0), gzip = BUF(0);

	pack_gzip(lines_of(&lines, 1000), &gzip);
	gzip.ptr[gzip.len - 6] ^= 1;
	file_put(path, buf_str(&gzip));
	(void)texts(&g, path);
	CHECK_INT(g.records.count, 1001);
	CHECK_INT(g.records.at[1000].fault, RECORD_COMPRESSION);
	CHECK(strstr(g.fault.ptr, "bad checksum") != NULL);
	CHECK_INT(g.runs, 1);
	(void)texts(&g, path);
	CHECK_INT(g.runs, 1);
}

/* --- sizes ----------------------------------------------------------------------------------- */

TEST(file_without_a_newline_needs_flat_memory)
{
	const char        *path = path_of(test_folder(), "a.json");
	AUTO(gather)       g = {0};
	AUTO(buf)          text = BUF(0);
	struct source_conf conf = *ONE(path);

	conf.record_limit = 256 << 10;
	conf.run_bytes = 1 << 20;
	buf_add(&text, STR("{\"a\":1}\n"));
	buf_fill(&text, 'x', 64 << 20);
	buf_add(&text, STR("\n{\"a\":2}\n"));
	file_put(path, buf_str(&text));
	gather_files(&g, &conf, NULL);
	CHECK_INT(g.records.count, 3);
	CHECK_INT(g.records.at[1].fault, RECORD_TOO_LARGE);
	CHECK_INT(g.records.at[1].text.len, 4096);
	CHECK_INT(g.records.at[2].offset, text.len - 8);
	CHECK(g.bytes_peak <= 2 << 20);
}

TEST(file_of_one_large_document_needs_flat_memory)
{
	const char        *path = path_of(test_folder(), "a.json");
	AUTO(gather)       g = {0};
	AUTO(buf)          text = BUF(0), want = BUF(0);
	struct source_conf conf = *ONE(path);

	conf.records = STR("/r");
	conf.run_bytes = 1 << 20;
	buf_add(&text, STR("{\"before\":\""));
	buf_fill(&text, 'x', 8 << 20);
	buf_add(&text, STR("\",\"r\":["));
	for (int i = 0; i < 100000; i++) {
		buf_print(&text, "%s{\"n\":%d,\"text\":\"an element\"}", i ? ",\n" : "", i);
		buf_print(&want, "{\"n\":%d,\"text\":\"an element\"}\n", i);
	}
	buf_add(&text, STR("],\"after\":\""));
	buf_fill(&text, 'x', 8 << 20);
	buf_add(&text, STR("\"}{}"));
	buf_add(&want, STR("{}\n"));
	file_put(path, buf_str(&text));
	gather_files(&g, &conf, NULL);
	CHECK(str_eq(gather_texts(&g), buf_str(&want)));
	CHECK_INT(g.records.at[100000].fault, RECORD_SHAPE);
	CHECK(g.bytes_peak <= 4 << 20);
}

TEST(file_of_blank_lines_needs_flat_memory)
{
	static const char *const names[] = {"a.json", "a.csv"};

	for (size_t i = 0; i < 2; i++) {
		const char  *path = path_of(test_folder(), names[i]);
		AUTO(gather) g = {0};
		AUTO(buf)    text = BUF(0);

		buf_add(&text, STR("a,b\n"));
		buf_fill(&text, '\n', 8 << 20);
		file_put(path, i == 0 ? str_from(buf_str(&text), 4) : buf_str(&text));
		(void)texts(&g, path);
		CHECK_INT(g.records.count, 0);
		CHECK_INT(g.blank_lines, 8 << 20);
		CHECK_INT(g.empty_runs, 1);
		CHECK(g.bytes_peak <= 2 << 20);
	}
}

TEST(file_of_short_rows_and_long_names_needs_flat_memory)
{
	const char        *path = path_of(test_folder(), "a.csv");
	AUTO(gather)       g = {0};
	AUTO(buf)          text = BUF(0);
	struct source_conf conf = *ONE(path);

	conf.run_bytes = 1 << 20;
	buf_add(&text, STR("a,"));
	buf_fill(&text, 'b', 30000);
	for (int i = 0; i < 1000; i++)
		buf_print(&text, "\n1,%d", i);
	file_put(path, buf_str(&text));
	gather_files(&g, &conf, NULL);
	CHECK_INT(g.records.count, 1000);
	CHECK_STR(g.records.at[999].raw, STR("1,999"));
	CHECK(g.runs >= 29);
	CHECK(g.bytes_peak <= 4 << 20);
}

TEST(file_runs_are_as_large_as_asked_and_no_larger)
{
	const char        *path = path_of(test_folder(), "a.json");
	AUTO(gather)       g = {0};
	AUTO(buf)          lines = BUF(0);
	str                text = lines_of(&lines, 100000);
	struct source_conf conf = *ONE(path);

	conf.run_bytes = 500000;
	file_put(path, text);
	gather_files(&g, &conf, NULL);
	CHECK(str_eq(gather_texts(&g), text));
	CHECK(g.runs >= text.len / 500000 && g.runs <= text.len / 500000 + 2);
	CHECK(g.bytes_peak <= 2 << 20);
}

TEST(file_many_small_ones_fit_a_few_runs)
{
	const char          *folder = test_folder();
	AUTO(gather)         g = {0};
	AUTO(buf)            lines = BUF(0), gzip = BUF(0);
	struct source_counts counts;
	char                 name[32];

	pack_gzip(lines_of(&lines, 100), &gzip);
	for (int i = 0; i < 700; i++) {
		(void)snprintf(name, sizeof(name), "%03d.json", i);
		file_put(path_of(folder, name), i % 2 ? buf_str(&gzip) : buf_str(&lines));
	}
	gather_files(&g, ONE(path_of(folder, "*.json")), &counts);
	CHECK_INT(g.records.count, 70000);
	CHECK_INT(g.done_parts, 700);
	CHECK(g.runs <= 2);
	CHECK_INT(counts.parts_taken, 700);
	CHECK_INT(counts.bytes_read, counts.bytes_total);
	gather_files(&g, ONE(path_of(folder, "*.json")), &counts);
	CHECK_INT(g.records.count, 70000);
	CHECK_INT(counts.parts_skipped, 700);
}

/* --- stdin ----------------------------------------------------------------------------------- */

TEST(file_stdin_is_taken_from_its_start_whatever_the_lake_has)
{
	AUTO(gather) g = {0};
	AUTO(buf)    gzip = BUF(0);
	int          saved = dup(STDIN_FILENO), ends[2];

	pack_gzip(STR("{\"a\":1}\n{\"a\":2}"), &gzip);
	for (int round = 0; round < 2; round++) {
		CHECK_INT(pipe(ends), 0);
		CHECK(write(ends[1], gzip.ptr, gzip.len) == (ssize_t)gzip.len);
		(void)close(ends[1]);
		(void)dup2(ends[0], STDIN_FILENO);
		(void)close(ends[0]);
		(void)texts(&g, "-");
	}
	(void)dup2(saved, STDIN_FILENO);
	(void)close(saved);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":2}\n{\"a\":1}\n{\"a\":2}\n"));
	CHECK_STR(g.records.at[0].key, STR("-"));
	CHECK_INT(g.runs, 2);
}

TEST(file_stdin_followed_never_waits)
{
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;
	struct err       e = ERR_NONE;
	int              saved = dup(STDIN_FILENO), ends[2];
	struct source_conf conf = {.globs = &STR("-"), .glob_count = 1, .is_following = true};

	CHECK_INT(pipe(ends), 0);
	(void)dup2(ends[0], STDIN_FILENO);
	(void)close(ends[0]);
	CHECK_OK(source_open_file(fs_real(), clock_real(), &conf, NULL, NULL, &s, &e), &e);
	CHECK_INT(gather_run(&g, s), 0);
	CHECK_INT(write(ends[1], "{\"a\":1}\n{\"a\"", 12), 12);
	CHECK_INT(gather_run(&g, s), 1);
	CHECK_INT(gather_run(&g, s), 0);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n"));
	CHECK_INT(write(ends[1], ":2}", 3), 3);
	CHECK_INT(gather_run(&g, s), 0);
	(void)close(ends[1]);
	CHECK_INT(gather_run(&g, s), 1);
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":2}\n"));
	CHECK_INT(gather_run(&g, s), 0);
	(void)dup2(saved, STDIN_FILENO);
	(void)close(saved);
}
