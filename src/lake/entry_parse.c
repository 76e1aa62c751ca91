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

/* One object of the document being read, and what it is called in complaints. */
struct reader {
	const json_t         *object;
	size_t                seen; /* members asked for and found */
	struct journal_entry *entry;
	char                  what[32];
	struct err           *e;
};

static int bad(const struct reader *r, const char *name, const char *words)
{
	return err_set(r->e, ERR_CORRUPT, "%s: \"%s\" %s", r->what, name, words);
}

static const json_t *reader_get(struct reader *r, const char *name)
{
	const json_t *value = json_object_get(r->object, name);

	r->seen += value != NULL;
	return value;
}

static int read_text(struct reader *r, const char *name, str *out)
{
	const json_t *value = reader_get(r, name);

	if (!json_is_string(value))
		return bad(r, name, "is not a text");
	*out = arena_str(&r->entry->arena, str_make(json_string_value(value), json_string_length(value)));
	return 0;
}

static int read_int(struct reader *r, const char *name, int64_t *out)
{
	const json_t *value = reader_get(r, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return bad(r, name, "is not a number from 0 up");
	*out = json_integer_value(value);
	return 0;
}

static int read_key(struct reader *r, const char *name, str *out)
{
	TRY(read_text(r, name, out));
	return store_key_is_valid(*out) ? 0 : bad(r, name, "cannot be the key of an object");
}

static int read_checksum(struct reader *r, const char *name, str *out)
{
	uint8_t bytes[16];

	TRY(read_text(r, name, out));
	return out->len == 2 * sizeof(bytes) && hex_decode(*out, bytes) ? 0 : bad(r, name, "is not a checksum");
}

static int read_end(struct reader *r)
{
	if (json_object_size(r->object) == r->seen)
		return 0;
	return err_set(r->e, ERR_CORRUPT, "%s: it has a member that this version of tarn does not know", r->what);
}

/* Each object of an array member, whole. */
typedef int item_fn(struct reader *r, void *into);

static int read_list(struct reader *r, const char *name, item_fn *each, void *into)
{
	const json_t *list = reader_get(r, name);

	if (!json_is_array(list))
		return bad(r, name, "is not a list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct reader item = {.object = json_array_get(list, i), .entry = r->entry, .e = r->e};

		(void)snprintf(item.what, sizeof(item.what), "%s[%zu]", name, i);
		if (!json_is_object(item.object))
			return err_set(r->e, ERR_CORRUPT, "%s is not an object", item.what);
		TRY(each(&item, into));
		TRY(read_end(&item));
	}
	return 0;
}

static int position_read(struct reader *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_position p = {0};

	TRY(read_text(r, "pipeline", &p.pipeline));
	TRY(read_text(r, "key", &p.key));
	TRY(read_text(r, "from", &p.from));
	TRY(read_text(r, "to", &p.to));
	p.before = p.from; /* by I2 the same; state_add refuses the entry where it is not */
	*VEC_ADD(&j->positions) = p;
	return 0;
}

static int file_read(struct reader *r, void *into)
{
	struct entry_table *t = into;
	struct entry_file   f = {0};

	TRY(read_key(r, "key", &f.key));
	TRY(read_int(r, "bytes", &f.bytes));
	TRY(read_int(r, "rows", &f.rows));
	TRY(read_checksum(r, "checksum", &f.checksum));
	*VEC_ADD(&t->files) = f;
	return 0;
}

static int table_read(struct reader *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_table   *t = VEC_ADD(&j->tables);

	*t = (struct entry_table){0};
	TRY(read_text(r, "space", &t->space));
	TRY(read_text(r, "name", &t->name));
	TRY(read_text(r, "uuid", &t->uuid));
	if (json_object_get(r->object, "schema_id") != NULL)
		TRY(read_int(r, "schema_id", &t->schema_id));
	if (json_object_get(r->object, "schema") != NULL)
		TRY(read_text(r, "schema", &t->schema));
	TRY(read_key(r, "manifest", &t->manifest));
	TRY(read_int(r, "manifest_bytes", &t->manifest_bytes));
	TRY(read_checksum(r, "manifest_checksum", &t->manifest_checksum));
	TRY(read_list(r, "files", file_read, t));
	TRY(read_int(r, "rows", &t->rows));
	return read_int(r, "bytes", &t->bytes);
}

static int ids_read(struct reader *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_ids      run = {0};

	TRY(read_text(r, "pipeline", &run.pipeline));
	TRY(read_key(r, "key", &run.key));
	TRY(read_checksum(r, "checksum", &run.checksum));
	TRY(read_int(r, "count", &run.count));
	TRY(read_int(r, "bytes", &run.bytes));
	*VEC_ADD(&j->ids) = run;
	return 0;
}

static int name_read(struct reader *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_name     n = {0};

	TRY(read_text(r, "pipeline", &n.pipeline));
	TRY(read_text(r, "name", &n.name));
	TRY(read_text(r, "table", &n.table));
	*VEC_ADD(&j->names) = n;
	return 0;
}

static int counts_read(struct reader *r, void *into)
{
	struct journal_entry *j = into;
	struct entry_counts   c = {0};

	TRY(read_text(r, "pipeline", &c.pipeline));
	TRY(read_int(r, "records", &c.records));
	TRY(read_int(r, "rows", &c.rows));
	TRY(read_int(r, "duplicates", &c.duplicates));
	TRY(read_int(r, "conflicts", &c.conflicts));
	TRY(read_int(r, "quarantined", &c.quarantined));
	*VEC_ADD(&j->counts) = c;
	return 0;
}

static int read_number(struct reader *r, struct journal_entry *j)
{
	int64_t epoch, seq;

	TRY(read_int(r, "epoch", &epoch));
	TRY(read_int(r, "seq", &seq));
	if (epoch < 1 || seq < epoch || (j->kind == ENTRY_FENCE && epoch != seq))
		return bad(r, "epoch", "does not go with \"seq\"");
	j->epoch = (uint64_t)epoch;
	j->seq = (uint64_t)seq;
	return 0;
}

static int read_writer(struct reader *r, uint64_t *out)
{
	str     text;
	uint8_t bytes[8];

	TRY(read_text(r, "writer", &text));
	if (text.len != 2 * sizeof(bytes) || !hex_decode(text, bytes))
		return bad(r, "writer", "is not a number in hex");
	*out = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		*out = *out << 8 | bytes[i];
	return 0;
}

static int read_head(struct reader *r, const struct lake *l, struct journal_entry *j)
{
	str     kind, lake, previous, time;
	uint8_t hash[32];
	char    own[37];

	TRY(read_text(r, "kind", &kind));
	if (!str_eq(kind, STR("fence")) && !str_eq(kind, STR("commit")))
		return bad(r, "kind", "is neither fence nor commit");
	j->kind = str_eq(kind, STR("fence")) ? ENTRY_FENCE : ENTRY_COMMIT;
	TRY(read_text(r, "lake", &lake));
	uuid_format(l->id, own);
	if (!str_eq(lake, str_of(own)))
		return bad(r, "lake", "is another lake");
	TRY(read_number(r, j));
	TRY(read_writer(r, &j->writer));
	TRY(read_text(r, "previous", &previous));
	if (previous.len != 2 * sizeof(hash) || !hex_decode(previous, hash))
		return bad(r, "previous", "is not a hash");
	memcpy(j->previous, previous.ptr, previous.len);
	TRY(read_text(r, "time", &time));
	if (time_parse(time, false, 0, &j->time_us, NULL, &(bool){false}) != TIME_OK)
		return bad(r, "time", "is not a time");
	return 0;
}

static int entry_read(struct reader *r, const struct lake *l, struct journal_entry *j)
{
	TRY(read_head(r, l, j));
	TRY(read_list(r, "positions", position_read, j));
	TRY(read_list(r, "tables", table_read, j));
	TRY(read_list(r, "ids", ids_read, j));
	TRY(read_list(r, "names", name_read, j));
	TRY(read_list(r, "counts", counts_read, j));
	return read_end(r);
}

/* The first line, whose hash the second must give and nothing else. */
static int prove(str text, str *line, char hash[65], struct err *e)
{
	size_t end = str_find(text, '\n', 0);
	str    proof = str_from(text, end + 1);

	*line = str_head(text, end);
	sha256_hex(*line, hash);
	if (proof.len != strlen("sha256:") + 64 + 1 || !str_starts(proof, STR("sha256:")) ||
	    !str_ends(proof, STR("\n")))
		return err_set(e, ERR_CORRUPT,
		               "its second line is not the hash of the first: it is cut or not an entry");
	if (!str_eq(str_head(str_from(proof, strlen("sha256:")), 64), str_of(hash)))
		return err_set(e, ERR_CORRUPT, "its hash does not fit its text: it has been changed");
	return 0;
}

int entry_parse(str text, const struct lake *l, struct journal_entry *out, struct err *e)
{
	AUTO(journal_entry) j = {0};
	struct reader       r = {.entry = &j, .what = "entry", .e = e};
	json_error_t        at;
	str                 line;

	TRY(prove(text, &line, j.hash, e));
	{
		json_auto_t *doc = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &at);

		if (!json_is_object(doc))
			return err_set(e, ERR_CORRUPT, "its text is not a JSON object: %s",
			               doc ? "another value" : at.text);
		r.object = doc;
		TRY(entry_read(&r, l, &j));
	}
	*out = j;
	j = (struct journal_entry){0};
	return 0;
}
