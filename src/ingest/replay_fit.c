/* replay_fit.c - under a range some files of a table stay: what they hold must be readable by the columns that the table gets.
 *
 * Columns may come. Of those that are there none may go, be of another type, or be asked of every row: files that stay were written
 * without knowing of it. And while a replay is at work ingest may give the live table columns under ids that the staged one has given too.
 */
#include "ingest/replay_int.h"

void replay_path(const struct field *f, struct buf *out)
{
	if (f->parent->parent != NULL) {
		replay_path(f->parent, out);
		buf_byte(out, '.');
	}
	buf_add(out, f->name);
}

/* The table's columns as the catalog has them, and as the journal has: either may be ahead. Without a root where it has none. */
static int live_schemas(const struct replay *p, const struct state_table *known, str name, struct schema *catalog,
                        struct schema *journal, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;
	int                  got = catalog_load(p->lake->catalog, STR("events"), name, &a, &at, e);

	if (got == ERR_MISSING)
		*e = ERR_NONE;
	else if (got < 0)
		return got;
	else if (ice_metadata_parse(at.metadata, &m, e) < 0 || ice_read_schema(&m, -1, catalog, e) < 0)
		return err_add(e, "table events." STR_FMT, STR_ARG(name));
	return known != NULL && known->schema.len > 0 ? ice_schema_parse(known->schema, journal, e) : 0;
}

/* --- by the rules -------------------------------------------------------------------------- */

static int refuse(str table, const struct field *f, const char *why, struct err *e)
{
	AUTO(buf) path = BUF(0);

	replay_path(f, &path);
	return err_set(e, ERR_UNSUPPORTED, "table events." STR_FMT ": column " STR_FMT " (%s) %s: replay the whole table, without --from and "
	               "--to", STR_ARG(table), STR_ARG(buf_str(&path)), type_name(f->type), why);
}

static int fit_field(str table, const struct field *f, const struct schema *to, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(buf)           path = BUF(0);
	const struct field *same = schema_by_id(to, f->id), *other;

	if (same != NULL && same->type == f->type && str_eq(same->name, f->name) && same->required <= f->required)
		return 0;
	replay_path(f, &path);
	other = schema_find(to, buf_str(&path));
	if (other == NULL)
		return refuse(table, f, "would be gone, and files outside the range have it", e);
	if (other->type == f->type && other->required > f->required)
		return refuse(table, f, "would become required, and files outside the range may lack it", e);
	return refuse(table, f, arena_format(&a, "would be %s, and files outside the range stay as they are", type_name(other->type)).ptr, e);
}

static int fit_schema(str table, const struct schema *from, const struct schema *to, struct err *e)
{
	for (uint32_t i = 1; i < from->count; i++)
		TRY(fit_field(table, from->fields[i], to, e));
	for (uint32_t i = 1; from->count > 0 && i < to->count; i++)
		if (to->fields[i]->required && schema_by_id(from, to->fields[i]->id) == NULL)
			return refuse(table, to->fields[i], "would be required, and files outside the range lack it", e);
	return 0;
}

static int fit(const struct replay *p, const struct target *t, struct err *e)
{
	const struct state_table *known = state_table(&p->live, t->space, t->name);
	AUTO(schema)              catalog = {0};
	AUTO(schema)              journal = {0};

	TRY(live_schemas(p, known, t->name, &catalog, &journal, e));
	TRY(fit_schema(t->name, &catalog, &t->table->schema, e));
	return fit_schema(t->name, &journal, &t->table->schema, e);
}

int replay_fit(struct replay *p, struct err *e)
{
	for (; p->range.is_on && p->fitting < p->writer.targets.count; p->fitting++) {
		const struct target *t = p->writer.targets.at[p->fitting];

		/* one that the lane knows was seen when it was staged; what its live table got since is the switch's to look at */
		if (str_eq(t->space, STR("events")) && state_table(&p->writer.state, t->space, t->name) == NULL)
			TRY(fit(p, t, e));
	}
	return 0;
}

/* --- by what came meanwhile ---------------------------------------------------------------- */

static int clash(str table, const struct schema *live, const struct schema *staged, struct err *e)
{
	for (uint32_t i = 1; i < live->count; i++) {
		const struct field *f = live->fields[i], *mine = schema_by_id(staged, f->id), *parent;

		if (mine != NULL && mine->type == f->type && str_eq(mine->name, f->name))
			continue;
		parent = f->parent == live->root ? staged->root : schema_by_id(staged, f->parent->id);
		if (mine == NULL && parent != NULL && schema_child(parent, f->name) == NULL)
			continue;
		return err_set(e, ERR_CONFLICT, "table events." STR_FMT " got the column " STR_FMT " from what was taken meanwhile, which "
		               "contradicts a column that was built: nothing has been changed, and what was built is thrown away. Start "
		               "the replay again", STR_ARG(table), STR_ARG(f->name));
	}
	return 0;
}

int replay_clash(const struct replay *p, const struct state_table *known, const struct staged_table *s, struct err *e)
{
	AUTO(schema) staged = {0};
	AUTO(schema) catalog = {0};
	AUTO(schema) journal = {0};

	TRY(ice_schema_parse(s->schema, &staged, e));
	TRY(live_schemas(p, known, s->name, &catalog, &journal, e));
	TRY(clash(s->name, &catalog, &staged, e));
	return clash(s->name, &journal, &staged, e);
}
