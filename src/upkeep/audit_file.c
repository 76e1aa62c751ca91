/* audit_file.c - the objects that the journal names held against the store. Of a data file the size and
 * the footer are read, which is one request of its last bytes; deep, every byte.
 */
#include <inttypes.h>

#include "parquet/footer.h"
#include "upkeep/audit_int.h"

enum { TAIL_BYTES = 64 << 10, MAGIC_BYTES = 8 };

#define OBJECT_BYTES ((size_t)4 << 30)

/* "a/b/L0-E1-S2-7.parquet" -> "L0-E1-S2-7" */
static str origin_of(str key)
{
	str name = lake_name(key);

	return str_head(name, str_find(name, '.', 0));
}

/* The footer from the end of a file: `tail` holds its last bytes, more of which are read where they do
 * not suffice. */
static int footer_get(struct audit *a, str key, uint64_t size, struct buf *tail, struct arena *arena,
                      struct parquet_footer *out, struct err *e)
{
	uint32_t footer;
	size_t   need;

	if (tail->len < MAGIC_BYTES)
		return err_set(e, ERR_CORRUPT, "it is too short to be Parquet");
	TRY(parquet_footer_size((const uint8_t *)tail->ptr + tail->len - MAGIC_BYTES, size, &footer, e));
	need = (size_t)footer + MAGIC_BYTES;
	if (need > size)
		return err_set(e, ERR_CORRUPT, "its footer would be larger than the file");
	if (need > tail->len) {
		buf_clear(tail);
		TRY(store_get(a->lake->store, key, size - need, need, tail, e));
		if (tail->len != need)
			return err_set(e, ERR_CORRUPT, "it ended while it was read");
	}
	return parquet_footer_read(str_make(tail->ptr + tail->len - need, footer), size, arena, out, e);
}

static void check_footer(struct audit *a, const struct entry_file *f, const struct parquet_footer *footer)
{
	str     origin = origin_of(f->key);
	int64_t rows = 0;

	for (uint32_t i = 0; i < footer->group_count; i++)
		rows += footer->groups[i].row_count;
	if (!str_eq(footer->origin, origin))
		audit_say(a, "file: origin: " STR_FMT " says that it is \"" STR_FMT "\"", STR_ARG(f->key),
		          STR_ARG(str_head(footer->origin, 200)));
	if (footer->row_count != f->rows || rows != f->rows)
		audit_say(a, "file: rows: " STR_FMT " has %" PRId64 " rows, %" PRId64
		          " in its row groups, in the journal %" PRId64, STR_ARG(f->key), footer->row_count, rows,
		          f->rows);
}

/* The pages counted again: each column holds as many values as the footer says. A column has one a row,
 * or more where it is in lists; tarn's tables always have one that is not, so the fewest are the rows. */
static void check_pages(struct audit *a, const struct entry_file *f, const struct parquet_footer *footer,
                        str bytes, struct err *e)
{
	for (uint32_t i = 0; i < footer->group_count; i++) {
		const struct parquet_group *g = &footer->groups[i];
		int64_t                     fewest = INT64_MAX, values;

		for (uint32_t k = 0; k < g->chunk_count; k++) {
			if (parquet_recount(bytes, &g->chunks[k], &values, e) < 0) {
				audit_say(a, "file: rows: " STR_FMT ": column %u: %s", STR_ARG(f->key), k, e->text);
				*e = ERR_NONE;
				return;
			}
			if (values != g->chunks[k].value_count)
				audit_say(a, "file: rows: " STR_FMT ": %" PRId64 " values in the pages of column %u, in the "
				          "footer %" PRId64, STR_ARG(f->key), values, k, g->chunks[k].value_count);
			fewest = values < fewest ? values : fewest;
		}
		if (fewest != g->row_count)
			audit_say(a, "file: rows: " STR_FMT ": %" PRId64 " rows in the pages of row group %u, in the footer %"
			          PRId64, STR_ARG(f->key), fewest, i, g->row_count);
	}
}

void audit_checksum(struct audit *a, const char *group, str key, str want, str bytes)
{
	char checksum[33];

	lake_checksum(bytes, checksum);
	if (!str_eq(want, str_of(checksum)))
		audit_say(a, "%s: checksum: " STR_FMT " is not what was committed: %s, in the journal " STR_FMT, group,
		          STR_ARG(key), checksum, STR_ARG(want));
}

static int missing(struct audit *a, const char *group, str key, uint64_t seq, struct err *e)
{
	audit_missing(a, key, "%s: missing: " STR_FMT " of entry %" PRIu64, group, STR_ARG(key), seq);
	*e = ERR_NONE;
	return 0;
}

/* An object's size. 1: it is there and has the size it should; 0: it has been said what is wrong. */
static int check_size(struct audit *a, const char *group, const char *word, str key, int64_t bytes, uint64_t seq,
                      struct err *e)
{
	uint64_t size;
	int      got = store_size(a->lake->store, key, &size, e);

	if (got == ERR_MISSING)
		return missing(a, group, key, seq, e);
	TRY(got);
	if (size == (uint64_t)bytes)
		return 1;
	audit_say(a, "%s: %s: " STR_FMT " has %" PRIu64 " bytes, in the journal %" PRId64, group, word, STR_ARG(key),
	          size, bytes);
	return 0;
}

/* Taken out of the table by an entry that all its snapshots come after. */
bool audit_file_may_go(const struct audit_table *t, const struct audit_file *file)
{
	return file->removed_by != 0 && file->removed_by <= t->floor;
}

/* 1: it may have been removed, and it was. */
static int is_gone(struct audit *a, const struct audit_table *t, const struct audit_file *file, struct err *e)
{
	uint64_t size;
	int      got;

	if (!audit_file_may_go(t, file))
		return 0;
	got = store_size(a->lake->store, file->entry.key, &size, e);
	if (got != ERR_MISSING)
		return got;
	*e = ERR_NONE;
	return 1;
}

static int check_file(struct audit *a, const struct audit_file *file, struct buf *bytes, struct err *e)
{
	AUTO(arena)              arena = ARENA_INIT;
	const struct entry_file *f = &file->entry;
	uint64_t                 size = (uint64_t)f->bytes;
	uint64_t                 from = a->conf->is_deep || size < TAIL_BYTES ? 0 : size - TAIL_BYTES;
	str                      all;
	struct parquet_footer    footer;
	int                      got = check_size(a, "file", "size", f->key, f->bytes, file->seq, e);

	if (got <= 0)
		return got;
	buf_clear(bytes);
	got = store_get(a->lake->store, f->key, from, 0, bytes, e);
	if (got == ERR_MISSING) /* since its size was asked for */
		return missing(a, "file", f->key, file->seq, e);
	TRY(got);
	if (a->conf->is_deep)
		audit_checksum(a, "file", f->key, f->checksum, buf_str(bytes));
	all = buf_str(bytes);
	got = footer_get(a, f->key, size, bytes, &arena, &footer, e);
	if (got < 0 && audit_is_finding(got)) {
		audit_say(a, "file: footer: " STR_FMT ": %s", STR_ARG(f->key), e->text);
		*e = ERR_NONE;
		return 0;
	}
	TRY(got);
	check_footer(a, f, &footer);
	if (a->conf->is_deep)
		check_pages(a, f, &footer, all, e);
	return 0;
}

/* The journal names it, and nothing leads to it any more: it may have been removed. The files that a
 * manifest listed are held against the table's snapshot, whatever manifests that has; the ids of a run
 * are in the one that replaced it. */
bool audit_object_may_go(const struct audit_object *o)
{
	if (o->table == NULL)
		return o->is_replaced;
	return o->seq <= o->table->mark && map_get(&o->table->reached, o->key) == NULL;
}

static int check_object(struct audit *a, const char *group, const char *word, const struct audit_object *o,
                        struct buf *bytes, struct err *e)
{
	uint64_t size;
	int      got = audit_object_may_go(o) ? store_size(a->lake->store, o->key, &size, e) : 0;

	if (got == ERR_MISSING) {
		*e = ERR_NONE;
		return 0;
	}
	TRY(got);
	got = check_size(a, group, word, o->key, o->bytes, o->seq, e);
	if (got <= 0 || !a->conf->is_deep)
		return got < 0 ? got : 0;
	buf_clear(bytes);
	got = store_get(a->lake->store, o->key, 0, 0, bytes, e);
	if (got == ERR_MISSING)
		return missing(a, group, o->key, o->seq, e);
	TRY(got);
	audit_checksum(a, group, o->key, o->checksum, buf_str(bytes));
	return 0;
}

/* Manifests that a snapshot leads to and no entry names: merged ones, and those of other engines. */
static int check_merged(struct audit *a, const struct audit_table *t, struct err *e)
{
	for (size_t i = 0; i < t->reached.count; i++) {
		const struct map_item *item = &t->reached.items[i];
		uint64_t               size = 0;
		int                    got;

		if (item->key.ptr == NULL) /* an entry names it, and it has been looked at */
			continue;
		got = store_size(a->lake->store, item->key, &size, e);
		if (got == ERR_MISSING) {
			audit_missing(a, item->key, "file: missing: manifest " STR_FMT " of " TABLE_FMT, STR_ARG(item->key),
			              TABLE_ARG(t));
			*e = ERR_NONE;
			continue;
		}
		TRY(got);
		if (size != item->num)
			audit_say(a, "file: size: manifest " STR_FMT " has %" PRIu64 " bytes, %" PRIu64
			          " in its list", STR_ARG(item->key), size, item->num);
	}
	return 0;
}

int audit_files(struct audit *a, struct err *e)
{
	AUTO(buf) bytes = BUF(OBJECT_BYTES);

	for (size_t i = 0; i < a->tables.count; i++) {
		const struct audit_table *t = a->tables.items[i].ptr;

		for (size_t k = 0; k < t->files.count; k++) {
			const struct audit_file *f = &t->files.at[k];
			int                      gone = is_gone(a, t, f, e);

			TRY(gone);
			a->counts.files += f->removed_by == 0;
			a->counts.bytes += f->removed_by == 0 ? f->entry.bytes : 0;
			if (!gone)
				TRY(check_file(a, f, &bytes, e));
		}
	}
	for (size_t i = 0; i < a->manifests.count; i++) {
		const struct audit_object *o = &a->manifests.at[i];

		TRY(check_object(a, "file", "size", o, &bytes, e));
		map_remove(&o->table->reached, o->key);
	}
	for (size_t i = 0; i < a->tables.count; i++)
		TRY(check_merged(a, a->tables.items[i].ptr, e));
	for (size_t i = 0; i < a->ids.count; i++)
		TRY(check_object(a, "ids", "count", &a->ids.at[i], &bytes, e));
	return 0;
}
