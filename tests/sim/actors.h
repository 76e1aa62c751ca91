/* actors.h - who lives in a world. */
#ifndef SIM_ACTORS_H
#define SIM_ACTORS_H

#include "lake/lake.h"
#include "os/workers.h"
#include "tests/sim/world.h"

void writer_main(struct task *t);     /* ingests, life after life, until there are no more faults */
void small_writer_main(struct task *t); /* ingests the first half, starts again, ingests the rest: the golden run */
void last_writer_main(struct task *t); /* one life without faults, which must succeed (I10) */
int  drop_all(struct lake *l, struct workers *w, struct err *e) MUST_USE; /* what is in quarantine */
void maintainer_main(struct task *t); /* another engine: rewrites tables and forgets their history */

#endif
