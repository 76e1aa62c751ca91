/* checkpoint_text.c - a state as sealed text, and back.
 *
 * Maps are written in their order, which is that of first insertion, and read back in it: so a state
 * that was folded from the first entry and one that began at any checkpoint give the same bytes.
 */
#include <assert.h>

#include "codec/sha256.h"
#include "lake/lake_int.h"
#include "lake/sealed_int.h"

/* "<one>\0<two>" of a map's key, and the text that it leads to: a state's maps point at places that
 * begin with it. */
static void write_pair(struct buf *b, const struct map_item *item, const char *second, const char *third)
{
	size_t end = str_find(item->key, '\0', 0);

	seal_item(b);
	seal_text(b, "pipeline", str_head(item->key, end));
	seal_text(b, second, str_from(item->key, end + 1));
	seal_text(b, third, *(const str *)item->ptr);
	buf_byte(b, '}');
}

static void write_pairs(struct buf *b, const struct map *m, const char *name, const char *second,
                        const char *third)
{
	seal_list(b, name);
	for (size_t i = 0; i < m->count; i++)
		write_pair(b, &m->items[i], second, third);
	buf_byte(b, ']');
}

static void write_runs(struct buf *b, const struct journal_state *s)
{
	seal_list(b, "runs");
	for (size_t i = 0; i < s->runs.count; i++) {
		const struct state_run *r = &s->runs.at[i];

		seal_item(b);
		seal_text(b, "pipeline", r->pipeline);
		seal_text(b, "key", r->key);
		seal_text(b, "checksum", r->checksum);
		seal_int(b, "count", r->count);
		seal_int(b, "bytes", r->bytes);
		seal_int(b, "seq", (int64_t)r->seq);
		seal_int(b, "time_us", r->time_us);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_tables(struct buf *b, const struct journal_state *s)
{
	seal_list(b, "tables");
	for (size_t i = 0; i < s->tables.count; i++) {
		const struct state_table *t = s->tables.items[i].ptr;

		seal_item(b);
		seal_text(b, "space", t->space);
		seal_text(b, "name", t->name);
		seal_text(b, "uuid", t->uuid);
		seal_text(b, "schema", t->schema);
		seal_int(b, "last_seq", (int64_t)t->last_seq);
		seal_int(b, "rows", t->rows);
		seal_int(b, "files", t->files);
		seal_int(b, "held_rows", t->held_rows);
		seal_int(b, "held_since", (int64_t)t->held_since);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void write_raws(struct buf *b, const struct journal_state *s)
{
	seal_list(b, "raw");
	for (size_t i = 0; i < s->raws.count; i++) {
		const struct state_raw *r = &s->raws.at[i];

		seal_item(b);
		seal_text(b, "pipeline", r->pipeline);
		seal_text(b, "key", r->key);
		if (r->checksum.len > 0)
			seal_text(b, "checksum", r->checksum);
		seal_int(b, "seq", (int64_t)r->seq);
		seal_int(b, "bytes", r->bytes);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

void checkpoint_write(const struct journal_state *s, const struct lake *l, struct buf *out)
{
	size_t start = out->len;
	char   lake[37];

	assert(s->head > 0 && s->epoch > 0 && s->epoch <= s->head && strlen(s->hash) == 64);
	uuid_format(l->id, lake);
	buf_byte(out, '{');
	seal_text(out, "kind", STR("checkpoint"));
	seal_text(out, "lake", str_of(lake));
	seal_int(out, "epoch", (int64_t)s->epoch);
	seal_int(out, "seq", (int64_t)s->head);
	seal_text(out, "entry", str_of(s->hash));
	write_pairs(out, &s->positions, "positions", "key", "at");
	write_pairs(out, &s->names, "names", "name", "table");
	write_runs(out, s);
	write_tables(out, s);
	seal_counts(out, s->counts.at, s->counts.count);
	write_raws(out, s);
	seal_forgotten(out, s->forgotten.at, s->forgotten.count);
	buf_byte(out, '}');
	seal_close(out, start);
}

/* --- reading ------------------------------------------------------------------------------- */

/* tarn writes no checkpoint with two answers to one question. */
static int once(const struct sealed *r, const char *name, bool is_new)
{
	return is_new ? 0 : sealed_bad(r, name, "is of something that comes twice");
}

static int position_read(struct sealed *r, void *into)
{
	struct journal_state *s = into;
	size_t                before = s->positions.count;
	str                   pipeline, key, at;

	TRY(sealed_text(r, "pipeline", &pipeline));
	TRY(sealed_text(r, "key", &key));
	TRY(sealed_text(r, "at", &at));
	state_put_position(s, pipeline, key, at);
	return once(r, "key", s->positions.count > before);
}

static int name_read(struct sealed *r, void *into)
{
	struct journal_state *s = into;
	size_t                before = s->names.count;
	str                   pipeline, name, table;

	TRY(sealed_text(r, "pipeline", &pipeline));
	TRY(sealed_text(r, "name", &name));
	TRY(sealed_text(r, "table", &table));
	state_put_name(s, pipeline, name, table);
	return once(r, "name", s->names.count > before);
}

static int run_read(struct sealed *r, void *into)
{
	struct state_run run = {0};
	int64_t          seq;

	TRY(sealed_text(r, "pipeline", &run.pipeline));
	TRY(sealed_key(r, "key", &run.key));
	TRY(sealed_checksum(r, "checksum", &run.checksum));
	TRY(sealed_int(r, "count", &run.count));
	TRY(sealed_int(r, "bytes", &run.bytes));
	TRY(sealed_int(r, "seq", &seq));
	TRY(sealed_int(r, "time_us", &run.time_us));
	run.seq = (uint64_t)seq;
	state_put_run(into, &run);
	return 0;
}

static int table_read(struct sealed *r, void *into)
{
	struct journal_state *s = into;
	size_t                before = s->tables.count;
	struct state_table    t = {0};
	int64_t               last_seq, held_since;

	TRY(sealed_text(r, "space", &t.space));
	TRY(sealed_text(r, "name", &t.name));
	TRY(sealed_text(r, "uuid", &t.uuid));
	TRY(sealed_text(r, "schema", &t.schema));
	TRY(sealed_int(r, "last_seq", &last_seq));
	TRY(sealed_int(r, "rows", &t.rows));
	TRY(sealed_int(r, "files", &t.files));
	TRY(sealed_int(r, "held_rows", &t.held_rows));
	TRY(sealed_int(r, "held_since", &held_since));
	t.last_seq = (uint64_t)last_seq;
	t.held_since = (uint64_t)held_since;
	state_put_table(s, &t);
	return once(r, "name", s->tables.count > before);
}

static int forgotten_read(struct sealed *r, void *into)
{
	struct journal_state  *s = into;
	size_t                 before = s->forgotten.count;
	struct entry_forgotten f = {0};

	TRY(sealed_forgotten(r, &f));
	state_put_forgotten(s, &f);
	return once(r, "pipeline", s->forgotten.count > before);
}

static int raw_read(struct sealed *r, void *into)
{
	struct state_raw raw = {0};
	int64_t          seq;

	TRY(sealed_text(r, "pipeline", &raw.pipeline));
	TRY(sealed_key(r, "key", &raw.key));
	if (json_object_get(r->object, "checksum") != NULL)
		TRY(sealed_checksum(r, "checksum", &raw.checksum));
	TRY(sealed_int(r, "seq", &seq));
	TRY(sealed_int(r, "bytes", &raw.bytes));
	raw.seq = (uint64_t)seq;
	state_put_raw(into, &raw);
	return 0;
}

static int counts_read(struct sealed *r, void *into)
{
	struct journal_state *s = into;
	size_t                before = s->counts.count;
	struct entry_counts   c = {0};

	TRY(sealed_counts(r, &c));
	if (counts_are_signed(&c))
		return sealed_bad(r, "pipeline", "has a number below 0");
	return once(r, "pipeline", state_put_counts(s, &c) && s->counts.count > before);
}

static int head_read(struct sealed *r, const struct lake *l, struct journal_state *s)
{
	int64_t epoch, seq;
	str     kind, lake, entry;
	uint8_t hash[32];
	char    own[37];

	uuid_format(l->id, own);
	TRY(sealed_text(r, "kind", &kind));
	TRY(sealed_text(r, "lake", &lake));
	TRY(sealed_int(r, "epoch", &epoch));
	TRY(sealed_int(r, "seq", &seq));
	TRY(sealed_text(r, "entry", &entry));
	if (!str_eq(kind, STR("checkpoint")))
		return sealed_bad(r, "kind", "is not checkpoint");
	if (!str_eq(lake, str_of(own)))
		return sealed_bad(r, "lake", "is another lake");
	if (epoch < 1 || seq < epoch)
		return sealed_bad(r, "epoch", "does not go with \"seq\"");
	if (entry.len != 2 * sizeof(hash) || !hex_decode(entry, hash))
		return sealed_bad(r, "entry", "is not a hash");
	s->epoch = (uint64_t)epoch;
	s->head = (uint64_t)seq;
	memcpy(s->hash, entry.ptr, entry.len);
	return 0;
}

int checkpoint_parse(str text, const struct lake *l, struct journal_state *out, struct err *e)
{
	AUTO(journal_state) s = {0};
	AUTO(arena)         a = ARENA_INIT;
	struct sealed       r = {.arena = &a, .what = "checkpoint", .e = e};
	char                hash[65];
	json_error_t        at;
	str                 line;

	TRY(sealed_prove(text, &line, hash, e));
	{
		json_auto_t *doc = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &at);

		if (!json_is_object(doc))
			return err_set(e, ERR_CORRUPT, "its text is not a JSON object");
		r.object = doc;
		TRY(head_read(&r, l, &s));
		TRY(sealed_list(&r, "positions", position_read, &s));
		TRY(sealed_list(&r, "names", name_read, &s));
		TRY(sealed_list(&r, "runs", run_read, &s));
		TRY(sealed_list(&r, "tables", table_read, &s));
		TRY(sealed_list(&r, "counts", counts_read, &s));
		TRY(sealed_list(&r, "raw", raw_read, &s));
		TRY(sealed_list(&r, "forgotten", forgotten_read, &s));
		TRY(sealed_end(&r));
	}
	*out = s;
	s = (struct journal_state){0};
	return 0;
}
