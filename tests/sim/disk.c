/* Invariants: a node belongs to the disk until the end, whether a name leads to it or not: handles and lasting names
 * may still. `seen` of a folder is what the verbs work on; `lasting` changes by sync and at power off only. */
#include "tests/sim/disk_int.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/sim/ghost.h"

struct handle {
	uint32_t node;
	bool     is_open;
};

struct client {
	struct fs    base;
	struct disk *disk;
	struct task *task;
	str          landed;
	struct { VEC_OF(struct handle); } handles;
};

static uint32_t node_add(struct disk *d, enum fs_kind kind)
{
	*VEC_ADD(&d->nodes) = (struct node){
		.kind = kind, .number = d->nodes.count + 10, .mtime_us = d->world->now_us,
		.bytes = BUF(0), .lasting_bytes = BUF(0),
	};
	return (uint32_t)d->nodes.count - 1;
}

struct name *name_find(struct names *n, str text)
{
	for (size_t i = 0; i < n->count; i++)
		if (str_eq(n->at[i].text, text))
			return &n->at[i];
	return NULL;
}

void name_set(struct disk *d, struct names *n, str text, uint32_t node)
{
	struct name *known = name_find(n, text);

	if (known != NULL)
		known->node = node;
	else
		*VEC_ADD(n) = (struct name){arena_str(&d->arena, text), node};
}

static void name_drop(struct names *n, str text)
{
	struct name *known = name_find(n, text);

	if (known != NULL)
		*known = n->at[--n->count];
}

/* Where a path leads: the folder that holds its last part, and that part. */
struct place {
	uint32_t folder;
	str      last; /* empty: the root itself */
	uint32_t node; /* UINT32_MAX: there is no such name */
};

/* 0, or an errno. */
static int walk(struct disk *d, const char *path, struct place *out)
{
	str rest = str_of(path);

	*out = (struct place){.node = ROOT_NODE};
	while (rest.len > 0) {
		size_t       end = str_find(rest, '/', 0);
		str          part = str_head(rest, end);
		struct name *n;

		rest = str_from(rest, end + 1);
		if (part.len == 0)
			continue;
		if (out->node == UINT32_MAX)
			return ENOENT;
		if (d->nodes.at[out->node].kind != FS_FOLDER)
			return ENOTDIR;
		n = name_find(&d->nodes.at[out->node].seen, part);
		*out = (struct place){.folder = out->node, .last = part, .node = n ? n->node : UINT32_MAX};
	}
	return 0;
}

static int walk_to(struct disk *d, const char *path, struct place *out)
{
	int why = walk(d, path, out);

	return why == 0 && out->node == UINT32_MAX ? ENOENT : why;
}

/* --- the verbs ------------------------------------------------------------------------------- */

static struct client *client_of(struct fs *fs)
{
	return (struct client *)fs;
}

static bool is_undone(enum act act)
{
	return act == ACT_DEAD || act == ACT_LOST;
}

/* Begin a verb; where it is not to be done, leave the function with its class. */
#define BEGIN(c, verb, what)                                                        \
	QUIET;                                                                      \
	enum act act = task_call((c)->task, verb, what);                            \
	do {                                                                        \
		if (is_undone(act))                                                 \
			return task_refuse((c)->task, act, verb, what, e);          \
	} while (0)

static int end(struct client *c, enum act act, enum verb verb, const char *path, int number, struct err *e)
{
	int rc = number != 0 ? err_sys(e, number, "%s %s", verb_words[verb], path) : 0;

	return task_answer(c->task, act, verb, str_of(path), rc, e);
}

static void landed(struct client *c, const char *path)
{
	str whole = str_of(path);

	if (c->landed.len > 0 && str_starts(whole, c->landed))
		world_landed(c->disk->world, str_from(whole, c->landed.len));
}

static int sim_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e)
{
	struct client *c = client_of(fs);
	struct disk   *d = c->disk;
	struct place   at;
	int            why;
	BEGIN(c, VERB_OPEN, str_of(path));

	why = walk(d, path, &at);
	if (why == 0 && at.node == UINT32_MAX && (flags & FS_WRITE) == 0)
		why = ENOENT;
	else if (why == 0 && at.node != UINT32_MAX && (flags & FS_EXCLUSIVE) != 0)
		why = EEXIST;
	else if (why == 0 && at.node != UINT32_MAX && d->nodes.at[at.node].kind == FS_FOLDER)
		why = EISDIR;
	if (why == 0 && at.node == UINT32_MAX) {
		at.node = node_add(d, FS_FILE);
		name_set(d, &d->nodes.at[at.folder].seen, at.last, at.node);
	}
	if (why == 0) {
		if (flags & FS_TRUNCATE) {
			buf_clear(&d->nodes.at[at.node].bytes);
			d->nodes.at[at.node].is_clean = false;
		}
		*VEC_ADD(&c->handles) = (struct handle){at.node, true};
		*handle = (int)c->handles.count - 1;
	}
	return end(c, act, VERB_OPEN, path, why, e);
}

static struct node *node_of(struct client *c, int handle)
{
	assert((size_t)handle < c->handles.count && c->handles.at[handle].is_open);
	return &c->disk->nodes.at[c->handles.at[handle].node];
}

static int sim_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got, struct err *e)
{
	struct client *c = client_of(fs);
	struct node   *n;
	str            part;
	BEGIN(c, VERB_READ, STR(""));

	n = node_of(c, handle);
	part = str_head(str_from(buf_str(&n->bytes), offset < n->bytes.len ? (size_t)offset : n->bytes.len), size);
	if (part.len > 0)
		memcpy(into, part.ptr, part.len);
	*got = part.len;
	return end(c, act, VERB_READ, "", 0, e);
}

static int sim_write(struct fs *fs, int handle, const void *from, size_t size, struct err *e)
{
	struct client *c = client_of(fs);
	struct node   *n;
	BEGIN(c, VERB_WRITE, STR(""));

	n = node_of(c, handle);
	buf_bytes(&n->bytes, from, act == ACT_FULL || act == ACT_TORN ? size / 2 : size);
	n->is_clean = false;
	n->mtime_us = c->disk->world->now_us;
	return end(c, act, VERB_WRITE, "", act == ACT_FULL ? ENOSPC : 0, e);
}

static int sim_sync(struct fs *fs, int handle, struct err *e)
{
	struct client *c = client_of(fs);
	BEGIN(c, VERB_SYNC, STR(""));

	if (act == ACT_DROPPED)
		node_of(c, handle)->is_dropped = true;
	else
		bytes_last(node_of(c, handle));
	return end(c, act, VERB_SYNC, "", act == ACT_DROPPED ? EIO : 0, e);
}

static void sim_close(struct fs *fs, int handle)
{
	client_of(fs)->handles.at[handle].is_open = false;
}

static int sim_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   at;
	int            why;
	BEGIN(c, VERB_STAT, str_of(path));

	why = walk_to(c->disk, path, &at);
	if (why == 0) {
		const struct node *n = &c->disk->nodes.at[at.node];

		*out = (struct fs_stat){n->bytes.len, n->mtime_us, n->number, n->kind};
	}
	return end(c, act, VERB_STAT, path, why, e);
}

static int sim_link(struct fs *fs, const char *from, const char *to, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   a, b;
	int            why;
	BEGIN(c, VERB_LINK, str_of(to));

	why = act == ACT_FULL ? ENOSPC : walk_to(c->disk, from, &a);
	if (why == 0)
		why = walk(c->disk, to, &b);
	if (why == 0 && b.node != UINT32_MAX)
		why = EEXIST;
	if (why == 0) {
		name_set(c->disk, &c->disk->nodes.at[b.folder].seen, b.last, a.node);
		landed(c, to);
	}
	return end(c, act, VERB_LINK, to, why, e);
}

static int sim_rename(struct fs *fs, const char *from, const char *to, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   a, b;
	int            why;
	BEGIN(c, VERB_RENAME, str_of(to));

	why = walk_to(c->disk, from, &a);
	if (why == 0)
		why = walk(c->disk, to, &b);
	if (why == 0) {
		name_drop(&c->disk->nodes.at[a.folder].seen, a.last);
		name_set(c->disk, &c->disk->nodes.at[b.folder].seen, b.last, a.node);
		landed(c, to);
	}
	return end(c, act, VERB_RENAME, to, why, e);
}

static int sim_unlink(struct fs *fs, const char *path, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   at;
	int            why;
	BEGIN(c, VERB_UNLINK, str_of(path));

	why = walk_to(c->disk, path, &at);
	if (why == 0 && c->disk->nodes.at[at.node].kind == FS_FOLDER)
		why = EISDIR;
	if (why == 0) {
		name_drop(&c->disk->nodes.at[at.folder].seen, at.last);
		if (c->landed.len > 0 && str_starts(str_of(path), c->landed))
			ghost_removed(c->disk->world, str_from(str_of(path), c->landed.len));
	}
	return end(c, act, VERB_UNLINK, path, why, e);
}

static int sim_mkdir(struct fs *fs, const char *path, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   at;
	int            why;
	BEGIN(c, VERB_MKDIR, str_of(path));

	why = act == ACT_FULL ? ENOSPC : walk(c->disk, path, &at);
	if (why == 0 && at.node != UINT32_MAX)
		why = EEXIST;
	if (why == 0) {
		at.node = node_add(c->disk, FS_FOLDER);
		name_set(c->disk, &c->disk->nodes.at[at.folder].seen, at.last, at.node);
	}
	return end(c, act, VERB_MKDIR, path, why, e);
}

/* The names as they were when it began: `each` may make calls of its own. */
static int sim_list(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e)
{
	struct client *c = client_of(fs);
	struct names   seen = {0};
	struct place   at;
	int            why, rc;
	BEGIN(c, VERB_NAMES, str_of(path));

	why = walk_to(c->disk, path, &at);
	if (why == 0 && c->disk->nodes.at[at.node].kind != FS_FOLDER)
		why = ENOTDIR;
	for (size_t i = 0; why == 0 && i < c->disk->nodes.at[at.node].seen.count; i++)
		*VEC_ADD(&seen) = c->disk->nodes.at[at.node].seen.at[i];
	rc = end(c, act, VERB_NAMES, path, why, e);
	for (size_t i = 0; rc == 0 && i < seen.count; i++)
		rc = each(context, seen.at[i].text.ptr, e);
	VEC_DONE(&seen);
	return rc;
}

static int sim_sync_folder(struct fs *fs, const char *path, struct err *e)
{
	struct client *c = client_of(fs);
	struct place   at;
	int            why;
	BEGIN(c, VERB_SYNC_FOLDER, str_of(path));

	why = act == ACT_DROPPED ? EIO : walk_to(c->disk, path, &at);
	if (why == 0)
		names_last(&c->disk->nodes.at[at.node]);
	return end(c, act, VERB_SYNC_FOLDER, path, why, e);
}

static int sim_sync_all(struct fs *fs, const char *path, struct err *e)
{
	struct client *c = client_of(fs);
	BEGIN(c, VERB_SYNC_ALL, str_of(path));

	for (size_t i = 0; i < c->disk->nodes.count && act != ACT_DROPPED; i++) {
		bytes_last(&c->disk->nodes.at[i]);
		names_last(&c->disk->nodes.at[i]);
	}
	return end(c, act, VERB_SYNC_ALL, path, act == ACT_DROPPED ? EIO : 0, e);
}

struct fs *disk_client(struct disk *d, struct task *t, const char *landed_folder)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->base = (struct fs){
		.open = sim_open, .read = sim_read, .write = sim_write, .sync = sim_sync, .close = sim_close,
		.stat = sim_stat, .link = sim_link, .rename = sim_rename, .unlink = sim_unlink,
		.mkdir = sim_mkdir, .list = sim_list, .sync_folder = sim_sync_folder, .sync_all = sim_sync_all,
	};
	c->disk = d;
	c->task = t;
	c->landed = str_of(landed_folder);
	return &c->base;
}

void disk_client_free(struct fs *fs)
{
	struct client *c = client_of(fs);

	VEC_DONE(&c->handles);
	free(c);
}

/* --- the machine ----------------------------------------------------------------------------- */

struct disk *disk_new(struct world *w)
{
	struct disk *d = xcalloc(1, sizeof(*d));

	d->world = w;
	(void)node_add(d, FS_FOLDER);
	return d;
}

void disk_free(struct disk *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->nodes.count; i++) {
		buf_done(&d->nodes.at[i].bytes);
		buf_done(&d->nodes.at[i].lasting_bytes);
		VEC_DONE(&d->nodes.at[i].seen);
		VEC_DONE(&d->nodes.at[i].lasting);
	}
	VEC_DONE(&d->nodes);
	arena_done(&d->arena);
	free(d);
}

void disk_append(struct disk *d, const char *path, str text)
{
	struct fs   *fs = disk_client(d, NULL, NULL);
	AUTO(arena)  a = ARENA_INIT;
	struct err   e = ERR_NONE;
	str          whole = str_of(path);
	size_t       end_at = whole.len;
	int          handle = -1, rc;

	while (end_at > 0 && whole.ptr[end_at - 1] != '/')
		end_at--;
	rc = fs_mkdirs(fs, arena_cstr(&a, str_head(whole, end_at)), &e);
	if (rc == 0)
		rc = fs_open(fs, path, FS_WRITE | FS_APPEND, &handle, &e);
	if (rc == 0)
		rc = fs_write(fs, handle, text.ptr, text.len, &e);
	assert(rc == 0);
	disk_client_free(fs);
}
