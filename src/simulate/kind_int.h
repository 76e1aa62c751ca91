/* kind_int.h - what the driver asks of a kind of stream.
 *
 * A kind makes good records one after the other and knows their truth; the driver (simulate.c) decides
 * which records are repeated, restamped, damaged, late or drifting, and counts. A kind never sees files,
 * clocks or shares.
 */
#ifndef SIMULATE_KIND_INT_H
#define SIMULATE_KIND_INT_H

#include "base/buf.h"
#include "simulate/mutate.h"
#include "simulate/record.h"
#include "simulate/simulate.h"

/* Good records of a table that must stand in a file before one of them drifts: whoever infers the schema
 * from any file meets the usual types first. */
enum { DRIFT_AFTER = 32 };

struct wish {
	int64_t         event_us; /* its time, set back already where it is to be late */
	uint64_t        left;     /* records the stream still has room for, this one included */
	const uint32_t *seen;     /* by table: good records in the file under way */
	bool            is_late, is_drift;
};

static inline bool wish_drifts(const struct wish *w, uint32_t table)
{
	return w->is_drift && w->seen[table] >= DRIFT_AFTER;
}

struct kind {
	str                word;
	const enum damage *damages;
	uint32_t           damage_count;
	uint32_t           table_count;   /* the most there may be */
	uint32_t           names_default; /* event names where no number is asked for; 0: none can be */
	uint64_t           second;        /* in the records' times, to restamp them; 0: they cannot be */
	bool               has_file_each; /* a file for each table; else one for all */
	bool               is_daily;      /* a file a day, in which its repeats stay; else cut by count */
	str                header;        /* first line of each file; not a record */

	void *(*start)(const struct simulate_conf *conf); /* defaults filled in */
	void  (*stop)(void *self);
	/* The next good record; says in `out` what became of the wish. */
	void  (*fresh)(void *self, const struct wish *wish, struct record *out);
	/* A good record that counts in no table and no answer: to be damaged. */
	void  (*spare)(void *self, const struct wish *wish, struct record *out);
	str   (*table)(const void *self, uint32_t table); /* borrowed */
	/* Where a file stands in the folder; cut: its number from 1, or its day since 1970. */
	void  (*path)(uint32_t table, int64_t cut, struct buf *out);

	/* Eventsim only; NULL elsewhere. */
	uint64_t (*owed)(const void *self);              /* records that must still follow */
	void     (*answers)(void *self, struct buf *out); /* a JSON object; once, after the last record */
};

extern const struct kind kind_eventsim, kind_product, kind_domain, kind_csv;
extern const struct kind kind_one, kind_mixed, kind_flat100, kind_wide;

#endif
