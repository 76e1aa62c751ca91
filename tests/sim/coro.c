#include "tests/sim/coro.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/vec.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_BEGIN(fake, bottom, size) __sanitizer_start_switch_fiber(fake, bottom, size)
#define SWITCH_END(fake, bottom, size)   __sanitizer_finish_switch_fiber(fake, bottom, size)
#else
#define SWITCH_BEGIN(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#define SWITCH_END(fake, bottom, size)   ((void)(fake), (void)(bottom), (void)(size))
#endif

enum { STACK_BYTES = 1 << 20, PAGE_BYTES = 4096 };

static struct { VEC_OF(void *); } spare;

/* The lowest page may not be touched: a stack that grows too far is met there. */
static void *stack_new(void)
{
	char *at;
	int   closed;

	if (spare.count > 0)
		return spare.at[--spare.count];
	at = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(at != MAP_FAILED);
	closed = mprotect(at, PAGE_BYTES, PROT_NONE);
	assert(closed == 0);
	return at;
}

/* makecontext hands over ints: a pointer goes in two. */
static void entry(unsigned high, unsigned low)
{
	struct coro *c = (struct coro *)((uintptr_t)high << 32 | low);

	SWITCH_END(c->fake, &c->caller_stack, &c->caller_size);
	c->body(c->context);
	c->is_over = true;
	SWITCH_BEGIN(NULL, c->caller_stack, c->caller_size);
	(void)setcontext(&c->caller);
}

void coro_init(struct coro *c, void (*body)(void *context), void *context)
{
	*c = (struct coro){.stack = stack_new(), .body = body, .context = context};
	(void)getcontext(&c->self);
	c->self.uc_stack.ss_sp = c->stack;
	c->self.uc_stack.ss_size = STACK_BYTES;
	makecontext(&c->self, (void (*)(void))entry, 2, (unsigned)((uintptr_t)c >> 32), (unsigned)(uintptr_t)c);
}

void coro_resume(struct coro *c)
{
	assert(!c->is_over);
	SWITCH_BEGIN(&c->caller_fake, c->stack, STACK_BYTES);
	(void)swapcontext(&c->caller, &c->self);
	SWITCH_END(c->caller_fake, NULL, NULL);
}

void coro_yield(struct coro *c)
{
	SWITCH_BEGIN(&c->fake, c->caller_stack, c->caller_size);
	(void)swapcontext(&c->self, &c->caller);
	SWITCH_END(c->fake, &c->caller_stack, &c->caller_size);
}

void coro_done(struct coro *c)
{
	if (c->stack != NULL)
		*VEC_ADD(&spare) = c->stack;
	c->stack = NULL;
}
