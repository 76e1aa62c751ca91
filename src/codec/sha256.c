#include "codec/sha256.h"

#include <assert.h>
#include <openssl/evp.h>

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
