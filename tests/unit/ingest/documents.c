#include "tests/unit/ingest/documents.h"

#include <inttypes.h>

#include "base/hash.h"

/* As they stand between quotes. */
static const char *const keys[] = {
	"userId", "user_id", "user-id", "UserID", "user.id", "user id", "sourceIPAddress", "a", "b", "c", "items", "tags", "geo",
	"value", "", " ", "*", "0", "1", "-", "~", "~1", "/", "a/b", "m~n", "it's", "say \\\"so\\\"", "`tick`", "back\\\\slash",
	"na\xC3\xAFve", "\xE6\x97\xA5\xE6\x9C\xAC", "\\ud83c\\udf88", "tab\\there", "__proto__", "_extra", "event_id", "event_name",
	"event_time", "ingested_at", "eventTime", "event_type", "element", "list", "%s", "9lives", "\\u0061bc", "null", "data",
	"a_long_name_that_does_not_fit_into_two_words", "a_long_name_that_does_not_fit_into_two_wordz",
};
static const char *const numbers[] = {
	"0", "-0", "-0.0", "0.0", "1", "1.0", "1.50", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993",
	"-9007199254740993", "9007199254740992", "1e22", "1E22", "1e3", "1e-7", "0.1", "0.30000000000000004",
	"1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "3.141592653589793", "-271.8281828459045e-2",
	"123456789012345680", "1.0000000000000002", "4503599627370497.5", "9.3e18", "-9223372036854775808.0",
};
static const char *const texts[] = {
	"", " ", "plain", "12", "true", "null", "na\xC3\xAFve", "\xE6\x97\xA5", "\\ud83c\\udf88", "a\\u0000b", "\\u0000",
	"\\u0001\\u001f\\u007f", "\\\"quoted\\\"", "back\\\\slash", "new\\nline\\r\\n", "\\u2028", "{}", "[1]", "2025-01-01T00:00:00Z",
	"a value that is somewhat longer than the others, for it must not fit into a few words",
};
static const char *const oddities[] = {"null", "{}", "[]", "[[]]", "[{}]", "[null]", "{\"a\":{}}", "{\"a\":null}", "{\"a\":[]}", "[[1]]"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(m, list) ((list)[next(m) % COUNT(list)])

enum { DEEPEST = 7, MOST_KEYS = 8 };
enum kind { NUMBER, TEXT, BOOL, OBJECT, LIST };

struct maker {
	uint64_t    seed, state;
	struct buf *out;
};

static uint64_t next(struct maker *m)
{
	m->state += 0x9E3779B97F4A7C15u;
	return hash_mix(m->state, m->seed) >> 8;
}

static bool chance(struct maker *m, unsigned percent)
{
	return next(m) % 100 < percent;
}

static void scalar(struct maker *m, enum kind kind)
{
	if (kind == NUMBER) {
		buf_add(m->out, str_of(PICK(m, numbers)));
	} else if (kind == BOOL) {
		buf_add(m->out, chance(m, 50) ? STR("true") : STR("false"));
	} else {
		buf_byte(m->out, '"');
		buf_add(m->out, str_of(PICK(m, texts)));
		buf_byte(m->out, '"');
	}
}

/* Letters alone count, and not their case: two names that differ only in it are not both in one object. */
static bool is_like(const char *a, const char *b)
{
	for (; *a && *b && (*a | 0x20) == (*b | 0x20); a++, b++)
		;
	return *a == '\0' && *b == '\0';
}

static bool is_among(const char *key, const char *const *others, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_like(key, others[i]))
			return true;
	return false;
}

static void value(struct maker *m, uint64_t place, unsigned depth);

/* Members of an object, all but the braces; which names there are depends on the place. */
static void members(struct maker *m, uint64_t place, unsigned depth, size_t most)
{
	const char *chosen[32];
	size_t      count = 0, wanted = 1 + next(m) % most;

	for (size_t i = 0; i < wanted; i++) {
		const char *key = keys[hash_mix(place, next(m) % (most * 2)) % COUNT(keys)];

		if (is_among(key, chosen, count))
			continue;
		buf_add(m->out, count ? STR(",\"") : STR("\""));
		buf_add(m->out, str_of(key));
		buf_add(m->out, STR("\":"));
		value(m, hash_mix(place, hash_bytes(key, strlen(key), 1)), depth + 1);
		chosen[count++] = key;
	}
}

static void object(struct maker *m, uint64_t place, unsigned depth)
{
	buf_byte(m->out, '{');
	members(m, place, depth, MOST_KEYS);
	buf_byte(m->out, '}');
}

static void list(struct maker *m, uint64_t place, unsigned depth)
{
	static const unsigned counts[] = {0, 1, 1, 2, 3, 5};
	unsigned              count = PICK(m, counts);

	buf_byte(m->out, '[');
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(m->out, ',');
		value(m, hash_mix(place, '*'), depth + 1);
	}
	buf_byte(m->out, ']');
}

static void value_of(struct maker *m, enum kind kind, uint64_t place, unsigned depth)
{
	if (kind == OBJECT)
		object(m, place, depth);
	else if (kind == LIST)
		list(m, place, depth);
	else
		scalar(m, kind);
}

static void value(struct maker *m, uint64_t place, unsigned depth)
{
	static const enum kind kinds[] = {NUMBER, NUMBER, TEXT, BOOL, OBJECT, OBJECT, LIST, LIST};
	uint64_t               usual = hash_mix(place, m->seed);

	if (chance(m, 6))
		buf_add(m->out, str_of(PICK(m, oddities)));
	else if (chance(m, 6))
		value_of(m, kinds[next(m) % (depth < DEEPEST ? COUNT(kinds) : 4)], usual, depth);
	else
		value_of(m, kinds[usual % (depth < DEEPEST ? COUNT(kinds) : 4)], place, depth);
}

void document_make(uint64_t seed, uint64_t number, struct buf *out)
{
	struct maker m = {.seed = seed, .state = hash_mix(seed, number), .out = out};

	buf_print(out, "{\"id\":\"doc-%" PRIu64 "\",", number);
	members(&m, seed, 0, 16);
	buf_print(out, ",\"at\":%" PRIu64 "}", UINT64_C(1735603200000) + number % 100000);
}
