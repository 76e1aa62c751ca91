/* Runs of ids against the ids that the records of an entry have (I4). */
#include <inttypes.h>
#include <stdlib.h>

#include "ingest/idrun.h"
#include "tests/sim/ghost_int.h"

void sums_done(struct sums *s)
{
	for (size_t i = 0; i < PIPELINES_MAX; i++)
		VEC_DONE(&s->keys[i]);
	VEC_DONE(&s->outcomes);
}

/* The keys of a run as it lies there. */
static void run_read(struct ghost *g, const struct journal_entry *j, str key, struct ghost_run *out)
{
	AUTO(arena)        a = ARENA_INIT;
	AUTO(buf)          bytes = BUF(0);
	struct err         e = ERR_NONE;
	struct id_section *sections;
	uint32_t           count;

	if (store_get(g->eye, key, 0, 0, &bytes, &e) < 0 ||
	    idrun_sections(buf_str(&bytes), bytes.len, &a, &sections, &count, &e) < 0) {
		world_violate(g->world, "I8: run of ids of entry %" PRIu64 ": %s", j->seq, e.text);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t end = id_block_at(&sections[i], id_blocks(sections[i].count));
		str      blocks = str_from(str_head(buf_str(&bytes), end), sections[i].at);

		if (!idrun_proves(&sections[i], 0, id_blocks(sections[i].count), blocks))
			world_violate(g->world, "I8: run of ids of entry %" PRIu64 " does not prove itself", j->seq);
		for (uint64_t k = 0; k < sections[i].count; k++)
			*VEC_ADD(&out->keys) = id_key(id_at(blocks, k));
	}
}

static void keys_add(struct keys *to, const struct keys *from)
{
	for (size_t i = 0; i < from->count; i++)
		*VEC_ADD(to) = from->at[i];
}

static int by_key(const void *a, const void *b)
{
	return hash128_cmp(*(const struct hash128 *)a, *(const struct hash128 *)b);
}

static bool keys_eq(struct keys *a, struct keys *b)
{
	if (a->count > 0)
		qsort(a->at, a->count, sizeof(*a->at), by_key);
	if (b->count > 0)
		qsort(b->at, b->count, sizeof(*b->at), by_key);
	for (size_t i = 0; i < a->count && a->count == b->count; i++)
		if (by_key(&a->at[i], &b->at[i]) != 0)
			return false;
	return a->count == b->count;
}

/* A run that a new one takes the place of: its ids are the new one's too. */
static void run_replace(struct ghost *g, const struct journal_entry *j, str key, struct keys *want)
{
	for (size_t i = 0; i < g->runs.count; i++) {
		struct ghost_run *r = &g->runs.at[i];

		if (!str_eq(r->key, key) || r->replaced_by != 0)
			continue;
		r->replaced_by = j->seq;
		keys_add(want, &r->keys);
		return;
	}
	world_violate(g->world, "I4: entry %" PRIu64 " replaces run " STR_FMT ", which is none", j->seq, STR_ARG(key));
}

/* A run that was removed, when a later entry had replaced it: its keys are remembered. */
void ghost_run_removed(struct ghost *g, const struct ghost_run *r)
{
	struct ghost_run gone = {.key = r->key};

	keys_add(&gone.keys, &r->keys);
	*VEC_ADD(&g->gone) = gone;
}

static bool run_remember(const struct ghost *g, str key, struct ghost_run *out)
{
	for (size_t i = 0; i < g->gone.count; i++) {
		if (!str_eq(g->gone.at[i].key, key))
			continue;
		keys_add(&out->keys, &g->gone.at[i].keys);
		return true;
	}
	return false;
}

/* What was replaced and removed is replaced still, whatever a power cut took. */
void ghost_check_gone(struct ghost *g)
{
	for (size_t i = 0; i < g->gone.count; i++) {
		bool is_replaced = false;

		for (size_t k = 0; k < g->runs.count; k++)
			is_replaced |= str_eq(g->runs.at[k].key, g->gone.at[i].key) && g->runs.at[k].replaced_by != 0;
		if (!is_replaced)
			world_violate(g->world, "I8: " STR_FMT " was removed, and no entry replaces it now",
			              STR_ARG(g->gone.at[i].key));
	}
}

/* All runs of a pipeline in the entry: the ids it accepts, and those of runs it replaces, each once. */
void ghost_check_ids(struct ghost *g, const struct journal_entry *j, struct sums *s)
{
	for (unsigned i = 0; i < g->pipeline_count; i++) {
		struct keys got = {0};

		for (size_t k = 0; k < j->ids.count; k++) {
			const struct entry_ids *ids = &j->ids.at[k];
			struct ghost_run        run = {.key = arena_str(&g->arena, ids->key)};

			if (!str_eq(ids->pipeline, g->pipelines[i].conf.name))
				continue;
			ghost_object_add(g, j, ids->key);
			for (size_t r = 0; r < ids->replaced_count; r++)
				run_replace(g, j, ids->replaced[r], &s->keys[i]);
			if (!(g->is_again && run_remember(g, ids->key, &run)) &&
			    ghost_check_object(g, j->seq, ids->key, ids->bytes, ids->checksum))
				run_read(g, j, ids->key, &run);
			keys_add(&got, &run.keys);
			*VEC_ADD(&g->runs) = run;
		}
		if (!keys_eq(&got, &s->keys[i]))
			world_violate(g->world, "I4: entry %" PRIu64 " accepts %zu ids of pipeline %u, its records come to %zu",
			              j->seq, got.count, i, s->keys[i].count);
		VEC_DONE(&got);
	}
}
