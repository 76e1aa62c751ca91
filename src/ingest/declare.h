/* declare.h - a contract and a table: the columns that it pins, and whether the table's own allow them. */
#ifndef INGEST_DECLARE_H
#define INGEST_DECLARE_H

#include "ingest/contract.h"
#include "ingest/names.h"
#include "ingest/node.h"

/* Give each member that the contract pins its column, where it has none yet; a column of another type stays as it is.
 * Members that a standard column holds, or whose name is one's, get none. */
void declare_columns(struct tree *t, const struct contract *c);

/* The same of all contracts that a table of many names may be of, before a name without one could give them other types. */
void declare_shared(struct tree *t, const struct pipeline *p, str table);

/* May a column of type `have` hold what is declared as r? An integer of 32 bits may lie in either of the two whole ones. */
bool declare_fits(const struct rule *r, enum type have);

/* Has the table a column of another type than declared? ERR_CONFLICT names it, both types, and what to do: its rows stay as
 * they are, so it is to be built anew. `table` is its full name. What builds it anew does not ask. */
int  declare_check(const struct pipeline *p, const struct contract *c, const struct schema *s, str table,
                   struct err *e) MUST_USE;

#endif
