/* Which files there are. A file is known by its real path, so one that two patterns or two links
 * name is taken once.
 *
 * Invariants:
 *   1. files is sorted by path; each of its paths is in by_path, and no other.
 *   2. A file that goes is forgotten only once the lake has all that was taken of it. Should its
 *      path come back before, what follows goes on from the state that the last run told, which the
 *      lake does not know yet.
 */
#include "source/file_int.h"

#include <assert.h>

#include "codec/utf8.h"
#include "os/clock.h"

enum {
	GLOB_EVERY_US = 200 * 1000,
	QUIET_US = 2 * 1000 * 1000, /* without growth: then what looks like the end is the end */
};

static int compare_paths(const void *a, const void *b)
{
	const struct file *const *one = a, *const *other = b;

	return str_cmp(str_of((*one)->path), str_of((*other)->path));
}

static void file_free(struct file *f)
{
	free(f->path);
	free(f);
}

void file_list_expect(struct file_list *list, struct file *f, uint64_t size_bytes)
{
	list->counts->bytes_total += size_bytes - f->expected;
	f->expected = size_bytes;
}

/* Found, and not known before. */
static int file_add(struct file_list *list, str path, const struct fs_stat *seen, struct file **out, struct err *e)
{
	str               state = list->state ? list->state(list->state_context, path) : (str){0};
	struct file_state taken;
	struct file      *f;

	if (file_state_parse(state, &taken, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(path));
	f = xcalloc(1, sizeof(*f));
	f->path = xcalloc(1, path.len + 1);
	memcpy(f->path, path.ptr, path.len);
	f->taken = taken;
	f->seen = *seen;
	f->changed_us = clock_mono_us(list->clock);
	f->is_stdin = str_eq(path, STR("-"));
	f->is_due = true;
	f->is_settled = true;
	*VEC_ADD(&list->files) = f;
	map_put(&list->by_path, path)->ptr = f;
	if (!taken.is_done || taken.raw_size != seen->size)
		file_list_expect(list, f, seen->size);
	*out = f;
	return 0;
}

/* The folder that a wildcard cannot lead out of: what stands before its first part. */
static int root_of(struct file_list *list, str pattern, struct arena *scratch, str *out, struct err *e)
{
	size_t end = 0;

	*out = STR("");
	if (list->fs != fs_real() || !fs_is_glob(pattern))
		return 0;
	while (end < pattern.len && strchr("*?[{", pattern.ptr[end]) == NULL)
		end++;
	while (end > 0 && pattern.ptr[end - 1] != '/')
		end--;
	return fs_real_path(end ? arena_cstr(scratch, str_head(pattern, end)) : ".", scratch, out, e);
}

static bool is_text(str name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
			return false;
	return utf8_check(name) == name.len;
}

/* What a wildcard may find and yet is not for us (B83). A file that was named is taken whatever it is. */
static bool is_passed_over(str path, str root)
{
	bool is_inside = str_starts(path, root) && (root.len <= 1 || path.len == root.len || path.ptr[root.len] == '/');

	return root.len > 0 && (!is_inside || str_ends(path, STR(".part")) || !is_text(path));
}

static int path_add(struct file_list *list, str path, str root, struct arena *scratch, struct err *e)
{
	struct fs_stat seen = {0};
	struct err     why = ERR_NONE;
	struct file   *f;
	int            rc;

	/* Links are the kernel's: in another file system a path is its own name. */
	if (list->fs == fs_real())
		TRY(fs_real_path(path.ptr, scratch, &path, e));
	if (map_get(&list->by_path, path) != NULL)
		return 0;
	if (is_passed_over(path, root)) {
		list->passed_over++;
		return 0;
	}
	rc = fs_stat(list->fs, path.ptr, &seen, &why);
	if (rc == ERR_MISSING && list->conf->is_following)
		return 0; /* gone since it was listed */
	if (rc < 0 && !trouble_is(rc)) {
		*e = why;
		return rc;
	}
	TRY(file_add(list, path, &seen, &f, e));
	if (rc < 0)
		file_list_fail(list, f, &why);
	return 0;
}

/* The paths found for a pattern. One that leads nowhere for the moment is the pattern's trouble. */
static int paths_add(struct file_list *list, size_t glob, const str *paths, size_t count, struct arena *scratch,
                     struct err *e)
{
	bool is_well = true;
	str  root;

	TRY(root_of(list, list->conf->globs[glob], scratch, &root, e));
	for (size_t i = 0; i < count; i++) {
		int rc = path_add(list, paths[i], root, scratch, e);

		if (rc < 0 && !trouble_is(rc))
			return rc;
		if (rc < 0)
			trouble_begin(list, &list->patterns[glob], e);
		is_well = is_well && rc == 0;
	}
	return is_well;
}

/* 1: done; 0: done as far as can be for the moment. */
static int pattern_add(struct file_list *list, size_t glob, bool is_first, struct arena *scratch, struct err *e)
{
	bool           may_be_none = list->conf->is_following || !is_first;
	struct fs_stat unknown = {0};
	str           *paths = NULL, pattern = list->conf->globs[glob];
	struct file   *added;
	size_t         count = 0;
	int            rc;

	if (str_eq(pattern, STR("-"))) {
		if (map_get(&list->by_path, pattern) == NULL)
			TRY(file_add(list, pattern, &unknown, &added, e));
		return 1;
	}
	rc = fs_glob(list->fs, arena_cstr(scratch, pattern), scratch, &paths, &count, e);
	if (rc == ERR_MISSING && !is_first)
		return 1; /* named, and gone since */
	TRY(rc);
	if (count == 0 && !may_be_none)
		return err_set(e, ERR_MISSING, "no file matches " STR_FMT, STR_ARG(pattern));
	return count > 0 ? paths_add(list, glob, paths, count, scratch, e) : 1;
}

/* A folder that cannot be read when `tarn run` starts is a mistake to be told at once; later, or among other
 * files to be taken, it is one to be gone on from. */
static int pattern_look(struct file_list *list, size_t glob, bool is_first, struct arena *scratch, struct err *e)
{
	struct trouble *t = &list->patterns[glob];
	int             rc;

	if (trouble_waits(list, t))
		return 0;
	rc = pattern_add(list, glob, is_first, scratch, e);
	if (rc == 1)
		trouble_end(list, t, arena_cstr(scratch, list->conf->globs[glob]), "can be looked through again");
	else if (rc < 0 && trouble_is(rc) && !(is_first && list->conf->is_following))
		trouble_begin(list, t, e);
	else
		return rc;
	return 0;
}

static int glob_all(struct file_list *list, bool is_first, struct err *e)
{
	AUTO(arena) scratch = ARENA_INIT;
	size_t      before = list->files.count;

	list->passed_over = 0;
	for (size_t i = 0; i < list->conf->glob_count; i++)
		TRY(pattern_look(list, i, is_first, &scratch, e));
	list->counts->parts_passed_over = list->passed_over;
	if (list->files.count > before)
		qsort(list->files.at, list->files.count, sizeof(*list->files.at), compare_paths);
	list->globbed_us = clock_mono_us(list->clock);
	return 0;
}

static bool is_same(const struct fs_stat *a, const struct fs_stat *b)
{
	return a->size == b->size && a->mtime_us == b->mtime_us && a->inode == b->inode;
}

/* 0, or ERR_MISSING: it is gone. */
static int look_at(struct file_list *list, struct file *f, int64_t now_us, struct err *e)
{
	struct fs_stat seen;
	int            rc;

	if (f->is_stdin || trouble_waits(list, &f->trouble))
		return 0;
	rc = fs_stat(list->fs, f->path, &seen, e);
	if (rc < 0 && trouble_is(rc)) {
		file_list_fail(list, f, e);
		return 0;
	}
	TRY(rc);
	f->is_gone = false;
	if (!is_same(&seen, &f->seen)) {
		file_list_expect(list, f, seen.size);
		f->seen = seen;
		f->changed_us = now_us;
		f->is_quiet = false;
		f->is_due = true;
	} else if (f->has_rest && !f->is_quiet && now_us - f->changed_us >= QUIET_US) {
		f->is_quiet = true;
		f->is_due = true;
	}
	return 0;
}

int file_list_begin(struct file_list *list, struct err *e)
{
	list->patterns = xcalloc(list->conf->glob_count, sizeof(*list->patterns));
	return glob_all(list, true, e);
}

int file_list_look(struct file_list *list, struct err *e)
{
	int64_t now_us = clock_mono_us(list->clock);

	for (list->next = 0; list->next < list->files.count;) {
		int rc = look_at(list, list->files.at[list->next], now_us, e);

		if (rc == ERR_MISSING)
			file_list_lost(list);
		else if (rc < 0)
			return rc;
		else
			list->next++;
	}
	list->next = 0;
	return now_us - list->globbed_us < GLOB_EVERY_US ? 0 : glob_all(list, false, e);
}

struct file *file_list_next(struct file_list *list)
{
	for (; list->next < list->files.count; list->next++) {
		struct file *f = list->files.at[list->next];

		if (f->is_due && !trouble_waits(list, &f->trouble))
			return f;
	}
	return NULL;
}

void file_list_fail(struct file_list *list, struct file *f, struct err *e)
{
	trouble_begin(list, &f->trouble, e);
	f->is_due = true; /* even one that has not changed is opened once more: only that shows that it is well */
}

static void forget(struct file_list *list, size_t index)
{
	struct file *f = list->files.at[index];

	file_list_expect(list, f, 0);
	map_remove(&list->by_path, str_of(f->path));
	list->files.count--;
	memmove(&list->files.at[index], &list->files.at[index + 1],
	        (list->files.count - index) * sizeof(*list->files.at));
	list->next -= index < list->next;
	file_free(f);
}

void file_list_lost(struct file_list *list)
{
	struct file *f = list->files.at[list->next];

	trouble_end(list, &f->trouble, f->path, "is gone");
	if (f->is_settled) {
		forget(list, list->next);
		return;
	}
	f->is_gone = true;
	f->is_due = false;
	list->next++;
}

void file_list_settle(struct file_list *list, str path, str state)
{
	AUTO(arena)  scratch = ARENA_INIT;
	struct file *f = map_ptr(&list->by_path, path);
	size_t       index = 0;

	if (f == NULL || !str_eq(file_state_format(&f->taken, &scratch), state))
		return; /* an older one: more was taken since */
	f->is_settled = true;
	if (!f->is_gone)
		return;
	while (list->files.at[index] != f)
		index++;
	forget(list, index);
}

void file_list_done(struct file_list *list)
{
	for (size_t i = 0; i < list->files.count; i++)
		file_free(list->files.at[i]);
	VEC_DONE(&list->files);
	map_done(&list->by_path);
	free(list->patterns);
	VEC_DONE(&list->notices);
	arena_done(&list->notice_arena);
}
