/* Raw segments against the records: each one that the entry covers is there, as it was written, with what must become of it. */
#include <inttypes.h>

#include "tests/sim/ghost_int.h"

/* Of several records of one id in an entry the journal does not say which came first: one is the row, the others repeat it. */
static bool is_verdict(const struct segment_record *r, const struct outcome *want)
{
	bool is_either = want->verdict == VERDICT_ROW || want->verdict == VERDICT_DUPLICATE;

	if (r->verdict == VERDICT_ROW && !str_eq(r->word, str_of(ghost_table_names[want->table])))
		return false;
	return is_either ? r->verdict == VERDICT_ROW || r->verdict == VERDICT_DUPLICATE : r->verdict == want->verdict;
}

static struct outcome *outcome_of(const struct sums *s, str path, uint64_t offset)
{
	for (size_t i = 0; i < s->outcomes.count; i++)
		if (s->outcomes.at[i].offset == offset && str_eq(str_of(s->outcomes.at[i].file->path), path))
			return &s->outcomes.at[i];
	return NULL;
}

static void check_record(struct ghost *g, const struct journal_entry *j, const struct segment_block *b,
                         const struct segment_record *r, const struct sums *s)
{
	str                   path = b->parts[r->part].key;
	const struct outcome *want = outcome_of(s, path, r->offset);

	if (want == NULL)
		world_violate(g->world, "I3: raw of entry %" PRIu64 " has a record at " STR_FMT ":%" PRIu64
		              " that it does not cover", j->seq, STR_ARG(path), r->offset);
	else if (!is_verdict(r, want))
		world_violate(g->world, "I3: raw of entry %" PRIu64 " says verdict %d of the record at " STR_FMT ":%" PRIu64
		              ", it must be %d", j->seq, (int)r->verdict, STR_ARG(path), r->offset, (int)want->verdict);
	else if (!str_starts(str_from(buf_str(&want->file->text), (size_t)r->offset), r->raw))
		world_violate(g->world, "I3: raw of entry %" PRIu64 " has another record at " STR_FMT ":%" PRIu64, j->seq,
		              STR_ARG(path), r->offset);
}

struct raw_counts {
	size_t records, rows;
};

static void read_segment(struct ghost *g, const struct journal_entry *j, const struct entry_raw *raw, const struct sums *s,
                         struct raw_counts *out)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};
	struct err          e = ERR_NONE;

	if (segment_open(g->lake, raw->key, (uint64_t)raw->bytes, &segment, &e) < 0) {
		world_violate(g->world, "I8: raw of entry %" PRIu64 ": %s", j->seq, e.text);
		return;
	}
	for (size_t i = 0; i < segment.blocks.count && !g->world->is_over; i++) {
		if (segment_read(&segment, i, &block, &e) < 0) {
			world_violate(g->world, "I8: raw of entry %" PRIu64 ": %s", j->seq, e.text);
			break;
		}
		for (size_t k = 0; k < block.records.count; k++) {
			check_record(g, j, &block, &block.records.at[k], s);
			out->rows += block.records.at[k].verdict == VERDICT_ROW;
		}
		out->records += block.records.count;
	}
}

void ghost_check_raw(struct ghost *g, const struct journal_entry *j, const struct sums *s)
{
	for (unsigned i = 0; i < g->pipeline_count; i++) {
		const struct entry_counts *want = &s->counts[i];
		struct raw_counts          got = {0};

		for (size_t k = 0; k < j->raws.count; k++) {
			const struct entry_raw *raw = &j->raws.at[k];

			if (!str_eq(raw->pipeline, g->pipelines[i].conf.name))
				continue;
			ghost_object_add(g, j, raw->key);
			if (ghost_check_object(g, j->seq, raw->key, raw->bytes, raw->checksum))
				read_segment(g, j, raw, s, &got);
		}
		if (g->pipelines[i].conf.raw == RAW_ON &&
		    (got.records != (size_t)want->records || got.rows != (size_t)want->rows))
			world_violate(g->world, "I3: raw of entry %" PRIu64 " has %zu records of pipeline %u, %zu of them rows; "
			              "it covers %" PRId64 " and %" PRId64, j->seq, got.records, i, got.rows, want->records,
			              want->rows);
	}
}
