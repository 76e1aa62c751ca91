/* duckdb_api.h - the part of DuckDB's C interface that tarn calls, in our own words: the library
 * comes without a header.
 *
 * Numbers of types and results are DuckDB's own and stable from 1.0 on. Handles are opaque;
 * whoever makes one destroys it with the call named after it. DUCK_CALLS is the one list of
 * functions: library.c fills struct duck_api from it.
 */
#ifndef QUERY_DUCKDB_API_H
#define QUERY_DUCKDB_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duck_config;
struct duck_database;
struct duck_connection;
struct duck_extracted;
struct duck_prepared;
struct duck_chunk;
struct duck_vector;
struct duck_type;

enum { DUCK_OK = 0, DUCK_ERROR = 1 };

/* Opaque, but passed by value: six words. */
struct duck_result {
	uint64_t words[6];
};

/* Strings of up to 12 bytes lie in the entry itself; of a longer one a pointer does, in the last
 * 8 of those bytes. */
struct duck_string {
	uint32_t len;
	char     inlined[12];
};

struct duck_list {
	uint64_t offset, len; /* in the child vector */
};

struct duck_interval {
	int32_t months, days;
	int64_t micros;
};

enum duck_type_id {
	DUCK_BOOLEAN = 1,
	DUCK_TINYINT = 2,
	DUCK_SMALLINT = 3,
	DUCK_INTEGER = 4,
	DUCK_BIGINT = 5,
	DUCK_UTINYINT = 6,
	DUCK_USMALLINT = 7,
	DUCK_UINTEGER = 8,
	DUCK_UBIGINT = 9,
	DUCK_FLOAT = 10,
	DUCK_DOUBLE = 11,
	DUCK_TIMESTAMP = 12, /* microseconds, as all times without a suffix */
	DUCK_DATE = 13,      /* days, 32 bits */
	DUCK_TIME = 14,
	DUCK_INTERVAL = 15,
	DUCK_HUGEINT = 16, /* 128 bits */
	DUCK_VARCHAR = 17,
	DUCK_BLOB = 18,
	DUCK_DECIMAL = 19, /* an integer of its internal type */
	DUCK_TIMESTAMP_S = 20,
	DUCK_TIMESTAMP_MS = 21,
	DUCK_TIMESTAMP_NS = 22,
	DUCK_ENUM = 23, /* an index of its internal type */
	DUCK_LIST = 24,
	DUCK_STRUCT = 25,
	DUCK_MAP = 26,  /* a list of structs of key and value */
	DUCK_UUID = 27, /* 128 bits, the highest one flipped */
	DUCK_UNION = 28, /* a struct whose first member is the tag */
	DUCK_BIT = 29,   /* a byte with the number of padding bits, then the bits */
	DUCK_TIME_TZ = 30, /* microseconds << 24 | (57599 - offset in seconds) */
	DUCK_TIMESTAMP_TZ = 31,
	DUCK_UHUGEINT = 32,
	DUCK_ARRAY = 33,
	DUCK_SQLNULL = 36,
	DUCK_TIME_NS = 39,
};

enum duck_result_kind { DUCK_CHANGED_ROWS = 1, DUCK_NOTHING = 2, DUCK_ROWS = 3 };

/* X(result, name, arguments) for each function duckdb_<name>. Texts given as char * are to be
 * freed with `free`; those given as const char * belong to the handle. A 64-bit index or count
 * is DuckDB's idx_t. */
#define DUCK_CALLS(X) \
	X(int, create_config, (struct duck_config **out)) \
	X(int, set_config, (struct duck_config *config, const char *name, const char *value)) \
	X(void, destroy_config, (struct duck_config **config)) \
	X(int, open_ext, (const char *path, struct duck_database **out, struct duck_config *config, char **out_error)) \
	X(void, close, (struct duck_database **database)) \
	X(int, connect, (struct duck_database *database, struct duck_connection **out)) \
	X(void, disconnect, (struct duck_connection **connection)) \
	X(void, interrupt, (struct duck_connection *connection)) \
	X(void, free, (void *text)) \
	X(int, query, (struct duck_connection *connection, const char *sql, struct duck_result *out)) \
	X(uint64_t, extract_statements, (struct duck_connection *connection, const char *sql, struct duck_extracted **out)) \
	X(const char *, extract_statements_error, (struct duck_extracted *extracted)) \
	X(void, destroy_extracted, (struct duck_extracted **extracted)) \
	X(int, prepare_extracted_statement, (struct duck_connection *connection, struct duck_extracted *extracted, \
	                                     uint64_t index, struct duck_prepared **out)) \
	X(const char *, prepare_error, (struct duck_prepared *prepared)) \
	X(void, destroy_prepare, (struct duck_prepared **prepared)) \
	X(int, execute_prepared_streaming, (struct duck_prepared *prepared, struct duck_result *out)) \
	X(void, destroy_result, (struct duck_result *result)) \
	X(const char *, result_error, (struct duck_result *result)) \
	X(int, result_return_type, (struct duck_result result)) \
	X(uint64_t, column_count, (struct duck_result *result)) \
	X(const char *, column_name, (struct duck_result *result, uint64_t column)) \
	X(struct duck_type *, column_logical_type, (struct duck_result *result, uint64_t column)) \
	X(struct duck_chunk *, fetch_chunk, (struct duck_result result)) \
	X(void, destroy_data_chunk, (struct duck_chunk **chunk)) \
	X(uint64_t, data_chunk_get_size, (struct duck_chunk *chunk)) \
	X(struct duck_vector *, data_chunk_get_vector, (struct duck_chunk *chunk, uint64_t column)) \
	X(void *, vector_get_data, (struct duck_vector *vector)) \
	X(uint64_t *, vector_get_validity, (struct duck_vector *vector)) \
	X(struct duck_vector *, list_vector_get_child, (struct duck_vector *vector)) \
	X(struct duck_vector *, array_vector_get_child, (struct duck_vector *vector)) \
	X(struct duck_vector *, struct_vector_get_child, (struct duck_vector *vector, uint64_t index)) \
	X(int, get_type_id, (struct duck_type *type)) \
	X(char *, logical_type_get_alias, (struct duck_type *type)) \
	X(void, destroy_logical_type, (struct duck_type **type)) \
	X(uint8_t, decimal_scale, (struct duck_type *type)) \
	X(int, decimal_internal_type, (struct duck_type *type)) \
	X(int, enum_internal_type, (struct duck_type *type)) \
	X(uint32_t, enum_dictionary_size, (struct duck_type *type)) \
	X(char *, enum_dictionary_value, (struct duck_type *type, uint64_t index)) \
	X(struct duck_type *, list_type_child_type, (struct duck_type *type)) \
	X(struct duck_type *, array_type_child_type, (struct duck_type *type)) \
	X(uint64_t, array_type_array_size, (struct duck_type *type)) \
	X(struct duck_type *, map_type_key_type, (struct duck_type *type)) \
	X(struct duck_type *, map_type_value_type, (struct duck_type *type)) \
	X(uint64_t, struct_type_child_count, (struct duck_type *type)) \
	X(char *, struct_type_child_name, (struct duck_type *type, uint64_t index)) \
	X(struct duck_type *, struct_type_child_type, (struct duck_type *type, uint64_t index)) \
	X(uint64_t, union_type_member_count, (struct duck_type *type)) \
	X(char *, union_type_member_name, (struct duck_type *type, uint64_t index)) \
	X(struct duck_type *, union_type_member_type, (struct duck_type *type, uint64_t index))

#define DUCK_MEMBER(result, name, arguments) result (*name) arguments;

struct duck_api {
	DUCK_CALLS(DUCK_MEMBER)
};

#undef DUCK_MEMBER

#endif
