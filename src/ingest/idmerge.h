/* idmerge.h - neighbouring runs of ids become one, so that there are few of them however old the lake.
 *
 * A group is worth it where it has so many runs and none of them has more than half of the ids (of three, two). So each
 * time an id is written again its run has doubled, and that and the number of runs grow with the logarithm of the ids.
 *
 * What a group must not be: larger than a commit can wait for; or, while it is in the window, spread over more than
 * an eighth of that. For the run counts as committed with its newest ids, and its oldest stay in the window with them.
 */
#ifndef INGEST_IDMERGE_H
#define INGEST_IDMERGE_H

#include "ingest/idrun_set.h"

struct idmerge_conf {
	uint32_t runs;      /* that are worth becoming one; 2 or more */
	uint64_t bytes;     /* of a group at most */
	int64_t  window_us; /* of the dedupe */
};

struct id_group {
	uint32_t first, count;
};

/* A group among the runs [from, to), the newest that is worth it; false where there is none. */
bool idmerge_choose(const struct idrun_set *s, const struct idmerge_conf *conf, int64_t now_us, uint32_t from,
                    uint32_t to, struct id_group *out);

/* All ids of the group as one run, appended to `out`: it is whole in memory, of the old ones there are a few blocks
 * each. On failure `out` holds nothing of use. */
int idmerge_write(struct idrun_set *s, const struct id_group *g, struct buf *out, struct err *e) MUST_USE;

#endif
