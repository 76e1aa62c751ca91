/* The checked face of a source, and runs. */
#include "source/source.h"

#include <assert.h>

#include "codec/json.h"

enum { RECORD_LIMIT = 8 << 20 };

uint64_t source_record_limit(const struct source_conf *conf)
{
	return conf->record_limit != 0 ? conf->record_limit : RECORD_LIMIT;
}

void run_clear(struct run *r)
{
	buf_clear(&r->bytes);
	arena_reset(&r->arena);
	r->records.count = 0;
	r->parts.count = 0;
	r->notices.count = 0;
	r->raw_bytes = 0;
	r->blank_lines = 0;
	r->is_text_typed = false;
}

void run_done(struct run *r)
{
	buf_done(&r->bytes);
	arena_done(&r->arena);
	VEC_DONE(&r->records);
	VEC_DONE(&r->parts);
	VEC_DONE(&r->notices);
}

/* What the JSON scan may read past the last record; zeros, so that nobody reads what was never
 * written. */
static void pad(struct buf *bytes)
{
	char *room = buf_room(bytes, JSON_PADDING);

	assert(room != NULL);
	memset(room, 0, JSON_PADDING);
}

int source_read(struct source *s, struct run *run, struct err *e)
{
	int rc;

	run_clear(run);
	rc = s->ops->read(s, run, e);
	assert(rc <= 1 && (rc >= 0 || e->class == rc));
	if (rc < 1)
		return rc;
	assert(run->parts.count > 0 && run->bytes.len <= UINT32_MAX);
	for (size_t i = 0; i < run->parts.count; i++)
		assert(run->parts.at[i].key.len > 0 && run->parts.at[i].to.len > 0);
	pad(&run->bytes);
	return 1;
}

int source_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e)
{
	return s->ops->settle ? s->ops->settle(s, parts, count, e) : 0;
}

void source_close(struct source *s)
{
	if (s != NULL)
		s->ops->close(s);
}
