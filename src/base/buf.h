/* buf.h - a byte buffer that grows to a ceiling given at birth.
 *
 *     AUTO(buf) b = BUF(64 << 20);
 *     buf_add(&b, STR("..."));
 *     if (buf_over(&b)) return err_set(e, ERR_LIMIT, ...);
 *
 * Appending past the ceiling keeps what is there and marks the buffer over:
 * writers append freely and ask once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/auto.h"
#include "base/err.h"
#include "base/str.h"

struct buf {
	char  *ptr;
	size_t len;
	size_t cap;
	size_t ceiling; /* 0: 1 GiB */
	bool   is_over;
};

#define BUF(ceiling_bytes) ((struct buf){.ceiling = (ceiling_bytes)})

void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* empty, memory kept, no longer over */

/* Room for `size` more bytes at b->ptr + b->len: NULL where that passes the ceiling. */
char *buf_room(struct buf *b, size_t size);

void buf_add(struct buf *b, str s);
void buf_bytes(struct buf *b, const void *ptr, size_t len);
void buf_byte(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t count);
void buf_print(struct buf *b, const char *format, ...) PRINTF(2, 3);
void buf_u32le(struct buf *b, uint32_t v);
void buf_u64le(struct buf *b, uint64_t v);

/* `s` as a JSON string in quotes, escaped; invalid UTF-8 becomes U+FFFD. */
void buf_json(struct buf *b, str s);

static inline str buf_str(const struct buf *b) /* borrowed until the next append */
{
	return (str){b->ptr, b->len};
}

static inline bool buf_over(const struct buf *b)
{
	return b->is_over;
}

AUTO_DEFINE(buf, buf_done)

#endif
