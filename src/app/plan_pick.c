#include "app/plan_pick.h"

#include "base/vec.h"
#include "os/fs.h"

enum { PACKED = 8 }; /* JSON under gzip or zstd is about so many times larger */

struct found {
	str      path;
	uint64_t bytes;
	bool     is_chosen;
};

struct list {
	VEC_OF(struct found);
};

static void list_done(struct list *l)
{
	VEC_DONE(l);
}

AUTO_DEFINE(list, list_done)

/* A path as a pattern that means it alone. */
static const char *escaped(struct arena *a, str path, const char *rest)
{
	AUTO(buf) out = BUF(1 << 16);

	for (size_t i = 0; i < path.len; i++) {
		if (strchr("[*?{", path.ptr[i]) != NULL)
			buf_print(&out, "[%c]", path.ptr[i]);
		else
			buf_byte(&out, path.ptr[i]);
	}
	buf_add(&out, str_of(rest));
	return arena_cstr(a, buf_str(&out));
}

static int add(struct fs *fs, const char *from, struct arena *a, struct list *out, struct err *e)
{
	struct fs_stat st;
	struct err     why = ERR_NONE;
	bool           is_folder = fs_stat(fs, from, &st, &why) == 0 && st.kind == FS_FOLDER;
	const char    *pattern = is_folder ? escaped(a, str_of(from), "/**/*") : from;
	str           *paths;
	size_t         count;

	TRY(fs_glob(fs, pattern, a, &paths, &count, e));
	for (size_t i = 0; i < count; i++) {
		if (fs_is_glob(str_of(pattern)) && str_ends(paths[i], STR(".part")))
			continue; /* still being written */
		TRY(fs_stat(fs, paths[i].ptr, &st, e));
		*VEC_ADD(out) = (struct found){.path = paths[i], .bytes = st.size};
	}
	return 0;
}

static uint64_t text_bytes_of(const struct found *f)
{
	bool is_packed = str_ends(f->path, STR(".gz")) || str_ends(f->path, STR(".zst"));

	return f->bytes * (is_packed ? PACKED : 1);
}

static void choose(struct list *l, size_t index, uint64_t *text_bytes)
{
	struct found *f = &l->at[index];

	if (!f->is_chosen)
		*text_bytes += text_bytes_of(f);
	f->is_chosen = true;
}

static void choose_all(struct list *l, uint64_t wanted)
{
	uint64_t text_bytes = 0;

	choose(l, 0, &text_bytes);
	choose(l, l->count - 1, &text_bytes);
	for (size_t parts = 2; parts / 2 < l->count && text_bytes < wanted; parts *= 2)
		for (size_t i = 1; i < parts && text_bytes < wanted; i += 2)
			choose(l, (l->count - 1) * i / parts, &text_bytes);
	for (size_t i = 0; i < l->count && text_bytes < wanted; i++)
		choose(l, i, &text_bytes);
}

static int gather(const struct list *l, struct arena *a, struct plan_pick *out, struct err *e)
{
	out->globs = ARENA_ARRAY(a, str, l->count);
	out->files = ARENA_ARRAY(a, struct plan_file, l->count);
	out->count_total = l->count;
	for (size_t i = 0; i < l->count; i++) {
		const struct found *f = &l->at[i];
		struct plan_file   *file = &out->files[out->count];

		if (f->is_chosen) {
			*file = (struct plan_file){f->path, f->bytes, .bytes_before = out->bytes_total};
			if (!out->is_open)
				TRY(fs_real_path(f->path.ptr, a, &file->path, e));
			out->globs[out->count] = fs_is_glob(f->path) ? str_of(escaped(a, f->path, "")) : f->path;
			out->count++;
		}
		out->bytes_total += f->bytes;
	}
	return 0;
}

int plan_pick(struct fs *fs, const char *const *from, size_t from_count, uint64_t text_bytes, struct arena *a,
              struct plan_pick *out, struct err *e)
{
	AUTO(list) found = {0};

	*out = (struct plan_pick){.is_open = from_count == 1 && strcmp(from[0], "-") == 0};
	if (out->is_open)
		*VEC_ADD(&found) = (struct found){.path = STR("-")};
	for (size_t i = 0; i < from_count && !out->is_open; i++)
		TRY(add(fs, from[i], a, &found, e));
	if (found.count == 0)
		return err_set(e, ERR_MISSING, "%s: there is no file to take a sample from", from[0]);
	choose_all(&found, text_bytes);
	return gather(&found, a, out, e);
}

/* --- what was read and what was not -------------------------------------------------------- */

/* Each file begins about when the one before it ends. */
static bool are_in_sequence(const struct plan_file *const *files, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct plan_file *a = files[i - 1], *b = files[i];
		int64_t                 a_us = a->to_us - a->from_us, b_us = b->to_us - b->from_us;

		if (b->from_us < a->to_us - (a_us < b_us ? a_us : b_us) / 4)
			return false;
	}
	return true;
}

double plan_scale(const struct plan_pick *pick, uint64_t bytes)
{
	AUTO(arena)              a = ARENA_INIT;
	const struct plan_file **files = ARENA_ARRAY(&a, const struct plan_file *, pick->count);
	uint64_t                 without = 0, there = pick->bytes_total;
	size_t                   count = 0;

	for (size_t i = 0; i < pick->count; i++)
		if (pick->files[i].rows > 0)
			files[count++] = &pick->files[i];
	if (pick->is_open || count < 2)
		return 1;
	/* A file without rows is none of these events'. Those after the last with rows may not
	 * have been reached. */
	for (const struct plan_file *f = pick->files; f < files[count - 1]; f++)
		without += f->rows == 0 ? f->bytes : 0;
	bytes = bytes > without ? bytes - without : 1;
	if (are_in_sequence(files, count)) {
		uint64_t last = bytes;

		for (size_t i = 0; i + 1 < count; i++)
			last -= files[i]->bytes < last ? files[i]->bytes : last;
		there = files[count - 1]->bytes_before + last - files[0]->bytes_before;
		for (const struct plan_file *f = pick->files; f < files[0]; f++)
			without -= f->bytes;
	}
	return (double)(there - without) / (double)bytes;
}

static int by_begin(const void *a, const void *b)
{
	const struct plan_file *x = *(const struct plan_file *const *)a, *y = *(const struct plan_file *const *)b;

	return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

double plan_covered(const struct plan_pick *pick)
{
	AUTO(arena)              a = ARENA_INIT;
	const struct plan_file **files = ARENA_ARRAY(&a, const struct plan_file *, pick->count + 1);
	size_t                   count = 0;
	int64_t                  covered_us = 0, until_us = INT64_MIN;

	for (size_t i = 0; i < pick->count; i++)
		if (pick->files[i].rows > 0)
			files[count++] = &pick->files[i];
	qsort(files, count, sizeof(*files), by_begin);
	for (size_t i = 0; i < count; i++) {
		int64_t from_us = files[i]->from_us > until_us ? files[i]->from_us : until_us;

		if (files[i]->to_us <= from_us)
			continue;
		covered_us += files[i]->to_us - from_us;
		until_us = files[i]->to_us;
	}
	return (double)covered_us / 3.6e9;
}
