/* plan_int.h - the text of a plan's filters, for plan.c. */
#ifndef QUERY_PLAN_INT_H
#define QUERY_PLAN_INT_H

#include "query/plan.h"

/* Add the conditions in a scan's filters. Texts are owned by `a`. */
void filters_read(str text, const struct schema *s, struct arena *a, struct plan_use *out);

#endif
