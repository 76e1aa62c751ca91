#include "tests/unit/ingest/rows.h"

#include <inttypes.h>

#include "base/vec.h"
#include "codec/json.h"
#include "codec/name.h"
#include "codec/number.h"
#include "tests/lib/test.h"

enum { SEED = 7 };

/* --- columns ------------------------------------------------------------------------------- */

static uint32_t slots_of(const struct columns *c, const struct field *f)
{
	const struct col *list;

	if (f->parent == NULL || f->parent->parent == NULL)
		return f->parent == NULL || f->parent->type == TYPE_STRUCT ? c->row_count : 0;
	if (f->parent->type != TYPE_LIST)
		return slots_of(c, f->parent);
	list = columns_peek(c, f->parent);
	return list ? list->element_slots : 0;
}

/* Place among the present values for every slot: UINT32_MAX where there is none. */
static void value_places(const struct col *col, uint32_t slots, uint32_t *out)
{
	uint32_t place = 0;

	for (uint32_t slot = 0; slot < slots; slot++)
		out[slot] = col_is_set(col, slot) ? place++ : UINT32_MAX;
}

static void learn(struct rows *r, const struct field *f, str pattern)
{
	AUTO(buf)         b = BUF(0);
	const struct col *col = columns_peek(r->columns, f);
	uint32_t          slots = slots_of(r->columns, f);

	map_put(&r->patterns, pattern)->num = 1;
	if (col != NULL) {
		r->places[f->ordinal] = ARENA_ARRAY(&r->arena, uint32_t, slots + 1);
		value_places(col, slots, r->places[f->ordinal]);
		CHECK(col->slot_end <= slots);
		CHECK_INT(col->type, f->type);
	}
	for (uint32_t i = 0; i < f->child_count; i++) {
		buf_clear(&b);
		buf_add(&b, pattern);
		buf_add(&b, STR("/*"));
		learn(r, f->children[i], f->type == TYPE_LIST ? buf_str(&b) : f->children[i]->doc);
	}
}

void rows_open(struct rows *r, const struct columns *c)
{
	*r = (struct rows){.columns = c};
	r->places = ARENA_ARRAY(&r->arena, uint32_t *, c->schema->count);
	for (uint32_t i = 0; i < c->schema->root->child_count; i++)
		learn(r, c->schema->root->children[i], c->schema->root->children[i]->doc);
}

void rows_done(struct rows *r)
{
	map_done(&r->patterns);
	arena_done(&r->arena);
}

static void put(struct map *found, struct arena *a, str pointer, str text)
{
	struct map_item *item = map_put(found, pointer);

	if (item->ptr != NULL)
		test_fail(__FILE__, __LINE__, STR_FMT " stands twice", STR_ARG(pointer));
	item->ptr = ARENA_NEW(a, str);
	*(str *)item->ptr = text;
}

static str leaf_text(const struct col *col, uint32_t value, struct arena *a)
{
	uint64_t bits;

	switch (col->type) {
	case TYPE_LONG:
		return arena_format(a, "i%" PRId64, col->longs[value]);
	case TYPE_TIMESTAMPTZ:
		return arena_format(a, "t%" PRId64, col->longs[value]);
	case TYPE_DOUBLE:
		memcpy(&bits, &col->doubles[value], sizeof(bits));
		return arena_format(a, "d%016" PRIx64, bits);
	case TYPE_BOOL:
		return col->bools[value] ? STR("true") : STR("false");
	default:
		return STR("of another type");
	}
}

static str join(struct arena *a, str pointer, str tail)
{
	AUTO(buf) b = BUF(0);

	buf_add(&b, pointer);
	buf_add(&b, tail);
	return arena_str(a, buf_str(&b));
}

static str last_part(str doc)
{
	size_t at = doc.len;

	while (at > 0 && doc.ptr[at - 1] != '/')
		at--;
	return str_from(doc, at - 1);
}

static void hold(const struct rows *r, const struct field *f, uint32_t slot, str pointer, struct map *found,
                 struct arena *a)
{
	const struct col *col = columns_peek(r->columns, f);
	uint32_t          value, first;

	if (col == NULL || !col_is_set(col, slot))
		return;
	value = r->places[f->ordinal][slot];
	if (f->type == TYPE_STRUCT) {
		put(found, a, pointer, STR("{}"));
		for (uint32_t i = 0; i < f->child_count; i++)
			hold(r, f->children[i], slot, join(a, pointer, last_part(f->children[i]->doc)), found, a);
	} else if (f->type == TYPE_LIST) {
		first = value ? col->ends[value - 1] : 0;
		put(found, a, pointer, arena_format(a, "[%u]", col->ends[value] - first));
		for (uint32_t i = first; i < col->ends[value]; i++)
			hold(r, f->children[0], i, join(a, pointer, arena_format(a, "/%u", i - first)), found, a);
	} else {
		put(found, a, pointer, f->type == TYPE_STRING ? join(a, STR("s"), col_string(col, value)) : leaf_text(col, value, a));
	}
}

static void hold_row(const struct rows *r, uint32_t row, struct map *found, struct arena *a)
{
	const struct field *root = r->columns->schema->root;

	for (uint32_t i = 0; i < root->child_count; i++)
		if (str_starts(root->children[i]->doc, STR("/")))
			hold(r, root->children[i], row, root->children[i]->doc, found, a);
}

str rows_column(struct rows *r, uint32_t row, const char *pointer, struct arena *a)
{
	AUTO(map)  found = {0};
	const str *text;

	hold_row(r, row, &found, a);
	text = map_ptr(&found, str_of(pointer));
	return text ? *text : STR("null");
}

str rows_extra(const struct rows *r, uint32_t row)
{
	const struct field *f = schema_child(r->columns->schema->root, STR("_extra"));
	const struct col   *col = columns_peek(r->columns, f);

	return col != NULL && col_is_set(col, row) ? col_string(col, r->places[f->ordinal][row]) : STR("");
}

/* --- documents ----------------------------------------------------------------------------- */

struct document {
	struct buf       text;
	struct json_tape tape;
};

static void document_done(struct document *d)
{
	buf_done(&d->text);
	json_tape_done(&d->tape);
}
AUTO_DEFINE(document, document_done)

/* No limits but those of the format: what it is given has been taken before. */
static bool document_scan(struct document *d, str text)
{
	const struct json_limits limits = {1000, UINT32_MAX >> 4, UINT32_MAX >> 4, UINT32_MAX >> 4};
	struct json_fault        fault;

	buf_add(&d->text, text);
	buf_fill(&d->text, '\0', JSON_PADDING);
	return json_scan(d->text.ptr, text.len, SEED, &limits, &d->tape, &fault);
}

struct walk {
	const struct document *d;
	struct map            *found;  /* pointer -> text */
	struct map            *patterns; /* pointer -> its pattern, or NULL */
	struct arena          *arena;
};

static str unescaped(const struct document *d, uint64_t head, struct buf *scratch)
{
	str text = json_text(d->text.ptr, head);

	return json_flags(head) & JSON_ESCAPED ? json_unescape(d->text.ptr, head, scratch) : text;
}

static str scalar_text(const struct walk *w, uint32_t at)
{
	AUTO(buf)      scratch = BUF(0);
	AUTO(buf)      text = BUF(0);
	uint64_t       head = w->d->tape.words[at];
	enum json_kind kind = json_kind(head);

	if (kind == JSON_INT)
		return arena_format(w->arena, "i%" PRId64, (int64_t)w->d->tape.words[at + 1]);
	if (kind == JSON_DOUBLE)
		return arena_format(w->arena, "d%016" PRIx64, w->d->tape.words[at + 1]);
	if (kind != JSON_STRING)
		return kind == JSON_NULL ? STR("null") : kind == JSON_TRUE ? STR("true") : STR("false");
	buf_byte(&text, 's');
	buf_add(&text, unescaped(w->d, head, &scratch));
	return arena_str(w->arena, buf_str(&text));
}

static void walk_value(const struct walk *w, uint32_t at, str pointer, str pattern)
{
	const uint64_t *words = w->d->tape.words;
	uint64_t        head = words[at];
	enum json_kind  kind = json_kind(head);
	uint32_t        left = json_len(head), next = at + 2;
	AUTO(buf)       scratch = BUF(0);

	if (kind > JSON_ARRAY) {
		put(w->found, w->arena, pointer, scalar_text(w, at));
	} else if (kind == JSON_ARRAY || left == 0) {
		put(w->found, w->arena, pointer, kind == JSON_OBJECT ? STR("{}") : arena_format(w->arena, "[%u]", left));
	}
	if (w->patterns != NULL)
		put(w->patterns, w->arena, pointer, pattern);
	if (kind > JSON_ARRAY)
		return;
	for (uint32_t i = 0; i < left; i++) {
		AUTO(buf) part = BUF(0);

		if (kind == JSON_OBJECT) {
			pointer_add(&part, unescaped(w->d, words[next], &scratch));
			next += 2;
			walk_value(w, next, join(w->arena, pointer, buf_str(&part)), join(w->arena, pattern, buf_str(&part)));
		} else {
			pointer_add_index(&part, i);
			walk_value(w, next, join(w->arena, pointer, buf_str(&part)), join(w->arena, pattern, STR("/*")));
		}
		next = json_skip(words, next);
	}
}

/* Leaves of _extra by their pointer in the record. */
static bool extra_leaves(str extra, struct map *found, struct arena *a)
{
	AUTO(document) d = {0};
	AUTO(buf)      scratch = BUF(0);
	struct walk    w = {&d, found, NULL, a};
	uint32_t       next = 2;

	if (extra.len == 0)
		return true;
	if (!document_scan(&d, extra) || json_kind(d.tape.words[0]) != JSON_OBJECT)
		return false;
	for (uint32_t left = json_len(d.tape.words[0]); left > 0; left--) {
		str pointer = arena_str(a, unescaped(&d, d.tape.words[next], &scratch));

		walk_value(&w, next + 2, pointer, pointer);
		next = json_skip(d.tape.words, next + 2);
	}
	return true;
}

/* --- one held against the other ------------------------------------------------------------ */

static double bits_of(str text)
{
	uint64_t bits = strtoull(text.ptr + 1, NULL, 16);
	double   v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* The same number, and nothing lost on the way there and back. */
static bool is_same_number(str one, str other)
{
	const char *a = one.ptr, *b = other.ptr;
	int64_t     v;

	if (a[0] == 'i' && b[0] == 'i')
		return str_eq(one, other);
	if (a[0] == 'd' && b[0] == 'd')
		return str_eq(one, other);
	if (a[0] == 'd')
		return is_same_number(other, one);
	v = strtoll(a + 1, NULL, 10);
	return b[0] == 'd' && (double)v == bits_of(other) && (__int128)(double)v == v && !__builtin_signbit(bits_of(other)) == (v >= 0);
}

static bool is_number(str text)
{
	return text.len > 0 && (text.ptr[0] == 'i' || text.ptr[0] == 'd');
}

static bool is_same(const struct rows *r, str leaf, str held)
{
	int64_t us;

	if (str_eq(leaf, held))
		return true;
	if (is_number(leaf) && is_number(held))
		return is_same_number(leaf, held);
	if (is_number(leaf) && held.ptr[0] == 't' && str_to_i64(str_from(held, 1), &us))
		return str_to_i64(str_from(leaf, 1), &us) && strtoll(held.ptr + 1, NULL, 10) == us * 1000;
	if (r->is_text_typed && leaf.ptr[0] == 's' && held.ptr[0] == 'i')
		return str_eq(str_from(leaf, 1), str_from(held, 1));
	if (r->is_text_typed && leaf.ptr[0] == 's' && held.ptr[0] == 'd') {
		bool   lossy;
		double v;

		return number_to_double(str_from(leaf, 1), &v, &lossy) && bits_of(held) == v;
	}
	return false;
}

static const str *text_at(const struct map *m, str pointer)
{
	return map_ptr(m, pointer);
}

static bool is_standard(const struct rows *r, str pattern)
{
	static const char *const names[] = {"event_id", "event_name", "event_time"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct field *f = schema_child(r->columns->schema->root, str_of(names[i]));

		if (f != NULL && str_eq(f->doc, pattern))
			return true;
	}
	return false;
}

static const char *leaf_fault(const struct rows *r, const struct map_item *leaf, str pattern, const struct map *held,
                              const struct map *extra)
{
	str        want = *(const str *)leaf->ptr;
	const str *in_extra = text_at(extra, leaf->key), *in_column = text_at(held, leaf->key);

	if (in_extra != NULL && !str_eq(*in_extra, want))
		return "is another value in _extra";
	if (in_extra != NULL)
		return in_column != NULL && !is_standard(r, pattern) ? "is in _extra and in a column" : NULL;
	if (str_eq(want, STR("null")))
		return in_column != NULL ? "is a value in its column" :
		       map_get(&r->patterns, pattern) == NULL ? "is nowhere" : NULL;
	if (in_column == NULL || str_eq(want, STR("{}"))) /* a struct of nulls would say something else */
		return "is nowhere";
	return is_same(r, want, *in_column) ? NULL : "is another value in its column";
}

struct held_row {
	struct map held, extra, leaves, patterns; /* pointer -> str * */
};

static void held_row_done(struct held_row *h)
{
	map_done(&h->held);
	map_done(&h->extra);
	map_done(&h->leaves);
	map_done(&h->patterns);
}
AUTO_DEFINE(held_row, held_row_done)

static void say(struct buf *faults, str pointer, str what, const char *fault)
{
	buf_print(faults, STR_FMT " " STR_FMT " %s; ", STR_ARG(pointer), STR_ARG(str_head(what, 40)), fault);
}

static void record_faults(const struct rows *r, const struct held_row *h, struct buf *faults)
{
	for (size_t i = 0; i < h->leaves.count; i++) {
		const struct map_item *leaf = &h->leaves.items[i];
		str                    text = *(const str *)leaf->ptr;
		bool                   is_list = text.ptr[0] == '[' && !str_eq(text, STR("[0]")); /* its elements count */
		const char            *fault = is_list ? NULL : leaf_fault(r, leaf, *text_at(&h->patterns, leaf->key), &h->held, &h->extra);

		if (fault != NULL)
			say(faults, leaf->key, text, fault);
	}
}

static void row_faults(const struct rows *r, const struct held_row *h, struct buf *faults)
{
	for (size_t i = 0; i < h->held.count; i++) {
		str        pointer = h->held.items[i].key, text = *(const str *)h->held.items[i].ptr;
		const str *leaf = text_at(&h->leaves, pointer), *pattern = text_at(&h->patterns, pointer);
		bool       is_object = pattern != NULL && leaf == NULL;

		if (pattern != NULL && is_standard(r, *pattern))
			continue;
		if (is_object ? !str_eq(text, STR("{}")) : leaf == NULL || !is_same(r, *leaf, text))
			say(faults, pointer, text, "is not in the record");
	}
	for (size_t i = 0; i < h->extra.count; i++)
		if (text_at(&h->leaves, h->extra.items[i].key) == NULL)
			say(faults, h->extra.items[i].key, *(const str *)h->extra.items[i].ptr, "is only in _extra");
}

void rows_compare(struct rows *r, uint32_t row, str record, struct buf *faults)
{
	AUTO(arena)    a = ARENA_INIT;
	AUTO(document) d = {0};
	AUTO(held_row) h = {0};
	struct walk    w = {&d, &h.leaves, &h.patterns, &a};

	if (!document_scan(&d, record)) {
		buf_add(faults, STR("the record is not JSON"));
		return;
	}
	walk_value(&w, 0, STR(""), STR(""));
	if (!extra_leaves(rows_extra(r, row), &h.extra, &a)) {
		buf_add(faults, STR("_extra is not an object"));
		return;
	}
	if (!str_starts(rows_extra(r, row), STR("{\"\":"))) /* the whole record: whatever columns hold of it besides */
		hold_row(r, row, &h.held, &a);
	record_faults(r, &h, faults);
	row_faults(r, &h, faults);
}
