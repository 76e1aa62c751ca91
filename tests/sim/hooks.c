/* What the linker puts between the real code and the world (--wrap): threads become calls when they are joined, so that
 * chance stays the world's; and the ghost hears of acknowledgements. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "lake/journal.h"
#include "source/source.h"
#include "tests/sim/ghost.h"

enum { THREADS_MAX = 16 };

static struct {
	void *(*main)(void *context);
	void *context;
} threads[THREADS_MAX * TASKS_MAX];

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*main)(void *), void *context);
int __wrap_pthread_join(pthread_t thread, void **out);
int __wrap_journal_commit(struct journal *j, struct journal_entry *entry, struct err *e);
int __real_journal_commit(struct journal *j, struct journal_entry *entry, struct err *e);
int __wrap_source_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e);
int __real_source_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e);

void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_realloc(void *old, size_t size);
void  __wrap_abort(void) __attribute__((noreturn));
void  __real_abort(void) __attribute__((noreturn));

/* Is it the turn of this one to fail? */
static bool is_to_fail(void)
{
	struct world *w = world_now;

	return w != NULL && w->quiet == 0 && ++w->allocations == w->fail_allocation;
}

void *__wrap_malloc(size_t size)
{
	return is_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_to_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return is_to_fail() ? NULL : __real_realloc(old, size);
}

/* Out of memory stops the process, there and then: nothing is unwound. What it held is lost with it. */
void __wrap_abort(void)
{
	struct world *w = world_now;

	if (w != NULL && w->fail_allocation > 0 && w->allocations == w->fail_allocation) {
		w->tasks[0].is_abandoned = true;
		coro_yield(&w->tasks[0].coro);
	}
	__real_abort();
}

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*main)(void *), void *context)
{
	(void)attr;
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		if (threads[i].main == NULL) {
			threads[i].main = main;
			threads[i].context = context;
			*out = (pthread_t)i;
			return 0;
		}
	}
	return EAGAIN;
}

int __wrap_pthread_join(pthread_t thread, void **out)
{
	void *(*main)(void *) = threads[thread].main;

	(void)out;
	(void)main(threads[thread].context);
	threads[thread].main = NULL;
	return 0;
}

int __wrap_journal_commit(struct journal *j, struct journal_entry *entry, struct err *e)
{
	int rc = __real_journal_commit(j, entry, e);

	if (rc == 0)
		world_acked(world_now, entry->seq);
	return rc;
}

int __wrap_source_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e)
{
	{
		QUIET;

		ghost_settled(world_now, parts, count); /* its allocations are not the code's, and do not fail */
	}
	return __real_source_settle(s, parts, count, e);
}
