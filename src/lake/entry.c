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

void entry_done(struct journal_entry *j)
{
	for (size_t i = 0; i < j->tables.count; i++)
		VEC_DONE(&j->tables.at[i].files);
	VEC_DONE(&j->positions);
	VEC_DONE(&j->tables);
	VEC_DONE(&j->ids);
	VEC_DONE(&j->names);
	VEC_DONE(&j->counts);
	arena_done(&j->arena);
	*j = (struct journal_entry){0};
}

/* A comma, unless this is the first thing in its brackets. */
static void separate(struct buf *b)
{
	char last = b->len > 0 ? b->ptr[b->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_byte(b, ',');
}

static void open_item(struct buf *b)
{
	separate(b);
	buf_byte(b, '{');
}

static void member(struct buf *b, const char *name)
{
	separate(b);
	buf_print(b, "\"%s\":", name);
}

static void member_text(struct buf *b, const char *name, str value)
{
	member(b, name);
	buf_json(b, value);
}

static void member_int(struct buf *b, const char *name, int64_t value)
{
	member(b, name);
	buf_print(b, "%" PRId64, value);
}

static void write_positions(const struct journal_entry *j, struct buf *b)
{
	member(b, "positions");
	buf_byte(b, '[');
	for (size_t i = 0; i < j->positions.count; i++) {
		const struct entry_position *p = &j->positions.at[i];

		open_item(b);
		member_text(b, "pipeline", p->pipeline);
		member_text(b, "key", p->key);
		member_text(b, "from", p->from);
		member_text(b, "to", p->to);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_files(const struct entry_table *t, struct buf *b)
{
	member(b, "files");
	buf_byte(b, '[');
	for (size_t i = 0; i < t->files.count; i++) {
		const struct entry_file *f = &t->files.at[i];

		open_item(b);
		member_text(b, "key", f->key);
		member_int(b, "bytes", f->bytes);
		member_int(b, "rows", f->rows);
		member_text(b, "checksum", f->checksum);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_tables(const struct journal_entry *j, struct buf *b)
{
	member(b, "tables");
	buf_byte(b, '[');
	for (size_t i = 0; i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];

		open_item(b);
		member_text(b, "space", t->space);
		member_text(b, "name", t->name);
		member_text(b, "uuid", t->uuid);
		if (t->schema_id != 0)
			member_int(b, "schema_id", t->schema_id);
		if (t->schema.len > 0)
			member_text(b, "schema", t->schema);
		member_text(b, "manifest", t->manifest);
		member_int(b, "manifest_bytes", t->manifest_bytes);
		member_text(b, "manifest_checksum", t->manifest_checksum);
		write_files(t, b);
		member_int(b, "rows", t->rows);
		member_int(b, "bytes", t->bytes);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_ids(const struct journal_entry *j, struct buf *b)
{
	member(b, "ids");
	buf_byte(b, '[');
	for (size_t i = 0; i < j->ids.count; i++) {
		const struct entry_ids *r = &j->ids.at[i];

		open_item(b);
		member_text(b, "pipeline", r->pipeline);
		member_text(b, "key", r->key);
		member_text(b, "checksum", r->checksum);
		member_int(b, "count", r->count);
		member_int(b, "bytes", r->bytes);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_names(const struct journal_entry *j, struct buf *b)
{
	member(b, "names");
	buf_byte(b, '[');
	for (size_t i = 0; i < j->names.count; i++) {
		const struct entry_name *n = &j->names.at[i];

		open_item(b);
		member_text(b, "pipeline", n->pipeline);
		member_text(b, "name", n->name);
		member_text(b, "table", n->table);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_counts(const struct journal_entry *j, struct buf *b)
{
	member(b, "counts");
	buf_byte(b, '[');
	for (size_t i = 0; i < j->counts.count; i++) {
		const struct entry_counts *c = &j->counts.at[i];

		open_item(b);
		member_text(b, "pipeline", c->pipeline);
		member_int(b, "records", c->records);
		member_int(b, "rows", c->rows);
		member_int(b, "duplicates", c->duplicates);
		member_int(b, "conflicts", c->conflicts);
		member_int(b, "quarantined", c->quarantined);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_head(const struct journal_entry *j, const struct lake *l, struct buf *b)
{
	char   lake[37], writer[17], time[TIME_TEXT];
	size_t time_len = time_format(j->time_us, time);

	uuid_format(l->id, lake);
	member_text(b, "kind", j->kind == ENTRY_FENCE ? STR("fence") : STR("commit"));
	member_text(b, "lake", str_of(lake));
	member_int(b, "epoch", (int64_t)j->epoch);
	member_int(b, "seq", (int64_t)j->seq);
	(void)snprintf(writer, sizeof(writer), "%016" PRIx64, j->writer);
	member_text(b, "writer", str_of(writer));
	member_text(b, "previous", str_of(j->previous));
	member_text(b, "time", str_make(time, time_len));
}

void entry_write(const struct journal_entry *j, const struct lake *l, struct buf *out)
{
	size_t start = out->len;
	char   hash[65];

	assert(j->seq > 0 && j->epoch > 0 && j->epoch <= j->seq && j->seq <= INT64_MAX);
	assert(j->kind == ENTRY_COMMIT || j->epoch == j->seq);
	assert(strlen(j->previous) == 64);
	buf_byte(out, '{');
	write_head(j, l, out);
	write_positions(j, out);
	write_tables(j, out);
	write_ids(j, out);
	write_names(j, out);
	write_counts(j, out);
	buf_byte(out, '}');
	sha256_hex(str_from(buf_str(out), start), hash);
	buf_print(out, "\nsha256:%s\n", hash);
}
