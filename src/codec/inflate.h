/* inflate.h - compressed streams to bytes, piece by piece: gzip (several members), zstd (several frames),
 * or plain.
 *
 * The kind is found by looking at the first bytes, never by a name. One layer only. Memory is bounded: a
 * zstd window over 128 MiB, and an unknown dictionary, are faults.
 */
#ifndef CODEC_INFLATE_H
#define CODEC_INFLATE_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum inflate_kind { INFLATE_PLAIN, INFLATE_GZIP, INFLATE_ZSTD };

struct inflate;

enum inflate_kind inflate_sniff(str head); /* at least 4 bytes where there are as many */
struct inflate   *inflate_new(enum inflate_kind kind);
void              inflate_free(struct inflate *z); /* NULL is fine */

/* Take bytes from `in` (advanced past what was used) and fill `out` up to `room`; *made says how many.
 * Returns 0, or ERR_CORRUPT ("gzip: bad checksum at byte N of the compressed stream"; ERR_LIMIT where the
 * machine has no memory for a zstd window), and the same again ever after. Nothing made and nothing taken:
 * it wants more input. Zeros between and after gzip members are skipped; anything else that is not a
 * member is a fault. */
int  inflate_step(struct inflate *z, str *in, char *out, size_t room, size_t *made, struct err *e) MUST_USE;
/* At the end of the input, once a step makes nothing more: 0 where the stream ended at a whole member or
 * frame, ERR_CORRUPT where it is cut short. */
int  inflate_finish(struct inflate *z, struct err *e) MUST_USE;

/* One-shot, for what we write ourselves. Appended to out, which keeps what it had on failure; ERR_LIMIT
 * past the ceiling. */
int zstd_pack(str bytes, int level, struct buf *out, struct err *e) MUST_USE;
int zstd_unpack(str bytes, size_t ceiling, struct buf *out, struct err *e) MUST_USE;
int deflate_pack(str bytes, struct buf *out, struct err *e) MUST_USE;                  /* raw RFC 1951, for Avro */
int deflate_unpack(str bytes, size_t ceiling, struct buf *out, struct err *e) MUST_USE;

AUTO_PTR_DEFINE(inflate, inflate_free)

#endif
