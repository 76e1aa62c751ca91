#include "ingest/held_read.h"

#include <assert.h>
#include <stdlib.h>

#include "parquet/write.h"

/* Is one of these held? */
static bool is_any_held(const struct journal_state *s, const struct map *only)
{
	for (size_t i = 0; i < only->count; i++) {
		const struct state_table *t = map_ptr(&s->tables, only->items[i].key);

		if (t != NULL && t->held_since != 0)
			return true;
	}
	return false;
}

static int read_rows(struct held_reader *r, struct pipeline *pipelines, size_t count, str base, const struct map *only,
                     struct err *e)
{
	struct writer *w = &r->writer;

	TRY(journal_load(w->lake, w->journal.lane, &w->state, e));
	if (!is_any_held(&w->state, only))
		return 0;
	r->feeds = xcalloc(count, sizeof(*r->feeds));
	for (size_t i = 0; i < count; i++, r->feed_count++)
		feed_init(w, &pipelines[i], base, true, &r->feeds[i]);
	return held_load(w, r->feeds, count, only, e);
}

int held_read(struct lake *l, struct workers *w, struct pipeline *pipelines, size_t count, str base, const struct map *only,
              size_t memory_bytes, struct held_reader *out, struct err *e)
{
	static const struct table_rules rules = TABLE_RULES;
	AUTO(held_reader)               r = {
		.writer = {.lake = l, .workers = w, .rules = &rules, .is_holding = true, .memory_bytes = memory_bytes},
	};

	r.writer.journal.lane = STR("0");
	r.writer.pool = pool_new(memory_bytes);
	TRY(read_rows(&r, pipelines, count, base, only, e));
	*out = r;
	for (size_t i = 0; i < out->feed_count; i++) /* it has moved */
		out->feeds[i].writer = &out->writer;
	r = (struct held_reader){0};
	return 0;
}

void held_read_done(struct held_reader *r)
{
	for (size_t i = 0; i < r->feed_count; i++)
		feed_done(&r->feeds[i]);
	free(r->feeds);
	writer_done(&r->writer);
}

int held_parquet(const struct target *t, struct buf *out, struct err *e)
{
	const struct parquet_options options = {.zstd_level = 1};
	struct parquet_scratch      *scratch = parquet_scratch_new();
	AUTO(arena)                  a = ARENA_INIT;
	struct file_stats            stats;
	uint32_t                    *rows = xcalloc(t->columns.row_count, sizeof(*rows));
	int                          status;

	assert(t->columns.row_count > 0);
	for (uint32_t i = 0; i < t->columns.row_count; i++)
		rows[i] = i;
	status = parquet_write(&t->columns, rows, t->columns.row_count, &options, scratch, out, &a, &stats, e);
	free(rows);
	parquet_scratch_free(scratch);
	return status;
}
