/* store.h - the seam to object stores: where the lake's bytes lie.
 *
 * A key is a relative path of parts joined by '/', each part made of
 * A-Z a-z 0-9 . _ - = and never "." or ".."; a part has at most 255 bytes, a key
 * STORE_KEY_MAX, and its first part is not ".tmp". A key that is not so is
 * ERR_INPUT. No key may be a folder of another ("a" beside "a/b"). Promise, tested for every kind by
 * tests/seam/store_test.c:
 *
 *   a name appears whole or not at all;
 *   put_new on a taken name answers ERR_CONFLICT, and of many at once one wins;
 *   what put_new or replace has said yes to survives the machine;
 *   list gives every key under a prefix, sorted by bytes, once.
 *
 * A failure with class ERR_IO or ERR_BUSY from put_new is an unknown outcome: the object may be
 * there. Read it back; never guess. Verbs may be called from several threads.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum { STORE_KEY_MAX = 1024 };

struct store;

/* One of many to be put at once. */
struct store_put {
	str        key, body;
	struct err e; /* the answer: class 0 is a yes */
};

/* Return 0 to go on, 1 to stop with success, or a class. `key` is borrowed for the call. */
typedef int store_list_fn(void *context, str key, uint64_t size, struct err *e);

struct store_ops {
	const char *kind; /* "dir", "mem", "fault", ... */

	/* Append bytes [offset, offset + size) to `out`, fewer at the end of the object; size 0: to the end.
	 * ERR_MISSING where there is no such object. */
	int (*get)(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out, struct err *e);
	int (*put_new)(struct store *s, str key, str body, struct err *e);
	/* Last one wins. Only for hints: nothing may depend on what it finds here. */
	int (*replace)(struct store *s, str key, str body, struct err *e);
	/* Keys that begin with `prefix`, greater than `after`. */
	int (*list)(struct store *s, str prefix, str after, store_list_fn *each, void *context, struct err *e);
	int (*remove)(struct store *s, str key, struct err *e); /* absent is fine */
	int (*size)(struct store *s, str key, uint64_t *out, struct err *e); /* ERR_MISSING */
	void (*close)(struct store *s);

	/* As put_new, but the yes survives the machine only once settle has said yes too: for many objects at once, which
	 * nothing names yet. Empty: put_new does. */
	int (*put_soon)(struct store *s, str key, str body, struct err *e);
	/* All that put_soon has said yes to survives the machine. Empty: nothing to wait for. */
	int (*settle)(struct store *s, struct err *e);

	/* As put_new for each, and what put_soon has said yes to before lasts before any of the names is there. Items that
	 * have a class are passed over. Empty: settle, and put_new for one after the other. */
	void (*put_many)(struct store *s, struct store_put *items, size_t count);
	/* As replace for each, but a yes survives the machine only from the next settle on: until then a crash may bring back an
	 * older body, never a part of one. Empty: replace for one after the other. */
	void (*replace_many)(struct store *s, struct store_put *items, size_t count);
};

/* Each kind starts its own object with this. */
struct store {
	const struct store_ops *ops;
	str root; /* the URI that keys are under, for paths in table metadata: "/abs/lake" or "s3://bucket/prefix"; no '/' at the end */
};

/* Kinds. store_open_dir makes the folder where it is absent; with another fs than fs_real() `path` must be absolute.
 * A writer that dies may leave files in "<root>/.tmp". They are never read and never removed here, for another
 * writer may live; they may be removed by hand while nothing writes. */
struct fs;
struct store *store_new_mem(void);
int store_open_dir(struct fs *fs, const char *path, struct store **out, struct err *e) MUST_USE;

/* Callers use these, never the table: they check both sides of the contract. */
int  store_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out, struct err *e) MUST_USE;
int  store_put_new(struct store *s, str key, str body, struct err *e) MUST_USE;
int  store_put_soon(struct store *s, str key, str body, struct err *e) MUST_USE;
int  store_settle(struct store *s, struct err *e) MUST_USE;
int  store_replace(struct store *s, str key, str body, struct err *e) MUST_USE;
/* Each item gets its own answer; what stands in `e` before does not matter. */
void store_put_many(struct store *s, struct store_put *items, size_t count);
void store_replace_many(struct store *s, struct store_put *items, size_t count);
int  store_list(struct store *s, str prefix, str after, store_list_fn *each, void *context, struct err *e) MUST_USE;
int  store_remove(struct store *s, str key, struct err *e) MUST_USE;
int  store_size(struct store *s, str key, uint64_t *out, struct err *e) MUST_USE;
void store_close(struct store *s); /* NULL is fine */
bool store_key_is_valid(str key);

/* Built on the verbs. */
/* The whole object, owned by the arena; ERR_LIMIT over the ceiling (0: 1 GiB). */
int store_get_all(struct store *s, str key, size_t ceiling, struct arena *a, str *out, struct err *e) MUST_USE;
/* put_new whose unknown outcome is read back: 0 means this body is there. ERR_CONFLICT: another body is. */
int store_put_sure(struct store *s, str key, str body, struct err *e) MUST_USE;
/* The same for put_soon. */
int store_put_soon_sure(struct store *s, str key, str body, struct err *e) MUST_USE;
/* The same for put_many. */
void store_put_many_sure(struct store *s, struct store_put *items, size_t count);
/* remove, asked again where its outcome is unknown: 0 means that the object is gone. */
int store_remove_sure(struct store *s, str key, struct err *e) MUST_USE;
/* The probe of reliability R1: put_new twice, at once from several threads, read after write, list after write, under
 * `prefix`, cleaned up afterwards. ERR_UNSUPPORTED with words where the store does not honour create-if-absent. */
int store_probe(struct store *s, str prefix, uint64_t nonce, struct err *e) MUST_USE;

AUTO_PTR_DEFINE(store, store_close)

#endif
