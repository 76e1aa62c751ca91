/* idrun_set.h - the runs a pipeline has in the lake, and exact look-up in them.
 *
 * Sections are numbered through all runs in order of commit; a number changes only when runs become one.
 * The newest runs are kept in memory up to a ceiling; of the others only the blocks around the key are read. What is
 * read is believed when its checksums fit; else it is read once more, and then the answer is ERR_CORRUPT.
 */
#ifndef INGEST_IDRUN_SET_H
#define INGEST_IDRUN_SET_H

#include "ingest/idrun.h"
#include "lake/lake.h"

struct id_run {
	str      key;            /* owned by the run */
	uint64_t bytes, count;   /* of ids */
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
	struct { VEC_OF(struct id_run); } runs;
	struct { VEC_OF(struct id_place); } places; /* by section number */
	struct { VEC_OF(uint32_t); } moved;         /* by the number of a section before idrun_set_replace, the one after */
	size_t       kept_bytes, kept_ceiling;
	uint64_t     reads;
	struct buf   scratch; /* of the look-up at hand */
};

void idrun_set_init(struct idrun_set *s, struct lake *l, size_t kept_ceiling);
void idrun_set_done(struct idrun_set *s);

/* Add a run, with all its bytes where the caller has them. */
int idrun_set_add(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, str bytes, struct err *e) MUST_USE;
/* Add a run of the store: its beginning is read, the head, and of a small run all; of one whose ids are asked for next
 * (is_wanted) all, up to a few MiB. A whole one is kept while there is room, here as above. */
int idrun_set_load(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, bool is_wanted,
                   struct err *e) MUST_USE;

/* The neighbours [first, first + count) become one with the time of the newest: `bytes`, taken, hold all their ids. It
 * is kept where all of them were, and has a filter where they had. Sections get new numbers: s->moved. */
int idrun_set_replace(struct idrun_set *s, uint32_t first, uint32_t count, str key, struct buf *bytes,
                      struct err *e) MUST_USE;

/* 1: the key is in the section, with this payload; 0: it is not. */
int idrun_set_find(struct idrun_set *s, uint32_t section, struct hash128 key, uint64_t *payload,
                   struct err *e) MUST_USE;

/* A place in a run: before this block of the section, or behind its last. */
struct id_spot {
	uint32_t section;
	uint64_t block;
};

static inline uint64_t id_spot_at(const struct idrun_set *s, struct id_spot spot) /* in bytes */
{
	return id_block_at(&s->places.at[spot.section].section, spot.block);
}

static inline struct id_spot id_spot_last(const struct idrun_set *s, uint32_t section)
{
	return (struct id_spot){section, id_blocks(s->places.at[section].section.count)};
}

/* What lies between two places of one run, proven: from memory, or read into `scratch`. */
int idrun_set_read(struct idrun_set *s, struct id_spot from, struct id_spot to, struct buf *scratch, str *out,
                   struct err *e) MUST_USE;

/* Ids of one section, in whole blocks. */
struct id_piece {
	uint32_t section;
	uint64_t count;
	str      blocks;
};

/* All ids of a run, in order, piece by piece; at most `step` bytes are read at once. */
struct id_cursor {
	struct idrun_set *set; /* borrowed */
	struct id_spot    at, read; /* of what comes next; of the end of what has been read */
	uint32_t          end;      /* behind the run's last section */
	uint64_t          step;
	str               bytes;    /* read and not given yet */
	struct buf        scratch;
};

void id_cursor_init(struct id_cursor *c, struct idrun_set *s, uint32_t run, uint64_t step);
void id_cursor_done(struct id_cursor *c);
/* 1: *out, good until the next call; 0: there are no more. */
int  id_cursor_next(struct id_cursor *c, struct id_piece *out, struct err *e) MUST_USE;

AUTO_DEFINE(id_cursor, id_cursor_done)

/* Each key of a run, in order, with its section's number. */
typedef void idrun_each(void *context, struct hash128 key, uint32_t section);
int idrun_set_walk(struct idrun_set *s, uint32_t run, idrun_each *each, void *context, struct err *e) MUST_USE;

/* Give the run a filter (its keys are read once); then idrun_may_hold answers without reading. */
int  idrun_set_filter(struct idrun_set *s, uint32_t run, struct err *e) MUST_USE;
bool idrun_may_hold(const struct id_run *r, struct hash128 key);

#endif
