/* workers.h - a fixed crew of threads for data-parallel steps.
 *
 *     workers_run(w, step, context, task_count, e)
 *
 * calls step(context, task, worker, e) once for each task 0..task_count-1, spread over the crew and the caller,
 * taken in order, and returns when all are done. The first failure stops the handing out of
 * tasks and is returned: where several tasks fail, that of the lowest number, whatever the count of workers.
 * `worker` < workers_count(w) names per-worker scratch; the caller is worker 0. With one worker everything runs on
 * the caller's thread: the simulator's case. One run at a time; a step may not run its own crew.
 */
#ifndef OS_WORKERS_H
#define OS_WORKERS_H

#include "base/auto.h"
#include "base/err.h"

struct workers;

typedef int workers_step(void *context, size_t task, size_t worker, struct err *e);

struct workers *workers_new(size_t count); /* 0: one a core; fewer where the system gives fewer threads */
void            workers_free(struct workers *w); /* NULL is fine */
size_t          workers_count(const struct workers *w);
int             workers_run(struct workers *w, workers_step *step, void *context, size_t task_count,
                            struct err *e) MUST_USE;

AUTO_PTR_DEFINE(workers, workers_free)

#endif
