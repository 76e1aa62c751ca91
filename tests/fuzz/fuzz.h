/* fuzz.h - what the harnesses share. Each is one parser of outside bytes, under libFuzzer (make fuzz) or run over
 * its seeds by replay.c (make test). The checks of tests/lib/test.h may be used: here a failed one aborts, which is
 * a finding.
 *
 * A harness keeps nothing from one input to the next, draws nothing at random and does no I/O: the same bytes
 * give the same outcome.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/arena.h"
#include "base/hash.h"
#include "tests/lib/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy in a heap block of just its size and `padding` bytes more, so that a read past it is seen. free() it. */
char *fuzz_copy(str bytes, size_t padding);

/* Check a text that proves itself (lake/sealed_int.h): as it is, and its first line with the hash that makes it good, so
 * that what lies behind the proof is reached. */
void fuzz_sealed(str text, void (*check)(str text));

/* A choice below `count` that follows from the input, for what a harness need not try in every way. */
static inline size_t fuzz_choice(str bytes, uint64_t which, size_t count)
{
	return (size_t)(hash_bytes(bytes.ptr, bytes.len, which) % count);
}

/* A file system that holds one file, at FUZZ_FILE; its first `shown` bytes can be seen. */
#define FUZZ_FILE "/fuzz-input"
struct fs *fuzz_fs(str bytes, size_t shown); /* one at a time: the next call changes it */

#endif
