/* prune.h - what a plan says of a data file before it is opened: only what cannot hold a wanted
 * row is left out. */
#ifndef QUERY_PRUNE_H
#define QUERY_PRUNE_H

#include "lake/scan.h"
#include "query/plan.h"

/* The span of the time field (by id) that holds every wanted row; all of it where the plan does
 * not say. */
struct scan_range prune_range(const struct plan *p, int32_t time_id);
/* Whether the file's bounds leave room for a wanted row. */
bool prune_keeps(const struct plan *p, const struct ice_file *f);

#endif
