/* songs.c - names of artists and songs put together from words. */
#include "simulate/songs.h"

#include <assert.h>

#include "base/buf.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum { ARTIST_COUNT = 2000, BAND_COUNT = 1200, SONGS_EACH = SONG_COUNT / ARTIST_COUNT };

/* The two words tell artists apart, whatever stands around them. */
static str artist_name(struct arena *a, uint32_t artist)
{
	uint32_t person = artist - BAND_COUNT;
	str      first, last;

	if (artist < BAND_COUNT) {
		first = words_band_first.at[artist % words_band_first.count];
		last = words_band_last.at[artist / words_band_first.count];
		return arena_format(a, "%s" STR_FMT " " STR_FMT, artist % 7 < 3 ? "The " : "",
		                    STR_ARG(first), STR_ARG(last));
	}
	first = words_solo_first.at[person % words_solo_first.count];
	last = words_solo_last.at[person / words_solo_first.count];
	return arena_format(a, STR_FMT " " STR_FMT, STR_ARG(first), STR_ARG(last));
}

/* Titles of one artist differ in their first words; step 7 is coprime to the list's length. */
static str song_title(struct arena *a, uint32_t artist, uint32_t number, struct random *random)
{
	str first = words_title_first.at[(artist + number * 7) % words_title_first.count];
	str last = words_title_last.at[random_below(random, words_title_last.count)];

	return arena_format(a, STR_FMT " " STR_FMT, STR_ARG(first), STR_ARG(last));
}

/* The sum of three draws: most songs last three to five minutes, few one or eight. */
static uint32_t song_duration(struct random *random)
{
	uint32_t sum = 60 * DURATION_SECOND;

	for (unsigned i = 0; i < 3; i++)
		sum += random_below(random, 130 * DURATION_SECOND);
	return sum;
}

static str song_json(struct arena *a, const struct song *song)
{
	AUTO(buf) json = BUF(4096);
	char      text[24];

	buf_add(&json, STR("\"artist\":"));
	buf_json(&json, song->artist);
	buf_add(&json, STR(",\"song\":"));
	buf_json(&json, song->title);
	buf_add(&json, STR(",\"duration\":"));
	buf_bytes(&json, text, (size_t)(put_decimal(text, song->duration, 5) - text));
	assert(!buf_over(&json));
	return arena_str(a, buf_str(&json));
}

struct song *songs_new(struct arena *a)
{
	struct song  *songs = ARENA_ARRAY(a, struct song, SONG_COUNT);
	struct random random;
	str           artist = {0};

	static_assert(SONG_COUNT % 7919 != 0, "the step through the ranks meets each song once");
	assert(words_band_first.count * words_band_last.count == BAND_COUNT);
	assert(words_solo_first.count * words_solo_last.count == ARTIST_COUNT - BAND_COUNT);
	assert(words_title_first.count % 7 != 0 && words_title_first.count > SONGS_EACH);
	random_seed(&random, 0x736F6E6773);
	for (uint32_t i = 0; i < SONG_COUNT; i++) {
		struct song *song = &songs[(uint64_t)i * 7919 % SONG_COUNT];

		if (i % SONGS_EACH == 0)
			artist = artist_name(a, i / SONGS_EACH);
		song->artist = artist;
		song->title = song_title(a, i / SONGS_EACH, i % SONGS_EACH, &random);
		song->duration = song_duration(&random);
		song->json = song_json(a, song);
	}
	return songs;
}
