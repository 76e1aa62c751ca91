#include "app/plain.h"

#include "base/buf.h"
#include "codec/time.h"
#include "codec/utf8.h"

/* Terminals obey the controls of ISO 6429 in both their forms: below 0x20, and U+0080 to U+009F. */
static bool is_control(str sequence)
{
	unsigned char first = (unsigned char)sequence.ptr[0];

	if (sequence.len == 1)
		return first < 0x20 || first == 0x7F;
	return sequence.len == 2 && first == 0xC2 && (unsigned char)sequence.ptr[1] < 0xA0;
}

const char *plain_text(struct arena *a, str bytes)
{
	AUTO(buf) out = BUF(0);

	while (bytes.len > 0) {
		size_t step = utf8_step(bytes), len = step ? step : 1;
		str    sequence = str_head(bytes, len);

		if (step > 0 && !is_control(sequence))
			buf_add(&out, sequence);
		else
			for (size_t i = 0; i < len; i++)
				buf_print(&out, "\\x%02x", (unsigned char)sequence.ptr[i]);
		bytes = str_from(bytes, len);
	}
	return arena_cstr(a, buf_str(&out));
}

const char *plain_time(struct arena *a, int64_t us)
{
	char text[TIME_TEXT];

	return arena_cstr(a, str_make(text, time_format(us, text)));
}

const char *plain_age(struct arena *a, int64_t us)
{
	const int64_t seconds = us > 0 ? us / 1000000 : 0;

	if (seconds < 120)
		return arena_format(a, "%lld s", (long long)seconds).ptr;
	if (seconds < 2 * 3600)
		return arena_format(a, "%lld min", (long long)seconds / 60).ptr;
	if (seconds < 2 * 86400)
		return arena_format(a, "%lld h", (long long)seconds / 3600).ptr;
	return arena_format(a, "%lld days", (long long)seconds / 86400).ptr;
}
