/* avro.h - Avro object containers: as much as Iceberg's manifests and lists need.
 *
 *   "Obj" 01 | map of metadata (avro.schema, avro.codec, ...) | 16-byte sync
 *   then blocks:  long count | long size | `size` bytes: `count` values | the same sync
 *
 * Writing: the caller gives the schema as JSON and puts the fields of each object in the schema's order.
 *
 *     avro_begin(&w, pairs, count, AVRO_DEFLATE, &out);
 *     struct buf *b = avro_object(&w);
 *     avro_put_long(b, 1); avro_put_some(b); avro_put_str(b, path);
 *     TRY(avro_end(&w, e));
 *
 * Reading: by the writer's schema, whatever it is, so that a reader finds what it knows by field id and skips the rest.
 * Work and memory are bounded by the input's size and a ceiling. A cursor that meets bytes which do not fit its schema
 * becomes broken and stays so; from then on it gives zeroes and empty strs, and avro_each answers ERR_CORRUPT.
 */
#ifndef CODEC_AVRO_H
#define CODEC_AVRO_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum avro_codec { AVRO_PLAIN, AVRO_DEFLATE };

/* ---- writing --------------------------------------------------------------------------------- */

struct avro_pair {
	str key, value;
};

struct avro_writer {
	struct buf     *out;   /* borrowed */
	struct buf      block; /* objects not yet in `out` */
	int64_t         count; /* of them */
	enum avro_codec codec;
	int             failed; /* class of a block that could not be packed */
	struct err      why;
	char            sync[16];
};

/* `pairs` must hold avro.schema; avro.codec is added here. The sync marker follows from the header's
 * bytes, so that the same objects make the same file. */
void avro_begin(struct avro_writer *w, const struct avro_pair *pairs, size_t count, enum avro_codec codec,
                struct buf *out);
/* Where the next object's fields go; good until the next call. */
struct buf *avro_object(struct avro_writer *w);
int  avro_end(struct avro_writer *w, struct err *e) MUST_USE; /* ERR_LIMIT where a ceiling was met */
void avro_writer_done(struct avro_writer *w);

void avro_put_long(struct buf *b, int64_t v); /* int too; counts before an array's items, 0 after them */
void avro_put_bool(struct buf *b, bool v);
void avro_put_str(struct buf *b, str s); /* string, bytes */
void avro_put_none(struct buf *b);       /* branches of ["null", T] */
void avro_put_some(struct buf *b);

AUTO_DEFINE(avro_writer, avro_writer_done)

/* ---- reading --------------------------------------------------------------------------------- */

enum avro_kind {
	AVRO_NULL,
	AVRO_BOOL,
	AVRO_INT,
	AVRO_LONG,
	AVRO_FLOAT,
	AVRO_DOUBLE,
	AVRO_BYTES,
	AVRO_STRING,
	AVRO_FIXED,
	AVRO_ENUM,
	AVRO_RECORD, /* fields: its fields */
	AVRO_ARRAY,  /* fields: one, the item */
	AVRO_MAP,    /* fields: one, the value; the key is a string */
	AVRO_UNION,  /* fields: the branches */
};

struct avro_type {
	enum avro_kind     kind;
	uint32_t           size;   /* AVRO_FIXED */
	uint32_t           height; /* levels of types under it: bounds the stack */
	struct avro_field *fields;
	size_t             field_count;
};

struct avro_field {
	str                     name;
	int32_t                 id; /* "field-id"; -1: none */
	const struct avro_type *type;
};

struct avro_file {
	const struct avro_type *type;  /* of every object */
	struct avro_pair       *pairs; /* the header's metadata */
	size_t                  pair_count;
	enum avro_codec         codec;
	str                     sync, rest; /* borrowed from the bytes */
	struct arena           *arena;      /* borrowed */
};

/* Values not yet read of one object. */
struct avro_cursor {
	const char *at, *end;
	uint64_t    steps; /* values still allowed: one may cost no bytes, and must not cost us time */
	bool        is_broken;
};

/* `bytes` stays the caller's and must outlive the reading; types and what is read live in `a`. */
int  avro_open(str bytes, struct arena *a, struct avro_file *out, struct err *e) MUST_USE;
bool avro_pair(const struct avro_file *f, str key, str *out);

/* Calls `each` for every object with a cursor at its start; what it leaves unread of the object must
 * be skipped by it. `ceiling` bounds the bytes of all blocks unpacked: ERR_LIMIT. A class from `each`
 * ends the walk. */
typedef int avro_each_fn(void *context, struct avro_cursor *c, const struct avro_type *t, struct err *e);
int avro_each(struct avro_file *f, size_t ceiling, avro_each_fn *each, void *context,
              struct err *e) MUST_USE;

/* Each reads one value of type `t`, going through a union first. A value of another kind breaks the
 * cursor, but null: that gives `otherwise`, or an str with ptr NULL. Strs are never NULL else, and
 * live in the arena. */
int64_t avro_long(struct avro_cursor *c, const struct avro_type *t, int64_t otherwise); /* int, long */
bool    avro_bool(struct avro_cursor *c, const struct avro_type *t, bool otherwise);
str     avro_str(struct avro_cursor *c, const struct avro_type *t); /* string, bytes, fixed */
void    avro_skip(struct avro_cursor *c, const struct avro_type *t);

/* The branch a union's value is of (`t` itself where it is no union): to be read next. */
const struct avro_type *avro_branch(struct avro_cursor *c, const struct avro_type *t);

/* The items of an array: for (it = avro_items(c, t); avro_next(c, &it);) read one of it.type. Null has
 * none. */
struct avro_items {
	const struct avro_type *type;    /* NULL: null */
	uint64_t                left;    /* in this run */
	bool                    is_done;
};
struct avro_items avro_items(struct avro_cursor *c, const struct avro_type *t);
bool              avro_next(struct avro_cursor *c, struct avro_items *it);

#endif
