/* payload.h - the content of a record as one number: equal where two records say the same.
 *
 * The order of members and the blanks between tokens do not count; the order of
 * elements does. Strings count by their value, whatever escapes they were written with; numbers by value and kind (1 and 1.0 differ).
 * Members under an ignored path do not count.
 */
#ifndef INGEST_PAYLOAD_H
#define INGEST_PAYLOAD_H

#include "base/buf.h"
#include "ingest/path.h"

/* `scratch` is for unescaping. At most 31 ignored paths. */
uint64_t payload_hash(const char *text, const uint64_t *words, const struct path *ignore, uint32_t ignore_count,
                      uint64_t seed, struct buf *scratch);

/* The value at one place as bytes that no other value has: a kind byte, then the value; of an object or array
 * its source text, so that there blanks and order count. Appended. */
void payload_canonical(const char *text, const uint64_t *words, uint32_t at, struct buf *scratch, struct buf *out);

#endif
