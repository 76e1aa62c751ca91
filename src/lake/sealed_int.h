/* sealed_int.h - texts that prove themselves: one line of JSON, and a line with the SHA-256 of the first.
 *
 *   {"kind":"commit",...}
 *   sha256:<hex>
 *
 * Entries of the journal and checkpoints are such. The functions write and read members in the order
 * in which they are called; complaints name the member.
 */
#ifndef LAKE_SEALED_INT_H
#define LAKE_SEALED_INT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "lake/journal.h"

void seal_item(struct buf *b);                   /* "{" of an object in a list; the caller puts the "}" */
void seal_list(struct buf *b, const char *name); /* "name":[ and the caller puts the "]" */
void seal_text(struct buf *b, const char *name, str value);
void seal_int(struct buf *b, const char *name, int64_t value);
void seal_close(struct buf *b, size_t start);    /* the text stands from `start` on */

/* One object of the document being read, and what it is called in complaints. */
struct sealed {
	const json_t *object;
	size_t        seen;  /* members asked for and found */
	struct arena *arena; /* owns the strs read */
	char          what[32];
	struct err   *e;
};

/* The first line, whose hash the second must give and nothing else. */
int sealed_prove(str text, str *line, char hash[65], struct err *e) MUST_USE;

int           sealed_bad(const struct sealed *r, const char *name, const char *words) MUST_USE; /* ERR_CORRUPT */
const json_t *sealed_get(struct sealed *r, const char *name); /* NULL where it is not there */
int           sealed_text(struct sealed *r, const char *name, str *out) MUST_USE;
int           sealed_int(struct sealed *r, const char *name, int64_t *out) MUST_USE; /* from 0 up */
int           sealed_signed(struct sealed *r, const char *name, int64_t *out) MUST_USE; /* any */
int           sealed_key(struct sealed *r, const char *name, str *out) MUST_USE;
int           sealed_checksum(struct sealed *r, const char *name, str *out) MUST_USE;
int           sealed_end(struct sealed *r) MUST_USE; /* is there a member that nobody asked for? */

/* Each object of an array member, whole. */
typedef int sealed_item_fn(struct sealed *r, void *into);
int sealed_list(struct sealed *r, const char *name, sealed_item_fn *each, void *into) MUST_USE;

/* What entries and checkpoints say alike: the counts of each pipeline. */
void seal_counts(struct buf *b, const struct entry_counts *at, size_t count); /* the whole member "counts" */
int  sealed_counts(struct sealed *r, struct entry_counts *out) MUST_USE;      /* one item of it */
bool counts_are_signed(const struct entry_counts *c);                         /* some number of it is below 0 */

/* And raw segments that may be gone. */
void seal_forgotten(struct buf *b, const struct entry_forgotten *at, size_t count); /* the whole member "forgotten" */
int  sealed_forgotten(struct sealed *r, struct entry_forgotten *out) MUST_USE;      /* one item of it */

#endif
