/* Most text is ASCII, or ASCII with a few other letters: whole words are skipped
 * where no byte has its high bit, and only the rest is walked by sequence. */
#include "codec/utf8.h"

static uint64_t high_bits(const char *ptr)
{
	uint64_t words[4];

	memcpy(words, ptr, sizeof(words));
	return (words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u;
}

size_t utf8_check(str s)
{
	size_t at = 0;

	while (at < s.len) {
		size_t step;

		while (s.len - at >= 32 && high_bits(s.ptr + at) == 0)
			at += 32;
		while (at < s.len && (unsigned char)s.ptr[at] < 0x80)
			at++;
		/* Letters beyond ASCII come in runs: stay here while they do. */
		while (at < s.len && (unsigned char)s.ptr[at] >= 0x80) {
			step = utf8_step((str){s.ptr + at, s.len - at});
			if (step == 0)
				return at;
			at += step;
		}
	}
	return s.len;
}
