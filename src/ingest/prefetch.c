/* The reader thread owns the source and runs[ahead] while `is_reading`; the caller owns the other run, and the source
 * when it has seen, under the lock, that nothing is being read. Only one of the two ever waits for the other. */
#include "ingest/prefetch.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "os/profile.h"

struct prefetch {
	struct source  *source;
	bool            is_threaded;
	struct run      runs[2];
	unsigned        ahead;      /* the run that is read into next */
	pthread_t       thread;
	pthread_mutex_t lock;
	pthread_cond_t  changed;
	bool            is_reading, is_started, is_stopping;
	int             result;     /* of the read that is done: 1, 0 or a class */
	struct err      err;
	struct source_counts counts;
};

static int read_run(struct source *s, struct run *out, struct err *e)
{
	PROFILE(PROFILE_READ);

	return source_read(s, out, e);
}

static void *reader(void *context)
{
	struct prefetch *p = context;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->is_stopping) {
		struct err e = ERR_NONE;
		int        result;

		if (!p->is_reading) {
			PROFILE(PROFILE_IDLE);

			(void)pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&p->lock);
		result = read_run(p->source, &p->runs[p->ahead], &e);
		(void)pthread_mutex_lock(&p->lock);
		p->result = result;
		p->err = e;
		p->is_reading = false;
		(void)pthread_cond_signal(&p->changed);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct prefetch *prefetch_new(struct source *s, bool is_threaded)
{
	struct prefetch *p = xcalloc(1, sizeof(*p));

	p->source = s;
	p->counts = s->counts;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->changed, NULL);
	p->is_threaded = is_threaded && pthread_create(&p->thread, NULL, reader, p) == 0;
	return p;
}

void prefetch_free(struct prefetch *p)
{
	if (p == NULL)
		return;
	if (p->is_threaded) {
		(void)pthread_mutex_lock(&p->lock);
		p->is_stopping = true;
		(void)pthread_cond_signal(&p->changed);
		(void)pthread_mutex_unlock(&p->lock);
		(void)pthread_join(p->thread, NULL);
	}
	run_done(&p->runs[0]);
	run_done(&p->runs[1]);
	(void)pthread_mutex_destroy(&p->lock);
	(void)pthread_cond_destroy(&p->changed);
	free(p);
}

static void read_ahead(struct prefetch *p)
{
	p->is_started = true;
	p->is_reading = true;
	(void)pthread_cond_signal(&p->changed);
}

static void wait_idle(struct prefetch *p)
{
	PROFILE(PROFILE_IDLE);

	while (p->is_reading)
		(void)pthread_cond_wait(&p->changed, &p->lock);
}

int prefetch_next(struct prefetch *p, struct run **out, struct err *e)
{
	int result;

	if (!p->is_threaded) {
		*out = &p->runs[0];
		result = read_run(p->source, &p->runs[0], e);
		p->counts = p->source->counts;
		return result;
	}
	(void)pthread_mutex_lock(&p->lock);
	if (!p->is_started)
		read_ahead(p);
	wait_idle(p);
	result = p->result;
	if (result < 0)
		*e = p->err;
	*out = &p->runs[p->ahead];
	p->counts = p->source->counts;
	p->is_started = false;
	if (result == 1) {
		p->ahead = !p->ahead;
		read_ahead(p);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return result;
}

int prefetch_settle(struct prefetch *p, const struct run_part *parts, size_t count, struct err *e)
{
	int result;

	(void)pthread_mutex_lock(&p->lock);
	wait_idle(p);
	result = source_settle(p->source, parts, count, e);
	(void)pthread_mutex_unlock(&p->lock);
	return result;
}

void prefetch_count(struct prefetch *p, struct source_counts *out)
{
	*out = p->counts; /* the caller's own: only prefetch_next writes it */
}
