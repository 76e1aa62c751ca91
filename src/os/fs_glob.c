/* Which files a pattern names. A pattern is taken part by part from the left;
 * `base` is what the parts so far have become.
 *
 * A folder that cannot be read is an error, never an empty folder: a file that
 * was silently passed over would be lost data. A file that cannot be looked at is
 * named all the same: who opens it learns why. What vanishes while we look was
 * not there. A link that leads back to a folder we are in is not followed again,
 * because each file must be named once.
 */
#include "os/fs.h"

#include <stdlib.h>

#include "os/glob_int.h"

struct glob {
	struct fs    *fs;
	struct arena *arena; /* the caller's: base paths and results */
	struct {
		VEC_OF(str);
	} found;
};

/* The folders from the first `**` down to here. */
struct inside {
	const struct inside *outer;
	struct fs_stat       folder;
};

struct names {
	struct arena arena;
	VEC_OF(str);
};

static void names_done(struct names *n)
{
	arena_done(&n->arena);
	VEC_DONE(n);
}

AUTO_DEFINE(names, names_done)

static int name_add(void *context, const char *name, struct err *e)
{
	struct names *n = context;

	(void)e;
	*VEC_ADD(n) = arena_str(&n->arena, str_of(name));
	return 0;
}

static int missing_is_fine(int rc, const struct err *why, struct err *e)
{
	if (rc == 0 || rc == ERR_MISSING)
		return 0;
	*e = *why;
	return rc;
}

/* The names in a folder; none where there is no such folder. "" is the folder we stand in. */
static int names_read(struct glob *g, str base, struct names *out, struct err *e)
{
	struct err why = ERR_NONE;
	int        rc = fs_list(g->fs, base.len ? base.ptr : ".", name_add, out, &why);

	return missing_is_fine(rc, &why, e);
}

static str path_join(struct glob *g, str base, str name)
{
	bool needs_slash = base.len > 0 && base.ptr[base.len - 1] != '/';

	return arena_format(g->arena, STR_FMT "%s" STR_FMT, STR_ARG(base), needs_slash ? "/" : "",
	                    STR_ARG(name));
}

/* `is_there` false where the path leads nowhere. */
static int look(struct glob *g, str path, struct fs_stat *out, bool *is_there, struct err *e)
{
	struct err why = ERR_NONE;
	int        rc = fs_stat(g->fs, path.len ? path.ptr : ".", out, &why);

	*is_there = rc == 0;
	return missing_is_fine(rc, &why, e);
}

static int take_if_file(struct glob *g, str path, struct err *e)
{
	struct err     why = ERR_NONE;
	struct fs_stat st = {.kind = FS_FILE};
	int            rc = fs_stat(g->fs, path.len ? path.ptr : ".", &st, &why);

	(void)e;
	if (rc != ERR_MISSING && st.kind == FS_FILE)
		*VEC_ADD(&g->found) = path;
	return 0;
}

/* The first part of a pattern, taken off it; empty parts ("a//b") are nothing. */
static str part_take(str *pattern)
{
	size_t start = 0, end;
	str    part;

	while (start < pattern->len && pattern->ptr[start] == '/')
		start++;
	end = str_find(*pattern, '/', start);
	part = str_head(str_from(*pattern, start), end - start);
	while (end < pattern->len && pattern->ptr[end] == '/')
		end++;
	*pattern = str_from(*pattern, end);
	return part;
}

static int walk(struct glob *g, str base, str pattern, struct err *e);

/* One part with a wildcard: every name it matches goes on with the rest. */
static int walk_names(struct glob *g, str base, str part, str rest, struct err *e)
{
	AUTO(names) n = {0};

	TRY(names_read(g, base, &n, e));
	for (size_t i = 0; i < n.count; i++)
		if (glob_match(part, n.at[i]))
			TRY(walk(g, path_join(g, base, n.at[i]), rest, e));
	return 0;
}

static bool is_inside(const struct inside *in, const struct fs_stat *folder)
{
	for (; in != NULL; in = in->outer)
		if (in->folder.inode == folder->inode && in->folder.mtime_us == folder->mtime_us &&
		    in->folder.size == folder->size)
			return true;
	return false;
}

/* `**`: this folder and every folder below it goes on with `rest`. */
static int walk_deep(struct glob *g, str base, str rest, const struct inside *outer, struct err *e)
{
	AUTO(names)   n = {0};
	struct inside in = {.outer = outer};
	bool          is_there;

	TRY(look(g, base, &in.folder, &is_there, e));
	if (!is_there || in.folder.kind != FS_FOLDER || is_inside(outer, &in.folder))
		return 0;
	TRY(walk(g, base, rest, e));
	TRY(names_read(g, base, &n, e));
	for (size_t i = 0; i < n.count; i++)
		if (n.at[i].ptr[0] != '.')
			TRY(walk_deep(g, path_join(g, base, n.at[i]), rest, &in, e));
	return 0;
}

static int walk(struct glob *g, str base, str pattern, struct err *e)
{
	str part, deep = STR("**");

	if (pattern.len == 0)
		return take_if_file(g, base, e);
	part = part_take(&pattern);
	if (!str_eq(part, deep))
		return glob_is_wild(part) ? walk_names(g, base, part, pattern, e)
		                          : walk(g, path_join(g, base, part), pattern, e);
	while (str_eq(part, deep) && pattern.len > 0) { /* several in a row mean the same as one */
		str rest = pattern;

		part = part_take(&rest);
		if (str_eq(part, deep))
			pattern = rest;
	}
	return walk_deep(g, base, pattern.len ? pattern : STR("*"), NULL, e);
}

/* A pattern without a wildcard: the user has named one file and expects it. */
static int take_named(struct glob *g, str path, struct err *e)
{
	struct fs_stat st;

	TRY(fs_stat(g->fs, path.ptr, &st, e));
	if (st.kind == FS_FOLDER)
		return err_set(e, ERR_MISSING, "%s is a folder: %s/** names the files in it",
		               path.ptr, path.ptr);
	if (st.kind != FS_FILE)
		return err_set(e, ERR_MISSING, "%s is not a regular file", path.ptr);
	*VEC_ADD(&g->found) = path;
	return 0;
}

static int glob_run(struct glob *g, str pattern, struct glob_patterns *ways, struct err *e)
{
	if (!fs_is_glob(pattern))
		return take_named(g, arena_str(g->arena, pattern), e);
	TRY(glob_braces(pattern, g->arena, ways, e));
	for (size_t i = 0; i < ways->count; i++) {
		str way = ways->at[i];

		if (way.len > 0)
			TRY(walk(g, way.ptr[0] == '/' ? STR("/") : STR(""), way, e));
	}
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Sorted, each once: overlapping alternatives name a file twice. */
static void results_give(struct glob *g, str **paths, size_t *count)
{
	size_t kept = 0;

	if (g->found.count > 0)
		qsort(g->found.at, g->found.count, sizeof(*g->found.at), by_bytes);
	*paths = ARENA_ARRAY(g->arena, str, g->found.count);
	for (size_t i = 0; i < g->found.count; i++)
		if (kept == 0 || !str_eq((*paths)[kept - 1], g->found.at[i]))
			(*paths)[kept++] = g->found.at[i];
	*count = kept;
}

bool fs_is_glob(str pattern)
{
	return glob_is_wild(pattern) || str_find(pattern, '{', 0) < pattern.len;
}

int fs_glob(struct fs *fs, const char *pattern, struct arena *a, str **paths, size_t *count,
            struct err *e)
{
	struct glob          g = {.fs = fs, .arena = a};
	struct glob_patterns ways = {0};
	int                  rc = glob_run(&g, str_of(pattern), &ways, e);

	if (rc == 0)
		results_give(&g, paths, count);
	VEC_DONE(&ways);
	VEC_DONE(&g.found);
	return rc;
}
