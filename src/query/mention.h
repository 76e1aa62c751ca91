/* mention.h - what a statement is about, from its words alone. Says too much rather than too
 * little. */
#ifndef QUERY_MENTION_H
#define QUERY_MENTION_H

#include "base/map.h"

struct mention {
	struct map names;          /* every word that could be the name of a table, in lower case */
	bool       is_reading;     /* it only reads */
	bool       can_explain;    /* EXPLAIN may stand before it */
	bool       is_transaction; /* BEGIN, COMMIT, ... */
	bool       is_begin;       /* of these, the one that begins */
	bool       lists_tables;   /* it looks at the catalog: every table is mentioned */
};

void mention_read(str sql, struct mention *out);
void mention_done(struct mention *m);

AUTO_DEFINE(mention, mention_done)

#endif
