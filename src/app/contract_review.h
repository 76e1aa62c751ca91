/* contract_review.h - what a contract would do to the rows that are there: each is put back into its record, and tried. */
#ifndef APP_CONTRACT_REVIEW_H
#define APP_CONTRACT_REVIEW_H

#include "app/config.h"
#include "app/contract_names.h"
#include "ingest/contract.h"

struct views;

struct review_rule {
	enum reason reason;
	str         pointer; /* with '*' for elements */
	int64_t     rows;
	str         example; /* source_position of the first */
};

struct review {
	const struct contract *contract; /* borrowed */
	struct { VEC_OF(str); } tables;  /* full names */
	struct { VEC_OF(str); } conflicts; /* sentences: columns of another type */
	struct { VEC_OF(struct review_rule); } rules; /* in order of first breach */
	int64_t      rows, refused;
	int64_t      converted, inexact; /* values: taken in another form; and those of which the column has only the nearest */
	struct arena arena;
};

/* Of all names that the contract is for. `all` are the contracts that it is one of; those of the configuration say how times
 * were read. */
int  review_read(struct lake *l, struct views *v, const struct config *config, const struct contract_names *names,
                 const struct contracts *all, const struct contract *c, struct review *out, struct err *e) MUST_USE;
void review_done(struct review *r);
/* Would no row be refused, and no value lose anything? */
bool review_is_clean(const struct review *r);

AUTO_DEFINE(review, review_done)

#endif
