/* rewrite.c - manifests written again: what is live in old ones read, and put into new ones.
 *
 * An entry that stays becomes EXISTING, with the snapshot and the sequence numbers that it had; one
 * that goes says DELETED once, in the snapshot that lets it go.
 */
#include <inttypes.h>

#include "lake/apply_int.h"

int rewrite_begin(struct rewrite *w, struct err *e)
{
	return ice_spec(w->metadata, &w->spec, e);
}

void rewrite_done(struct rewrite *w)
{
	schema_done(&w->schema);
}

void ice_files_done(struct ice_files *v)
{
	VEC_DONE(v);
}

int rewrite_read(struct rewrite *w, const struct ice_manifest *m, struct arena *a, struct ice_files *out, struct err *e)
{
	AUTO(buf)        bytes = BUF(MANIFEST_BYTES);
	struct ice_file *files;
	size_t           count;
	int64_t          live = 0, rows = 0;

	TRY(path_get(w->lake, m->path, &bytes, e));
	if (ice_manifest_read(buf_str(&bytes), m, a, &files, &count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(m->path));
	for (size_t i = 0; i < count; i++) {
		if (files[i].status == ICE_DELETED)
			continue;
		files[i].status = ICE_EXISTING;
		*VEC_ADD(out) = files[i];
		live++;
		rows += files[i].stats.rows;
	}
	if ((int64_t)bytes.len != m->length || live != m->added_files + m->existing_files ||
	    rows != m->added_rows + m->existing_rows)
		return err_set(e, ERR_CORRUPT,
		               "manifest " STR_FMT " is not what its list says: it has %zu bytes, %" PRId64
		               " files and %" PRId64 " rows", STR_ARG(m->path), bytes.len, live, rows);
	return 0;
}

/* The schema is asked for only where something is written, which is seldom. */
static int schema_load(struct rewrite *w, struct err *e)
{
	return w->schema.root == NULL ? ice_read_schema(w->metadata, -1, &w->schema, e) : 0;
}

int rewrite_put(struct rewrite *w, const char *word, const struct ice_spec *spec, const struct ice_file *files, size_t count,
                struct ice_manifest *out, struct err *e)
{
	AUTO(buf) bytes = BUF(MANIFEST_BYTES);
	int64_t   schema_id = ice_current_schema_id(w->metadata);
	str       key = arena_format(w->arena, STR_FMT "-%s-%" PRId64 "-%zu.avro", STR_ARG(w->key), word, w->snapshot_id,
	                             w->written++);

	TRY(schema_load(w, e));
	TRY(ice_manifest_write(&w->schema, schema_id, spec, files, count, &bytes, e));
	TRY(store_put_soon_sure(w->lake->store, key, buf_str(&bytes), e));
	ice_manifest_describe(spec, files, count, out);
	out->path = lake_path(w->lake, w->arena, key);
	out->length = (int64_t)bytes.len;
	out->sequence_number = out->min_sequence_number = w->sequence;
	out->added_snapshot_id = w->snapshot_id;
	for (size_t i = 0; i < count; i++)
		if (files[i].status == ICE_EXISTING && files[i].sequence_number < out->min_sequence_number)
			out->min_sequence_number = files[i].sequence_number;
	return 0;
}
