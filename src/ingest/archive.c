#include "ingest/archive.h"

#include <assert.h>
#include <stdlib.h>

void archive_init(struct archive *a, size_t workers)
{
	*a = (struct archive){.packer_count = workers};
	a->packers = xcalloc(workers, sizeof(*a->packers));
}

void archive_done(struct archive *a)
{
	for (size_t i = 0; i < a->packer_count; i++)
		segment_packer_done(&a->packers[i]);
	free(a->packers);
	for (size_t i = 0; i < a->pieces.count; i++)
		segment_piece_done(&a->pieces.at[i]);
	VEC_DONE(&a->pieces);
	VEC_DONE(&a->starts);
	segment_writer_done(&a->segment);
}

size_t archive_bytes(const struct archive *a)
{
	return a->segment.bytes.len;
}

/* Where blocks begin: the split is by the records alone, so that it is the same whatever the crew. */
static void split(struct archive *a, const struct archive_batch *b)
{
	size_t bytes = SEGMENT_BLOCK_BYTES;

	a->starts.count = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (bytes >= SEGMENT_BLOCK_BYTES) {
			*VEC_ADD(&a->starts) = i;
			bytes = 0;
		}
		bytes += b->events[i].record->text_len + b->events[i].record->raw_len;
	}
}

static struct segment_record record_of(const struct archive_batch *b, const struct event *ev)
{
	const struct record  *r = ev->record;
	struct segment_record out = {
		.offset = r->offset,
		.whole_len = r->whole_len,
		.text = str_make(b->run->bytes.ptr + r->text, r->text_len),
		.raw = str_make(b->run->bytes.ptr + r->raw, r->raw_len),
		.sha256 = str_of(r->whole_sha256),
		.part = r->part,
		.fault = (uint8_t)r->fault,
		.verdict = ev->verdict,
	};

	if (ev->verdict == VERDICT_ROW)
		out.word = b->tables[ev->target];
	else if (ev->verdict == VERDICT_QUARANTINE)
		out.word = str_of(reason_code(ev->reason));
	return out;
}

struct packing {
	struct archive             *archive;
	const struct archive_batch *batch;
	struct segment_part        *parts;
};

static int pack_block(void *context, size_t block, size_t worker, struct err *e)
{
	const struct packing  *p = context;
	struct archive        *a = p->archive;
	struct segment_packer *packer = &a->packers[worker];
	size_t                 end = block + 1 < a->starts.count ? a->starts.at[block + 1] : p->batch->count;

	segment_packer_begin(packer);
	for (size_t i = a->starts.at[block]; i < end; i++) {
		struct segment_record r = record_of(p->batch, &p->batch->events[i]);

		segment_packer_add(packer, &r);
	}
	return segment_pack(packer, p->batch->taken_us, p->batch->run->is_text_typed, p->parts,
	                    p->batch->run->parts.count, &a->pieces.at[block], e);
}

int archive_take(struct archive *a, struct workers *w, const struct archive_batch *batch, struct err *e)
{
	AUTO(arena)    scratch = ARENA_INIT;
	struct packing p = {a, batch, ARENA_ARRAY(&scratch, struct segment_part, batch->run->parts.count)};

	assert(workers_count(w) == a->packer_count);
	for (size_t i = 0; i < batch->run->parts.count; i++)
		p.parts[i] = (struct segment_part){batch->run->parts.at[i].key, batch->labels[i]};
	split(a, batch);
	a->pieces.count = 0;
	for (size_t i = 0; i < a->starts.count; i++)
		*VEC_ADD(&a->pieces) = (struct segment_piece){0};
	TRY(workers_run(w, pack_block, &p, a->starts.count, e));
	for (size_t i = 0; i < a->pieces.count; i++) {
		segment_put(&a->segment, &a->pieces.at[i]);
		segment_piece_done(&a->pieces.at[i]);
	}
	a->pieces.count = 0;
	return 0;
}

int archive_write(struct archive *a, struct lake *l, str pipeline, const struct origin *o, uint32_t number,
                  struct journal_entry *entry, struct err *e)
{
	struct entry_raw *raw;
	char              hex[33];
	str               bytes = {0};

	if (a->segment.records == 0)
		return 0;
	TRY(segment_close(&a->segment, &bytes, e));
	lake_checksum(bytes, hex);
	raw = VEC_ADD(&entry->raws);
	*raw = (struct entry_raw){
		.pipeline = arena_str(&entry->arena, pipeline),
		.key = lake_raw_key(&entry->arena, o->lane, lake_origin(&entry->arena, o, number)),
		.checksum = arena_str(&entry->arena, str_of(hex)),
		.bytes = (int64_t)bytes.len,
		.records = (int64_t)a->segment.records,
	};
	return store_put_soon_sure(l->store, raw->key, bytes, e);
}

void archive_committed(struct archive *a)
{
	segment_clear(&a->segment);
}
