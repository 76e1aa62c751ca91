#include "app/reply.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "codec/time.h"

void reply_done(struct reply *r)
{
	buf_done(&r->buf);
}

/* What stands before any value: a comma where another is before it, and its name. */
static void begin(struct reply *r, const char *name)
{
	if (r->depth > 0 && !r->is_first)
		buf_add(&r->buf, STR(", "));
	r->is_first = false;
	if (name != NULL) {
		buf_json(&r->buf, str_of(name));
		buf_add(&r->buf, STR(": "));
	}
}

void reply_open(struct reply *r, const char *name, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	begin(r, name);
	buf_byte(&r->buf, bracket);
	r->depth++;
	r->is_first = true;
}

void reply_close(struct reply *r, char bracket)
{
	assert(bracket == '}' || bracket == ']');
	assert(r->depth > 0);
	buf_byte(&r->buf, bracket);
	r->depth--;
	r->is_first = false;
}

void reply_text(struct reply *r, const char *name, str value)
{
	begin(r, name);
	buf_json(&r->buf, value);
}

void reply_number(struct reply *r, const char *name, int64_t value)
{
	begin(r, name);
	buf_print(&r->buf, "%" PRId64, value);
}

void reply_real(struct reply *r, const char *name, double value)
{
	begin(r, name);
	if (isfinite(value))
		buf_print(&r->buf, "%.9g", value);
	else
		buf_add(&r->buf, STR("null"));
}

void reply_flag(struct reply *r, const char *name, bool value)
{
	begin(r, name);
	buf_add(&r->buf, value ? STR("true") : STR("false"));
}

void reply_null(struct reply *r, const char *name)
{
	begin(r, name);
	buf_add(&r->buf, STR("null"));
}

void reply_time(struct reply *r, const char *name, int64_t us)
{
	char text[TIME_TEXT];

	reply_text(r, name, str_make(text, time_format(us, text)));
}

/* In pieces of whole groups of three bytes, so that only the last one is padded. */
void reply_base64(struct reply *r, const char *name, str bytes)
{
	enum { PIECE = 3 << 16 };

	begin(r, name);
	buf_byte(&r->buf, '"');
	for (; bytes.len > 0; bytes = str_from(bytes, PIECE)) {
		str   piece = str_head(bytes, PIECE);
		char *room = buf_room(&r->buf, (piece.len + 2) / 3 * 4 + 1);

		if (room == NULL)
			return; /* the buffer knows that it is over */
		r->buf.len += (size_t)EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)piece.ptr,
		                                      (int)piece.len);
	}
	buf_byte(&r->buf, '"');
}

int reply_print(struct reply *r, struct err *e)
{
	assert(r->depth == 0);
	if (buf_over(&r->buf))
		return err_set(e, ERR_LIMIT, "the answer is over 1 GiB: ask for less at once");
	(void)fwrite(r->buf.ptr, 1, r->buf.len, stdout); /* main asks stdout in the end whether all went well */
	(void)putchar('\n');
	return 0;
}
