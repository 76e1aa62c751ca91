/* Tables as readers see them, against the journal. */
#include <inttypes.h>

#include "lake/scan.h"
#include "lake/table.h"
#include "tests/sim/depot.h"
#include "tests/sim/disk.h"
#include "tests/sim/ghost_int.h"

bool ghost_see_lake(struct ghost *g)
{
	struct world *w = g->world;
	struct err    e = ERR_NONE;
	struct store *eye = NULL;
	uint64_t      size;

	if (g->lake != NULL)
		return true;
	if (w->kind == WORLD_STORE) {
		eye = depot_client(w->depot, NULL);
		if (store_size(eye, STR("_tarn/lake.json"), &size, &e) < 0) {
			store_close(eye);
			return false;
		}
	} else {
		struct fs_stat st;

		g->eye_fs = disk_client(w->disk, NULL, NULL);
		if (fs_stat(g->eye_fs, "/lake/_tarn/lake.json", &st, &e) < 0 ||
		    store_open_dir(g->eye_fs, "/lake", &eye, &e) < 0) {
			disk_client_free(TAKE(g->eye_fs));
			return false;
		}
	}
	g->eye = eye;
	if (lake_open(eye, catalog_new_dir(eye), &w->tasks[0].clock, false, &g->lake, &e) < 0)
		world_violate(w, "I6: the identity of the lake cannot be read: %s", e.text);
	return g->lake != NULL;
}

int ghost_table_of(str space, str name)
{
	for (int i = 0; i < GHOST_TABLES; i++)
		if (str_eq(name, str_of(ghost_table_names[i])) &&
		    str_eq(space, i == QUARANTINE ? STR("tarn") : STR("events")))
			return i;
	return -1;
}

bool ghost_check_object(struct ghost *g, uint64_t seq, str key, int64_t bytes, str checksum)
{
	AUTO(buf)  body = BUF(0);
	struct err e = ERR_NONE;
	char       got[33];

	if (store_get(g->eye, key, 0, 0, &body, &e) < 0) {
		world_violate(g->world, "I8: entry %" PRIu64 " names " STR_FMT ": %s", seq, STR_ARG(key), e.text);
		return false;
	}
	lake_checksum(buf_str(&body), got);
	if ((int64_t)body.len != bytes || !str_eq(checksum, str_of(got))) {
		world_violate(g->world, "I8: entry %" PRIu64 " names " STR_FMT ", which is not what it was", seq,
		              STR_ARG(key));
		return false;
	}
	return true;
}

/* Files of the entries up to the mark, less those that they removed: key -> 1. */
static size_t expect(const struct ghost *g, unsigned table, uint64_t mark, struct map *out)
{
	size_t count = 0;

	for (uint64_t i = 0; i < mark; i++) {
		for (size_t k = 0; k < g->entries.at[i].files[table].count; k++) {
			map_put(out, g->entries.at[i].files[table].at[k])->num = 1;
			count++;
		}
		for (size_t k = 0; table == QUARANTINE && k < g->entries.at[i].removed.count; k++) {
			map_remove(out, g->entries.at[i].removed.at[k]);
			count--;
		}
	}
	return count;
}

static void check_files(struct ghost *g, unsigned table, const struct scan *s, uint64_t mark)
{
	AUTO(map) wanted = {0};
	size_t    count = expect(g, table, mark, &wanted);

	for (size_t i = 0; i < s->file_count; i++) {
		struct map_item *item = NULL;
		str              key;

		if (lake_key(g->lake, s->files[i].path, &key))
			item = map_get(&wanted, key);
		if (item == NULL)
			world_violate(g->world, "I9: table %s at entry %" PRIu64 " holds " STR_FMT ", which no entry up to it names",
			              ghost_table_names[table], mark, STR_ARG(s->files[i].path));
		else if (item->num++ != 1)
			world_violate(g->world, "I5: table %s holds " STR_FMT " twice", ghost_table_names[table],
			              STR_ARG(s->files[i].path));
	}
	if (s->file_count < count)
		world_violate(g->world, "I9: table %s at entry %" PRIu64 " holds %zu files of %zu", ghost_table_names[table],
		              mark, s->file_count, count);
}

void ghost_check_table(struct ghost *g, unsigned table)
{
	AUTO(scan)        s = {0};
	struct scan_range all = {0};
	struct err        e = ERR_NONE;
	str               text;
	int64_t           mark = 0;
	int rc = lake_scan(g->lake, table == QUARANTINE ? STR("tarn") : STR("events"), str_of(ghost_table_names[table]),
	                   &all, &s, &e);

	if (rc == ERR_MISSING && g->tables[table].mark == 0)
		return;
	if (rc < 0) {
		world_violate(g->world, "I9: table %s cannot be read: %s", ghost_table_names[table], e.text);
		return;
	}
	if (ice_property(&s.metadata, STR("tarn.applied.0"), &text) && !str_to_i64(text, &mark))
		world_violate(g->world, "I6: the mark of table %s is " STR_FMT, ghost_table_names[table], STR_ARG(text));
	if ((uint64_t)mark < g->tables[table].mark)
		world_violate(g->world, "I6: the mark of table %s fell from %" PRIu64 " to %" PRId64, ghost_table_names[table],
		              g->tables[table].mark, mark);
	else if ((uint64_t)mark > g->entries.count)
		world_violate(g->world, "I9: table %s is at entry %" PRId64 ", the journal ends at %zu",
		              ghost_table_names[table], mark, g->entries.count);
	else
		check_files(g, table, &s, (uint64_t)mark);
	g->tables[table].mark = (uint64_t)mark;
}
