/* answers.h - what SQL over the page views of the music site must answer, counted while they are made.
 *
 *   {"locations_by_events":[["Boston, MA",812],..10],        page views
 *    "locations_by_sessions":[["Boston, MA",31],..10],       different sessions
 *    "songs":[["artist","song",270],..10],                   NextSong page views over the whole time
 *    "songs_by_day":{"2025-06-02":[["artist","song",9],..3],..},   by UTC day
 *    "hours_by_user":[[420,28.981571],..10],"hours_total":3574.573379}
 *
 * Hours: of each NextSong page view, the least of its duration and the time to the next page view of its
 * session (by ts, itemInSession); the last page view of a session, if a song, counts whole. Equal counts
 * stand in ascending order of name: of "City, ST"; of artist, then song (by bytes); of user id.
 */
#ifndef SIMULATE_ANSWERS_H
#define SIMULATE_ANSWERS_H

#include "base/buf.h"
#include "simulate/songs.h"

struct answers {
	const struct song *songs; /* borrowed */
	uint64_t          *plays;
	uint32_t          *plays_today;
	uint64_t          *location_events, *location_sessions;
	str               *locations; /* "City, ST" */
	uint64_t          *listened;  /* by user, in 1/DURATION_SECOND seconds */
	uint32_t           user_max;
	int64_t            day;       /* the one plays_today is about */
	bool               has_day;
	struct buf         days;      /* members of songs_by_day that are settled */
	struct arena       memory;
};

void answers_init(struct answers *a, const struct song *songs, uint32_t user_max);
void answers_done(struct answers *a);

void answers_page(struct answers *a, uint32_t city, bool is_first_of_session);
void answers_play(struct answers *a, uint32_t song, int64_t at_ms); /* days never go back */
void answers_listened(struct answers *a, uint32_t user, uint64_t units);
void answers_write(struct answers *a, struct buf *out);             /* once, at the end */

#endif
