/* reply.h - what a command replies to machines: one JSON value, gathered, and printed when it is whole, so that a
 * command that fails half-way has printed nothing.
 *
 *     AUTO(reply) r = {0};
 *     reply_open(&r, NULL, '{');
 *     reply_text(&r, "table", name);
 *     reply_close(&r, '}');
 *     return reply_print(&r, e);
 *
 * `name` is that of a member: NULL for an element of a list, and for the whole.
 */
#ifndef APP_REPLY_H
#define APP_REPLY_H

#include "base/buf.h"

struct reply {
	struct buf buf;
	unsigned   depth;
	bool       is_first; /* nothing stands yet between the brackets just opened */
};

void reply_done(struct reply *r);
void reply_open(struct reply *r, const char *name, char bracket); /* '{' or '[' */
void reply_close(struct reply *r, char bracket);                  /* '}' or ']' */

void reply_text(struct reply *r, const char *name, str value); /* bytes that are not UTF-8 become U+FFFD */
void reply_number(struct reply *r, const char *name, int64_t value);
void reply_real(struct reply *r, const char *name, double value); /* nine digits; null where it is not finite */
void reply_flag(struct reply *r, const char *name, bool value);
void reply_null(struct reply *r, const char *name);
void reply_time(struct reply *r, const char *name, int64_t us); /* as RFC 3339 text */
void reply_base64(struct reply *r, const char *name, str bytes);

/* On stdout, with a line end. ERR_LIMIT where it grew over 1 GiB. */
int reply_print(struct reply *r, struct err *e) MUST_USE;

AUTO_DEFINE(reply, reply_done)

#endif
