/* Another engine, as allowed to change tables as tarn is: it rewrites a table's snapshot under its own name and forgets
 * all older ones, so that no snapshot of tarn's is left and only the property remembers the mark (F39, F46). */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "catalog/catalog.h"
#include "tests/sim/actors.h"
#include "tests/sim/depot.h"
#include "tests/sim/disk.h"
#include "tests/sim/ghost.h"

enum { REST_STEPS = 500 };

/* All that tarn does to tables only once in a while, it does at once. */
static void set_properties(json_t *doc, int64_t chance)
{
	json_t *properties = json_object_get(doc, "properties");

	(void)json_object_set_new(properties, "history.expire.min-snapshots-to-keep", json_string(chance & 1 ? "1" : "2"));
	(void)json_object_set_new(properties, "tarn.history.max-snapshots", json_string(chance & 2 ? "1" : "3"));
	(void)json_object_set_new(properties, "history.expire.max-snapshot-age-ms", json_string("0"));
	(void)json_object_set_new(properties, "commit.manifest.min-count-to-merge", json_string(chance & 4 ? "2" : "3"));
	(void)json_object_set_new(properties, "write.metadata.previous-versions-max", json_string(chance & 8 ? "1" : "3"));
}

/* The present snapshot again, under a new id, as if its files had been sorted. */
static char *rewritten(str text, int64_t id)
{
	json_error_t at;
	json_t      *doc = json_loadb(text.ptr, text.len, 0, &at);
	json_int_t   current = json_integer_value(json_object_get(doc, "current-snapshot-id"));
	json_t      *all = json_object_get(doc, "snapshots"), *s = NULL;
	json_int_t   sequence = json_integer_value(json_object_get(doc, "last-sequence-number")) + 1;
	char        *out = NULL;

	for (size_t i = 0; i < json_array_size(all); i++)
		if (json_integer_value(json_object_get(json_array_get(all, i), "snapshot-id")) == current)
			s = json_deep_copy(json_array_get(all, i));
	set_properties(doc, id);
	if (id & 32) {
		out = json_dumps(doc, JSON_COMPACT);
	} else if (s != NULL) {
		(void)json_object_set_new(s, "snapshot-id", json_integer(id));
		(void)json_object_set_new(s, "sequence-number", json_integer(sequence));
		(void)json_object_del(s, "parent-snapshot-id");
		(void)json_object_set_new(s, "summary", json_pack("{s:s}", "operation", "replace"));
		(void)json_object_set_new(doc, "snapshots", json_pack("[O]", s));
		(void)json_object_set_new(doc, "current-snapshot-id", json_integer(id));
		(void)json_object_set_new(doc, "last-sequence-number", json_integer(sequence));
		(void)json_object_set_new(doc, "refs", json_pack("{s:{s:I,s:s}}", "main", "snapshot-id", (json_int_t)id,
		                                                 "type", "branch"));
		(void)json_object_set_new(doc, "snapshot-log",
		                          json_pack("[{s:I,s:O}]", "snapshot-id", (json_int_t)id, "timestamp-ms",
		                                    json_object_get(s, "timestamp-ms")));
		out = json_dumps(doc, JSON_COMPACT);
	}
	json_decref(s);
	json_decref(doc);
	return out;
}

static int rewrite(struct task *t, struct catalog *c, unsigned table, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	struct catalog_table at;
	str                  space = table == QUARANTINE ? STR("tarn") : STR("events");
	str                  name = str_of(ghost_table_names[table]);
	int64_t              id = (int64_t)(clock_random_u64(&t->clock) >> 2) + 1;
	char                *text;
	int                  rc;

	TRY(catalog_load(c, space, name, &a, &at, e));
	text = rewritten(at.metadata, id);
	if (text == NULL)
		return 0;
	rc = catalog_swap(c, space, name, at.version, str_of(text), e);
	free(text);
	return rc;
}

static int live(struct task *t, struct err *e)
{
	struct world     *w = t->world;
	struct fs        *disk = w->kind == WORLD_FILES ? disk_client(w->disk, t, "/lake/") : NULL;
	AUTO_PTR(store)   s = NULL;
	AUTO_PTR(catalog) c = NULL;
	int               rc = 0;

	if (disk != NULL)
		rc = store_open_dir(disk, "/lake", &s, e);
	else
		s = depot_client(w->depot, t);
	if (rc == 0) {
		c = catalog_new_dir(s);
		rc = rewrite(t, c, (unsigned)(world_draw(w, t->number, t->life, 0x7AB) % GHOST_TABLES), e);
	}
	catalog_close(TAKE(c));
	store_close(TAKE(s));
	if (disk != NULL)
		disk_client_free(disk);
	return rc;
}

void maintainer_main(struct task *t)
{
	struct world *w = t->world;

	while (!w->is_calm && !w->is_over) {
		struct err e = ERR_NONE;
		int        rc = live(t, &e);

		(void)rc; /* it may lose a swap, or crash: what it leaves must not matter */
		if (w->is_calm || w->is_over)
			break;
		task_pause(t, world_draw(w, t->number, t->life, 0x7AC) % REST_STEPS);
		task_new_life(t);
	}
}
