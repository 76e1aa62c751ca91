/* songs.h - the catalogue of the music site: 20,000 songs of 2,000 artists, the same under every seed.
 *
 * (artist, title) names a song and nothing else, so that counting by names is counting by songs.
 */
#ifndef SIMULATE_SONGS_H
#define SIMULATE_SONGS_H

#include "base/arena.h"

enum { SONG_COUNT = 20000, DURATION_SECOND = 100000 };

struct song {
	str      artist, title; /* plain */
	str      json;          /* "artist":"..","song":"..","duration":229.642 */
	uint32_t duration;      /* in 1/100,000 s, as many digits as are printed */
};

/* SONG_COUNT songs, the most played first; owned by the arena. */
struct song *songs_new(struct arena *a);

#endif
