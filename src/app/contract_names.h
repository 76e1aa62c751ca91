/* contract_names.h - which event names there are, and the table of each, as the journal has them. */
#ifndef APP_CONTRACT_NAMES_H
#define APP_CONTRACT_NAMES_H

#include "app/tables.h"
#include "base/vec.h"

struct named {
	str               pipeline, name;
	struct table_name table;
};

struct contract_names {
	VEC_OF(struct named);
	struct arena arena;
};

int  contract_names_read(struct lake *l, struct contract_names *out, struct err *e) MUST_USE;
void contract_names_done(struct contract_names *n);
/* By event name, or by the table of one event name. ERR_MISSING, ERR_INPUT say what there is. */
int  contract_names_find(const struct contract_names *n, struct lake *l, str typed, const struct named **out,
                         struct err *e) MUST_USE;

AUTO_DEFINE(contract_names, contract_names_done)

#endif
