/* watch.h - notice that a step takes too long, and say so: a disk or a network mount that hangs gives no error.
 *
 * The worker says what it is about to do; a thread looks from time to time, and calls back once each `patience` for as long
 * as the same step goes on. Nothing is ended: what hangs may come back.
 */
#ifndef OS_WATCH_H
#define OS_WATCH_H

#include <stdint.h>

struct watch;

/* `doing` is what watch_step was given; `seconds` since then. Called on the watch's own thread. */
typedef void watch_fn(void *context, const char *doing, int64_t seconds);

struct watch *watch_new(int64_t patience_us, watch_fn *each, void *context); /* NULL where no thread is to be had */
void          watch_free(struct watch *w); /* NULL is fine */

/* The next step begins. `doing` lives as long as the watch (a literal). NULL: nothing that could hang. A NULL watch is fine. */
void watch_step(struct watch *w, const char *doing);

#endif
