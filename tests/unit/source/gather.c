#include "tests/unit/source/gather.h"

#include <zlib.h>

#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"

static struct arena paths;

__attribute__((destructor)) static void paths_done(void)
{
	arena_done(&paths);
}

void gather_done(struct gather *g)
{
	arena_done(&g->arena);
	map_done(&g->states);
	VEC_DONE(&g->records);
	run_done(&g->run);
}

static str told_state(struct gather *g, str key)
{
	str *state = map_ptr(&g->states, key);

	return state ? *state : (str){0};
}

str gather_state(void *gather, str key)
{
	struct gather *g = gather;

	return g->is_unsettled ? (str){0} : told_state(g, key);
}

static void keep_part(struct gather *g, const struct run_part *part)
{
	str *state = ARENA_NEW(&g->arena, str);

	CHECK_STR(part->from, told_state(g, part->key));
	*state = arena_str(&g->arena, part->to);
	map_put(&g->states, part->key)->ptr = state;
	g->done_parts += part->is_done;
	if (part->fault.len > 0)
		g->fault = arena_str(&g->arena, part->fault);
}

static void keep_record(struct gather *g, const struct record *r)
{
	const char *bytes = g->run.bytes.ptr;

	CHECK((size_t)r->text + r->text_len <= g->run.bytes.len);
	CHECK((size_t)r->raw + r->raw_len <= g->run.bytes.len);
	CHECK(r->part < g->run.parts.count);
	*VEC_ADD(&g->records) = (struct gathered){
		.text = arena_str(&g->arena, str_make(bytes + r->text, r->text_len)),
		.raw = arena_str(&g->arena, str_make(bytes + r->raw, r->raw_len)),
		.key = arena_str(&g->arena, g->run.parts.at[r->part].key),
		.offset = r->offset,
		.fault = r->fault,
	};
}

int gather_run(struct gather *g, struct source *s)
{
	struct err e = ERR_NONE;
	int        rc = source_read(s, &g->run, &e);

	if (rc < 0)
		test_fail(__FILE__, __LINE__, "source_read: %s", e.text);
	if (rc < 1)
		return rc;
	g->runs++;
	g->empty_runs += g->run.records.count == 0;
	g->blank_lines += g->run.blank_lines;
	g->raw_bytes += g->run.raw_bytes;
	g->is_text_typed = g->run.is_text_typed;
	if (g->bytes_peak < g->run.bytes.cap)
		g->bytes_peak = g->run.bytes.cap;
	for (size_t i = 0; i < g->run.parts.count; i++)
		keep_part(g, &g->run.parts.at[i]);
	for (size_t i = 0; i < g->run.records.count; i++)
		keep_record(g, &g->run.records.at[i]);
	if (!g->is_unsettled)
		CHECK_OK(source_settle(s, g->run.parts.at, g->run.parts.count, &e), &e);
	return 1;
}

void gather_all(struct gather *g, struct source *s)
{
	while (gather_run(g, s) == 1)
		continue;
}

str gather_texts(struct gather *g)
{
	AUTO(buf) texts = BUF(0);

	for (size_t i = 0; i < g->records.count; i++) {
		buf_add(&texts, g->records.at[i].text);
		buf_byte(&texts, '\n');
	}
	return arena_str(&g->arena, buf_str(&texts));
}

void gather_files(struct gather *g, const struct source_conf *conf, struct source_counts *counts)
{
	AUTO_PTR(source) s = NULL;
	struct err       e = ERR_NONE;
	int              rc = source_open_file(fs_real(), clock_real(), conf, gather_state, g, &s, &e);

	CHECK_OK(rc, &e);
	if (rc < 0)
		return;
	gather_all(g, s);
	if (counts != NULL)
		*counts = s->counts;
}

const char *path_of(const char *folder, const char *name)
{
	return arena_format(&paths, "%s/%s", folder, name).ptr;
}

static void write_with(const char *path, const char *mode, str bytes)
{
	FILE *file = fopen(path, mode);

	if (file == NULL || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
		abort();
}

void file_put(const char *path, str bytes)
{
	write_with(path, "wb", bytes);
}

void file_add(const char *path, str bytes)
{
	write_with(path, "ab", bytes);
}

void pack_gzip(str bytes, struct buf *out)
{
	z_stream z = {0};
	char    *room;
	size_t   bound;

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	bound = deflateBound(&z, bytes.len);
	room = buf_room(out, bound);
	z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
	z.avail_in = (unsigned)bytes.len;
	z.next_out = (Bytef *)room;
	z.avail_out = (unsigned)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len += bound - z.avail_out;
	(void)deflateEnd(&z);
}
