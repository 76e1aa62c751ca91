/* writer_choose.c - which tables get files in a commit: those whose rows are worth one.
 *
 * A commit makes rows true; a file makes them cheap to read. Hundreds of tables that each got a file with every commit
 * would drown their readers, so a table waits until its file is as large as wanted, or its oldest row has waited as long
 * as allowed, or its partition is over, or memory is short, and then the largest go first: few files for much room.
 *
 * Waits end together, at multiples of max_delay by the wall clock and a grace: where max_delay divides the hour, one of
 * them is the end of the partition, and that one costs no closing of its own. Between two multiples lies max_delay, so no
 * row waits longer by either clock; and where the wall clock steps, the other one holds.
 */
#include <assert.h>

#include "ingest/writer_int.h"
#include "iceberg/manifest.h"
#include "os/clock.h"

void target_hold(struct target *t, uint64_t seq, const struct writer *w)
{
	assert(t->columns.row_count > 0);
	t->held_rows = t->columns.row_count;
	if (t->held_since != 0)
		return;
	t->held_since = seq;
	t->oldest_us = clock_mono_us(w->lake->clock);
	t->oldest_at_us = clock_now_us(w->lake->clock);
}

/* Has a new partition begun since the oldest row came? Rows of two partitions are two files, whenever they are written:
 * those of the old one gain nothing by waiting. A little is waited for the last of them to come in. */
static bool is_partition_over(const struct target *t, int64_t at_us)
{
	enum ice_transform cut = t->table->spec.transform;

	return cut != ICE_NONE && ice_transform_us(cut, at_us - WRITER_GRACE_US) > ice_transform_us(cut, t->oldest_at_us);
}

/* The last end of a wait when the oldest row came; the next one, max_delay later, is never further from the row. */
static int64_t last_closing_us(const struct target *t)
{
	int64_t past_us = (t->oldest_at_us - WRITER_GRACE_US) % t->rule->max_delay_us;

	return t->oldest_at_us - past_us - (past_us < 0 ? t->rule->max_delay_us : 0);
}

static bool has_waited(const struct target *t, int64_t now_us, int64_t at_us)
{
	int64_t delay_us = t->rule->max_delay_us;

	return now_us - t->oldest_us >= delay_us || at_us - last_closing_us(t) >= delay_us || is_partition_over(t, at_us);
}

static bool is_worth_a_file(const struct writer *w, const struct target *t, bool is_last, int64_t now_us, int64_t at_us)
{
	if (t->columns.row_count == 0)
		return false;
	if (is_last || !w->is_holding || !t->may_hold || t->rule->max_delay_us == 0)
		return true;
	if ((double)t->columns.bytes * t->density >= (double)t->rule->target_bytes)
		return true;
	return t->held_since != 0 && has_waited(t, now_us, at_us);
}

/* The largest that is not due yet; SIZE_MAX: all are. */
static size_t largest(const struct writer *w, const bool *is_due)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < w->targets.count; i++)
		if (!is_due[i] && w->targets.at[i]->columns.row_count > 0 &&
		    (found == SIZE_MAX || w->targets.at[i]->columns.bytes > w->targets.at[found]->columns.bytes))
			found = i;
	return found;
}

size_t writer_choose(const struct writer *w, bool is_last, bool *is_due)
{
	int64_t now_us = clock_mono_us(w->lake->clock), at_us = clock_now_us(w->lake->clock);
	size_t  count = 0, left = pool_used(w->pool);

	for (size_t i = 0; i < w->targets.count; i++) {
		is_due[i] = is_worth_a_file(w, w->targets.at[i], is_last, now_us, at_us);
		count += is_due[i];
		left -= is_due[i] ? w->targets.at[i]->columns.bytes : 0;
	}
	while (left > w->memory_bytes / 2 && pool_over(w->pool)) {
		size_t next = largest(w, is_due);

		if (next == SIZE_MAX)
			break;
		is_due[next] = true;
		left -= w->targets.at[next]->columns.bytes;
		count++;
	}
	return count;
}
