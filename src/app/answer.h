/* answer.h - an answer as JSON, for machines: one value, gathered, and printed when it is whole, so that a command that
 * fails half-way has printed nothing.
 *
 *     AUTO(answer) a = {0};
 *     answer_open(&a, NULL, '{');
 *     answer_text(&a, "table", name);
 *     answer_close(&a, '}');
 *     return answer_print(&a, e);
 *
 * `name` is that of a member: NULL for an element of a list, and for the whole.
 */
#ifndef APP_ANSWER_H
#define APP_ANSWER_H

#include "base/buf.h"

struct answer {
	struct buf buf;
	unsigned   depth;
	bool       is_first; /* nothing stands yet between the brackets just opened */
};

void answer_done(struct answer *a);
void answer_open(struct answer *a, const char *name, char bracket); /* '{' or '[' */
void answer_close(struct answer *a, char bracket);                  /* '}' or ']' */

void answer_text(struct answer *a, const char *name, str value); /* bytes that are not UTF-8 become U+FFFD */
void answer_number(struct answer *a, const char *name, int64_t value);
void answer_flag(struct answer *a, const char *name, bool value);
void answer_null(struct answer *a, const char *name);
void answer_time(struct answer *a, const char *name, int64_t us); /* as RFC 3339 text */
void answer_base64(struct answer *a, const char *name, str bytes);

/* On stdout, with a line end. ERR_LIMIT where it grew over 1 GiB. */
int answer_print(struct answer *a, struct err *e) MUST_USE;

AUTO_DEFINE(answer, answer_done)

#endif
