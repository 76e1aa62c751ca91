/* tables.h - values that the tests of this folder share. */
#ifndef TESTS_ICEBERG_TABLES_H
#define TESTS_ICEBERG_TABLES_H

#include "iceberg/manifest.h"
#include "iceberg/metadata.h"

/* event_id 1 (string, required), event_time 2 (timestamptz, required), amount 3 (double),
 * payload 4 { flag 5, commits 6 [ element 7 { sha 8 } ] }, day 9 (date). */
void sample_schema(struct schema *s);

/* A table over sample_schema, by hour of event_time and sorted by it. */
void sample_metadata(enum ice_transform transform, struct ice_metadata *out);

/* The spec of such a table. */
struct ice_spec sample_spec(enum ice_transform transform);

/* File `index`, with every kind of statistics; owned by the arena. */
struct ice_file sample_file(struct arena *a, enum ice_status status, int index);

#endif
