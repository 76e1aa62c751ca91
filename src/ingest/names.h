/* names.h - event names of a pipeline and the table each goes to. Remembered by the journal, so that a name means
 * the same table for ever. */
#ifndef INGEST_NAMES_H
#define INGEST_NAMES_H

#include "base/map.h"
#include "ingest/event.h"
#include "ingest/pipeline.h"
#include "lake/journal.h"

enum { TARGET_NONE = UINT32_MAX };

struct name_entry {
	str      name, table;
	uint32_t target;     /* the pump's own number for the table; TARGET_NONE until it is open */
	bool     is_journaled;
};

enum { NAMES_RECENT = 512 };

struct names {
	const struct pipeline *pipeline; /* borrowed */
	struct map   by_name;   /* name -> entry + 1 */
	struct map   by_folded; /* lower case -> entry + 1 */
	struct map   by_table;  /* table -> entry + 1 */
	struct { VEC_OF(struct name_entry); } entries;
	uint32_t     recent[NAMES_RECENT]; /* by the events' hash: the entry that was last found there, + 1 */
	struct buf   lower;
	struct arena arena;
};

void names_init(struct names *n, const struct pipeline *p, const struct journal_state *state);
void names_done(struct names *n);

/* Names of the journal that are not known here yet, each to its table. Of tables that are built anew (is_anew, NULL: none) those to which the
 * pipeline would not send the name any more are passed over: it gets the table that is its own now. */
typedef bool names_anew_fn(void *context, str table);
void names_learn(struct names *n, const struct journal_state *state, names_anew_fn *is_anew, void *context);

/* The entry of a name, made where new; *index says which. `hash` is any hash of the name, always the same one.
 * REASON_NONE, or why the name is not taken: it differs from a known one only in its case, there are too many, or
 * its table's name would be too long. */
enum reason names_find(struct names *n, str name, uint64_t hash, uint32_t *index);

/* Tell the entry which names are new since the last commit; names_committed makes them old. */
void names_write(const struct names *n, struct journal_entry *entry);
void names_committed(struct names *n);

/* Part number `index` of "a:b:c"; empty where there are not as many. */
str name_part(str name, unsigned index);

/* The table that a template and a name give, before clashes are settled. Appended. */
void names_table(str template, str name, struct buf *out);
/* May several names give one table, and mean it? */
bool names_share_tables(str template);

#endif
