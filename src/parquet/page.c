#include <libdeflate.h>

#include "os/profile.h"
#include "parquet/meta_int.h"
#include "parquet/write_int.h"

int page_pack(struct parquet_file *w, enum parquet_codec codec, str *out, struct err *e)
{
	struct parquet_scratch *s = w->s;
	size_t                  bound = ZSTD_compressBound(s->body.len), size;
	char                   *room;

	if (buf_over(&s->body))
		return err_set(e, ERR_LIMIT, "parquet: a page of over %zu bytes: one row is too large", s->body.len);
	*out = buf_str(&s->body);
	if (codec == CODEC_NONE)
		return 0;
	PROFILE(PROFILE_COMPRESS);
	buf_clear(&s->packed);
	room = buf_room(&s->packed, bound);
	if (room == NULL)
		return err_set(e, ERR_LIMIT, "parquet: a page of %zu bytes: one row is too large", s->body.len);
	size = ZSTD_compress2(s->zstd, room, bound, s->body.ptr, s->body.len);
	if (ZSTD_isError(size))
		return err_set(e, ERR_LIMIT, "parquet: zstd: %s", ZSTD_getErrorName(size));
	s->packed.len = size;
	*out = buf_str(&s->packed);
	return 0;
}

uint32_t page_append(struct parquet_file *w, enum parquet_page_type type, enum parquet_encoding encoding,
                     uint32_t count, str stored, struct chunk_meta *m)
{
	size_t           start = w->out->len, head_bytes;
	struct page_head head = {
		.type = type,
		.encoding = encoding,
		.count = count,
		.raw_bytes = w->s->body.len,
		.bytes = stored.len,
		.crc = libdeflate_crc32(0, stored.ptr, stored.len),
	};

	meta_page_head(&head, w->out);
	head_bytes = w->out->len - start;
	buf_add(w->out, stored);
	m->raw_bytes += (int64_t)(head_bytes + head.raw_bytes);
	m->bytes += (int64_t)(head_bytes + head.bytes);
	return (uint32_t)(head_bytes + head.bytes);
}
