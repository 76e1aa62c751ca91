/* Manifests of data files, ours or anyone's, by the ids of their fields (reference B.6, B.10).
 *
 * A manifest may leave numbers to its entry in the list; they are filled in here. Statistics are
 * gathered by column id through `places`, which is empty between files. */
#include "iceberg/manifest_int.h"

#include <assert.h>
#include <strings.h>

#include "base/vec.h"

/* Statistics of a column with a higher id are left out: they only ever help. */
enum { HIGHEST_ID = 1 << 20 };

struct reading {
	const struct ice_manifest *of;
	struct arena              *arena;
	struct { VEC_OF(struct ice_file); } files;
	struct { VEC_OF(struct leaf_stats); } leaves; /* of this file */
	struct { VEC_OF(int64_t); } splits;
	struct { VEC_OF(uint32_t); } places;          /* by column id: index in leaves + 1 */
};

/* What the fields of one entry say, before it is judged. */
struct entry {
	int64_t status, snapshot_id, sequence_number, file_sequence_number; /* -1: null */
	int64_t content, sort_order_id;
	str     format;
	struct ice_file file;
};

static void reading_done(struct reading *r)
{
	VEC_DONE(&r->files);
	VEC_DONE(&r->leaves);
	VEC_DONE(&r->splits);
	VEC_DONE(&r->places);
}
AUTO_DEFINE(reading, reading_done)

size_t ice_avro_ceiling(size_t len)
{
	const size_t always = 64 << 20, ratio = 64; /* statistics pack well, up to 50 to one */

	return always + len * ratio;
}

/* The leaf of a column, made when it is first met in this file; NULL for an id without one. */
static struct leaf_stats *leaf_of(struct reading *r, int64_t id)
{
	if (id < 0 || id > HIGHEST_ID)
		return NULL;
	while (r->places.count <= (size_t)id)
		*VEC_ADD(&r->places) = 0;
	if (r->places.at[id] == 0) {
		*VEC_ADD(&r->leaves) = (struct leaf_stats){
			.field_id = (int32_t)id,
			.bytes = -1,
			.values = -1,
			.nulls = -1,
			.nans = -1,
		};
		r->places.at[id] = (uint32_t)r->leaves.count;
	}
	return &r->leaves.at[r->places.at[id] - 1];
}

static void leaf_set(struct leaf_stats *leaf, enum file_id map, int64_t number, str bound)
{
	if (map == FILE_COLUMN_BYTES)
		leaf->bytes = number;
	else if (map == FILE_VALUES)
		leaf->values = number;
	else if (map == FILE_NULLS)
		leaf->nulls = number;
	else if (map == FILE_NANS)
		leaf->nans = number;
	else if (map == FILE_LOWER)
		leaf->lower = bound;
	else
		leaf->upper = bound;
}

static void read_map(struct reading *r, struct avro_cursor *c, const struct avro_type *t,
                     enum file_id map)
{
	struct avro_items it = avro_items(c, t);
	bool              is_bound = map == FILE_LOWER || map == FILE_UPPER;

	while (avro_next(c, &it)) {
		const struct avro_type *pair = it.type;
		struct leaf_stats      *leaf;
		int64_t                 id, number = -1;
		str                     bound = {0};

		if (pair->kind != AVRO_RECORD || pair->field_count != 2) {
			c->is_broken = true;
			return;
		}
		id = avro_long(c, pair->fields[0].type, -1);
		if (is_bound)
			bound = avro_str(c, pair->fields[1].type);
		else
			number = avro_long(c, pair->fields[1].type, -1);
		leaf = leaf_of(r, id);
		if (leaf != NULL)
			leaf_set(leaf, map, number, bound);
	}
}

static void read_splits(struct reading *r, struct avro_cursor *c, const struct avro_type *t)
{
	struct avro_items it = avro_items(c, t);

	while (avro_next(c, &it))
		*VEC_ADD(&r->splits) = avro_long(c, it.type, 0);
}

/* One number is kept; partitions of any other shape are someone else's, and passed over. */
static void read_partition(struct avro_cursor *c, const struct avro_type *t, struct ice_file *out)
{
	const struct avro_type *value;
	int64_t                 number;

	if (t->kind != AVRO_RECORD || t->field_count != 1) {
		avro_skip(c, t);
		return;
	}
	value = avro_branch(c, t->fields[0].type);
	if (value->kind != AVRO_INT && value->kind != AVRO_LONG) {
		avro_skip(c, value);
		return;
	}
	number = avro_long(c, value, 0);
	out->has_partition = number == (int32_t)number;
	out->partition = out->has_partition ? (int32_t)number : 0;
}

static void read_file_field(struct reading *r, struct avro_cursor *c, const struct avro_field *f,
                            struct entry *out)
{
	switch (f->id) {
	case FILE_CONTENT:
		out->content = avro_long(c, f->type, 0);
		break;
	case FILE_PATH:
		out->file.path = avro_str(c, f->type);
		break;
	case FILE_FORMAT:
		out->format = avro_str(c, f->type);
		break;
	case FILE_PARTITION:
		read_partition(c, f->type, &out->file);
		break;
	case FILE_ROWS:
		out->file.stats.rows = avro_long(c, f->type, -1);
		break;
	case FILE_BYTES:
		out->file.stats.bytes = avro_long(c, f->type, -1);
		break;
	case FILE_COLUMN_BYTES:
	case FILE_VALUES:
	case FILE_NULLS:
	case FILE_NANS:
	case FILE_LOWER:
	case FILE_UPPER:
		read_map(r, c, f->type, (enum file_id)f->id);
		break;
	case FILE_SPLITS:
		read_splits(r, c, f->type);
		break;
	case FILE_SORT_ORDER:
		out->sort_order_id = avro_long(c, f->type, 0);
		break;
	default:
		avro_skip(c, f->type);
	}
}

static void read_data_file(struct reading *r, struct avro_cursor *c, const struct avro_type *t,
                           struct entry *out)
{
	if (t->kind != AVRO_RECORD) {
		c->is_broken = true;
		return;
	}
	for (size_t i = 0; i < t->field_count && !c->is_broken; i++)
		read_file_field(r, c, &t->fields[i], out);
}

static void read_entry(struct reading *r, struct avro_cursor *c, const struct avro_type *t,
                       struct entry *out)
{
	for (size_t i = 0; i < t->field_count && !c->is_broken; i++) {
		const struct avro_field *f = &t->fields[i];

		if (f->id == ENTRY_STATUS)
			out->status = avro_long(c, f->type, -1);
		else if (f->id == ENTRY_SNAPSHOT)
			out->snapshot_id = avro_long(c, f->type, -1);
		else if (f->id == ENTRY_SEQUENCE)
			out->sequence_number = avro_long(c, f->type, -1);
		else if (f->id == ENTRY_FILE_SEQUENCE)
			out->file_sequence_number = avro_long(c, f->type, -1);
		else if (f->id == ENTRY_FILE)
			read_data_file(r, c, f->type, out);
		else
			avro_skip(c, f->type);
	}
}

static int64_t or_else(int64_t number, int64_t inherited)
{
	return number >= 0 ? number : inherited;
}

/* Null means "as the list says", but only for what this manifest's own snapshot added, and for
 * tables from before sequence numbers. */
static int inherit(const struct reading *r, struct entry *n, struct err *e)
{
	bool may = n->status == ICE_ADDED || r->of->sequence_number == 0;

	if ((n->sequence_number < 0 || n->file_sequence_number < 0) && !may)
		return err_set(e, ERR_CORRUPT,
		               "manifest with an old file that has no sequence number");
	n->file.snapshot_id = or_else(n->snapshot_id, r->of->added_snapshot_id);
	n->file.sequence_number = or_else(n->sequence_number, r->of->sequence_number);
	n->file.file_sequence_number = or_else(n->file_sequence_number, r->of->sequence_number);
	return 0;
}

static int entry_check(const struct entry *n, struct err *e)
{
	const struct ice_file *f = &n->file;

	if (n->status < ICE_EXISTING || n->status > ICE_DELETED)
		return err_set(e, ERR_CORRUPT, "manifest entry with status %lld",
		               (long long)n->status);
	if (n->content != 0)
		return err_set(e, ERR_UNSUPPORTED,
		               "manifest with a file of deletes, which tarn does not read");
	if (f->path.len == 0 || f->stats.rows < 0 || f->stats.bytes < 0)
		return err_set(e, ERR_CORRUPT,
		               "manifest entry without a path, or with a negative count");
	if (n->format.len != 7 || strncasecmp(n->format.ptr, "parquet", 7) != 0)
		return err_set(e, ERR_UNSUPPORTED,
		               STR_FMT " is a file of format " STR_FMT ", not Parquet",
		               STR_ARG(f->path), STR_ARG(str_head(n->format, 32)));
	return 0;
}

/* Move what was gathered for this file to the arena. */
static void gathered_take(struct reading *r, struct file_stats *out)
{
	out->leaf_count = (uint32_t)r->leaves.count;
	out->leaves = ARENA_ARRAY(r->arena, struct leaf_stats, r->leaves.count);
	if (r->leaves.count > 0)
		memcpy(out->leaves, r->leaves.at, r->leaves.count * sizeof(*out->leaves));
	out->split_count = (uint32_t)r->splits.count;
	out->splits = ARENA_ARRAY(r->arena, int64_t, r->splits.count);
	if (r->splits.count > 0)
		memcpy(out->splits, r->splits.at, r->splits.count * sizeof(*out->splits));
	for (size_t i = 0; i < r->leaves.count; i++)
		r->places.at[r->leaves.at[i].field_id] = 0;
	r->leaves.count = 0;
	r->splits.count = 0;
}

static int each_entry(void *context, struct avro_cursor *c, const struct avro_type *t,
                      struct err *e)
{
	struct reading *r = context;
	struct entry    n = {
		.status = -1,
		.snapshot_id = -1,
		.sequence_number = -1,
		.file_sequence_number = -1,
	};

	read_entry(r, c, t, &n);
	if (c->is_broken)
		return 0; /* avro_each says so */
	TRY(entry_check(&n, e));
	TRY(inherit(r, &n, e));
	n.file.status = (enum ice_status)n.status;
	n.file.sort_order_id = (int32_t)n.sort_order_id;
	gathered_take(r, &n.file.stats);
	*VEC_ADD(&r->files) = n.file;
	return 0;
}

int ice_manifest_read(str bytes, const struct ice_manifest *of, struct arena *a,
                      struct ice_file **out, size_t *count, struct err *e)
{
	AUTO(reading) r = {.of = of, .arena = a};
	struct avro_file avro;
	struct ice_file *files;

	TRY(avro_open(bytes, a, &avro, e));
	if (avro.type->kind != AVRO_RECORD)
		return err_set(e, ERR_CORRUPT, "not a manifest: its Avro objects are no records");
	TRY(avro_each(&avro, ice_avro_ceiling(bytes.len), each_entry, &r, e));
	files = ARENA_ARRAY(a, struct ice_file, r.files.count);
	if (r.files.count > 0)
		memcpy(files, r.files.at, r.files.count * sizeof(*files));
	*out = files;
	*count = r.files.count;
	return 0;
}
