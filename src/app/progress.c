#include "app/progress.h"

#include <stdio.h>

#include "ingest/pump.h"
#include "ingest/replay.h"
#include "os/clock.h"

enum { EVERY_US = 200000 };

void progress_start(struct progress *p, const struct app *app)
{
	*p = (struct progress){
		.clock = app->clock,
		.is_shown = app->is_terminal && !app->is_quiet && !app->is_json,
		.started_us = clock_mono_us(app->clock),
	};
}

void progress_end(struct progress *p)
{
	if (p->is_shown && p->printed_us != 0)
		(void)fprintf(stderr, "\r\033[K");
}

/* Seconds since the start, or 0 where it is too early to print again. */
static double due(struct progress *p)
{
	int64_t now = clock_mono_us(p->clock);

	if (!p->is_shown || now - p->printed_us < EVERY_US)
		return 0;
	p->printed_us = now;
	return (double)(now - p->started_us) / 1e6;
}

static void print(double seconds, int64_t done, double share, const char *more)
{
	(void)fprintf(stderr, "\r\033[K  %s records", text_count(done));
	if (share > 0 && share < 1)
		(void)fprintf(stderr, "  %3.0f %%  %.0f s left", share * 100, seconds / share - seconds);
	(void)fprintf(stderr, "  %s/s%s", text_count((int64_t)((double)done / seconds)), more);
	(void)fflush(stderr);
}

void progress_pump(void *context, const struct pump_report *r)
{
	double seconds = due(context);
	char   more[96];

	if (seconds <= 0)
		return;
	(void)snprintf(more, sizeof(more), "  %s quarantined  %s commits", text_count(r->quarantined), text_count(r->commits));
	print(seconds, r->records, r->bytes_total ? (double)r->bytes_read / (double)r->bytes_total : 0, more);
}

void progress_count(void *context, uint64_t done, uint64_t total)
{
	double seconds = due(context);

	if (seconds > 0)
		print(seconds, (int64_t)done, total ? (double)done / (double)total : 0, "");
}

void progress_replay(void *context, const struct replay_progress *r)
{
	double seconds = due(context);
	char   more[64];

	if (seconds <= 0)
		return;
	(void)snprintf(more, sizeof(more), "  entry %s of %s", text_count((int64_t)r->entries), text_count((int64_t)r->entries_total));
	print(seconds, r->records, r->entries_total ? (double)r->entries / (double)r->entries_total : 0, more);
}
