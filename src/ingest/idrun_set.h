/* idrun_set.h - the runs a pipeline has in the lake, and exact look-up in them.
 *
 * Sections are numbered through all runs in order of commit; a number never changes while the set is open.
 * The newest runs are kept in memory up to a ceiling; of the others only the part around the key is read.
 */
#ifndef INGEST_IDRUN_SET_H
#define INGEST_IDRUN_SET_H

#include "ingest/idrun.h"
#include "lake/journal.h"

struct id_run {
	str      key;
	uint64_t bytes;
	int64_t  time_us;        /* when it was committed */
	uint32_t first_section, section_count;
	char    *kept;           /* the whole run, or NULL */
	uint8_t *filter;         /* bloom filter over its keys, or NULL */
	uint64_t filter_blocks;
};

struct id_place {
	struct id_section section;
	uint32_t          run;
};

struct idrun_set {
	struct lake *lake; /* borrowed */
	struct arena arena;
	struct { VEC_OF(struct id_run); } runs;
	struct { VEC_OF(struct id_place); } places; /* by section number */
	size_t       kept_bytes, kept_ceiling;
	uint64_t     reads;
	struct buf   scratch; /* of the look-up at hand */
};

void idrun_set_init(struct idrun_set *s, struct lake *l, size_t kept_ceiling);
void idrun_set_done(struct idrun_set *s);

/* Add a run. `bytes` whole where the caller has it (copied while there is room), else ptr NULL and only its head is read. */
int idrun_set_add(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, str bytes, struct err *e) MUST_USE;

uint64_t idrun_set_keys(const struct idrun_set *s, uint32_t run); /* how many ids it holds */

/* 1: the key is in the section, with this payload; 0: it is not. */
int idrun_set_find(struct idrun_set *s, uint32_t section, struct hash128 key, uint64_t *payload, struct err *e) MUST_USE;

/* Each key of a run, in order, with its section's number. */
typedef void idrun_each(void *context, struct hash128 key, uint32_t section);
int idrun_set_walk(struct idrun_set *s, uint32_t run, idrun_each *each, void *context, struct err *e) MUST_USE;

/* Give the run a filter (its keys are read once); then idrun_may_hold answers without reading. */
int  idrun_set_filter(struct idrun_set *s, uint32_t run, struct err *e) MUST_USE;
bool idrun_may_hold(const struct id_run *r, struct hash128 key);

#endif
