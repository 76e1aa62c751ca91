/* facts.h - what the rows of one event name say of each member that has a column: how often it is there, and of texts how
 * many there are and what they look like. */
#ifndef APP_FACTS_H
#define APP_FACTS_H

#include "app/tables.h"
#include "base/map.h"
#include "ingest/node.h"

struct views;

enum { FACT_WORDS = 12 };

struct fact {
	int64_t present; /* values that are not null; of a list's elements over all lists */
	/* of texts that are in no list */
	int64_t     distinct; /* about so many */
	const char *form;     /* "uuid", "date", "date-time", which all of them have; NULL: none */
	str         words[FACT_WORDS]; /* all there are, sorted, where they are few and come often */
	unsigned    word_count;
};

struct facts {
	int64_t      rows;
	struct map   by_pattern; /* -> struct fact, by node.pointer */
	struct arena arena;
};

/* `root` is of a tree over the table's schema. */
int  facts_read(struct views *v, const struct table_name *t, const struct node *root, str event_name, struct facts *out,
                struct err *e) MUST_USE;
void facts_done(struct facts *f);
/* Of a column; never NULL. */
const struct fact *facts_of(const struct facts *f, const struct node *n);

AUTO_DEFINE(facts, facts_done)

#endif
