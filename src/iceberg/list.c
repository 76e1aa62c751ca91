/* Manifest lists (reference B.6). A new list repeats its parent's manifests as they were: what we
 * do not use of them is carried along as bytes. */
#include "iceberg/manifest_int.h"

#include <assert.h>
#include <stdio.h>

#include "base/vec.h"

#define LIST_SCHEMA                                                                             \
	AVRO_RECORD_OF("manifest_file",                                                         \
	AVRO_FIELD("manifest_path", "\"string\"", "500") ","                                    \
	AVRO_FIELD("manifest_length", "\"long\"", "501") ","                                    \
	AVRO_FIELD("partition_spec_id", "\"int\"", "502") ","                                   \
	AVRO_FIELD("content", "\"int\"", "517") ","                                             \
	AVRO_FIELD("sequence_number", "\"long\"", "515") ","                                    \
	AVRO_FIELD("min_sequence_number", "\"long\"", "516") ","                                \
	AVRO_FIELD("added_snapshot_id", "\"long\"", "503") ","                                  \
	AVRO_FIELD("added_files_count", "\"int\"", "504") ","                                   \
	AVRO_FIELD("existing_files_count", "\"int\"", "505") ","                                \
	AVRO_FIELD("deleted_files_count", "\"int\"", "506") ","                                 \
	AVRO_FIELD("added_rows_count", "\"long\"", "512") ","                                   \
	AVRO_FIELD("existing_rows_count", "\"long\"", "513") ","                                \
	AVRO_FIELD("deleted_rows_count", "\"long\"", "514") ","                                 \
	AVRO_MAYBE("partitions", AVRO_ARRAY_OF(AVRO_RECORD_OF("r508",                           \
		AVRO_FIELD("contains_null", "\"boolean\"", "509") ","                           \
		AVRO_MAYBE("contains_nan", "\"boolean\"", "518") ","                            \
		AVRO_MAYBE("lower_bound", "\"bytes\"", "510") ","                               \
		AVRO_MAYBE("upper_bound", "\"bytes\"", "511")), "508"), "507") ","              \
	AVRO_MAYBE("key_metadata", "\"bytes\"", "519"))

/* ---- writing --------------------------------------------------------------------------------- */

static void put_bytes_maybe(struct buf *b, str bytes)
{
	avro_put_long(b, bytes.ptr != NULL);
	if (bytes.ptr != NULL)
		avro_put_str(b, bytes);
}

static void put_bound(struct buf *b, bool is_there, int32_t bound)
{
	AUTO(buf) bytes = {0};

	buf_u32le(&bytes, (uint32_t)bound);
	put_bytes_maybe(b, is_there ? buf_str(&bytes) : (str){0});
}

/* The summaries of a manifest of ours: of one field, or of none. A manifest of a partitioned table
 * has a file, and so a bound or a null. */
static void put_summaries(struct buf *b, const struct ice_manifest *m)
{
	avro_put_some(b);
	if (m->has_bounds || m->contains_null) {
		avro_put_long(b, 1);
		avro_put_bool(b, m->contains_null);
		avro_put_some(b);
		avro_put_bool(b, false); /* an hour, day or month is never NaN */
		put_bound(b, m->has_bounds, m->lower);
		put_bound(b, m->has_bounds, m->upper);
	}
	avro_put_long(b, 0);
}

static void put_manifest(struct buf *b, const struct ice_manifest *m)
{
	assert(m->path.len > 0);
	assert(m->length > 0);
	assert(m->min_sequence_number <= m->sequence_number);
	avro_put_str(b, m->path);
	avro_put_long(b, m->length);
	avro_put_long(b, m->spec_id);
	avro_put_long(b, m->is_deletes);
	avro_put_long(b, m->sequence_number);
	avro_put_long(b, m->min_sequence_number);
	avro_put_long(b, m->added_snapshot_id);
	avro_put_long(b, m->added_files);
	avro_put_long(b, m->existing_files);
	avro_put_long(b, m->deleted_files);
	avro_put_long(b, m->added_rows);
	avro_put_long(b, m->existing_rows);
	avro_put_long(b, m->deleted_rows);
	if (m->summaries.ptr != NULL)
		buf_add(b, m->summaries);
	else
		put_summaries(b, m);
	put_bytes_maybe(b, m->key_metadata);
}

int ice_list_write(const struct ice_manifest *manifests, size_t count, int64_t snapshot_id,
                   int64_t parent_id, int64_t sequence_number, struct buf *out, struct err *e)
{
	AUTO(avro_writer) w = {0};
	char id[24], parent[24] = "null", sequence[24];

	(void)snprintf(id, sizeof(id), "%lld", (long long)snapshot_id);
	(void)snprintf(sequence, sizeof(sequence), "%lld", (long long)sequence_number);
	if (parent_id != 0)
		(void)snprintf(parent, sizeof(parent), "%lld", (long long)parent_id);
	avro_begin(&w,
	           (struct avro_pair[]){
			   {STR("avro.schema"), STR(LIST_SCHEMA)},
			   {STR("format-version"), STR("2")},
			   {STR("snapshot-id"), str_of(id)},
			   {STR("parent-snapshot-id"), str_of(parent)},
			   {STR("sequence-number"), str_of(sequence)},
		   },
	           5, AVRO_DEFLATE, out);
	for (size_t i = 0; i < count; i++)
		put_manifest(avro_object(&w), &manifests[i]);
	return avro_end(&w, e);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
	struct arena *arena;
	struct { VEC_OF(struct ice_manifest); } manifests;
};

static void reading_done(struct reading *r)
{
	VEC_DONE(&r->manifests);
}
AUTO_DEFINE(reading, reading_done)

struct summary {
	bool contains_null, contains_nan, has_nan;
	str  lower, upper; /* ptr NULL: null */
};

static struct summary read_summary(struct avro_cursor *c, const struct avro_type *t)
{
	struct summary s = {0};

	if (t->kind != AVRO_RECORD)
		c->is_broken = true;
	for (size_t i = 0; i < t->field_count && !c->is_broken; i++) {
		const struct avro_field *f = &t->fields[i];
		const struct avro_type  *value = avro_branch(c, f->type);

		if (f->id == SUMMARY_HAS_NULL) {
			s.contains_null = avro_bool(c, value, true);
		} else if (f->id == SUMMARY_HAS_NAN) {
			s.has_nan = value->kind != AVRO_NULL;
			s.contains_nan = avro_bool(c, value, false);
		} else if (f->id == SUMMARY_LOWER) {
			s.lower = avro_str(c, value);
		} else if (f->id == SUMMARY_UPPER) {
			s.upper = avro_str(c, value);
		} else {
			avro_skip(c, value);
		}
	}
	return s;
}

static void put_summary(struct buf *b, const struct summary *s)
{
	avro_put_long(b, 1);
	avro_put_bool(b, s->contains_null);
	avro_put_long(b, s->has_nan);
	if (s->has_nan)
		avro_put_bool(b, s->contains_nan);
	put_bytes_maybe(b, s->lower);
	put_bytes_maybe(b, s->upper);
}

static int32_t bound_of(str bytes)
{
	int32_t bound;

	memcpy(&bound, bytes.ptr, sizeof(bound));
	return bound;
}

/* Into the bounds, where there is one field with bounds of four bytes, and into bytes for the
 * next list. */
static void read_summaries(struct reading *r, struct avro_cursor *c, const struct avro_type *t,
                           struct ice_manifest *out)
{
	AUTO(buf) bytes = {0};
	const struct avro_type *array = avro_branch(c, t);
	struct avro_items       it = avro_items(c, array);
	struct summary          last = {0};
	size_t                  count = 0;

	avro_put_long(&bytes, array->kind != AVRO_NULL);
	for (; avro_next(c, &it); count++) {
		last = read_summary(c, it.type);
		put_summary(&bytes, &last);
	}
	if (array->kind != AVRO_NULL)
		avro_put_long(&bytes, 0);
	out->summaries = arena_str(r->arena, buf_str(&bytes));
	if (count != 1)
		return;
	out->contains_null = last.contains_null;
	out->has_bounds = last.lower.len == 4 && last.upper.len == 4;
	if (out->has_bounds) {
		out->lower = bound_of(last.lower);
		out->upper = bound_of(last.upper);
	}
}

/* Where a number of the entry goes; NULL for what is no number of ours. */
static int64_t *number_of(struct ice_manifest *m, int32_t id)
{
	switch (id) {
	case LIST_LENGTH:
		return &m->length;
	case LIST_SEQUENCE:
		return &m->sequence_number;
	case LIST_MIN_SEQUENCE:
		return &m->min_sequence_number;
	case LIST_SNAPSHOT:
		return &m->added_snapshot_id;
	case LIST_ADDED_FILES:
		return &m->added_files;
	case LIST_EXISTING_FILES:
		return &m->existing_files;
	case LIST_DELETED_FILES:
		return &m->deleted_files;
	case LIST_ADDED_ROWS:
		return &m->added_rows;
	case LIST_EXISTING_ROWS:
		return &m->existing_rows;
	case LIST_DELETED_ROWS:
		return &m->deleted_rows;
	default:
		return NULL;
	}
}

static void read_spec(struct avro_cursor *c, const struct avro_type *t, struct ice_manifest *out)
{
	int64_t id = avro_long(c, t, 0);

	out->spec_id = (int32_t)id;
	c->is_broken |= id != out->spec_id;
}

static void read_field(struct reading *r, struct avro_cursor *c, const struct avro_field *f,
                       struct ice_manifest *out)
{
	int64_t *number = number_of(out, f->id);

	if (number != NULL)
		*number = avro_long(c, f->type, 0);
	else if (f->id == LIST_PATH)
		out->path = avro_str(c, f->type);
	else if (f->id == LIST_SPEC)
		read_spec(c, f->type, out);
	else if (f->id == LIST_CONTENT)
		out->is_deletes = avro_long(c, f->type, 0) != 0;
	else if (f->id == LIST_PARTITIONS)
		read_summaries(r, c, f->type, out);
	else if (f->id == LIST_KEY_METADATA)
		out->key_metadata = avro_str(c, f->type);
	else
		avro_skip(c, f->type);
}

/* A count of files is an int in the next list, whatever it was in this one. */
static bool is_file_count(int64_t count)
{
	return count >= 0 && count <= INT32_MAX;
}

static int each_manifest(void *context, struct avro_cursor *c, const struct avro_type *t,
                         struct err *e)
{
	struct reading     *r = context;
	struct ice_manifest m = {0};

	for (size_t i = 0; i < t->field_count && !c->is_broken; i++)
		read_field(r, c, &t->fields[i], &m);
	if (c->is_broken)
		return 0; /* avro_each says so */
	if (m.path.len == 0 || m.length <= 0 || m.sequence_number < 0)
		return err_set(e, ERR_CORRUPT,
		               "manifest list: an entry without path, length or sequence number");
	if (!is_file_count(m.added_files) || !is_file_count(m.existing_files) ||
	    !is_file_count(m.deleted_files) || m.added_rows < 0 || m.existing_rows < 0 ||
	    m.deleted_rows < 0)
		return err_set(e, ERR_CORRUPT, "manifest list: " STR_FMT " has a count out of range",
		               STR_ARG(m.path));
	if (m.min_sequence_number > m.sequence_number)
		return err_set(e, ERR_CORRUPT, "manifest list: " STR_FMT " is older than its files",
		               STR_ARG(m.path));
	*VEC_ADD(&r->manifests) = m;
	return 0;
}

int ice_list_read(str bytes, struct arena *a, struct ice_manifest **out, size_t *count,
                  struct err *e)
{
	AUTO(reading) r = {.arena = a};
	struct avro_file     avro;
	struct ice_manifest *manifests;

	TRY(avro_open(bytes, a, &avro, e));
	if (avro.type->kind != AVRO_RECORD)
		return err_set(e, ERR_CORRUPT,
		               "not a manifest list: its Avro objects are no records");
	TRY(avro_each(&avro, ice_avro_ceiling(bytes.len), each_manifest, &r, e));
	manifests = ARENA_ARRAY(a, struct ice_manifest, r.manifests.count);
	if (r.manifests.count > 0)
		memcpy(manifests, r.manifests.at, r.manifests.count * sizeof(*manifests));
	*out = manifests;
	*count = r.manifests.count;
	return 0;
}
