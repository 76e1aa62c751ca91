/* sha256.h - the hash of the journal's chain. */
#ifndef CODEC_SHA256_H
#define CODEC_SHA256_H

#include "base/str.h"

void sha256(str bytes, uint8_t out[32]);
void sha256_hex(str bytes, char out[65]);

/* The same over bytes that come in pieces. */
struct sha256_stream;
struct sha256_stream *sha256_new(void);
void sha256_add(struct sha256_stream *s, str bytes);
void sha256_finish(struct sha256_stream *s, char out[65]); /* hex; and frees it */
void sha256_free(struct sha256_stream *s);                 /* NULL is fine */

void hex_encode(const void *bytes, size_t len, char *out); /* 2 * len characters and a NUL, lower case */
bool hex_decode(str hex, void *out);                       /* hex.len / 2 bytes; false where it is not hex */
bool uuid_parse(str text, uint8_t out[16], bool *is_canonical); /* 8-4-4-4-12; canonical: lower case */
void uuid_format(const uint8_t uuid[16], char out[37]);

#endif
