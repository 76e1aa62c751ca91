/* table_layout.h - how a table is laid out, as its metadata says: partitions, sort order, properties, those of other
 * engines too. Strs are borrowed from the scan, arrays are owned by the arena. */
#ifndef APP_TABLE_LAYOUT_H
#define APP_TABLE_LAYOUT_H

#include "lake/scan.h"

struct layout_field {
	str source;                 /* name of the column */
	str transform;              /* "hour" */
	str name;                   /* of a partition field */
	str direction, null_order;  /* of a sort field */
};

struct table_layout {
	struct layout_field *partition, *sort; /* of the default spec and order */
	size_t               partition_count, sort_count;
	struct ice_pair     *properties;
	size_t               property_count;
};

void table_layout_read(const struct scan *s, struct arena *a, struct table_layout *out);

#endif
