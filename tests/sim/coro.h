/* coro.h - a task with a stack of its own that hands over when it likes. */
#ifndef SIM_CORO_H
#define SIM_CORO_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

struct coro {
	ucontext_t  self, caller;
	void       *stack;
	const void *caller_stack;
	size_t      caller_size;
	void       *fake, *caller_fake; /* the address sanitizer's */
	void      (*body)(void *context);
	void       *context;
	bool        is_over;
};

void coro_init(struct coro *c, void (*body)(void *context), void *context);
void coro_resume(struct coro *c); /* until it hands over or ends */
void coro_yield(struct coro *c);  /* from within */
void coro_done(struct coro *c);   /* its stack serves the next one */

#endif
