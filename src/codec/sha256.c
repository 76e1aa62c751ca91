#include "codec/sha256.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/arena.h"

void sha256(str bytes, uint8_t out[32])
{
	unsigned len = 0;
	int      is_done = EVP_Digest(bytes.ptr, bytes.len, out, &len, EVP_sha256(), NULL);

	assert(is_done == 1); /* else the library itself is broken, and no chain can be trusted */
	assert(len == 32);
}

void sha256_hex(str bytes, char out[65])
{
	uint8_t digest[32];

	sha256(bytes, digest);
	hex_encode(digest, sizeof(digest), out);
}

struct sha256_stream {
	EVP_MD_CTX *context;
};

struct sha256_stream *sha256_new(void)
{
	struct sha256_stream *s = xcalloc(1, sizeof(*s));

	s->context = EVP_MD_CTX_new();
	if (s->context == NULL || EVP_DigestInit_ex(s->context, EVP_sha256(), NULL) != 1)
		abort();
	return s;
}

void sha256_add(struct sha256_stream *s, str bytes)
{
	if (EVP_DigestUpdate(s->context, bytes.ptr, bytes.len) != 1)
		abort();
}

void sha256_finish(struct sha256_stream *s, char out[65])
{
	uint8_t digest[32];

	if (EVP_DigestFinal_ex(s->context, digest, NULL) != 1)
		abort();
	hex_encode(digest, sizeof(digest), out);
	sha256_free(s);
}

void sha256_free(struct sha256_stream *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->context);
	free(s);
}
