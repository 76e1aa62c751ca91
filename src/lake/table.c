/* table.c - opening a table to write to it, and how far it has been brought.
 *
 * Two places say what a table is: the catalog, which readers see, and the journal, which is the truth
 * and may be ahead. Where they contradict each other nothing is guessed: it is an error that names the table.
 */
#include "lake/table.h"

#include <inttypes.h>

#include "base/mutant.h"
#include "codec/sha256.h"
#include "lake/lake_int.h"
#include "os/clock.h"

/* Equality with an id is how events are looked up by it: worth a filter in each file. */
static const char *const bloom_names[] = {"event_id"};

int metadata_load(struct lake *l, str space, str name, struct arena *a, struct catalog_table *at,
                  struct ice_metadata *out, struct err *e)
{
	TRY(catalog_load(l->catalog, space, name, a, at, e));
	if (ice_metadata_parse(at->metadata, out, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT ", " STR_FMT, STR_ARG(space), STR_ARG(name),
		               STR_ARG(at->metadata_path));
	return 0;
}

int uuid_check(const struct ice_metadata *m, str journaled, struct err *e)
{
	str uuid = ice_uuid_text(m);

	if (str_eq(uuid, journaled))
		return 0;
	return err_set(e, ERR_CORRUPT,
	               "its uuid is " STR_FMT ", the journal's is " STR_FMT ": another table has taken its name",
	               STR_ARG(uuid), STR_ARG(journaled));
}

/* The newest snapshot of this lake and lane among this one and its ancestors; 0 where they have been
 * expired down to others' snapshots. */
static int64_t own_from(const struct ice_metadata *m, const struct lake *l, str lane, struct ice_snapshot s)
{
	char   lake[37];
	size_t left = ice_snapshot_count(m);
	str    value;
	bool   is_there = true;

	uuid_format(l->id, lake);
	while (is_there && left-- > 0) {
		if (ice_summary(m, s.id, STR("tarn.lake"), &value) && str_eq(value, str_of(lake)) &&
		    ice_summary(m, s.id, STR("tarn.lane"), &value) && str_eq(value, lane))
			return s.id;
		is_there = false;
		for (size_t i = ice_snapshot_count(m); s.parent_id != 0 && !is_there && i-- > 0;) {
			struct ice_snapshot older;

			ice_snapshot_at(m, i, &older);
			is_there = older.id == s.parent_id;
			if (is_there)
				s = older;
		}
	}
	return 0;
}

static int64_t own_snapshot(const struct ice_metadata *m, const struct lake *l, str lane)
{
	struct ice_snapshot current;

	return ice_current_snapshot(m, &current) ? own_from(m, l, lane, current) : 0;
}

/* "5..9" -> 9 */
static bool range_end(str entries, uint64_t *out)
{
	size_t  dot = str_find(entries, '.', 0);
	int64_t end;

	if (!str_starts(str_from(entries, dot), STR("..")) || !str_to_i64(str_from(entries, dot + 2), &end) ||
	    end < 1)
		return false;
	*out = (uint64_t)end;
	return true;
}

uint64_t table_shown(const struct ice_metadata *m, const struct lake *l, str lane, const struct ice_snapshot *s)
{
	int64_t  own = own_from(m, l, lane, *s);
	uint64_t end;
	str      text;

	return own != 0 && ice_summary(m, own, STR("tarn.entries"), &text) && range_end(text, &end) ? end : 0;
}

uint64_t table_floor(const struct ice_metadata *m, const struct lake *l, str lane)
{
	size_t   count = ice_snapshot_count(m);
	uint64_t floor = count > 0 ? UINT64_MAX : 0;

	for (size_t i = 0; i < count; i++) {
		struct ice_snapshot s;
		uint64_t            end;

		ice_snapshot_at(m, i, &s);
		end = table_shown(m, l, lane, &s);
		floor = end < floor ? end : floor;
	}
	return floor;
}

int table_mark(const struct ice_metadata *m, const struct lake *l, str lane, uint64_t *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str         name = arena_format(&a, MARK_PROPERTY STR_FMT, STR_ARG(lane));
	int64_t     own = own_snapshot(m, l, lane), number = 0;
	uint64_t    seen = 0;
	str         text;

	if (ice_property(m, name, &text) && (!str_to_i64(text, &number) || number < 0))
		return err_set(e, ERR_CORRUPT,
		               "property " STR_FMT " is \"" STR_FMT "\", which is no entry of a journal",
		               STR_ARG(name), STR_ARG(str_head(text, 80)));
	if (own == 0) {
		*out = MUTANT == 8 ? 0 : (uint64_t)number;
		return 0;
	}
	if (!ice_summary(m, own, STR("tarn.entries"), &text) || !range_end(text, &seen) || seen != (uint64_t)number)
		return err_set(e, ERR_CORRUPT,
		               "property " STR_FMT " says that entries up to %" PRId64
		               " are applied, snapshot %" PRId64 " says \"" STR_FMT
		               "\": the table has been rolled back or its properties changed",
		               STR_ARG(name), number, own, STR_ARG(str_head(text, 80)));
	*out = (uint64_t)number;
	return 0;
}

static str table_location(const struct lake *l, struct arena *a, str space, str name)
{
	return lake_path(l, a, arena_format(a, STR_FMT "/" STR_FMT, STR_ARG(space), STR_ARG(name)));
}

void table_document(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh, struct ice_metadata *out)
{
	AUTO(arena) a = ARENA_INIT;
	char        lake[37];
	uint8_t     uuid[16];

	uuid_format(l->id, lake);
	clock_uuid4(l->clock, uuid);
	const struct ice_pair properties[] = {
		{STR("write.parquet.compression-codec"), STR("zstd")},
		{STR("write.metadata.metrics.default"), STR("truncate(16)")},
		{STR("write.metadata.delete-after-commit.enabled"), STR("true")}, /* these three: expire.c */
		{STR("write.metadata.previous-versions-max"), STR("100")},
		{STR("history.expire.min-snapshots-to-keep"), STR("100")},
		{STR("tarn.lake"), str_of(lake)},
		{arena_format(&a, MARK_PROPERTY STR_FMT, STR_ARG(lane)), STR("0")},
	};
	ice_metadata_new(&(struct ice_table_new){
		.uuid = uuid,
		.location = table_location(l, &a, space, name),
		.schema = fresh->schema,
		.transform = fresh->transform,
		.partition_by = fresh->time_id,
		.sorted_by = fresh->time_id,
		.properties = properties,
		.property_count = sizeof(properties) / sizeof(properties[0]),
		.now_ms = clock_now_us(l->clock) / 1000,
	}, out);
}

static void table_text(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh, struct buf *out)
{
	AUTO(ice_metadata) m = {0};

	table_document(l, lane, space, name, fresh, &m);
	ice_metadata_write(&m, out);
}

/* An empty table in the catalog. */
static int table_create(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh,
                        struct err *e)
{
	AUTO(buf) text = BUF(0);

	table_text(l, lane, space, name, fresh, &text);
	return catalog_create(l->catalog, space, name, buf_str(&text), e);
}

void tables_make(struct lake *l, str lane, str space, const struct table_want *wants, size_t count, const struct journal_state *state)
{
	AUTO(arena)            a = ARENA_INIT;
	struct catalog_change *changes = ARENA_ARRAY(&a, struct catalog_change, count);
	size_t                 unknown = 0;

	for (size_t i = 0; i < count; i++) {
		AUTO(buf) text = BUF(0);

		if (state_table(state, space, wants[i].name) != NULL)
			continue;
		table_text(l, lane, space, wants[i].name, wants[i].fresh, &text);
		changes[unknown++] = (struct catalog_change){
			.space = space, .table = wants[i].name, .metadata = arena_str(&a, buf_str(&text)),
		};
	}
	catalog_change_many(l->catalog, changes, unknown);
}

/* The newer of the catalog's schema and the journal's. */
static int read_schema(const struct ice_metadata *m, const struct state_table *known, struct schema *out,
                       struct err *e)
{
	AUTO(schema) here = {0};
	AUTO(schema) journal = {0};
	int32_t      last_id;

	TRY(ice_read_schema(m, -1, &here, e));
	if (known != NULL && known->schema.len > 0)
		TRY(ice_schema_parse(known->schema, &journal, e));
	last_id = here.last_id > journal.last_id ? here.last_id : journal.last_id;
	if (journal.count > here.count) {
		*out = journal;
		journal = (struct schema){0};
	} else {
		*out = here;
		here = (struct schema){0};
	}
	out->last_id = last_id; /* ids of either are taken */
	return 0;
}

static void choose_blooms(struct table *t)
{
	for (size_t i = 0; i < sizeof(bloom_names) / sizeof(bloom_names[0]); i++) {
		const struct field *f = schema_child(t->schema.root, str_of(bloom_names[i]));

		if (f != NULL && (f->type == TYPE_STRING || f->type == TYPE_UUID))
			t->bloom_ids[t->bloom_count++] = f->id;
	}
}

/* What the table is partitioned on; where it is not, the column of the name that a fresh one would
 * be sorted by: its id is this table's own. */
static int choose_time(struct table *t, const struct table_fresh *fresh, struct err *e)
{
	const struct field *f = NULL;

	if (t->spec.transform != ICE_NONE)
		f = schema_by_id(&t->schema, t->spec.source_id);
	else if (fresh != NULL && fresh->time_id != 0)
		f = schema_child(t->schema.root, schema_by_id(fresh->schema, fresh->time_id)->name);
	if (t->spec.transform != ICE_NONE &&
	    (f == NULL || f->type != TYPE_TIMESTAMPTZ || f->parent != t->schema.root))
		return err_set(e, ERR_UNSUPPORTED, "it is partitioned on a column that is not a time of its own");
	t->time_id = f != NULL && f->type == TYPE_TIMESTAMPTZ ? f->id : 0;
	return 0;
}

int table_shape(struct table *t, const struct lake *l, const struct ice_metadata *m, const struct table_fresh *fresh,
                const struct state_table *known, struct err *e)
{
	AUTO(schema)    here = {0};
	struct ice_spec spec;

	t->uuid = arena_str(&t->arena, ice_uuid_text(m));
	t->location = arena_str(&t->arena, ice_location(m));
	if (known != NULL)
		TRY(uuid_check(m, known->uuid, e));
	if (!str_eq(t->location, table_location(l, &t->arena, t->space, t->name)))
		return err_set(e, ERR_UNSUPPORTED, "it lies at " STR_FMT ", not in the lake at " STR_FMT
		               ": a lake that has been moved can be read and not written",
		               STR_ARG(str_head(t->location, 300)), STR_ARG(str_head(l->store->root, 300)));
	TRY(ice_spec(m, &spec, e));
	if (spec.transform == ICE_OTHER || spec.transform == ICE_IDENTITY)
		return err_set(e, ERR_UNSUPPORTED, "it is partitioned in a way that tarn does not write");
	t->spec = spec;
	t->spec.name = arena_str(&t->arena, spec.name);
	TRY(read_schema(m, known, &t->schema, e));
	t->schema_id = ice_current_schema_id(m);
	t->schema_published = t->schema.count;
	TRY(ice_read_schema(m, -1, &here, e));
	t->schema_applied = here.count;
	TRY(choose_time(t, fresh, e));
	choose_blooms(t);
	t->sort_order_id = t->time_id != 0 ? ice_sort_order_id(m) : 0;
	return 0;
}

static int load_or_create(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh,
                          const struct state_table *known, struct arena *a, struct ice_metadata *m,
                          struct err *e)
{
	struct catalog_table at;
	struct err           why = ERR_NONE;
	int                  got = metadata_load(l, space, name, a, &at, m, e), made;

	if (got == ERR_MISSING && known != NULL)
		return err_set(e, ERR_CORRUPT,
		               "the journal has committed rows to it, and the catalog does not know it");
	if (got != ERR_MISSING || fresh == NULL)
		return got;
	made = table_create(l, lane, space, name, fresh, &why);
	if (made != 0 && made != ERR_CONFLICT && made != ERR_IO && made != ERR_BUSY) {
		*e = why;
		return made;
	}
	/* That another made it first, or that nobody can say who did, is all one: what the catalog then holds is the
	 * table. Where it holds none, why it could not be made is what is wrong. */
	*e = ERR_NONE;
	got = metadata_load(l, space, name, a, &at, m, e);
	if (got == ERR_MISSING && made != 0) {
		*e = why;
		return made;
	}
	return got;
}

int table_open(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh,
               const struct journal_state *state, struct table **out, struct err *e)
{
	AUTO_PTR(table)           t = xcalloc(1, sizeof(*t));
	AUTO(arena)               a = ARENA_INIT;
	AUTO(ice_metadata)        m = {0};
	const struct state_table *known = state_table(state, space, name);

	t->space = arena_str(&t->arena, space);
	t->name = arena_str(&t->arena, name);
	if (load_or_create(l, lane, space, name, fresh, known, &a, &m, e) < 0 ||
	    table_shape(t, l, &m, fresh, known, e) < 0 || table_mark(&m, l, lane, &t->mark, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	*out = TAKE(t);
	return 0;
}

void table_close(struct table *t)
{
	if (t == NULL)
		return;
	schema_done(&t->schema);
	arena_done(&t->arena);
	free(t);
}

void table_published(struct table *t)
{
	if (t->schema.count > t->schema_applied)
		t->schema_id++; /* as the catalog will number it, unless someone else changes the schema too */
	t->schema_published = t->schema_applied = t->schema.count;
}

void table_held(struct table *t)
{
	t->schema_published = t->schema.count;
}

str table_held_schema(const struct table *t, struct arena *a)
{
	AUTO(buf) b = BUF(0);

	if (t->schema.count == t->schema_published)
		return (str){0};
	ice_schema_write(&t->schema, t->schema_id + 1, &b);
	return arena_str(a, buf_str(&b));
}
