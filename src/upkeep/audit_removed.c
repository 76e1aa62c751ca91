/* audit_removed.c - files that entries take out of tables: each was added before, is taken out once,
 * and as it was counted when it came. */
#include <inttypes.h>

#include "upkeep/audit_int.h"

#define WHERE_FMT "entry %" PRIu64 ", table " STR_FMT "." STR_FMT
#define WHERE_ARG(from, seq) (seq), STR_ARG((from)->space), STR_ARG((from)->name)

static void take_named(struct audit *a, struct audit_table *t, const struct entry_table *from,
                       const struct entry_removed *r, uint64_t seq, bool is_gapped)
{
	const struct map_item *item = map_get(&t->by_key, r->key);
	struct audit_file     *file;

	if (item == NULL && is_gapped)
		return;
	if (item == NULL) {
		audit_say(a, "journal: balance: " WHERE_FMT ": it removes " STR_FMT ", which no entry before it added",
		          WHERE_ARG(from, seq), STR_ARG(r->key));
		return;
	}
	file = &t->files.at[item->num - 1];
	if (file->removed_by != 0 && !(file->removed_by == seq && from->replaces_through > 0)) /* one of all those */
		audit_say(a, "journal: balance: " WHERE_FMT ": it removes " STR_FMT ", which entry %" PRIu64 " had removed",
		          WHERE_ARG(from, seq), STR_ARG(r->key), file->removed_by);
	else if (file->entry.rows != r->rows || file->entry.bytes != r->bytes)
		audit_say(a, "journal: balance: " WHERE_FMT ": it removes " STR_FMT " with %" PRId64 " rows in %" PRId64
		          " bytes, entry %" PRIu64 " added it with %" PRId64 " in %" PRId64, WHERE_ARG(from, seq),
		          STR_ARG(r->key), r->rows, r->bytes, file->seq, file->entry.rows, file->entry.bytes);
	file->removed_by = seq;
}

static void take_through(struct audit *a, struct audit_table *t, const struct entry_table *from, uint64_t seq, bool is_gapped)
{
	int64_t files = 0, rows = 0, bytes = 0;

	for (size_t i = 0; i < t->files.count; i++) {
		struct audit_file *file = &t->files.at[i];

		if (file->seq > from->replaces_through || file->removed_by != 0)
			continue;
		file->removed_by = seq;
		files++;
		rows += file->entry.rows;
		bytes += file->entry.bytes;
	}
	if (!is_gapped && (files != from->removed_files || rows != from->removed_rows || bytes != from->removed_bytes))
		audit_say(a, "journal: balance: " WHERE_FMT ": it removes %" PRId64 " files with %" PRId64 " rows in %" PRId64
		          " bytes, entries up to %" PRIu64 " left %" PRId64 " with %" PRId64 " in %" PRId64,
		          WHERE_ARG(from, seq), from->removed_files, from->removed_rows, from->removed_bytes,
		          from->replaces_through, files, rows, bytes);
}

void audit_removed(struct audit *a, struct audit_table *t, const struct entry_table *from, uint64_t seq, bool is_gapped)
{
	if (from->replaces_through > 0)
		take_through(a, t, from, seq, is_gapped);
	for (size_t i = 0; i < from->removed.count; i++)
		take_named(a, t, from, &from->removed.at[i], seq, is_gapped);
}
