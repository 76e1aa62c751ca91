/* segment_write.c - records into blocks, blocks into a raw segment. */
#include <assert.h>

#include "codec/inflate.h"
#include "lake/segment.h"
#include "lake/segment_int.h"

enum { LEVEL = 1 }; /* cheap: raw is written for every record and read for few */

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_byte(b, (char)(v | 0x80));
	buf_byte(b, (char)v);
}

static void put_str(struct buf *b, str s)
{
	put_varint(b, s.len);
	buf_add(b, s);
}

void segment_packer_begin(struct segment_packer *p)
{
	buf_clear(&p->plain);
	buf_clear(&p->records);
	p->words.count = 0;
	*VEC_ADD(&p->words) = (str){0};
	p->record_count = p->row_count = 0;
}

void segment_packer_done(struct segment_packer *p)
{
	buf_done(&p->plain);
	buf_done(&p->records);
	VEC_DONE(&p->words);
}

/* Tables and reasons of one block are few, and neighbours tend to share theirs. */
static size_t word_number(struct segment_packer *p, str word)
{
	for (size_t i = p->words.count; i-- > 0;)
		if (str_eq(p->words.at[i], word))
			return i;
	*VEC_ADD(&p->words) = word;
	return p->words.count - 1;
}

void segment_packer_add(struct segment_packer *p, const struct segment_record *r)
{
	bool is_other = r->raw.ptr != r->text.ptr || r->raw.len != r->text.len;
	bool is_head = r->whole_len != r->raw.len || r->sha256.len > 0;

	assert(r->fault < 1 << SEGMENT_FAULT_BITS && (unsigned)r->verdict < 4);
	assert((r->verdict == VERDICT_ROW || r->verdict == VERDICT_QUARANTINE) == (r->word.len > 0));
	buf_byte(&p->records, (char)((unsigned)r->verdict | (unsigned)r->fault << 2 | (is_other ? SEGMENT_OTHER : 0u) |
	                             (is_head ? SEGMENT_HEAD : 0u)));
	put_varint(&p->records, word_number(p, r->word));
	put_varint(&p->records, r->part);
	put_varint(&p->records, r->offset);
	put_str(&p->records, r->text);
	if (is_other)
		put_str(&p->records, r->raw);
	if (is_head) {
		put_varint(&p->records, r->whole_len);
		put_str(&p->records, r->sha256);
	}
	p->record_count++;
	p->row_count += r->verdict == VERDICT_ROW;
}

int segment_pack(struct segment_packer *p, int64_t taken_us, bool is_text_typed, const struct segment_part *parts,
                 size_t part_count, struct segment_piece *out, struct err *e)
{
	AUTO(buf) packed = BUF(SEGMENT_BLOCK_MOST);

	buf_u64le(&p->plain, (uint64_t)taken_us);
	buf_byte(&p->plain, (char)is_text_typed);
	put_varint(&p->plain, part_count);
	for (size_t i = 0; i < part_count; i++) {
		put_str(&p->plain, parts[i].key);
		put_str(&p->plain, parts[i].label);
	}
	put_varint(&p->plain, p->words.count);
	for (size_t i = 0; i < p->words.count; i++)
		put_str(&p->plain, p->words.at[i]);
	put_varint(&p->plain, p->record_count);
	buf_add(&p->plain, buf_str(&p->records));
	if (buf_over(&p->plain) || buf_over(&p->records) || p->plain.len > SEGMENT_BLOCK_MOST)
		return err_set(e, ERR_LIMIT, "%u raw records take more than %d MiB", p->record_count,
		               SEGMENT_BLOCK_MOST >> 20);
	TRY(zstd_pack(buf_str(&p->plain), LEVEL, &packed, e));
	*out = (struct segment_piece){packed, (uint32_t)p->plain.len, p->record_count, p->row_count};
	packed = (struct buf){0};
	return 0;
}

void segment_piece_done(struct segment_piece *p)
{
	buf_done(&p->packed);
}

void segment_writer_done(struct segment_writer *w)
{
	buf_done(&w->bytes);
	buf_done(&w->index);
}

void segment_clear(struct segment_writer *w)
{
	buf_clear(&w->bytes);
	buf_clear(&w->index);
	w->records = 0;
}

void segment_put(struct segment_writer *w, const struct segment_piece *piece)
{
	if (w->bytes.len == 0)
		buf_add(&w->bytes, STR(SEGMENT_MAGIC));
	buf_u64le(&w->index, w->bytes.len);
	buf_u32le(&w->index, (uint32_t)piece->packed.len);
	buf_u32le(&w->index, piece->plain);
	buf_u32le(&w->index, piece->records);
	buf_u32le(&w->index, piece->rows);
	buf_u64le(&w->index, hash_bytes(piece->packed.ptr, piece->packed.len, 0));
	buf_add(&w->bytes, buf_str(&piece->packed));
	w->records += piece->records;
}

int segment_close(struct segment_writer *w, str *out, struct err *e)
{
	uint64_t at = w->bytes.len;

	assert(w->records > 0);
	buf_add(&w->bytes, buf_str(&w->index));
	buf_u64le(&w->bytes, at);
	buf_u64le(&w->bytes, hash_bytes(w->index.ptr, w->index.len, 0));
	buf_add(&w->bytes, STR(SEGMENT_MAGIC));
	if (buf_over(&w->bytes) || buf_over(&w->index))
		return err_set(e, ERR_LIMIT, "a raw segment of %zu MiB is too large: commit more often", w->bytes.len >> 20);
	*out = buf_str(&w->bytes);
	return 0;
}
