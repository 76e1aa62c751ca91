/* Invariant: all but the thread itself is touched under the lock. The thread waits on the monotonic clock, so a
 * wall clock that steps wakes nobody. */
#include "os/watch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"

struct watch {
	pthread_t       thread;
	pthread_mutex_t lock;
	pthread_cond_t  changed;
	const char     *doing;
	uint64_t        steps;
	bool            is_stopping;
	int64_t         patience_us;
	watch_fn       *each;
	void           *context;
};

static struct timespec after(int64_t us)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += us / 1000000;
	t.tv_nsec += us % 1000000 * 1000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void *watcher(void *context)
{
	struct watch *w = context;
	uint64_t      step = 0;
	int64_t       waited_us = 0;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->is_stopping) {
		struct timespec until = after(w->patience_us);

		if (pthread_cond_timedwait(&w->changed, &w->lock, &until) == 0)
			continue; /* told to stop, or woken for nothing */
		waited_us = w->steps == step ? waited_us + w->patience_us : 0;
		step = w->steps;
		if (waited_us > 0 && w->doing != NULL)
			w->each(w->context, w->doing, waited_us / 1000000);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct watch *watch_new(int64_t patience_us, watch_fn *each, void *context)
{
	struct watch      *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t attributes;

	w->patience_us = patience_us;
	w->each = each;
	w->context = context;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	if (pthread_create(&w->thread, NULL, watcher, w) == 0)
		return w;
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->changed);
	free(w);
	return NULL;
}

void watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->is_stopping = true;
	(void)pthread_cond_signal(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->changed);
	free(w);
}

void watch_step(struct watch *w, const char *doing)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->doing = doing;
	w->steps++;
	(void)pthread_mutex_unlock(&w->lock);
}
