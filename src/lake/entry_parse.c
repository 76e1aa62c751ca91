/* entry_parse.c - the text of a journal entry, believed only when it proves itself.
 *
 * Strict on purpose: a member that this version does not know may be one that it
 * must not pass over, so it is refused; so is a key that no store could hold.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "codec/sha256.h"
#include "codec/time.h"
#include "lake/journal.h"
#include "lake/sealed_int.h"

static int position_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_position p = {0};

	TRY(sealed_text(r, "pipeline", &p.pipeline));
	TRY(sealed_text(r, "key", &p.key));
	TRY(sealed_text(r, "from", &p.from));
	TRY(sealed_text(r, "to", &p.to));
	p.before = p.from; /* by I2 the same; state_add refuses the entry where it is not */
	*VEC_ADD(&j->positions) = p;
	return 0;
}

static int file_read(struct sealed *r, void *into)
{
	struct entry_table *t = into;
	struct entry_file   f = {0};

	TRY(sealed_key(r, "key", &f.key));
	TRY(sealed_int(r, "bytes", &f.bytes));
	TRY(sealed_int(r, "rows", &f.rows));
	TRY(sealed_checksum(r, "checksum", &f.checksum));
	*VEC_ADD(&t->files) = f;
	return 0;
}

static int removed_read(struct sealed *r, void *into)
{
	struct entry_table  *t = into;
	struct entry_removed f = {0};

	TRY(sealed_key(r, "key", &f.key));
	TRY(sealed_int(r, "rows", &f.rows));
	TRY(sealed_int(r, "bytes", &f.bytes));
	if (__builtin_add_overflow(t->removed_rows, f.rows, &t->removed_rows) ||
	    __builtin_add_overflow(t->removed_bytes, f.bytes, &t->removed_bytes))
		return sealed_bad(r, "rows", "is too large");
	t->removed_files++;
	*VEC_ADD(&t->removed) = f;
	return 0;
}

static int read_removed(struct sealed *r, const struct journal_entry *j, struct entry_table *t)
{
	int64_t through, files, rows, bytes;

	if (json_object_get(r->object, "removes") != NULL) {
		TRY(sealed_list(r, "removes", removed_read, t));
		if (t->removed.count == 0)
			return sealed_bad(r, "removes", "names no file");
	}
	if (json_object_get(r->object, "replaces_through") == NULL)
		return 0;
	TRY(sealed_int(r, "replaces_through", &through));
	TRY(sealed_int(r, "removed_files", &files));
	TRY(sealed_int(r, "removed_rows", &rows));
	TRY(sealed_int(r, "removed_bytes", &bytes));
	if (through == 0 || (uint64_t)through >= j->seq)
		return sealed_bad(r, "replaces_through", "is not an entry before this one");
	if (files < t->removed_files || rows < t->removed_rows || bytes < t->removed_bytes)
		return sealed_bad(r, "removes", "is more than is removed");
	t->replaces_through = (uint64_t)through;
	t->removed_files = files;
	t->removed_rows = rows;
	t->removed_bytes = bytes;
	return 0;
}

static int read_manifest(struct sealed *r, struct entry_table *t)
{
	if (json_object_get(r->object, "manifest") == NULL)
		return 0;
	TRY(sealed_key(r, "manifest", &t->manifest));
	TRY(sealed_int(r, "manifest_bytes", &t->manifest_bytes));
	return sealed_checksum(r, "manifest_checksum", &t->manifest_checksum);
}

static int table_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_table   *t = VEC_ADD(&j->tables);

	*t = (struct entry_table){0};
	TRY(sealed_text(r, "space", &t->space));
	TRY(sealed_text(r, "name", &t->name));
	TRY(sealed_text(r, "uuid", &t->uuid));
	if (json_object_get(r->object, "schema_id") != NULL)
		TRY(sealed_int(r, "schema_id", &t->schema_id));
	if (json_object_get(r->object, "schema") != NULL)
		TRY(sealed_text(r, "schema", &t->schema));
	if (json_object_get(r->object, "partition") != NULL)
		TRY(sealed_text(r, "partition", &t->partition));
	TRY(read_manifest(r, t));
	TRY(sealed_list(r, "files", file_read, t));
	TRY(sealed_int(r, "rows", &t->rows));
	TRY(sealed_int(r, "bytes", &t->bytes));
	TRY(read_removed(r, j, t));
	if (t->manifest.len == 0 && (t->files.count > 0 || (t->removed_files == 0 && t->replaces_through == 0)))
		return sealed_bad(r, "manifest", "is not there");
	if (json_object_get(r->object, "held_rows") == NULL)
		return 0;
	TRY(sealed_int(r, "held_rows", &t->held_rows));
	TRY(sealed_int(r, "held_since", &t->held_since));
	if (t->held_rows < 1 || (t->held_rows > t->rows && t->replaces_through == 0) || t->held_since < 1)
		return sealed_bad(r, "held_rows", "does not fit the files");
	return 0;
}

static int held_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_held     h = {0};

	TRY(sealed_text(r, "space", &h.space));
	TRY(sealed_text(r, "name", &h.name));
	TRY(sealed_text(r, "uuid", &h.uuid));
	if (json_object_get(r->object, "schema") != NULL)
		TRY(sealed_text(r, "schema", &h.schema));
	TRY(sealed_int(r, "rows", &h.rows));
	if (h.rows < 1)
		return sealed_bad(r, "rows", "is none");
	*VEC_ADD(&j->held) = h;
	return 0;
}

static int forgotten_read(struct sealed *r, void *into)
{
	struct journal_entry  *j = into;
	struct entry_forgotten f = {0};

	TRY(sealed_forgotten(r, &f));
	*VEC_ADD(&j->forgotten) = f;
	return 0;
}

static int raw_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_raw      w = {0};

	TRY(sealed_text(r, "pipeline", &w.pipeline));
	TRY(sealed_key(r, "key", &w.key));
	TRY(sealed_checksum(r, "checksum", &w.checksum));
	TRY(sealed_int(r, "bytes", &w.bytes));
	TRY(sealed_int(r, "records", &w.records));
	*VEC_ADD(&j->raws) = w;
	return 0;
}

/* Keys, as they come. */
struct keys {
	VEC_OF(str);
};

static void keys_done(struct keys *k)
{
	VEC_DONE(k);
}

AUTO_DEFINE(keys, keys_done)

static int replaced_read(struct sealed *r, void *into)
{
	struct keys *keys = into;
	str          key;

	TRY(sealed_key(r, "key", &key));
	*VEC_ADD(keys) = key;
	return 0;
}

static int read_replaced(struct sealed *r, struct entry_ids *run)
{
	AUTO(keys) keys = {0};

	TRY(sealed_list(r, "replaces", replaced_read, &keys));
	if (keys.count == 0)
		return sealed_bad(r, "replaces", "names no run");
	run->replaced = ARENA_ARRAY(r->arena, str, keys.count);
	memcpy(run->replaced, keys.at, keys.count * sizeof(*keys.at));
	run->replaced_count = keys.count;
	return 0;
}

static int ids_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_ids      run = {0};

	TRY(sealed_text(r, "pipeline", &run.pipeline));
	TRY(sealed_key(r, "key", &run.key));
	TRY(sealed_checksum(r, "checksum", &run.checksum));
	TRY(sealed_int(r, "count", &run.count));
	TRY(sealed_int(r, "bytes", &run.bytes));
	if (json_object_get(r->object, "replaces") != NULL)
		TRY(read_replaced(r, &run));
	*VEC_ADD(&j->ids) = run;
	return 0;
}

static int name_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_name     n = {0};

	TRY(sealed_text(r, "pipeline", &n.pipeline));
	TRY(sealed_text(r, "name", &n.name));
	TRY(sealed_text(r, "table", &n.table));
	*VEC_ADD(&j->names) = n;
	return 0;
}

static int counts_read(struct sealed *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_counts   c = {0};

	TRY(sealed_counts(r, &c));
	*VEC_ADD(&j->counts) = c;
	return 0;
}

static int read_number(struct sealed *r, struct journal_entry *j)
{
	int64_t epoch, seq;

	TRY(sealed_int(r, "epoch", &epoch));
	TRY(sealed_int(r, "seq", &seq));
	if (epoch < 1 || seq < epoch || (j->kind == ENTRY_FENCE && epoch != seq))
		return sealed_bad(r, "epoch", "does not go with \"seq\"");
	j->epoch = (uint64_t)epoch;
	j->seq = (uint64_t)seq;
	return 0;
}

static int read_writer(struct sealed *r, uint64_t *out)
{
	str     text;
	uint8_t bytes[8];

	TRY(sealed_text(r, "writer", &text));
	if (text.len != 2 * sizeof(bytes) || !hex_decode(text, bytes))
		return sealed_bad(r, "writer", "is not a number in hex");
	*out = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		*out = *out << 8 | bytes[i];
	return 0;
}

static int read_head(struct sealed *r, const struct lake *l, struct journal_entry *j)
{
	str     kind, lake, previous, time;
	uint8_t hash[32];
	char    own[37];

	TRY(sealed_text(r, "kind", &kind));
	if (!str_eq(kind, STR("fence")) && !str_eq(kind, STR("commit")))
		return sealed_bad(r, "kind", "is neither fence nor commit");
	j->kind = str_eq(kind, STR("fence")) ? ENTRY_FENCE : ENTRY_COMMIT;
	TRY(sealed_text(r, "lake", &lake));
	uuid_format(l->id, own);
	if (!str_eq(lake, str_of(own)))
		return sealed_bad(r, "lake", "is another lake");
	TRY(read_number(r, j));
	TRY(read_writer(r, &j->writer));
	TRY(sealed_text(r, "previous", &previous));
	if (previous.len != 2 * sizeof(hash) || !hex_decode(previous, hash))
		return sealed_bad(r, "previous", "is not a hash");
	memcpy(j->previous, previous.ptr, previous.len);
	TRY(sealed_text(r, "time", &time));
	if (time_parse(time, false, 0, &j->time_us, NULL, &(bool){false}) != TIME_OK)
		return sealed_bad(r, "time", "is not a time");
	return 0;
}

/* Only an entry that removes files takes back what was counted. */
static int check_counts(const struct sealed *r, const struct journal_entry *j)
{
	bool is_removing = false, is_signed = false;

	for (size_t i = 0; i < j->tables.count; i++)
		is_removing = is_removing || j->tables.at[i].removed_files > 0 || j->tables.at[i].replaces_through > 0;
	for (size_t i = 0; i < j->counts.count; i++)
		is_signed = is_signed || counts_are_signed(&j->counts.at[i]);
	if (is_signed && !is_removing)
		return sealed_bad(r, "counts", "has a number below 0, and no file is removed");
	return 0;
}

/* A lane's name is a piece of a key. */
static int read_switches(struct sealed *r, struct journal_entry *j)
{
	enum { LANE_MOST = 64 };

	TRY(sealed_key(r, "switches", &j->switches));
	if (j->kind != ENTRY_FENCE || j->switches.len > LANE_MOST || str_find(j->switches, '/', 0) < j->switches.len)
		return sealed_bad(r, "switches", "is not a fence for a lane");
	return 0;
}

static int entry_read(struct sealed *r, const struct lake *l, struct journal_entry *j)
{
	TRY(read_head(r, l, j));
	TRY(sealed_list(r, "positions", position_read, j));
	TRY(sealed_list(r, "tables", table_read, j));
	TRY(sealed_list(r, "ids", ids_read, j));
	TRY(sealed_list(r, "names", name_read, j));
	TRY(sealed_list(r, "counts", counts_read, j));
	TRY(check_counts(r, j));
	if (json_object_get(r->object, "raw") != NULL)
		TRY(sealed_list(r, "raw", raw_read, j));
	if (json_object_get(r->object, "held") != NULL)
		TRY(sealed_list(r, "held", held_read, j));
	if (json_object_get(r->object, "forgotten") != NULL)
		TRY(sealed_list(r, "forgotten", forgotten_read, j));
	if (json_object_get(r->object, "switches") != NULL)
		TRY(read_switches(r, j));
	return sealed_end(r);
}

int entry_parse(str text, const struct lake *l, struct journal_entry *out, struct err *e)
{
	AUTO(journal_entry) j = {0};
	struct sealed       r = {.arena = &j.arena, .what = "entry", .e = e};
	json_error_t        at;
	str                 line;

	TRY(sealed_prove(text, &line, j.hash, e));
	{
		json_auto_t *doc = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &at);

		if (!json_is_object(doc))
			return err_set(e, ERR_CORRUPT, "its text is not a JSON object: %s",
			               doc ? "another value" : at.text);
		r.object = doc;
		TRY(entry_read(&r, l, &j));
	}
	j.bytes = (int64_t)text.len;
	*out = j;
	j = (struct journal_entry){0};
	return 0;
}
