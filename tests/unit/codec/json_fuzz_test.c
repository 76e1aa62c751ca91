/* The scanner beside another parser: on the published suite, and on texts changed at random. */
#include <dirent.h>

#include "tests/lib/test.h"
#include "tests/unit/codec/json_lib.h"

static const char *const seeds[] = {
	("{\"id\":\"2489368070\",\"type\":\"PushEvent\",\"actor\":{\"id\":9152315,\"url\":\"https://x/y\"},"
	 "\"payload\":{\"commits\":[{\"sha\":\"a9\",\"distinct\":true,\"message\":\"A\\n\\nB \\u00e9\"}],"
	 "\"size\":1},\"public\":null}"),
	("{\"ts\":1788134406000,\"lon\":-84.3548,\"lat\":38.0544e0,\"ua\":\"\\\"Mozilla/5.0\\\"\","
	 "\"d\":2.5E-3,\"z\":-0,\"e\":{},\"f\":[]}"),
	(" [ 1 , 12 , 123456789 , -9223372036854775808 , 1.7976931348623157e308 , "
	 "\"\\ud83d\\ude00\\u0000\" , \"\xC3\xA9\xE2\x82\xAC\" ] "),
	"{\"a\":{\"a\":{\"a\":[[[[{\"b\":[]}]]]]}},\"A1\":0,\"\\u0041\":false,\"\":\"\"}",
	"\"0123456789012345678901234567890123456789\\t0123456789012345678901234567890\"",
};

/* Where the two differ on purpose: our limits; names with NUL, which the other refuses; and bare
 * NUL bytes, some of which it steps over. */
static bool may_differ(str text, enum json_fault_kind kind)
{
	if (kind == JSON_OK)
		return memmem(text.ptr, text.len, "\\u0000", 6) != NULL;
	return kind == JSON_DEPTH || kind == JSON_NAME_CLASH || str_find(text, '\0', 0) < text.len;
}

/* Same verdict, same values. */
static void check_like_peer(str text)
{
	struct json_tape t = {0};
	char            *copy = malloc(text.len + JSON_PADDING);
	AUTO(buf)        got = BUF(0);
	AUTO(buf)        want = BUF(0);
	struct json_fault fault;
	bool             is_taken, is_peers;

	memcpy(copy, text.ptr, text.len);
	memset(copy + text.len, ']', JSON_PADDING);
	is_taken = json_scan(copy, text.len, SEED, &JSON_LIMITS, &t, &fault);
	is_peers = peer_render(text, &want);
	if (is_taken != is_peers && !may_differ(text, fault.kind))
		test_fail(__FILE__, __LINE__, "\"" STR_FMT "\" is %s, for the other parser %s",
		          STR_ARG(text), json_fault_code(fault.kind), is_peers ? "good" : "bad");
	if (is_taken && is_peers) {
		CHECK(tape_render(copy, t.words, t.count, &got));
		CHECK_STR(buf_str(&got), buf_str(&want));
	}
	json_tape_done(&t);
	free(copy);
}

static char random_byte(void)
{
	static const char likely[] = "{}[]\",:\\0123456789-+.eEutfnld8 \n";

	if (test_random() % 8 == 0)
		return (char)test_random();
	return likely[test_random() % (sizeof(likely) - 1)];
}

/* One to four changes: a byte other, gone or put in, a piece said twice, the end cut off. */
static size_t mutate(char *text, size_t len, size_t room)
{
	for (uint64_t changes = 1 + test_random() % 4; changes > 0 && len > 1; changes--) {
		size_t at = test_random() % len, size = 1 + test_random() % 12;

		switch (test_random() % 8) {
		case 0:
			len = at;
			break;
		case 1:
		case 2:
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
			break;
		case 3:
			if (at + size <= len && len + size <= room) {
				memmove(text + at + size, text + at, len - at);
				len += size;
			}
			break;
		case 4:
		case 5:
			if (len < room) {
				memmove(text + at + 1, text + at, len - at);
				text[at] = random_byte();
				len++;
			}
			break;
		default:
			text[at] = random_byte();
		}
	}
	return len;
}

TEST(json_agrees_with_another_parser_on_changed_texts)
{
	char text[1024];

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		check_like_peer(str_of(seeds[i]));
	for (int round = 0; round < 60000; round++) {
		const char *from = seeds[test_random() % (sizeof(seeds) / sizeof(seeds[0]))];
		size_t      len = strlen(from);

		memcpy(text, from, len);
		check_like_peer((str){text, mutate(text, len, sizeof(text))});
	}
}

TEST(json_takes_every_cut_and_change_without_a_look_at_the_padding)
{
	struct json_tape t = {0};
	char             text[1024];

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		for (size_t len = 0; len <= strlen(seeds[i]); len++)
			(void)scan_every_pad((str){seeds[i], len}, &JSON_LIMITS, &t);
	for (int round = 0; round < 3000; round++) {
		const char *from = seeds[test_random() % (sizeof(seeds) / sizeof(seeds[0]))];
		size_t      len = strlen(from);

		memcpy(text, from, len);
		t.count = 0;
		(void)scan_every_pad((str){text, mutate(text, len, sizeof(text))}, &JSON_LIMITS, &t);
	}
	json_tape_done(&t);
}

/* Bytes drawn from few: much of it is nearly a document. */
TEST(json_survives_noise)
{
	char text[64];

	for (int round = 0; round < 60000; round++) {
		size_t len = test_random() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = random_byte();
		check_like_peer((str){text, len});
	}
}

/* --- the published suite: y_ is taken, n_ is refused, i_ is as this table says -------------- */

static const char suite[] = "../shared/data/json/JSONTestSuite";

static const struct { const char *name; enum json_fault_kind want; } free_choice[] = {
	{"i_number_double_huge_neg_exp.json", JSON_OK},
	{"i_number_huge_exp.json", JSON_FLOAT_RANGE},
	{"i_number_neg_int_huge_exp.json", JSON_FLOAT_RANGE},
	{"i_number_pos_double_huge_exp.json", JSON_FLOAT_RANGE},
	{"i_number_real_neg_overflow.json", JSON_FLOAT_RANGE},
	{"i_number_real_pos_overflow.json", JSON_FLOAT_RANGE},
	{"i_number_real_underflow.json", JSON_OK},
	{"i_number_too_big_neg_int.json", JSON_INT_RANGE},
	{"i_number_too_big_pos_int.json", JSON_INT_RANGE},
	{"i_number_very_big_negative_int.json", JSON_INT_RANGE},
	{"i_object_key_lone_2nd_surrogate.json", JSON_SURROGATE},
	{"i_string_1st_surrogate_but_2nd_missing.json", JSON_SURROGATE},
	{"i_string_1st_valid_surrogate_2nd_invalid.json", JSON_SURROGATE},
	{"i_string_UTF-16LE_with_BOM.json", JSON_ENCODING},
	{"i_string_UTF-8_invalid_sequence.json", JSON_UTF8},
	{"i_string_UTF8_surrogate_U+D800.json", JSON_UTF8},
	{"i_string_incomplete_surrogate_and_escape_valid.json", JSON_SURROGATE},
	{"i_string_incomplete_surrogate_pair.json", JSON_SURROGATE},
	{"i_string_incomplete_surrogates_escape_valid.json", JSON_SURROGATE},
	{"i_string_invalid_lonely_surrogate.json", JSON_SURROGATE},
	{"i_string_invalid_surrogate.json", JSON_SURROGATE},
	{"i_string_invalid_utf-8.json", JSON_UTF8},
	{"i_string_inverted_surrogates_U+1D11E.json", JSON_SURROGATE},
	{"i_string_iso_latin_1.json", JSON_UTF8},
	{"i_string_lone_second_surrogate.json", JSON_SURROGATE},
	{"i_string_lone_utf8_continuation_byte.json", JSON_UTF8},
	{"i_string_not_in_unicode_range.json", JSON_UTF8},
	{"i_string_overlong_sequence_2_bytes.json", JSON_UTF8},
	{"i_string_overlong_sequence_6_bytes.json", JSON_UTF8},
	{"i_string_overlong_sequence_6_bytes_null.json", JSON_UTF8},
	{"i_string_truncated-utf-8.json", JSON_UTF8},
	{"i_string_utf16BE_no_BOM.json", JSON_ENCODING},
	{"i_string_utf16LE_no_BOM.json", JSON_ENCODING},
	{"i_structure_500_nested_arrays.json", JSON_DEPTH},
	{"i_structure_UTF-8_BOM_empty_object.json", JSON_SYNTAX},
	{"y_object_duplicated_key.json", JSON_DUPLICATE_KEY}, /* stricter than the suite, on purpose */
	{"y_object_duplicated_key_and_value.json", JSON_DUPLICATE_KEY},
};

static void file_read(const char *name, struct buf *out)
{
	char  path[512];
	FILE *file;
	char *room = buf_room(out, 1 << 20);

	(void)snprintf(path, sizeof(path), "%s/%s", suite, name);
	file = fopen(path, "rb");
	CHECK(file != NULL);
	if (file == NULL)
		return;
	out->len = fread(room, 1, 1 << 20, file);
	(void)fclose(file);
}

static void check_suite_file(const char *name)
{
	struct json_tape t = {0};
	AUTO(buf)        text = BUF(0);
	struct scanned   r;
	bool             is_good;

	file_read(name, &text);
	r = scan_every_pad(buf_str(&text), &JSON_LIMITS, &t);
	is_good = r.is_taken == (name[0] == 'y');
	for (size_t i = 0; i < sizeof(free_choice) / sizeof(free_choice[0]); i++)
		if (strcmp(name, free_choice[i].name) == 0)
			is_good = r.fault.kind == free_choice[i].want;
	if (!is_good)
		test_fail(__FILE__, __LINE__, "%s: %s at %u", name, json_fault_code(r.fault.kind),
		          r.fault.offset);
	json_tape_done(&t);
}

TEST(json_passes_the_published_suite)
{
	DIR *folder = opendir(suite);
	int  count = 0;

	if (folder == NULL) {
		(void)printf("skipped: no %s\n", suite);
		return;
	}
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.')
			continue;
		check_suite_file(entry->d_name);
		count++;
	}
	(void)closedir(folder);
	CHECK_INT(count, 318);
}
