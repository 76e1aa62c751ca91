/* name.h - names of events, tables, columns, and pointers into records. */
#ifndef CODEC_NAME_H
#define CODEC_NAME_H

#include "base/buf.h"
#include "base/str.h"

/* Lower-case snake case: humps split (PushEvent -> push_event, sourceIPAddress -> source_ip_address, userID2 -> user_id2),
 * every other byte that is not a-z 0-9 becomes '_' (non-ASCII: one '_' per code point); runs of '_' stay as they are made; a first digit gets '_' before it; empty becomes "_". */
void name_snake(str raw, struct buf *out); /* appended */

/* May this member name be a column? Not: empty, over 128 bytes, invalid UTF-8, holding '.', quotes, backtick, a control character, or
 * beginning with "__". Such members go to _extra. */
bool name_fits_column(str raw);

/* Is this an event name: 1..128 bytes of ASCII letters, digits, blank and _ - . : / # ; no "..", no first or last
 * blank, no first or last '/' , no part that is "." */
bool name_is_event(str raw);

/* JSON Pointer (RFC 6901): append "/" + name with ~ and / escaped. */
void pointer_add(struct buf *out, str name);
void pointer_add_index(struct buf *out, uint64_t index);

#endif
