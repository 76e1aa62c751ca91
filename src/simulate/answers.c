/* answers.c - counters, and the best of them. */
#include "simulate/answers.h"

#include <assert.h>

#include "simulate/text.h"
#include "simulate/words.h"

enum { TOP_MAX = 10, TOP_OF_DAY = 3, DAY_MS = 86400000 };

struct ranked {
	uint64_t count;
	uint32_t number;
};

/* The `want` highest counts offered so far, best first. */
struct top {
	uint32_t      count, want;
	struct ranked at[TOP_MAX + 1];
};

typedef int top_order(const struct answers *a, uint32_t one, uint32_t other);

static int by_location(const struct answers *a, uint32_t one, uint32_t other)
{
	return str_cmp(a->locations[one], a->locations[other]);
}

static int by_song(const struct answers *a, uint32_t one, uint32_t other)
{
	int artist = str_cmp(a->songs[one].artist, a->songs[other].artist);

	return artist != 0 ? artist : str_cmp(a->songs[one].title, a->songs[other].title);
}

static int by_number(const struct answers *a, uint32_t one, uint32_t other)
{
	(void)a;
	return (one > other) - (one < other);
}

static bool is_better(const struct answers *a, top_order *order, struct ranked one,
                      struct ranked other)
{
	return one.count > other.count ||
	       (one.count == other.count && order(a, one.number, other.number) < 0);
}

static void top_offer(struct top *t, const struct answers *a, top_order *order, struct ranked offer)
{
	uint32_t place = t->count;

	if (offer.count == 0 || (t->count == t->want && offer.count < t->at[t->count - 1].count))
		return;
	while (place > 0 && is_better(a, order, offer, t->at[place - 1])) {
		t->at[place] = t->at[place - 1];
		place--;
	}
	t->at[place] = offer;
	if (t->count < t->want)
		t->count++;
}

void answers_init(struct answers *a, const struct song *songs, uint32_t user_max)
{
	*a = (struct answers){.songs = songs, .user_max = user_max, .days = BUF(0)};
	a->plays = ARENA_ARRAY(&a->memory, uint64_t, SONG_COUNT);
	a->plays_today = ARENA_ARRAY(&a->memory, uint32_t, SONG_COUNT);
	a->location_events = ARENA_ARRAY(&a->memory, uint64_t, words_city_count);
	a->location_sessions = ARENA_ARRAY(&a->memory, uint64_t, words_city_count);
	a->listened = ARENA_ARRAY(&a->memory, uint64_t, user_max);
	a->locations = ARENA_ARRAY(&a->memory, str, words_city_count);
	for (uint32_t i = 0; i < words_city_count; i++)
		a->locations[i] = arena_format(&a->memory, STR_FMT ", " STR_FMT,
		                               STR_ARG(words_cities[i].name),
		                               STR_ARG(words_cities[i].state));
}

void answers_done(struct answers *a)
{
	buf_done(&a->days);
	arena_done(&a->memory);
}

static void write_song(const struct answers *a, struct ranked song, bool is_first, struct buf *out)
{
	buf_add(out, is_first ? STR("[") : STR(",["));
	buf_json(out, a->songs[song.number].artist);
	buf_byte(out, ',');
	buf_json(out, a->songs[song.number].title);
	buf_print(out, ",%llu]", (unsigned long long)song.count);
}

static void close_day(struct answers *a)
{
	struct top top = {.want = TOP_OF_DAY};
	char       date[16];

	for (uint32_t i = 0; i < SONG_COUNT; i++)
		top_offer(&top, a, by_song, (struct ranked){a->plays_today[i], i});
	if (a->days.len > 0)
		buf_byte(&a->days, ',');
	buf_byte(&a->days, '"');
	buf_bytes(&a->days, date, (size_t)(put_date(date, a->day * DAY_MS * 1000) - date));
	buf_add(&a->days, STR("\":["));
	for (uint32_t i = 0; i < top.count; i++)
		write_song(a, top.at[i], i == 0, &a->days);
	buf_byte(&a->days, ']');
	memset(a->plays_today, 0, SONG_COUNT * sizeof(*a->plays_today));
	a->has_day = false;
}

void answers_page(struct answers *a, uint32_t city, bool is_first_of_session)
{
	assert(city < words_city_count);
	a->location_events[city]++;
	a->location_sessions[city] += is_first_of_session;
}

void answers_play(struct answers *a, uint32_t song, int64_t at_ms)
{
	int64_t day = at_ms / DAY_MS;

	assert(!a->has_day || day >= a->day);
	if (a->has_day && day != a->day)
		close_day(a);
	a->day = day;
	a->has_day = true;
	a->plays[song]++;
	a->plays_today[song]++;
}

void answers_listened(struct answers *a, uint32_t user, uint64_t units)
{
	assert(user < a->user_max);
	a->listened[user] += units;
}

static void write_locations(const struct answers *a, const uint64_t *counts, struct buf *out)
{
	struct top top = {.want = TOP_MAX};

	for (uint32_t i = 0; i < words_city_count; i++)
		top_offer(&top, a, by_location, (struct ranked){counts[i], i});
	for (uint32_t i = 0; i < top.count; i++) {
		buf_add(out, i == 0 ? STR("[") : STR(",["));
		buf_json(out, a->locations[top.at[i].number]);
		buf_print(out, ",%llu]", (unsigned long long)top.at[i].count);
	}
}

static void write_songs(const struct answers *a, struct buf *out)
{
	struct top top = {.want = TOP_MAX};

	for (uint32_t i = 0; i < SONG_COUNT; i++)
		top_offer(&top, a, by_song, (struct ranked){a->plays[i], i});
	for (uint32_t i = 0; i < top.count; i++)
		write_song(a, top.at[i], i == 0, out);
}

static double hours_of(uint64_t units)
{
	return (double)units / (3600.0 * DURATION_SECOND);
}

static void write_hours(const struct answers *a, struct buf *out)
{
	struct top top = {.want = TOP_MAX};
	uint64_t   total = 0;

	for (uint32_t i = 0; i < a->user_max; i++) {
		top_offer(&top, a, by_number, (struct ranked){a->listened[i], i});
		total += a->listened[i];
	}
	for (uint32_t i = 0; i < top.count; i++)
		buf_print(out, "%s[%u,%.6f]", i == 0 ? "" : ",", top.at[i].number + 1,
		          hours_of(top.at[i].count));
	buf_print(out, "],\"hours_total\":%.6f}", hours_of(total));
}

void answers_write(struct answers *a, struct buf *out)
{
	if (a->has_day)
		close_day(a);
	buf_add(out, STR("{\"locations_by_events\":["));
	write_locations(a, a->location_events, out);
	buf_add(out, STR("],\n  \"locations_by_sessions\":["));
	write_locations(a, a->location_sessions, out);
	buf_add(out, STR("],\n  \"songs\":["));
	write_songs(a, out);
	buf_add(out, STR("],\n  \"songs_by_day\":{"));
	buf_add(out, buf_str(&a->days));
	buf_add(out, STR("},\n  \"hours_by_user\":["));
	write_hours(a, out);
}
