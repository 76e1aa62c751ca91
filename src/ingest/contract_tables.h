/* contract_tables.h - do the tables of a lake allow the contracts? Asked before a writer starts, and by `tarn check`; what
 * builds tables anew need not ask. */
#ifndef INGEST_CONTRACT_TABLES_H
#define INGEST_CONTRACT_TABLES_H

#include "ingest/pipeline.h"
#include "lake/lake.h"

/* ERR_CONFLICT names the first column that is of another type than declared, and what to do. Reads the journal, and where
 * there are contracts for its event names, their tables' schemas. */
int contract_tables_check(struct lake *l, str lane, const struct pipeline *pipelines, size_t count, struct err *e) MUST_USE;

#endif
