#include "ingest/idrun_set.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	FIRST_READ = 64 << 10, /* of a run: most are no larger */
	WHOLE_READ = 8 << 20,  /* one that is wanted and larger is walked in steps */
	READS = 2,             /* of bytes that do not prove: what flips on the way comes right at the next */
};

void idrun_set_init(struct idrun_set *s, struct lake *l, size_t kept_ceiling)
{
	*s = (struct idrun_set){.lake = l, .kept_ceiling = kept_ceiling};
}

static void run_done(struct id_run *r)
{
	free((void *)r->key.ptr);
	free(r->kept);
	free(r->filter);
}

void idrun_set_done(struct idrun_set *s)
{
	for (size_t i = 0; i < s->runs.count; i++)
		run_done(&s->runs.at[i]);
	VEC_DONE(&s->runs);
	VEC_DONE(&s->places);
	VEC_DONE(&s->moved);
	buf_done(&s->scratch);
}

/* --- reading --------------------------------------------------------------------------------- */

static int read_part(struct idrun_set *s, str key, uint64_t from, uint64_t size, struct buf *out, struct err *e)
{
	size_t before = out->len;

	TRY(store_get(s->lake->store, key, from, size, out, e));
	if (out->len - before != size)
		return err_set(e, ERR_CORRUPT, "it ends before byte %" PRIu64, from + size);
	return 0;
}

static bool range_proves(const struct idrun_set *s, struct id_spot from, struct id_spot to, str bytes)
{
	for (uint32_t i = from.section; i <= to.section; i++) {
		uint64_t       first = i == from.section ? from.block : 0;
		struct id_spot last = i == to.section ? to : id_spot_last(s, i);
		size_t         size = id_spot_at(s, last) - id_spot_at(s, (struct id_spot){i, first});

		if (!idrun_proves(&s->places.at[i].section, first, last.block, str_head(bytes, size)))
			return false;
		bytes = str_from(bytes, size);
	}
	return true;
}

static int read_range(struct idrun_set *s, struct id_spot from, struct id_spot to, struct buf *out, struct err *e)
{
	uint64_t at = id_spot_at(s, from), end = id_spot_at(s, to);

	buf_clear(out);
	s->reads++;
	TRY(read_part(s, s->runs.at[s->places.at[from.section].run].key, at, end - at, out, e));
	if (!range_proves(s, from, to, buf_str(out)))
		return err_set(e, ERR_CORRUPT, "bytes %" PRIu64 " to %" PRIu64 " do not fit their checksums", at, end);
	return 0;
}

int idrun_set_read(struct idrun_set *s, struct id_spot from, struct id_spot to, struct buf *scratch, str *out,
                   struct err *e)
{
	const struct id_run *r = &s->runs.at[s->places.at[from.section].run];
	int                  rc = ERR_CORRUPT;

	assert(s->places.at[to.section].run == s->places.at[from.section].run && id_spot_at(s, from) < id_spot_at(s, to));
	if (r->kept != NULL) {
		*out = str_make(r->kept + id_spot_at(s, from), id_spot_at(s, to) - id_spot_at(s, from));
		return 0;
	}
	for (int i = 0; i < READS && rc == ERR_CORRUPT; i++)
		rc = read_range(s, from, to, scratch, e);
	if (rc < 0)
		return err_add(e, "run of ids " STR_FMT, STR_ARG(r->key));
	*out = buf_str(scratch);
	return 0;
}

static bool whole_proves(const struct id_section *sections, uint32_t count, str bytes)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t blocks = id_blocks(sections[i].count), end = id_block_at(&sections[i], blocks);

		if (!idrun_proves(&sections[i], 0, blocks, str_from(str_head(bytes, end), sections[i].at)))
			return false;
	}
	return true;
}

/* The beginning of a run, so many bytes or as many as its head has. */
static int read_head(struct idrun_set *s, str key, uint64_t run_bytes, uint64_t first, struct buf *out, struct arena *a,
                     struct id_section **sections, uint32_t *count, struct err *e)
{
	uint64_t size;

	buf_clear(out);
	TRY(read_part(s, key, 0, first, out, e));
	TRY(idrun_head_size(buf_str(out), run_bytes, &size, e));
	if (size > out->len)
		TRY(read_part(s, key, out->len, size - out->len, out, e));
	TRY(idrun_sections(buf_str(out), run_bytes, a, sections, count, e));
	if (out->len == run_bytes && !whole_proves(*sections, *count, buf_str(out)))
		return err_set(e, ERR_CORRUPT, "its blocks do not fit their checksums");
	return 0;
}

/* --- the runs -------------------------------------------------------------------------------- */

static void unkeep(struct idrun_set *s, struct id_run *r)
{
	s->kept_bytes -= r->kept != NULL ? r->bytes : 0;
	free(TAKE(r->kept));
}

static void keep(struct idrun_set *s, struct id_run *r, str bytes)
{
	if (bytes.len > s->kept_ceiling)
		return;
	for (size_t i = 0; i < s->runs.count && s->kept_bytes + bytes.len > s->kept_ceiling; i++)
		unkeep(s, &s->runs.at[i]);
	r->kept = xmalloc(bytes.len);
	memcpy(r->kept, bytes.ptr, bytes.len);
	s->kept_bytes += bytes.len;
}

static struct id_run run_make(str key, uint64_t run_bytes, int64_t time_us, const struct id_section *sections,
                              uint32_t count)
{
	struct id_run r = {.bytes = run_bytes, .time_us = time_us, .section_count = count};
	char         *name = xmalloc(key.len);

	memcpy(name, key.ptr, key.len);
	r.key = str_make(name, key.len);
	for (uint32_t i = 0; i < count; i++)
		r.count += sections[i].count;
	return r;
}

static void add(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, str bytes,
                const struct id_section *sections, uint32_t count)
{
	struct id_run run = run_make(key, run_bytes, time_us, sections, count);

	run.first_section = (uint32_t)s->places.count;
	if (bytes.len == run_bytes)
		keep(s, &run, bytes);
	for (uint32_t i = 0; i < count; i++)
		*VEC_ADD(&s->places) = (struct id_place){sections[i], (uint32_t)s->runs.count};
	*VEC_ADD(&s->runs) = run;
}

int idrun_set_add(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, str bytes, struct err *e)
{
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	uint32_t           count;

	assert(bytes.len == run_bytes);
	if (idrun_sections(bytes, run_bytes, &a, &sections, &count, e) < 0)
		return err_add(e, "run of ids " STR_FMT, STR_ARG(key));
	add(s, key, run_bytes, time_us, bytes, sections, count);
	return 0;
}

int idrun_set_load(struct idrun_set *s, str key, uint64_t run_bytes, int64_t time_us, bool is_wanted, struct err *e)
{
	AUTO(buf)          head = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	uint64_t           first = run_bytes <= (is_wanted ? WHOLE_READ : FIRST_READ) ? run_bytes : FIRST_READ;
	struct id_section *sections;
	uint32_t           count;
	int                rc = ERR_CORRUPT;

	for (int i = 0; i < READS && rc == ERR_CORRUPT; i++)
		rc = read_head(s, key, run_bytes, first, &head, &a, &sections, &count, e);
	if (rc < 0)
		return err_add(e, "run of ids " STR_FMT, STR_ARG(key));
	add(s, key, run_bytes, time_us, buf_str(&head), sections, count);
	return 0;
}

static uint32_t section_of(const struct id_section *sections, uint32_t count, int64_t hour)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (sections[middle].hour < hour)
			low = middle + 1;
		else
			high = middle;
	}
	assert(low < count && sections[low].hour == hour);
	return low;
}

/* Sections of runs [first, first + gone] are now those given, of run `first`; those behind them move up. */
static void places_replace(struct idrun_set *s, uint32_t first, uint32_t gone, const struct id_section *sections,
                           uint32_t count)
{
	const struct id_run *last = &s->runs.at[first + gone];
	uint32_t             from = s->runs.at[first].first_section, to = last->first_section + last->section_count;
	uint32_t             shift = to - from - count;

	assert(count <= to - from);
	VEC_ROOM(&s->moved, s->places.count);
	s->moved.count = s->places.count;
	for (uint32_t i = 0; i < s->places.count; i++) {
		s->moved.at[i] = i < from ? i : i - shift;
		if (i >= from && i < to)
			s->moved.at[i] = from + section_of(sections, count, s->places.at[i].section.hour);
		if (i >= to) {
			s->places.at[i - shift] = s->places.at[i];
			s->places.at[i - shift].run -= gone;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		s->places.at[from + i] = (struct id_place){sections[i], first};
	s->places.count -= shift;
	for (size_t i = first + gone + 1; i < s->runs.count; i++)
		s->runs.at[i].first_section -= shift;
}

/* `run` takes the place of `first` and of as many behind it; true where all of them were kept. */
static bool runs_replace(struct idrun_set *s, uint32_t first, uint32_t gone, const struct id_run *run)
{
	bool   are_kept = true;
	size_t behind = first + gone + 1;

	for (size_t i = first; i < behind; i++) {
		struct id_run *old = &s->runs.at[i];

		are_kept &= old->kept != NULL;
		unkeep(s, old);
		run_done(old);
	}
	s->runs.at[first] = *run;
	memmove(&s->runs.at[first + 1], &s->runs.at[behind], (s->runs.count - behind) * sizeof(*s->runs.at));
	s->runs.count -= gone;
	return are_kept;
}

int idrun_set_replace(struct idrun_set *s, uint32_t first, uint32_t count, str key, struct buf *bytes, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	const struct id_run *oldest = &s->runs.at[first], *newest = &s->runs.at[first + count - 1];
	struct id_section   *sections;
	struct id_run        run;
	uint32_t             section_count;
	bool                 has_filter = oldest->filter != NULL, are_kept;

	assert(count > 1 && first + count <= s->runs.count);
	TRY(idrun_sections(buf_str(bytes), bytes->len, &a, &sections, &section_count, e));
	run = run_make(key, bytes->len, newest->time_us, sections, section_count);
	run.first_section = oldest->first_section;
	run.kept = TAKE(bytes->ptr);
	buf_done(bytes);
	places_replace(s, first, count - 1, sections, section_count);
	s->kept_bytes += run.bytes;
	are_kept = runs_replace(s, first, count - 1, &run);
	if (has_filter)
		TRY(idrun_set_filter(s, first, e));
	if (!are_kept)
		unkeep(s, &s->runs.at[first]);
	return 0;
}
