/* The crew waits on `wake` for a new run and says on `done` that it has left one.
 *
 * Invariants, under `lock`: `inside` counts threads that have not yet left the
 * present run, and the caller does not return before it is 0; so a job, which
 * lies on the caller's stack, outlives everyone who looks at it. Tasks are handed
 * out in order, so every task below a failed one is run too: the lowest failed
 * task does not depend on how the threads were scheduled.
 */
#include "os/workers.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "os/profile.h"

enum { COUNT_MAX = 256 };

struct job {
	workers_step *step;
	void         *context;
	size_t        task_count;
	atomic_size_t next_task;
	atomic_bool   is_failed;
	size_t        failed_task; /* under the crew's lock, as is `failure` */
	struct err    failure;
};

struct member {
	struct workers *crew;
	size_t          worker;
	pthread_t       thread;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t  wake, done;
	struct job     *job; /* NULL between runs */
	uint64_t        run;
	size_t          inside;
	bool            is_closing;
	size_t          count; /* the caller included */
	struct member   members[]; /* [0] is the caller's and has no thread */
};

static void job_fail(struct workers *w, struct job *job, size_t task, const struct err *e)
{
	(void)pthread_mutex_lock(&w->lock);
	if (!atomic_load(&job->is_failed) || task < job->failed_task) {
		job->failed_task = task;
		job->failure = *e;
	}
	atomic_store(&job->is_failed, true);
	(void)pthread_mutex_unlock(&w->lock);
}

static void job_work(struct workers *w, struct job *job, size_t worker)
{
	struct err e = ERR_NONE;

	while (!atomic_load_explicit(&job->is_failed, memory_order_relaxed)) {
		size_t task = atomic_fetch_add_explicit(&job->next_task, 1, memory_order_relaxed);

		if (task >= job->task_count)
			return;
		if (job->step(job->context, task, worker, &e) < 0) {
			assert(e.class < 0);
			job_fail(w, job, task, &e);
			return;
		}
	}
}

static void *member_main(void *argument)
{
	struct member  *me = argument;
	struct workers *w = me->crew;
	uint64_t        seen = 0;

	(void)pthread_mutex_lock(&w->lock);
	while (true) {
		while (w->run == seen && !w->is_closing) {
			PROFILE(PROFILE_IDLE);

			(void)pthread_cond_wait(&w->wake, &w->lock);
		}
		if (w->is_closing)
			break;
		seen = w->run;
		(void)pthread_mutex_unlock(&w->lock);
		job_work(w, w->job, me->worker);
		(void)pthread_mutex_lock(&w->lock);
		if (--w->inside == 0)
			(void)pthread_cond_signal(&w->done);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* The cores this process may run on: in a container they are fewer than the machine's. */
static size_t core_count(void)
{
	cpu_set_t set;
	long      count = sysconf(_SC_NPROCESSORS_ONLN);

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
	return count > 0 ? (size_t)count : 1;
}

struct workers *workers_new(size_t count)
{
	size_t          wanted = count ? count : core_count();
	struct workers *w;
	sigset_t        all, before;

	if (wanted > COUNT_MAX)
		wanted = COUNT_MAX;
	w = xcalloc(1, sizeof(*w) + wanted * sizeof(w->members[0]));
	(void)pthread_mutex_init(&w->lock, NULL); /* these cannot fail with default attributes */
	(void)pthread_cond_init(&w->wake, NULL);
	(void)pthread_cond_init(&w->done, NULL);

	/* Signals are for the thread that started us: the crew inherits a mask that blocks all. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (w->count = 1; w->count < wanted; w->count++) {
		struct member *m = &w->members[w->count];

		*m = (struct member){.crew = w, .worker = w->count};
		if (pthread_create(&m->thread, NULL, member_main, m) != 0)
			break;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return w;
}

void workers_free(struct workers *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	assert(w->job == NULL);
	w->is_closing = true;
	(void)pthread_cond_broadcast(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	for (size_t i = 1; i < w->count; i++)
		(void)pthread_join(w->members[i].thread, NULL);
	(void)pthread_cond_destroy(&w->done);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

size_t workers_count(const struct workers *w)
{
	return w->count;
}

static void run_begin(struct workers *w, struct job *job)
{
	(void)pthread_mutex_lock(&w->lock);
	assert(w->job == NULL && w->inside == 0);
	w->job = job;
	w->run++;
	w->inside = w->count - 1;
	(void)pthread_cond_broadcast(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
}

static void run_end(struct workers *w)
{
	PROFILE(PROFILE_IDLE);

	(void)pthread_mutex_lock(&w->lock);
	while (w->inside > 0)
		(void)pthread_cond_wait(&w->done, &w->lock);
	w->job = NULL;
	(void)pthread_mutex_unlock(&w->lock);
}

int workers_run(struct workers *w, workers_step *step, void *context, size_t task_count,
                struct err *e)
{
	struct job job = {.step = step, .context = context, .task_count = task_count};

	if (w->count == 1 || task_count <= 1) {
		job_work(w, &job, 0); /* waking the crew for one task costs more than most tasks */
	} else {
		run_begin(w, &job);
		job_work(w, &job, 0);
		run_end(w);
	}
	if (!atomic_load(&job.is_failed))
		return 0;
	*e = job.failure;
	return e->class;
}
