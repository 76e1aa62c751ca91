/* quarantine.h - what the files behind `tarn quarantine` share. */
#ifndef APP_QUARANTINE_H
#define APP_QUARANTINE_H

#include "app/command.h"
#include "ingest/quarantine_replay.h"

struct engine;

struct quarantine_asked {
	str     reason, pipeline; /* a glob, a name; empty: all */
	bool    has_since, has_until;
	int64_t since_us, until_us; /* of quarantined_at: since <= it < until */
	int64_t limit;              /* show */
	bool    is_dry, is_sure;    /* replay, drop: --dry-run, --yes */
};

/* " WHERE ..." over the columns of tarn.quarantine. */
void quarantine_where(const struct quarantine_asked *asked, struct buf *sql);

/* For struct refused_reader: its context is one of these. */
struct quarantine_rows {
	struct engine                 *engine;
	const struct quarantine_asked *asked;
};
int quarantine_rows_read(void *context, const struct schema *schema, const str *paths, size_t count, bool is_all,
                         refused_fn *each, void *each_context, struct err *e) MUST_USE;

/* replay and drop: look, show what it would come to, ask, do it. */
int quarantine_move(const struct app *app, const struct config *config, struct lake *l, bool is_drop,
                    const struct quarantine_asked *asked, struct err *e) MUST_USE;

#endif
