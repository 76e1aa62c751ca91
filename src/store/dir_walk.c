/* The keys under a folder, in the order of their bytes.
 *
 * In a folder, a name that is a folder is sorted as if it ended in '/': so "a-b",
 * "a/x", "a0" come out as their bytes say, and one folder at a time is held in
 * memory, never all keys. Files whose path is no valid key, and .tmp, are not ours
 * to show. What is removed while we walk may be shown or not.
 */
#include <stdlib.h>

#include "base/vec.h"
#include "store/dir_int.h"

struct entry {
	str      text; /* the key; with a '/' at its end where it is a folder */
	uint64_t size;
};

struct walk {
	struct fs     *fs;
	str            root, prefix, after;
	store_list_fn *each;
	void          *context;
};

/* One folder of the walk. */
struct level {
	const struct walk *walk;
	str                base; /* what its keys begin with: "" or "a/b/" */
	struct arena       arena;
	VEC_OF(struct entry);
};

static void level_done(struct level *l)
{
	arena_done(&l->arena);
	VEC_DONE(l);
}

AUTO_DEFINE(level, level_done)

static bool is_folder_text(str text)
{
	return text.len > 0 && text.ptr[text.len - 1] == '/';
}

/* Whether the key, or any key in the folder, is asked for. */
static bool is_wanted(const struct walk *w, str text)
{
	bool holds_after = is_folder_text(text) && str_starts(w->after, text);

	return str_starts(text, w->prefix) && (holds_after || str_cmp(text, w->after) > 0);
}

/* Whether neither the name nor anything under it can be asked for: told without making anything of it,
 * for a folder may hold very many names before `after`. */
static bool is_passed(const struct level *l, str name)
{
	str after = str_from(l->walk->after, l->base.len), prefix = str_from(l->walk->prefix, l->base.len);

	if (str_starts(l->walk->after, l->base) && str_cmp(name, after) < 0 && !str_starts(after, name))
		return true;
	return prefix.len > 0 && !str_starts(name, prefix) && !str_starts(prefix, name);
}

static int level_add(void *context, const char *name, struct err *e)
{
	struct level      *l = context;
	const struct walk *w = l->walk;
	str                folder;
	str                file;
	struct dir_path    path;
	struct fs_stat     st;
	int                rc;

	if (is_passed(l, str_of(name)))
		return 0;
	folder = arena_format(&l->arena, STR_FMT "%s/", STR_ARG(l->base), name);
	file = str_head(folder, folder.len - 1);
	if (!store_key_is_valid(file) || !(is_wanted(w, file) || is_wanted(w, folder)))
		return 0;
	dir_path_set(&path, w->root, file);
	rc = fs_stat(w->fs, path.text, &st, e);
	if (rc < 0)
		return rc == ERR_MISSING ? 0 : rc;
	if (st.kind == FS_FILE && is_wanted(w, file))
		*VEC_ADD(l) = (struct entry){file, st.size};
	if (st.kind == FS_FOLDER && is_wanted(w, folder))
		*VEC_ADD(l) = (struct entry){folder, 0};
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

static int walk_folder(const struct walk *w, str base, struct err *e)
{
	AUTO(level)     l = {.walk = w, .base = base};
	struct dir_path path;
	int             rc;

	dir_path_set(&path, w->root, base);
	rc = fs_list(w->fs, path.text, level_add, &l, e);
	if (rc < 0)
		return rc == ERR_MISSING ? 0 : rc;
	if (l.count > 0)
		qsort(l.at, l.count, sizeof(*l.at), by_text);
	for (size_t i = 0; i < l.count; i++) {
		const struct entry *entry = &l.at[i];

		rc = is_folder_text(entry->text) ? walk_folder(w, entry->text, e)
		                                 : w->each(w->context, entry->text, entry->size, e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int dir_walk(struct fs *fs, str root, str prefix, str after, store_list_fn *each, void *context,
             struct err *e)
{
	struct walk w = {fs, root, prefix, after, each, context};
	size_t      len = prefix.len;

	while (len > 0 && prefix.ptr[len - 1] != '/')
		len--;
	return walk_folder(&w, str_head(prefix, len), e); /* all such keys lie in that folder */
}
