/* The music site: lines as the real generator writes them, and answers counted again from the
 * files alone. */
#include <math.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "tests/lib/test.h"
#include "tests/unit/simulate/stream.h"

struct view {
	long long   session, item, ts, user;
	const char *city, *artist, *song; /* song NULL: another page */
	double      duration;
};

struct site {
	struct {
		VEC_OF(struct view);
	} views;
	struct map   keys; /* of unique rows */
	uint64_t     rows[4], faults, duplicates, late, drifted;
	long long    newest[4];
	struct arena memory;
};

static const char *const streams[4] = {"page_view", "listen", "auth", "status_change"};

static const char *text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static long long number_of(const json_t *record, const char *key)
{
	return json_integer_value(json_object_get(record, key));
}

static const char *copy_of(struct site *site, const char *text)
{
	return text == NULL ? NULL : arena_cstr(&site->memory, str_of(text));
}

static void take_view(struct site *site, const json_t *record)
{
	str location = arena_format(&site->memory, "%s, %s", text_of(record, "city"),
	                            text_of(record, "state"));

	*VEC_ADD(&site->views) = (struct view){
		.session = number_of(record, "sessionId"),
		.item = number_of(record, "itemInSession"),
		.ts = number_of(record, "ts"),
		.user = number_of(record, "userId"),
		.city = arena_cstr(&site->memory, location),
		.artist = copy_of(site, text_of(record, "artist")),
		.song = copy_of(site, text_of(record, "song")),
		.duration = json_number_value(json_object_get(record, "duration")),
	};
}

#define VIEW  "ts,sessionId,page,auth,method,status,level,itemInSession,"
#define PLACE "city,zip,state,userAgent,lon,lat,"
#define USER  "userId,lastName,firstName,gender,registration,"
#define SONG  "artist,song,duration,"

/* Names of members in their order, as one text. */
static void check_members(const json_t *record, unsigned stream)
{
	static const char *const known[4][4] = {
		{VIEW PLACE, VIEW PLACE USER, VIEW PLACE USER SONG},
		{SONG "ts,sessionId,auth,level,itemInSession," PLACE USER},
		{"ts,sessionId,level,itemInSession," PLACE "success,",
		 "ts,sessionId,level,itemInSession," PLACE USER "success,"},
		{"ts,sessionId,auth,level,itemInSession," PLACE USER},
	};
	AUTO(buf)   names = BUF(0);
	const char *key;
	json_t     *value;
	bool        is_known = false;

	json_object_foreach((json_t *)(uintptr_t)record, key, value) {
		buf_add(&names, str_of(key));
		buf_byte(&names, ',');
	}
	for (unsigned i = 0; i < 4 && known[stream][i] != NULL; i++)
		is_known |= str_eq(buf_str(&names), str_of(known[stream][i]));
	if (!is_known)
		test_fail(__FILE__, __LINE__, "members of %s: " STR_FMT, streams[stream],
		          STR_ARG(buf_str(&names)));
}

static void take_line(void *context, const char *file, size_t number, str line)
{
	struct site *site = context;
	const char  *fault = NULL, *page;
	json_t      *record = stream_parse(line, &fault);
	unsigned     stream = 0;
	str          key;

	while (!str_starts(str_of(file), str_of(streams[stream])))
		stream++;
	if (record == NULL || json_object_get(record, "ts") == NULL) {
		CHECK(number > 0);
		site->faults++;
		json_decref(record);
		return;
	}
	check_members(record, stream);
	page = text_of(record, "page");
	key = arena_format(&site->memory, "%u %lld %lld %lld %lld %s", stream,
	                   number_of(record, "userId"), number_of(record, "sessionId"),
	                   number_of(record, "itemInSession"), number_of(record, "ts"),
	                   page ? page : "");
	if (map_get(&site->keys, key) != NULL) {
		site->duplicates++;
		CHECK_STR(line, *(str *)map_get(&site->keys, key)->ptr);
	} else {
		str *text = ARENA_NEW(&site->memory, str);

		*text = arena_str(&site->memory, line);
		map_put(&site->keys, key)->ptr = text;
		site->rows[stream]++;
		site->late += number_of(record, "ts") < site->newest[stream] - 60000;
		site->drifted += json_is_string(json_object_get(record, "lat"));
		if (number_of(record, "ts") > site->newest[stream])
			site->newest[stream] = number_of(record, "ts");
		if (stream == 0)
			take_view(site, record);
	}
	json_decref(record);
}

static void site_done(struct site *site)
{
	VEC_DONE(&site->views);
	map_done(&site->keys);
	arena_done(&site->memory);
}

AUTO_DEFINE(site, site_done)

/* --- counting by names, the slow way ---------------------------------------------------------- */


struct entry {
	str    key;
	double count;
};

static int by_count_then_key(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	if (fabs(a->count - b->count) > 1e-9)
		return a->count < b->count ? 1 : -1;
	return str_cmp(a->key, b->key);
}

static size_t best_of(const struct map *counts, struct entry **out)
{
	*out = xcalloc(counts->count + 1, sizeof(**out));
	for (size_t i = 0; i < counts->count; i++)
		(*out)[i] = (struct entry){counts->items[i].key, (double)counts->items[i].num};
	qsort(*out, counts->count, sizeof(**out), by_count_then_key);
	return counts->count;
}

/* The answer is a list of [part.., count]; the parts joined by 0x01 are the key. */
static void check_top(const json_t *answers, const char *what, const struct map *counts,
                      size_t most)
{
	const json_t *want = json_object_get(answers, what);
	struct entry *best;
	size_t        count = best_of(counts, &best);

	if (json_array_size(want) != (count < most ? count : most))
		test_fail(__FILE__, __LINE__, "%s: %zu entries", what, json_array_size(want));
	for (size_t i = 0; i < json_array_size(want); i++) {
		const json_t *row = json_array_get(want, i);
		size_t        parts = json_array_size(row) - 1;
		AUTO(buf)     key = BUF(0);

		for (size_t j = 0; j < parts; j++)
			buf_print(&key, "%s%s", j > 0 ? "\1" : "",
			          json_string_value(json_array_get(row, j)));
		CHECK_STR(buf_str(&key), best[i].key);
		CHECK_INT(json_integer_value(json_array_get(row, parts)), best[i].count);
	}
	free(best);
}

static void add_one(struct map *counts, const char *key)
{
	map_put(counts, str_of(key))->num++;
}

static void check_locations(const struct site *site, const json_t *answers)
{
	AUTO(map) events = {0}, sessions = {0}, seen = {0};

	for (size_t i = 0; i < site->views.count; i++) {
		const struct view *v = &site->views.at[i];
		char               key[200];

		add_one(&events, v->city);
		(void)snprintf(key, sizeof(key), "%s %lld", v->city, v->session);
		if (map_put(&seen, str_of(key))->num++ == 0)
			add_one(&sessions, v->city);
	}
	check_top(answers, "locations_by_events", &events, 10);
	check_top(answers, "locations_by_sessions", &sessions, 10);
}

static void count_songs(const struct site *site, long long day, struct map *out)
{
	for (size_t i = 0; i < site->views.count; i++) {
		const struct view *v = &site->views.at[i];
		char               key[300];

		if (v->song == NULL || (day >= 0 && v->ts / 86400000 != day))
			continue;
		(void)snprintf(key, sizeof(key), "%s\1%s", v->artist, v->song);
		add_one(out, key);
	}
}

static void check_songs(const struct site *site, const json_t *answers)
{
	const long long first_day = 20241; /* 2025-06-02 */
	json_t         *days = json_object_get(answers, "songs_by_day");
	AUTO(map)       all = {0};

	count_songs(site, -1, &all);
	check_top(answers, "songs", &all, 10);
	CHECK(json_object_size(days) >= 2);
	for (unsigned i = 0; i < json_object_size(days); i++) {
		AUTO(map) songs = {0};
		char      date[32];

		(void)snprintf(date, sizeof(date), "2025-06-%02u", 2 + i);
		count_songs(site, first_day + i, &songs);
		check_top(days, date, &songs, 3);
	}
}

static int by_session(const void *one, const void *other)
{
	const struct view *a = one, *b = other;

	if (a->session != b->session)
		return a->session < b->session ? -1 : 1;
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}

/* `views` stand in the order of by_session. */
static double heard(const struct site *site, size_t i)
{
	const struct view *v = &site->views.at[i], *next = v + 1;
	double             gap;

	if (v->song == NULL)
		return 0;
	if (i + 1 == site->views.count || next->session != v->session)
		return v->duration;
	gap = (double)(next->ts - v->ts) / 1000;
	return gap < v->duration ? gap : v->duration;
}

static void check_hours(const struct site *site, const json_t *answers)
{
	enum { USERS = 20000 };
	double      *hours = xcalloc(USERS, sizeof(*hours));
	const json_t *best = json_object_get(answers, "hours_by_user");
	double       total = 0, last = INFINITY;

	qsort(site->views.at, site->views.count, sizeof(struct view), by_session);
	for (size_t i = 0; i < site->views.count; i++) {
		total += heard(site, i) / 3600;
		if (site->views.at[i].song != NULL)
			hours[site->views.at[i].user] += heard(site, i) / 3600;
	}
	CHECK(fabs(total - json_number_value(json_object_get(answers, "hours_total"))) < 2e-6);
	CHECK_INT(json_array_size(best), 10);
	for (size_t i = 0; i < json_array_size(best); i++) {
		long long user = json_integer_value(json_array_get(json_array_get(best, i), 0));
		double    want = json_number_value(json_array_get(json_array_get(best, i), 1));

		CHECK(fabs(hours[user] - want) < 2e-6);
		CHECK(want <= last);
		last = want;
		hours[user] = 0;
	}
	for (size_t i = 0; i < USERS; i++)
		CHECK(hours[i] <= last + 1e-9);
	free(hours);
}

static void check_sessions(const struct site *site)
{
	for (size_t i = 0; i + 1 < site->views.count; i++) {
		const struct view *v = &site->views.at[i], *next = v + 1;

		if (next->session != v->session) {
			CHECK_INT(next->item, 0);
			continue;
		}
		CHECK(next->ts > v->ts);
		CHECK_INT(next->item, v->item + 1);
	}
}

static void check_site(struct simulate_conf conf)
{
	AUTO(stream) s = {0};
	AUTO(site)   site = {0};
	json_t      *answers;

	stream_make(&s, conf, test_folder(), "site");
	stream_each(&s, take_line, &site);
	for (unsigned i = 0; i < 4; i++)
		CHECK_INT(site.rows[i], stream_rows(&s, streams[i]));
	CHECK_INT(site.faults, stream_count(&s, "quarantined"));
	CHECK_INT(site.duplicates, stream_count(&s, "duplicates"));
	CHECK_INT(site.drifted, stream_count(&s, "drifted"));
	CHECK(site.late <= stream_count(&s, "late"));
	CHECK(site.late + 40 >= stream_count(&s, "late")); /* rare streams show less of it */
	answers = json_object_get(s.ledger, "answers");
	check_locations(&site, answers);
	check_songs(&site, answers);
	check_hours(&site, answers);
	check_sessions(&site);
}

TEST(eventsim_answers_are_those_of_its_files)
{
	check_site((struct simulate_conf){.kind = SIMULATE_EVENTSIM, .events = 40000, .seed = 3});
}

TEST(eventsim_answers_stand_whatever_is_done_to_the_stream)
{
	check_site((struct simulate_conf){
		.kind = SIMULATE_EVENTSIM, .events = 40000, .seed = 4, .duplicates = 0.1,
		.late = 0.05, .malformed = 0.1, .drift = 0.05, .files = 4,
	});
}
