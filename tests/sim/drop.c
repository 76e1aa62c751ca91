/* All that is in quarantine dropped, as `tarn quarantine drop` does: files leave a table. */
#include "ingest/quarantine_replay.h"
#include "lake/scan.h"
#include "tests/sim/actors.h"

/* Nothing here reads Parquet. What a file holds is known by number alone, and whose the rows are is
 * not: there are as many of each pipeline as the journal counts. */
struct quotas {
	struct lake        *lake;
	struct journal_state state;
	size_t              next;
};

static void quotas_done(struct quotas *q)
{
	state_done(&q->state);
}

AUTO_DEFINE(quotas, quotas_done)

static int each_row(struct quotas *q, size_t file, int64_t rows, refused_fn *each, void *context, struct err *e)
{
	for (int64_t row = 0; row < rows; row++) {
		struct refused r = {.file = file, .row = row, .reason = STR("any")};

		while (q->next < q->state.counts.count && q->state.counts.at[q->next].quarantined == 0)
			q->next++;
		if (q->next == q->state.counts.count)
			return err_set(e, ERR_CORRUPT, "more is in quarantine than the journal counts");
		q->state.counts.at[q->next].quarantined--;
		r.pipeline = q->state.counts.at[q->next].pipeline;
		TRY(each(context, &r, e));
	}
	return 0;
}

static int read_rows(void *context, const struct schema *schema, const str *paths, size_t count, bool is_all,
                     refused_fn *each, void *each_context, struct err *e)
{
	struct quotas *q = context;
	AUTO(scan)     s = {0};

	(void)schema, (void)is_all;
	TRY(journal_load(q->lake, STR("0"), &q->state, e));
	TRY(lake_scan(q->lake, STR("tarn"), STR("quarantine"), NULL, &s, e));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < s.file_count; k++)
			if (str_eq(s.files[k].path, paths[i]))
				TRY(each_row(q, i, s.files[k].stats.rows, each, each_context, e));
	return 0;
}

int drop_all(struct lake *l, struct workers *w, struct err *e)
{
	AUTO(quotas)                 quotas = {.lake = l};
	AUTO(quarantine_report)      report = {0};
	const struct quarantine_conf conf = {.base = STR("/in/"), .reader = {read_rows, &quotas}};

	return quarantine_drop(l, w, &conf, false, &report, e);
}
