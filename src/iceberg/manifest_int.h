/* manifest_int.h - the field ids of manifests and manifest lists (reference B.6), and what their files
 * share. */
#ifndef ICEBERG_MANIFEST_INT_H
#define ICEBERG_MANIFEST_INT_H

#include "codec/avro.h"
#include "iceberg/manifest.h"

enum entry_id {
	ENTRY_STATUS = 0,
	ENTRY_SNAPSHOT = 1,
	ENTRY_FILE = 2,
	ENTRY_SEQUENCE = 3,
	ENTRY_FILE_SEQUENCE = 4,
};

enum file_id {
	FILE_CONTENT = 134,
	FILE_PATH = 100,
	FILE_FORMAT = 101,
	FILE_PARTITION = 102,
	FILE_ROWS = 103,
	FILE_BYTES = 104,
	FILE_COLUMN_BYTES = 108, /* maps from a column's id, up to FILE_UPPER */
	FILE_VALUES = 109,
	FILE_NULLS = 110,
	FILE_NANS = 137,
	FILE_LOWER = 125,
	FILE_UPPER = 128,
	FILE_SPLITS = 132,
	FILE_SORT_ORDER = 140,
};

enum list_id {
	LIST_PATH = 500,
	LIST_LENGTH = 501,
	LIST_SPEC = 502,
	LIST_CONTENT = 517,
	LIST_SEQUENCE = 515,
	LIST_MIN_SEQUENCE = 516,
	LIST_SNAPSHOT = 503,
	LIST_ADDED_FILES = 504,
	LIST_EXISTING_FILES = 505,
	LIST_DELETED_FILES = 506,
	LIST_ADDED_ROWS = 512,
	LIST_EXISTING_ROWS = 513,
	LIST_DELETED_ROWS = 514,
	LIST_PARTITIONS = 507,
	LIST_KEY_METADATA = 519,
	SUMMARY_HAS_NULL = 509,
	SUMMARY_HAS_NAN = 518,
	SUMMARY_LOWER = 510,
	SUMMARY_UPPER = 511,
};

/* Pieces of an Avro schema as literals; ids are literals too. A map with int keys is an array of key
 * and value. */
#define AVRO_FIELD(name, type, id) \
	"{\"name\":\"" name "\",\"type\":" type ",\"field-id\":" id "}"
#define AVRO_MAYBE(name, type, id) \
	"{\"name\":\"" name "\",\"type\":[\"null\"," type "],\"default\":null,\"field-id\":" id "}"
#define AVRO_RECORD_OF(name, fields) \
	"{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define AVRO_ARRAY_OF(type, id) \
	"{\"type\":\"array\",\"items\":" type ",\"element-id\":" id "}"
#define AVRO_MAP_OF(key_id, value, value_id)                                    \
	"{\"type\":\"array\",\"logicalType\":\"map\",\"items\":"                \
	AVRO_RECORD_OF("k" key_id "_v" value_id, AVRO_FIELD("key", "\"int\"", key_id) "," \
	               AVRO_FIELD("value", value, value_id)) "}"

/* How much the blocks of a file of `len` bytes may unpack to. */
size_t ice_avro_ceiling(size_t len);

#endif
