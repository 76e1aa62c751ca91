/* entry.c - a journal entry as a value, and as the text that goes into the store.
 *
 * Written by hand in one fixed order, so that the same entry is always the same
 * bytes: a lost answer is resolved by comparing them. Its inverse is entry_parse.c.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "codec/sha256.h"
#include "codec/time.h"
#include "lake/journal.h"
#include "lake/sealed_int.h"

void entry_done(struct journal_entry *j)
{
	for (size_t i = 0; i < j->tables.count; i++) {
		VEC_DONE(&j->tables.at[i].files);
		VEC_DONE(&j->tables.at[i].removed);
	}
	VEC_DONE(&j->positions);
	VEC_DONE(&j->tables);
	VEC_DONE(&j->ids);
	VEC_DONE(&j->names);
	VEC_DONE(&j->counts);
	VEC_DONE(&j->raws);
	VEC_DONE(&j->held);
	VEC_DONE(&j->forgotten);
	arena_done(&j->arena);
	*j = (struct journal_entry){0};
}

struct entry_table *entry_table(struct journal_entry *j, str space, str name, str uuid)
{
	struct entry_table *t;

	for (size_t i = 0; i < j->tables.count; i++)
		if (str_eq(j->tables.at[i].name, name) && str_eq(j->tables.at[i].space, space))
			return &j->tables.at[i];
	t = VEC_ADD(&j->tables);
	*t = (struct entry_table){
		.space = arena_str(&j->arena, space),
		.name = arena_str(&j->arena, name),
		.uuid = arena_str(&j->arena, uuid),
	};
	return t;
}

void entry_remove(struct journal_entry *j, struct entry_table *t, const struct entry_removed *file)
{
	*VEC_ADD(&t->removed) = (struct entry_removed){arena_str(&j->arena, file->key), file->rows, file->bytes};
	t->removed_files++;
	t->removed_rows += file->rows;
	t->removed_bytes += file->bytes;
}

static void write_positions(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "positions");
	for (size_t i = 0; i < j->positions.count; i++) {
		const struct entry_position *p = &j->positions.at[i];

		seal_item(b);
		seal_text(b, "pipeline", p->pipeline);
		seal_text(b, "key", p->key);
		seal_text(b, "from", p->from);
		seal_text(b, "to", p->to);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_files(const struct entry_table *t, struct buf *b)
{
	seal_list(b, "files");
	for (size_t i = 0; i < t->files.count; i++) {
		const struct entry_file *f = &t->files.at[i];

		seal_item(b);
		seal_text(b, "key", f->key);
		seal_int(b, "bytes", f->bytes);
		seal_int(b, "rows", f->rows);
		seal_text(b, "checksum", f->checksum);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_removed(const struct entry_table *t, struct buf *b)
{
	if (t->replaces_through > 0) {
		seal_int(b, "replaces_through", (int64_t)t->replaces_through);
		seal_int(b, "removed_files", t->removed_files);
		seal_int(b, "removed_rows", t->removed_rows);
		seal_int(b, "removed_bytes", t->removed_bytes);
	}
	if (t->removed.count > 0) {
		seal_list(b, "removes");
		for (size_t i = 0; i < t->removed.count; i++) {
			seal_item(b);
			seal_text(b, "key", t->removed.at[i].key);
			seal_int(b, "rows", t->removed.at[i].rows);
			seal_int(b, "bytes", t->removed.at[i].bytes);
			buf_byte(b, '}');
		}
		buf_byte(b, ']');
	}
}

static void write_tables(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "tables");
	for (size_t i = 0; i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];

		seal_item(b);
		seal_text(b, "space", t->space);
		seal_text(b, "name", t->name);
		seal_text(b, "uuid", t->uuid);
		if (t->schema_id != 0)
			seal_int(b, "schema_id", t->schema_id);
		if (t->schema.len > 0)
			seal_text(b, "schema", t->schema);
		if (t->partition.len > 0)
			seal_text(b, "partition", t->partition);
		if (t->manifest.len > 0) {
			seal_text(b, "manifest", t->manifest);
			seal_int(b, "manifest_bytes", t->manifest_bytes);
			seal_text(b, "manifest_checksum", t->manifest_checksum);
		}
		write_files(t, b);
		seal_int(b, "rows", t->rows);
		seal_int(b, "bytes", t->bytes);
		write_removed(t, b);
		if (t->held_rows > 0) {
			seal_int(b, "held_rows", t->held_rows);
			seal_int(b, "held_since", t->held_since);
		}
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_raws(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "raw");
	for (size_t i = 0; i < j->raws.count; i++) {
		const struct entry_raw *r = &j->raws.at[i];

		seal_item(b);
		seal_text(b, "pipeline", r->pipeline);
		seal_text(b, "key", r->key);
		seal_text(b, "checksum", r->checksum);
		seal_int(b, "bytes", r->bytes);
		seal_int(b, "records", r->records);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_held(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "held");
	for (size_t i = 0; i < j->held.count; i++) {
		const struct entry_held *h = &j->held.at[i];

		seal_item(b);
		seal_text(b, "space", h->space);
		seal_text(b, "name", h->name);
		seal_text(b, "uuid", h->uuid);
		if (h->schema.len > 0)
			seal_text(b, "schema", h->schema);
		seal_int(b, "rows", h->rows);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_replaced(const struct entry_ids *r, struct buf *b)
{
	seal_list(b, "replaces");
	for (size_t i = 0; i < r->replaced_count; i++) {
		seal_item(b);
		seal_text(b, "key", r->replaced[i]);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_ids(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "ids");
	for (size_t i = 0; i < j->ids.count; i++) {
		const struct entry_ids *r = &j->ids.at[i];

		seal_item(b);
		seal_text(b, "pipeline", r->pipeline);
		seal_text(b, "key", r->key);
		seal_text(b, "checksum", r->checksum);
		seal_int(b, "count", r->count);
		seal_int(b, "bytes", r->bytes);
		if (r->replaced_count > 0)
			write_replaced(r, b);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_names(const struct journal_entry *j, struct buf *b)
{
	seal_list(b, "names");
	for (size_t i = 0; i < j->names.count; i++) {
		const struct entry_name *n = &j->names.at[i];

		seal_item(b);
		seal_text(b, "pipeline", n->pipeline);
		seal_text(b, "name", n->name);
		seal_text(b, "table", n->table);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_head(const struct journal_entry *j, const struct lake *l, struct buf *b)
{
	char   lake[37], writer[17], time[TIME_TEXT];
	size_t time_len = time_format(j->time_us, time);

	uuid_format(l->id, lake);
	seal_text(b, "kind", j->kind == ENTRY_FENCE ? STR("fence") : STR("commit"));
	seal_text(b, "lake", str_of(lake));
	seal_int(b, "epoch", (int64_t)j->epoch);
	seal_int(b, "seq", (int64_t)j->seq);
	(void)snprintf(writer, sizeof(writer), "%016" PRIx64, j->writer);
	seal_text(b, "writer", str_of(writer));
	seal_text(b, "previous", str_of(j->previous));
	seal_text(b, "time", str_make(time, time_len));
}

void entry_write(const struct journal_entry *j, const struct lake *l, struct buf *out)
{
	size_t start = out->len;

	assert(j->seq > 0 && j->epoch > 0 && j->epoch <= j->seq && j->seq <= INT64_MAX);
	assert(j->kind == ENTRY_COMMIT || j->epoch == j->seq);
	assert(strlen(j->previous) == 64);
	assert(j->kind == ENTRY_FENCE || j->switches.len == 0);
	buf_byte(out, '{');
	write_head(j, l, out);
	write_positions(j, out);
	write_tables(j, out);
	write_ids(j, out);
	write_names(j, out);
	seal_counts(out, j->counts.at, j->counts.count);
	if (j->raws.count > 0)
		write_raws(j, out);
	if (j->held.count > 0)
		write_held(j, out);
	if (j->forgotten.count > 0)
		seal_forgotten(out, j->forgotten.at, j->forgotten.count);
	if (j->switches.len > 0)
		seal_text(out, "switches", j->switches);
	buf_byte(out, '}');
	seal_close(out, start);
}
