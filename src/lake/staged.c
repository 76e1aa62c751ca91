/* staged.c - what a lane has staged, listed for good, and what is left of a lane that is over.
 *
 * Data files stay where they are; the manifests of the lane's entries become one. So nothing leads to those any more once the entry that
 * names the new one is committed, and they go with the lane's journal, which goes last: whoever is interrupted finds what is left to do. Where
 * only the answer to the last removal is lost there is nothing left to find, so removals are asked again until they are sure.
 * What stays is said by lane 0 alone, for it is there as long as the lake.
 */
#include <inttypes.h>

#include "lake/apply_int.h"
#include "lake/stage.h"

enum { SEQ_DIGITS = 20 };

#define LANE_PREFIX STR("_tarn/journal/r") /* of the lanes that replays stage in */

/* --- loading ------------------------------------------------------------------------------- */

void staged_done(struct staged *s)
{
	for (size_t i = 0; i < s->tables.count; i++) {
		VEC_DONE(&s->tables.at[i].files);
		VEC_DONE(&s->tables.at[i].manifests);
	}
	VEC_DONE(&s->tables);
	VEC_DONE(&s->names);
	arena_done(&s->arena);
}

static struct staged_table *table_of(struct staged *s, str space, str name)
{
	for (size_t i = 0; i < s->tables.count; i++)
		if (str_eq(s->tables.at[i].name, name) && str_eq(s->tables.at[i].space, space))
			return &s->tables.at[i];
	*VEC_ADD(&s->tables) = (struct staged_table){.space = arena_str(&s->arena, space), .name = arena_str(&s->arena, name)};
	return &s->tables.at[s->tables.count - 1];
}

static void take_table(struct staged *s, const struct entry_table *from, uint64_t seq)
{
	struct staged_table *t = table_of(s, from->space, from->name);
	struct arena        *a = &s->arena;

	if (from->schema.len > 0)
		t->schema = arena_str(a, from->schema);
	t->partition = arena_str(a, from->partition);
	t->rows += from->rows;
	t->bytes += from->bytes;
	*VEC_ADD(&t->manifests) = (struct staged_manifest){
		arena_str(a, from->manifest), arena_str(a, from->manifest_checksum), from->manifest_bytes, seq,
	};
	for (size_t i = 0; i < from->files.count; i++) {
		const struct entry_file *f = &from->files.at[i];

		*VEC_ADD(&t->files) = (struct entry_file){arena_str(a, f->key), f->bytes, f->rows, arena_str(a, f->checksum)};
	}
}

static int take_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct staged *s = context;
	struct arena  *a = &s->arena;

	(void)e;
	s->head = j->seq;
	for (size_t i = 0; i < j->tables.count; i++)
		take_table(s, &j->tables.at[i], j->seq);
	for (size_t i = 0; i < j->names.count; i++) {
		const struct entry_name *n = &j->names.at[i];

		*VEC_ADD(&s->names) = (struct entry_name){arena_str(a, n->pipeline), arena_str(a, n->name), arena_str(a, n->table)};
	}
	return 0;
}

int staged_load(struct lake *l, str lane, struct staged *out, struct err *e)
{
	*out = (struct staged){0};
	return journal_walk(l, lane, 1, take_entry, out, e);
}

/* --- listing ------------------------------------------------------------------------------- */

/* A live table, made where it is not there yet, and the columns that it gets. */
static int open_live(struct lake *l, const struct staged_table *s, const struct schema *schema, struct table **out, struct err *e)
{
	struct table_fresh fresh = {.schema = schema};

	TRY(partition_read(s->partition, schema, &fresh.transform, &fresh.time_id, e));
	return table_open(l, STR("0"), s->space, s->name, &fresh, NULL, out, e);
}

static int read_files(struct lake *l, const struct staged_table *s, const struct ice_spec *spec, struct arena *a,
                      struct ice_files *out, struct err *e)
{
	for (size_t i = 0; i < s->manifests.count; i++) {
		const struct staged_manifest *m = &s->manifests.at[i];
		AUTO(buf)                     bytes = BUF(MANIFEST_BYTES);
		struct ice_manifest           of = {.path = lake_path(l, a, m->key), .spec_id = spec->id};
		struct ice_file              *files;
		char                          checksum[33];
		size_t                        count;

		TRY(store_get(l->store, m->key, 0, 0, &bytes, e));
		lake_checksum(buf_str(&bytes), checksum);
		if (!str_eq(m->checksum, str_of(checksum)))
			return err_set(e, ERR_CORRUPT, "manifest " STR_FMT " is not what entry %" PRIu64 " of its lane committed",
			               STR_ARG(m->key), m->seq);
		TRY(ice_manifest_read(buf_str(&bytes), &of, a, &files, &count, e));
		for (size_t k = 0; k < count; k++)
			*VEC_ADD(out) = files[k];
	}
	if (out->count != s->files.count)
		return err_set(e, ERR_CORRUPT, "the manifests of the staged table list %zu files, its entries %zu", out->count,
		               s->files.count);
	return 0;
}

static void entry_fill(struct entry_table *to, const struct staged_table *s, struct arena *a)
{
	to->rows = s->rows;
	to->bytes = s->bytes;
	for (size_t i = 0; i < s->files.count; i++) {
		const struct entry_file *f = &s->files.at[i];

		*VEC_ADD(&to->files) = (struct entry_file){arena_str(a, f->key), f->bytes, f->rows, arena_str(a, f->checksum)};
	}
}

static int manifest_put(struct lake *l, const struct staged_table *s, const struct schema *schema, int64_t schema_id,
                        const struct ice_spec *spec, str origin, struct entry_table *to, struct arena *a, struct err *e)
{
	AUTO(arena)     scratch = ARENA_INIT;
	AUTO(ice_files) files = {0};
	AUTO(buf)       bytes = BUF(MANIFEST_BYTES);
	char            checksum[33];

	TRY(read_files(l, s, spec, &scratch, &files, e));
	TRY(ice_manifest_write(schema, schema_id, spec, files.at, files.count, &bytes, e));
	lake_checksum(buf_str(&bytes), checksum);
	to->manifest = lake_metadata_key(a, s->space, s->name, arena_format(a, STR_FMT "-m0.avro", STR_ARG(origin)));
	to->manifest_bytes = (int64_t)bytes.len;
	to->manifest_checksum = arena_str(a, str_of(checksum));
	return store_put_sure(l->store, to->manifest, buf_str(&bytes), e);
}

static int list(struct lake *l, const struct staged_table *s, str origin, struct journal_entry *entry, struct err *e)
{
	AUTO(arena)          scratch = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(schema)         schema = {0};
	AUTO_PTR(table)      live = NULL;
	struct catalog_table at;
	struct ice_spec      spec;
	struct entry_table  *to;
	bool                 is_other;

	TRY(ice_schema_parse(s->schema, &schema, e));
	TRY(open_live(l, s, &schema, &live, e));
	TRY(metadata_load(l, s->space, s->name, &scratch, &at, &m, e));
	TRY(partition_spec(s->partition, &m, &scratch, &spec, e));
	to = VEC_ADD(&entry->tables);
	*to = (struct entry_table){
		.space = arena_str(&entry->arena, s->space),
		.name = arena_str(&entry->arena, s->name),
		.uuid = arena_str(&entry->arena, live->uuid),
	};
	is_other = !schema_equal(&schema, &live->schema);
	if (is_other) {
		AUTO(buf) text = BUF(0);

		ice_schema_write(&schema, live->schema_id + 1, &text);
		to->schema = arena_str(&entry->arena, buf_str(&text));
	}
	if (spec.id != live->spec.id)
		to->partition = arena_str(&entry->arena, s->partition);
	entry_fill(to, s, &entry->arena);
	return manifest_put(l, s, &schema, live->schema_id + is_other, &spec, origin, to, &entry->arena, e);
}

int staged_list(struct lake *l, const struct staged_table *s, const struct origin *o, uint64_t number, struct journal_entry *entry,
                struct err *e)
{
	if (list(l, s, lake_origin(&entry->arena, o, number), entry, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT, STR_ARG(s->space), STR_ARG(s->name));
	return 0;
}

/* --- removing ------------------------------------------------------------------------------ */

struct keys {
	VEC_OF(str);
	struct arena arena;
};

static void keys_done(struct keys *k)
{
	VEC_DONE(k);
	arena_done(&k->arena);
}

AUTO_DEFINE(keys, keys_done)

static int note_key(void *context, str key, uint64_t size, struct err *e)
{
	struct keys *k = context;

	(void)size, (void)e;
	*VEC_ADD(k) = arena_str(&k->arena, key);
	return 0;
}

struct leftovers {
	str          lane;
	struct map   kept; /* keys of files that tables have */
	struct keys *found;
};

static int keep_files(struct lake *l, uint64_t switched_by, struct map *out, struct err *e)
{
	AUTO(journal_entry) j = {0};

	TRY(journal_read(l, STR("0"), switched_by, &j, e));
	for (size_t i = 0; i < j.tables.count; i++)
		for (size_t k = 0; k < j.tables.at[i].files.count; k++)
			(void)map_put(out, j.tables.at[i].files.at[k].key);
	return 0;
}

/* Whatever was written for the lane, named by an entry of it or not: who was killed had not named it yet. */
static int note_leftover(void *context, str key, uint64_t size, struct err *e)
{
	struct leftovers *s = context;
	uint64_t          seq;

	if (lake_origin_seq(lake_name(key), s->lane, &seq) && map_get(&s->kept, key) == NULL)
		return note_key(s->found, key, size, e);
	return 0;
}

static int find_leftovers(struct lake *l, str lane, uint64_t switched_by, struct keys *out, struct err *e)
{
	AUTO(map)        kept = {0};
	struct leftovers s = {.lane = lane, .found = out};
	int              listed;

	if (switched_by > 0)
		TRY(keep_files(l, switched_by, &kept, e));
	s.kept = kept;
	listed = store_list(l->store, STR("events/"), STR(""), note_leftover, &s, e);
	return listed < 0 ? listed : store_list(l->store, STR("tarn/"), STR(""), note_leftover, &s, e);
}

int staged_remove(struct lake *l, str lane, uint64_t switched_by, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(keys)  objects = {0};
	AUTO(keys)  entries = {0};
	str         entry = lake_journal_key(&a, lane, 1), checkpoint = lake_checkpoint_key(&a, lane, 1);

	TRY(find_leftovers(l, lane, switched_by, &objects, e));
	TRY(store_list(l->store, str_head(checkpoint, checkpoint.len - SEQ_DIGITS), STR(""), note_key, &objects, e));
	TRY(store_list(l->store, str_head(entry, entry.len - SEQ_DIGITS), STR(""), note_key, &entries, e));
	for (size_t i = 0; i < objects.count; i++)
		TRY(store_remove_sure(l->store, objects.at[i], e));
	for (size_t i = entries.count; i-- > 0;)
		TRY(store_remove_sure(l->store, entries.at[i], e));
	return 0;
}

struct lanes {
	VEC_OF(str);
	struct arena *arena;
};

static int note_lane(void *context, str key, uint64_t size, struct err *e)
{
	struct lanes *s = context;
	str           rest = str_from(key, LANE_PREFIX.len - 1);
	str           lane = str_head(rest, str_find(rest, '/', 0));

	(void)size, (void)e;
	if (s->count == 0 || !str_eq(s->at[s->count - 1], lane)) /* in order of keys: equal ones are neighbours */
		*VEC_ADD(s) = arena_str(s->arena, lane);
	return 0;
}

int staged_lanes(struct lake *l, struct arena *a, str **out, size_t *count, struct err *e)
{
	struct lanes s = {.arena = a};
	int          listed = store_list(l->store, LANE_PREFIX, STR(""), note_lane, &s, e);

	*out = ARENA_ARRAY(a, str, s.count + 1);
	if (s.count > 0)
		memcpy(*out, s.at, s.count * sizeof(*s.at));
	*count = s.count;
	VEC_DONE(&s);
	return listed;
}
