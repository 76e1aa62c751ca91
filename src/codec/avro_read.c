/* Avro containers, the reading half.
 *
 * Every length is checked against what is left before it is believed, and every value costs a
 * step, of which a block has a few for each of its bytes: a file cannot make us do more than its
 * size deserves.
 */
#include "codec/avro_int.h"

#include <assert.h>

#include "codec/inflate.h"

enum { SYNC_BYTES = 16, STEPS_A_BYTE = 8, STEPS_FREE = 1024, PAIR_LIMIT = 100 };

static void cursor_break(struct avro_cursor *c)
{
	c->is_broken = true;
	c->at = c->end;
}

static void cursor_step(struct avro_cursor *c)
{
	if (c->steps == 0)
		cursor_break(c);
	else
		c->steps--;
}

static struct avro_cursor cursor_of(str bytes)
{
	return (struct avro_cursor){
		.at = bytes.ptr,
		.end = bytes.ptr + bytes.len,
		.steps = (uint64_t)bytes.len * STEPS_A_BYTE + STEPS_FREE,
	};
}

static int64_t read_varint(struct avro_cursor *c)
{
	uint64_t zigzag = 0;

	for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
		uint8_t byte = (uint8_t)*c->at++;

		if (shift == 63 && byte > 1)
			break;
		zigzag |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80)
			return (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
	}
	cursor_break(c);
	return 0;
}

static str read_bytes(struct avro_cursor *c, uint64_t len)
{
	str bytes = {c->at, len};

	if (c->is_broken || len > (uint64_t)(c->end - c->at)) {
		cursor_break(c);
		return STR("");
	}
	c->at += len;
	return bytes;
}

static str read_str(struct avro_cursor *c)
{
	return read_bytes(c, (uint64_t)read_varint(c)); /* a negative length is a huge one */
}

const struct avro_type *avro_branch(struct avro_cursor *c, const struct avro_type *t)
{
	static const struct avro_type null = {.kind = AVRO_NULL};
	uint64_t                      branch;

	cursor_step(c);
	if (t->kind != AVRO_UNION)
		return t;
	branch = (uint64_t)read_varint(c);
	if (c->is_broken || branch >= t->field_count) {
		cursor_break(c);
		return &null;
	}
	return t->fields[branch].type;
}

int64_t avro_long(struct avro_cursor *c, const struct avro_type *t, int64_t otherwise)
{
	int64_t value;

	t = avro_branch(c, t);
	if (t->kind == AVRO_NULL)
		return otherwise;
	value = read_varint(c);
	if ((t->kind != AVRO_INT && t->kind != AVRO_LONG) ||
	    (t->kind == AVRO_INT && value != (int32_t)value))
		cursor_break(c);
	return c->is_broken ? 0 : value;
}

bool avro_bool(struct avro_cursor *c, const struct avro_type *t, bool otherwise)
{
	str byte;

	t = avro_branch(c, t);
	if (t->kind == AVRO_NULL)
		return otherwise;
	byte = read_bytes(c, 1);
	if (t->kind != AVRO_BOOL || (byte.len == 1 && (uint8_t)byte.ptr[0] > 1))
		cursor_break(c);
	return !c->is_broken && byte.ptr[0] == 1;
}

str avro_str(struct avro_cursor *c, const struct avro_type *t)
{
	t = avro_branch(c, t);
	if (t->kind == AVRO_NULL)
		return (str){0};
	if (t->kind == AVRO_STRING || t->kind == AVRO_BYTES)
		return read_str(c);
	if (t->kind == AVRO_FIXED)
		return read_bytes(c, t->size);
	cursor_break(c);
	return STR("");
}

struct avro_items avro_items(struct avro_cursor *c, const struct avro_type *t)
{
	t = avro_branch(c, t);
	if (t->kind == AVRO_ARRAY)
		return (struct avro_items){.type = t->fields[0].type};
	if (t->kind != AVRO_NULL)
		cursor_break(c);
	return (struct avro_items){.is_done = true};
}

bool avro_next(struct avro_cursor *c, struct avro_items *it)
{
	int64_t count;

	if (it->left == 0 && !it->is_done) {
		count = read_varint(c);
		if (count < 0) {
			(void)read_varint(c); /* the run's size: for those who jump */
			count = count == INT64_MIN ? 0 : -count;
		}
		it->left = (uint64_t)count;
		it->is_done = count == 0;
	}
	cursor_step(c);
	if (it->is_done || c->is_broken)
		return false;
	it->left--;
	return true;
}

static void skip_items(struct avro_cursor *c, const struct avro_type *t)
{
	bool              has_keys = t->kind == AVRO_MAP;
	struct avro_items it = {.type = t->fields[0].type};

	while (avro_next(c, &it)) {
		if (has_keys)
			(void)read_str(c);
		avro_skip(c, it.type);
	}
}

/* As deep as the schema, which avro_schema.c bounds. */
void avro_skip(struct avro_cursor *c, const struct avro_type *t)
{
	t = avro_branch(c, t);
	switch (t->kind) {
	case AVRO_NULL:
	case AVRO_UNION: /* never a branch of one */
		break;
	case AVRO_BOOL:
		(void)read_bytes(c, 1);
		break;
	case AVRO_INT:
	case AVRO_LONG:
	case AVRO_ENUM:
		(void)read_varint(c);
		break;
	case AVRO_FLOAT:
		(void)read_bytes(c, 4);
		break;
	case AVRO_DOUBLE:
		(void)read_bytes(c, 8);
		break;
	case AVRO_BYTES:
	case AVRO_STRING:
		(void)read_str(c);
		break;
	case AVRO_FIXED:
		(void)read_bytes(c, t->size);
		break;
	case AVRO_RECORD:
		for (size_t i = 0; i < t->field_count && !c->is_broken; i++)
			avro_skip(c, t->fields[i].type);
		break;
	case AVRO_ARRAY:
	case AVRO_MAP:
		skip_items(c, t);
		break;
	}
}

/* The header's map into out->pairs. */
static void read_pairs(struct avro_cursor *c, struct arena *a, struct avro_file *out)
{
	static const struct avro_type text = {.kind = AVRO_STRING};
	struct avro_items             it = {.type = &text};

	out->pairs = ARENA_ARRAY(a, struct avro_pair, PAIR_LIMIT);
	while (avro_next(c, &it)) {
		if (out->pair_count == PAIR_LIMIT) {
			cursor_break(c);
			return;
		}
		out->pairs[out->pair_count].key = arena_str(a, read_str(c));
		out->pairs[out->pair_count].value = arena_str(a, read_str(c));
		out->pair_count++;
	}
}

bool avro_pair(const struct avro_file *f, str key, str *out)
{
	for (size_t i = 0; i < f->pair_count; i++)
		if (str_eq(f->pairs[i].key, key)) {
			*out = f->pairs[i].value;
			return true;
		}
	return false;
}

static int codec_of(const struct avro_file *f, enum avro_codec *out, struct err *e)
{
	str word = STR("null");

	(void)avro_pair(f, STR("avro.codec"), &word);
	*out = str_eq(word, STR("deflate")) ? AVRO_DEFLATE : AVRO_PLAIN;
	if (*out == AVRO_PLAIN && !str_eq(word, STR("null")))
		return err_set(e, ERR_UNSUPPORTED,
		               "Avro file packed with \"" STR_FMT "\", not null or deflate: "
		               "rewrite its table with write.avro.compression-codec=gzip",
		               STR_ARG(str_head(word, 32)));
	return 0;
}

int avro_open(str bytes, struct arena *a, struct avro_file *out, struct err *e)
{
	struct avro_file   f = {.arena = a};
	struct avro_cursor c;
	str                schema;

	if (!str_starts(bytes, STR("Obj\x01")))
		return err_set(e, ERR_CORRUPT, "not an Avro file: it does not begin with Obj 01");
	c = cursor_of(str_from(bytes, 4));
	read_pairs(&c, a, &f);
	f.sync = read_bytes(&c, SYNC_BYTES);
	if (c.is_broken)
		return err_set(e, ERR_CORRUPT, "Avro file with a damaged header");
	f.rest = (str){c.at, (size_t)(c.end - c.at)};
	if (!avro_pair(&f, STR("avro.schema"), &schema))
		return err_set(e, ERR_CORRUPT, "Avro file without a schema");
	TRY(codec_of(&f, &f.codec, e));
	TRY(avro_schema_parse(schema, a, &f.type, e));
	*out = f;
	return 0;
}

/* The block's bytes into the arena, so that strs read from it may stay where they are. */
static int block_unpack(const struct avro_file *f, str packed, size_t *ceiling, str *out,
                        struct err *e)
{
	AUTO(buf) plain = BUF(0);
	str bytes = packed;

	if (f->codec == AVRO_DEFLATE) {
		TRY(deflate_unpack(packed, *ceiling, &plain, e));
		bytes = buf_str(&plain);
	}
	if (bytes.len > *ceiling)
		return err_set(e, ERR_LIMIT, "Avro file with over %zu bytes in its blocks",
		               *ceiling);
	*ceiling -= bytes.len;
	*out = arena_str(f->arena, bytes);
	return 0;
}

static int block_each(const struct avro_file *f, str block, int64_t count, avro_each_fn *each,
                      void *context, struct err *e)
{
	struct avro_cursor c = cursor_of(block);

	for (int64_t i = 0; i < count && !c.is_broken; i++) {
		cursor_step(&c);
		TRY(each(context, &c, f->type, e));
	}
	if (c.is_broken || c.at != c.end)
		return err_set(e, ERR_CORRUPT, "Avro block whose bytes do not fit the schema");
	return 0;
}

int avro_each(struct avro_file *f, size_t ceiling, avro_each_fn *each, void *context, struct err *e)
{
	while (f->rest.len > 0) {
		struct avro_cursor c = cursor_of(f->rest);
		int64_t            count = read_varint(&c);
		str                packed = read_str(&c);
		str                sync = read_bytes(&c, SYNC_BYTES);
		str                block;

		if (c.is_broken || count < 0 || !str_eq(sync, f->sync))
			return err_set(e, ERR_CORRUPT, "Avro file with a damaged block");
		TRY(block_unpack(f, packed, &ceiling, &block, e));
		TRY(block_each(f, block, count, each, context, e));
		assert(c.at > f->rest.ptr);
		f->rest = (str){c.at, (size_t)(c.end - c.at)};
	}
	return 0;
}
