/* mutant.h - the two mutants that remove objects (base/mutant.h). */
#ifndef INGEST_MUTANT_H
#define INGEST_MUTANT_H

#include "base/mutant.h"

#if MUTANT == 6 || MUTANT == 7
#include "ingest/writer.h"

int mutant_sweep(struct writer *w, struct err *e) MUST_USE; /* 6 */
int mutant_prune(struct writer *w, struct err *e) MUST_USE; /* 7 */
#endif

#endif
