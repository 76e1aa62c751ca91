/* pages.h - the pages of the music site, and where people go from each. */
#ifndef SIMULATE_PAGES_H
#define SIMULATE_PAGES_H

#include "base/str.h"
#include "simulate/random.h"

enum page {
	PAGE_HOME,
	PAGE_NEXT_SONG,
	PAGE_LOGIN,
	PAGE_LOGOUT,
	PAGE_HELP,
	PAGE_ABOUT,
	PAGE_ERROR,
	PAGE_SETTINGS,
	PAGE_SAVE_SETTINGS,
	PAGE_UPGRADE,
	PAGE_SUBMIT_UPGRADE,
	PAGE_DOWNGRADE,
	PAGE_SUBMIT_DOWNGRADE,
	PAGE_REGISTER,
	PAGE_SUBMIT_REGISTRATION,
	PAGE_CANCEL,
	PAGE_CANCELLATION,
	PAGE_END, /* no page: the session is over */
	PAGE_COUNT
};

enum auth { AUTH_OUT, AUTH_IN, AUTH_GUEST, AUTH_CANCELLED };

struct page_face {
	str      name, method;
	uint32_t status;
};

extern const struct page_face page_faces[PAGE_COUNT];
extern const str              auth_names[];

/* The page after `page`, for someone whom it left in that state. Upgrade stands for both: who has paid goes
 * to Downgrade. */
enum page page_next(enum auth auth, enum page page, struct random *r);

/* A page that sends the browser on at once. */
static inline bool page_is_redirect(enum page page)
{
	return page_faces[page].status == 307;
}

#endif
