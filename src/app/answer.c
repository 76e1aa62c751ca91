#include "app/answer.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "codec/time.h"

void answer_done(struct answer *a)
{
	buf_done(&a->buf);
}

/* What stands before any value: a comma where another is before it, and its name. */
static void begin(struct answer *a, const char *name)
{
	if (a->depth > 0 && !a->is_first)
		buf_add(&a->buf, STR(", "));
	a->is_first = false;
	if (name != NULL) {
		buf_json(&a->buf, str_of(name));
		buf_add(&a->buf, STR(": "));
	}
}

void answer_open(struct answer *a, const char *name, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	begin(a, name);
	buf_byte(&a->buf, bracket);
	a->depth++;
	a->is_first = true;
}

void answer_close(struct answer *a, char bracket)
{
	assert(bracket == '}' || bracket == ']');
	assert(a->depth > 0);
	buf_byte(&a->buf, bracket);
	a->depth--;
	a->is_first = false;
}

void answer_text(struct answer *a, const char *name, str value)
{
	begin(a, name);
	buf_json(&a->buf, value);
}

void answer_number(struct answer *a, const char *name, int64_t value)
{
	begin(a, name);
	buf_print(&a->buf, "%" PRId64, value);
}

void answer_flag(struct answer *a, const char *name, bool value)
{
	begin(a, name);
	buf_add(&a->buf, value ? STR("true") : STR("false"));
}

void answer_null(struct answer *a, const char *name)
{
	begin(a, name);
	buf_add(&a->buf, STR("null"));
}

void answer_time(struct answer *a, const char *name, int64_t us)
{
	char text[TIME_TEXT];

	answer_text(a, name, str_make(text, time_format(us, text)));
}

/* In pieces of whole groups of three bytes, so that only the last one is padded. */
void answer_base64(struct answer *a, const char *name, str bytes)
{
	enum { PIECE = 3 << 16 };

	begin(a, name);
	buf_byte(&a->buf, '"');
	for (; bytes.len > 0; bytes = str_from(bytes, PIECE)) {
		str   piece = str_head(bytes, PIECE);
		char *room = buf_room(&a->buf, (piece.len + 2) / 3 * 4 + 1);

		if (room == NULL)
			return; /* the buffer knows that it is over */
		a->buf.len += (size_t)EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)piece.ptr,
		                                      (int)piece.len);
	}
	buf_byte(&a->buf, '"');
}

int answer_print(struct answer *a, struct err *e)
{
	assert(a->depth == 0);
	if (buf_over(&a->buf))
		return err_set(e, ERR_LIMIT, "the answer is over 1 GiB: ask for less at once");
	(void)fwrite(a->buf.ptr, 1, a->buf.len, stdout); /* main asks stdout in the end whether all went well */
	(void)putchar('\n');
	return 0;
}
