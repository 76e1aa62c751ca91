/* The records of a world: a few files of lines, with repeats, conflicts and nonsense among them. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/sim/disk.h"
#include "tests/sim/ghost_int.h"

enum { RECORDS_A_FILE = 24, SMALL_RECORDS = 9, SMALL_RUN_BYTES = 250, BATCHES = 5 };

/* A golden run is to see runs of ids become one, for which they must have left the window. */
#define SMALL_WINDOW_US INT64_C(1000)

#define EPOCH_2015_MS INT64_C(1420070400000)
#define FAR_US        INT64_C(100000000000000000)

const char *const ghost_table_names[GHOST_TABLES] = {"push", "watch", "fork", "quarantine"};

static uint64_t draw(const struct ghost *g, uint64_t a, uint64_t b)
{
	return world_draw(g->world, a, b, 0xEC0);
}

/* --- the pipelines ---------------------------------------------------------------------------- */

static struct path path_of(struct ghost *g, const char *text)
{
	struct path p = {0};
	struct err  e = ERR_NONE;
	int         rc = path_parse(str_of(text), &g->arena, &p, &e);

	assert(rc == 0);
	return p;
}

static void pipeline_make(struct ghost *g, unsigned number)
{
	static const enum ice_transform transforms[] = {ICE_HOUR, ICE_DAY, ICE_NONE};
	struct ghost_pipeline          *p = &g->pipelines[number];

	p->glob = arena_format(&g->arena, "/in/p%u-*.json", number);
	p->conf = (struct pipeline){
		.name = arena_format(&g->arena, "p%u", number),
		.source = {
			.globs = &p->glob,
			.glob_count = 1,
			.format = FORMAT_JSON,
			.record_limit = 4096,
			.run_bytes = g->world->is_small ? SMALL_RUN_BYTES : 100 + draw(g, number, 1) % 1200,
		},
		.raw = g->world->is_small || draw(g, number, 5) % 3 ? RAW_ON : RAW_OFF,
		.id = {.kind = ID_PATH, .path_count = 1, .paths = {path_of(g, "id")}},
		.name_count = 1,
		.names = {{.kind = NAME_PATH, .path_count = 1, .paths = {path_of(g, "type")}}},
		.time = {.path = path_of(g, "time"), .has_unit = true, .unit = TIME_MS},
		.window_us = g->world->is_small ? SMALL_WINDOW_US : draw(g, number, 2) % 3 ? INT64_C(7) * 86400 * 1000000 : INT64_C(1000000),
		.on_conflict = draw(g, number, 3) % 2 ? CONFLICT_QUARANTINE : CONFLICT_KEEP_FIRST,
		.table = STR("{event_name}"),
		.partition = transforms[draw(g, number, 4) % 3],
		.limits = LIMITS,
	};
	p->conf.limits.time_floor_us = -FAR_US; /* the clock may stand anywhere: no outcome may depend on it */
	p->conf.limits.time_ahead_us = FAR_US;
}

struct pipeline *ghost_pipelines(struct world *w, size_t *count)
{
	struct pipeline *all = ARENA_ARRAY(&w->ghost->arena, struct pipeline, w->ghost->pipeline_count);

	*count = w->ghost->pipeline_count;
	for (size_t i = 0; i < *count; i++)
		all[i] = w->ghost->pipelines[i].conf;
	return all;
}

/* --- the lines -------------------------------------------------------------------------------- */

static str line_fresh(struct ghost *g, unsigned pipeline, uint32_t id, uint8_t table, uint64_t chance)
{
	int64_t     time_ms = EPOCH_2015_MS + (int64_t)(chance % 5) * 3600000 + (int64_t)(chance >> 8) % 3000000;
	const char *name = ghost_table_names[table];

	if (chance % 7 == 0) /* a member that comes later becomes a column */
		return arena_format(&g->arena, "{\"id\":\"p%u-i%u\",\"type\":\"%s\",\"time\":%" PRId64 ",\"n\":%u,\"m%u\":%u}\n",
		                    pipeline, id, name, time_ms, id, (unsigned)(chance >> 20) % 3, id);
	return arena_format(&g->arena, "{\"id\":\"p%u-i%u\",\"type\":\"%s\",\"time\":%" PRId64 ",\"n\":%u}\n", pipeline,
	                    id, name, time_ms, id);
}

static str line_other_payload(struct ghost *g, str line, unsigned number)
{
	size_t n = line.len - 2;

	while (line.ptr[n] != ':')
		n--;
	return arena_format(&g->arena, STR_FMT "9%u}\n", STR_ARG(str_head(line, n + 1)), number);
}

static void record_add(struct ghost_file *f, enum record_kind kind, uint32_t id, str line)
{
	buf_add(&f->text, line);
	*VEC_ADD(&f->records) = (struct ghost_record){kind, id, f->text.len};
}

/* An id of this file, which is so sure to have come before; UINT32_MAX where there is none. */
static uint32_t id_of_file(const struct ghost *g, const struct ghost_file *f, uint64_t chance)
{
	const struct ghost_pipeline *p = &g->pipelines[f->pipeline];

	for (size_t i = 0; i < p->ids.count; i++) {
		size_t at = (i + chance) % p->ids.count;

		if (&g->files[p->ids.at[at].file] == f)
			return (uint32_t)at;
	}
	return UINT32_MAX;
}

/* Repeats may come before their first in time, from another file: they are the same to the byte. An id with another
 * payload stays within one file, so that which comes first is sure. */
static void line_add(struct ghost *g, size_t file, uint64_t chance)
{
	struct ghost_file     *f = &g->files[file];
	struct ghost_pipeline *p = &g->pipelines[f->pipeline];
	unsigned               kind = (unsigned)(chance % 16);
	uint32_t               known = p->ids.count ? (uint32_t)(chance >> 8) % (uint32_t)p->ids.count : UINT32_MAX;
	uint32_t               own = id_of_file(g, f, chance >> 8);

	if (f->records.count == 0)
		kind = 15; /* the first line says how the file is framed */
	if (kind < 4 && known != UINT32_MAX) {
		record_add(f, RECORD_REPEAT, known, p->ids.at[known].line);
	} else if (kind == 4 && own != UINT32_MAX) {
		record_add(f, RECORD_OTHER_PAYLOAD, own,
		           line_other_payload(g, p->ids.at[own].line, (unsigned)f->records.count));
	} else if (kind == 5) {
		record_add(f, RECORD_BAD, 0, STR("{\"id\":\"nonsense\",\n"));
	} else {
		uint32_t id = (uint32_t)p->ids.count;
		uint8_t  table = (uint8_t)((chance >> 16) % NAME_COUNT);
		str      line = line_fresh(g, f->pipeline, id, table, chance >> 24);

		*VEC_ADD(&p->ids) = (struct ghost_id){.table = table, .file = (uint8_t)file, .line = line};
		record_add(f, RECORD_FRESH, id, line);
	}
}

/* A repeat of an id that has another payload somewhere would make what is first depend on the order of files. */
static bool is_safe(const struct ghost *g, const struct ghost_file *f, const struct ghost_record *r)
{
	if (r->kind == RECORD_REPEAT && &g->files[g->pipelines[f->pipeline].ids.at[r->id].file] != f) {
		for (size_t i = 0; i < g->file_count; i++)
			for (size_t k = 0; k < g->files[i].records.count; k++) {
				const struct ghost_record *other = &g->files[i].records.at[k];

				if (g->files[i].pipeline == f->pipeline && other->kind == RECORD_OTHER_PAYLOAD &&
				    other->id == r->id)
					return false;
			}
	}
	if (r->kind == RECORD_OTHER_PAYLOAD) {
		for (size_t i = 0; i < g->file_count; i++)
			for (size_t k = 0; k < g->files[i].records.count; k++) {
				const struct ghost_record *other = &g->files[i].records.at[k];

				if (&g->files[i] != f && g->files[i].pipeline == f->pipeline &&
				    other->kind == RECORD_REPEAT && other->id == r->id)
					return false;
			}
	}
	return true;
}

void records_make(struct ghost *g)
{
	bool   is_small = g->world->is_small;
	size_t lines = is_small ? SMALL_RECORDS : RECORDS_A_FILE;

	g->pipeline_count = is_small ? 1 : 1 + draw(g, 1, 0) % PIPELINES_MAX;
	g->file_count = is_small ? 2 : g->pipeline_count + draw(g, 2, 0) % (FILES_MAX - PIPELINES_MAX);
	for (unsigned i = 0; i < g->pipeline_count; i++)
		pipeline_make(g, i);
	for (size_t i = 0; i < g->file_count; i++)
		g->files[i] = (struct ghost_file){
			.pipeline = (unsigned)(i % g->pipeline_count),
			.path = arena_format(&g->arena, "/in/p%zu-%zu.json", i % g->pipeline_count, i).ptr,
			.text = BUF(0),
		};
	for (size_t k = 0; k < lines; k++) {
		for (size_t i = 0; i < g->file_count; i++) {
			struct ghost_file *f = &g->files[i];

			if (k > 0 && draw(g, i, 100 + k) % 4 == 0)
				continue;
			line_add(g, i, draw(g, i, 1000 + k));
			if (!is_safe(g, f, &f->records.at[f->records.count - 1])) {
				f->records.count--;
				f->text.len = f->records.count ? f->records.at[f->records.count - 1].end : 0;
				record_add(f, RECORD_BAD, 0, STR("[]]\n"));
			}
		}
	}
}

/* Each file has its first lines from the start, and comes to its end while there still are faults. */
void records_show(struct ghost *g, bool is_all)
{
	struct world *w = g->world;

	for (size_t i = 0; i < g->file_count; i++) {
		struct ghost_file *f = &g->files[i];
		size_t             to = f->shown, from = f->shown;

		if (f->shown == f->records.count || (!is_all && w->step < f->show_step))
			continue;
		to += w->is_small ? f->records.count / 2 : 1 + draw(g, i, w->step + 7) % (f->records.count / 3 + 1);
		if (is_all || to > f->records.count)
			to = f->records.count;
		f->shown = to;
		f->show_step = w->step + draw(g, i, w->step + 11) % (w->fault_steps / BATCHES + 1);
		disk_append(w->inbox, f->path,
		            str_make(f->text.ptr + (from ? f->records.at[from - 1].end : 0),
		                     f->records.at[to - 1].end - (from ? f->records.at[from - 1].end : 0)));
	}
}

void records_done(struct ghost *g)
{
	for (size_t i = 0; i < g->file_count; i++) {
		buf_done(&g->files[i].text);
		VEC_DONE(&g->files[i].records);
	}
	for (size_t i = 0; i < g->pipeline_count; i++)
		VEC_DONE(&g->pipelines[i].ids);
}
