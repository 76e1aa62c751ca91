/* ghost.h - what is true, kept outside of the code under test: which records there are, and what must become of each.
 *
 * Looked at when an entry of the journal or a version of a table lands:
 *
 *   I1  one chain, epochs rise          I2  positions go on where they ended     I3  every covered record has one outcome
 *   I4  an accepted id is in one entry  I5  a data file is in one entry, once in its table
 *   I6  marks and acks never fall       I7  acknowledged is committed            I8  no referenced object is removed
 *   I9  a table holds what is committed, up to its mark, and nothing else
 *   I10 once faults have stopped all is taken and applied
 *
 * It reads the lake with the eye of the checks, straight from what lies there.
 */
#ifndef SIM_GHOST_H
#define SIM_GHOST_H

#include "tests/sim/world.h"

struct pipeline;
struct run_part;

enum { PIPELINES_MAX = 2, NAME_COUNT = 3, QUARANTINE = NAME_COUNT, GHOST_TABLES };

extern const char *const ghost_table_names[GHOST_TABLES];

struct ghost *ghost_new(struct world *w);
void          ghost_free(struct ghost *g);

void ghost_tick(struct world *w);                /* files grow */
bool ghost_show_rest(struct world *w);           /* false: all was there already */
void ghost_landed(struct world *w, str key);
void ghost_removed(struct world *w, str key);
void ghost_acked(struct world *w, uint64_t seq); /* a writer was told that entry seq is committed */
/* A source was told that it may forget. */
void ghost_settled(struct world *w, const struct run_part *parts, size_t count);
void ghost_look_at_all(struct world *w, bool is_after_power_off); /* from scratch */
void ghost_finish(struct world *w);              /* I10: all is taken and applied */

/* What the writers are told to do. */
struct pipeline *ghost_pipelines(struct world *w, size_t *count);

#endif
