/* progress.h - one line on a terminal that says how far long work is; nothing elsewhere. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "app/command.h"

struct pump_report;
struct replay_progress;

struct progress {
	struct clock *clock;
	bool          is_shown;
	int64_t       started_us, printed_us;
};

void progress_start(struct progress *p, const struct app *app);
void progress_end(struct progress *p); /* wipes the line */

/* Callbacks; the context is a struct progress. */
void progress_pump(void *context, const struct pump_report *so_far);
void progress_count(void *context, uint64_t done, uint64_t total);
void progress_replay(void *context, const struct replay_progress *so_far);

#endif
