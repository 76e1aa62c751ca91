/* thrift.h - Thrift's compact protocol: what Parquet's headers and footer are written in.
 *
 *   field    (id - previous id) << 4 | type        where the step is 1..15
 *            0 | type, zigzag id                   else
 *   struct   fields, 00
 *   list     count << 4 | type                     where count < 15
 *            F0 | type, count                      else; then the elements, without heads
 *   bool     in a field: the type itself, 1 true, 2 false; in a list: that byte
 *   integers zigzag, then seven bits a byte, low first; binary: length, bytes; double: 8 bytes, little-endian
 *
 * The writer appends to a buf and cannot fail (ask buf_over at the end). The
 * reader never reads past its bytes and allocates nothing: after a fault every
 * answer is 0 or empty, every struct and list ends, and thrift_in_ok says no.
 */
#ifndef CODEC_THRIFT_H
#define CODEC_THRIFT_H

#include "base/buf.h"
#include "base/str.h"

enum { THRIFT_DEPTH = 32 }; /* structs in structs; deeper input is a fault */

enum thrift_type {
	THRIFT_STOP = 0,
	THRIFT_TRUE = 1, /* in a field head; as the type of a list's elements: bool */
	THRIFT_FALSE = 2,
	THRIFT_I8 = 3,
	THRIFT_I16 = 4,
	THRIFT_I32 = 5,
	THRIFT_I64 = 6,
	THRIFT_DOUBLE = 7,
	THRIFT_BINARY = 8,
	THRIFT_LIST = 9,
	THRIFT_SET = 10,
	THRIFT_MAP = 11,
	THRIFT_STRUCT = 12,
};

/* --- writing -------------------------------------------------------------- */

struct thrift_out {
	struct buf *to; /* borrowed */
	int         last[THRIFT_DEPTH];
	unsigned    depth;
};

/* Ready for the fields of an outermost struct, which thrift_end closes as it does all others. */
#define THRIFT_OUT(buf) ((struct thrift_out){.to = (buf)})

/* A field of the open struct. Ids rise. */
void thrift_bool(struct thrift_out *t, int id, bool v);
void thrift_i16(struct thrift_out *t, int id, int16_t v);
void thrift_i32(struct thrift_out *t, int id, int32_t v);
void thrift_i64(struct thrift_out *t, int id, int64_t v);
void thrift_binary(struct thrift_out *t, int id, str v);
void thrift_struct(struct thrift_out *t, int id); /* its fields follow, then thrift_end */
void thrift_list(struct thrift_out *t, int id, enum thrift_type items, size_t count); /* `count` items follow */
void thrift_end(struct thrift_out *t);

/* An item of the open list. */
void thrift_item_bool(struct thrift_out *t, bool v);
void thrift_item_int(struct thrift_out *t, int64_t v); /* i16, i32, i64 */
void thrift_item_binary(struct thrift_out *t, str v);
void thrift_item_struct(struct thrift_out *t); /* its fields follow, then thrift_end */

/* --- reading -------------------------------------------------------------- */

struct thrift_in {
	const char *at, *end; /* borrowed */
	int         last[THRIFT_DEPTH];
	unsigned    depth;
	bool        is_bad;
};

struct thrift_in thrift_in_open(str bytes); /* at the fields of an outermost struct */
static inline bool thrift_in_ok(const struct thrift_in *t)
{
	return !t->is_bad;
}

/* The next field of the open struct: false at its end, which closes it. Each field's value is then read or skipped. */
bool thrift_next(struct thrift_in *t, int *id, enum thrift_type *type);

/* The value of a field or item of this type; another type is skipped and gives the empty answer. */
int64_t thrift_read_int(struct thrift_in *t, enum thrift_type type);  /* i8 to i64 */
str     thrift_read_binary(struct thrift_in *t, enum thrift_type type); /* borrowed */
bool    thrift_read_struct(struct thrift_in *t, enum thrift_type type); /* opens it */
/* How many items follow: never more than there are bytes left. */
size_t  thrift_read_list(struct thrift_in *t, enum thrift_type type, enum thrift_type *items);
void    thrift_skip(struct thrift_in *t, enum thrift_type type);

#endif
