/* visit.h - one page view of the music site, and the records made of it.
 *
 * Members and their order are those of the real generator's four streams. Members are left out, never null:
 * who is neither logged in nor just cancelled has no name, and only songs have an artist.
 */
#ifndef SIMULATE_VISIT_H
#define SIMULATE_VISIT_H

#include "simulate/pages.h"
#include "simulate/record.h"
#include "simulate/songs.h"

enum { STREAM_PAGE_VIEW, STREAM_LISTEN, STREAM_AUTH, STREAM_STATUS_CHANGE, STREAM_COUNT };

/* Who a user is follows from the seed and the user's number: nothing of it is stored. */
struct profile {
	uint16_t city, agent, first, last;
	bool     is_woman;
};

struct profile profile_of(uint64_t seed, uint32_t user, const struct zipf *cities);

struct visit {
	int64_t            at_ms;
	uint64_t           session;
	int64_t            registered_ms;
	const struct song *song;       /* NextSong only */
	uint32_t           user, item; /* user: its number, from 0; its id is one more */
	struct profile     profile;
	enum page          page;
	enum auth          auth;
	bool               is_paid;
};

/* A drifting record has a text for its latitude, which no answer uses. */
void visit_page_view(const struct visit *v, bool is_drifted, struct record *out);
void visit_listen(const struct visit *v, bool is_drifted, struct record *out);
void visit_auth(const struct visit *v, bool is_passed, bool is_drifted, struct record *out);
void visit_status_change(const struct visit *v, bool is_drifted, struct record *out);

#endif
