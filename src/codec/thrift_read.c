/* Reading Thrift's compact protocol from bytes nobody vouches for: every step
 * is checked against the end, depth and counts are bounded by what is there. */
#include "codec/thrift.h"

struct thrift_in thrift_in_open(str bytes)
{
	return (struct thrift_in){.at = bytes.ptr, .end = bytes.ptr + bytes.len};
}

static void fault(struct thrift_in *t)
{
	t->is_bad = true;
	t->at = t->end;
}

static size_t left(const struct thrift_in *t)
{
	return (size_t)(t->end - t->at);
}

static uint8_t byte(struct thrift_in *t)
{
	if (left(t) == 0) {
		fault(t);
		return 0;
	}
	return (uint8_t)*t->at++;
}

static uint64_t varint(struct thrift_in *t)
{
	uint64_t v = 0;
	uint8_t  b;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		b = byte(t);
		v |= (uint64_t)(b & 0x7F) << shift;
		if (b < 0x80)
			return v;
	}
	fault(t);
	return 0;
}

static int64_t zigzag(struct thrift_in *t)
{
	uint64_t v = varint(t);

	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static void take(struct thrift_in *t, uint64_t size)
{
	if (size > left(t))
		fault(t);
	else
		t->at += size;
}

bool thrift_next(struct thrift_in *t, int *id, enum thrift_type *type)
{
	uint8_t head = byte(t);
	int64_t next = t->last[t->depth] + (head >> 4);

	*type = (enum thrift_type)(head & 15);
	if (*type != THRIFT_STOP && head >> 4 == 0)
		next = zigzag(t);
	if (*type > THRIFT_STRUCT || next < INT16_MIN || next > INT16_MAX)
		fault(t);
	if (*type == THRIFT_STOP || t->is_bad) {
		if (t->depth > 0)
			t->depth--;
		return false;
	}
	t->last[t->depth] = (int)next;
	*id = (int)next;
	return true;
}

static bool open_struct(struct thrift_in *t)
{
	if (t->depth + 1 == THRIFT_DEPTH || t->is_bad) {
		fault(t);
		return false;
	}
	t->last[++t->depth] = 0;
	return true;
}

int64_t thrift_read_int(struct thrift_in *t, enum thrift_type type)
{
	int64_t v;

	if (type == THRIFT_I8)
		return (int8_t)byte(t);
	if (type < THRIFT_I16 || type > THRIFT_I64) {
		thrift_skip(t, type);
		return 0;
	}
	v = zigzag(t);
	return t->is_bad ? 0 : v;
}

str thrift_read_binary(struct thrift_in *t, enum thrift_type type)
{
	uint64_t    len;
	const char *start;

	if (type != THRIFT_BINARY) {
		thrift_skip(t, type);
		return (str){0};
	}
	len = varint(t);
	start = t->at;
	take(t, len);
	return t->is_bad ? (str){0} : (str){start, (size_t)len};
}

bool thrift_read_struct(struct thrift_in *t, enum thrift_type type)
{
	if (type != THRIFT_STRUCT) {
		thrift_skip(t, type);
		return false;
	}
	return open_struct(t);
}

size_t thrift_read_list(struct thrift_in *t, enum thrift_type type, enum thrift_type *items)
{
	uint8_t  head;
	uint64_t count;

	*items = THRIFT_STOP;
	if (type != THRIFT_LIST && type != THRIFT_SET) {
		thrift_skip(t, type);
		return 0;
	}
	head = byte(t);
	count = head >> 4 == 15 ? varint(t) : head >> 4;
	*items = (enum thrift_type)(head & 15);
	/* No element is shorter than a byte. */
	if (count > left(t) || *items > THRIFT_STRUCT || (*items == THRIFT_STOP && count > 0))
		fault(t);
	return t->is_bad ? 0 : (size_t)count;
}

static void skip_at(struct thrift_in *t, enum thrift_type type, unsigned depth);

static void skip_items(struct thrift_in *t, enum thrift_type type, size_t count, unsigned depth)
{
	for (; count > 0 && !t->is_bad; count--) {
		if (type == THRIFT_TRUE || type == THRIFT_FALSE)
			(void)byte(t);
		else
			skip_at(t, type, depth);
	}
}

static void skip_list(struct thrift_in *t, unsigned depth)
{
	enum thrift_type items;
	size_t           count = thrift_read_list(t, THRIFT_LIST, &items);

	skip_items(t, items, count, depth);
}

static void skip_map(struct thrift_in *t, unsigned depth)
{
	uint64_t count = varint(t);
	uint8_t  types = count > 0 ? byte(t) : 0;

	if (count > left(t))
		fault(t);
	for (; count > 0 && !t->is_bad; count--) {
		skip_items(t, (enum thrift_type)(types >> 4), 1, depth);
		skip_items(t, (enum thrift_type)(types & 15), 1, depth);
	}
}

static void skip_struct(struct thrift_in *t, unsigned depth)
{
	enum thrift_type type;
	int              id;

	if (open_struct(t))
		while (thrift_next(t, &id, &type))
			skip_at(t, type, depth);
}

static void skip_at(struct thrift_in *t, enum thrift_type type, unsigned depth)
{
	if (depth == THRIFT_DEPTH) {
		fault(t);
		return;
	}
	switch (type) {
	case THRIFT_TRUE:
	case THRIFT_FALSE:
		return; /* the head was all of it */
	case THRIFT_I8:
		(void)byte(t);
		return;
	case THRIFT_I16:
	case THRIFT_I32:
	case THRIFT_I64:
		(void)varint(t);
		return;
	case THRIFT_DOUBLE:
		take(t, sizeof(double));
		return;
	case THRIFT_BINARY:
		take(t, varint(t));
		return;
	case THRIFT_LIST:
	case THRIFT_SET:
		skip_list(t, depth + 1);
		return;
	case THRIFT_MAP:
		skip_map(t, depth + 1);
		return;
	case THRIFT_STRUCT:
		skip_struct(t, depth + 1);
		return;
	case THRIFT_STOP:
		break;
	}
	fault(t);
}

void thrift_skip(struct thrift_in *t, enum thrift_type type)
{
	skip_at(t, type, 0);
}
