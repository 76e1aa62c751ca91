/* contract_draft.h - the contract of what is there, as YAML for a person to review. */
#ifndef APP_CONTRACT_DRAFT_H
#define APP_CONTRACT_DRAFT_H

#include "app/contract_names.h"
#include "app/drift.h"
#include "app/facts.h"
#include "ingest/contract.h"

struct draft {
	const struct named    *named;
	const struct tree     *tree;
	const struct facts    *facts;
	const struct drift    *drift;
	const struct contract *known; /* the one in force, whose formats are kept; NULL: none */
	struct buf            *out;
};

/* A mapping of the event name to its schema: what is never missing is required, what drifted has the type that holds all of
 * it, and what might be said besides stands in comments. */
void draft_write(const struct draft *d);

#endif
