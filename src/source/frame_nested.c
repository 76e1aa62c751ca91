/* Documents, each with an array of records at a JSON Pointer: {"Records":[{...},{...}],"more":1}.
 *
 * The document is streamed: only the element at hand is held, so its size does not matter. Until
 * the array is found the first bytes of the document are held too: a document without it is a
 * record (frame.records) whose text they are.
 *
 * A small machine walks the containers that the pointer leads through and passes over all other
 * values by their brackets. level: containers entered, 0 between documents; the value wanted in
 * container `level` is parts[level - 1].
 *
 *     DOCUMENT --open--> NAME --name fits--> VALUE --array, level = depth--> ELEMENTS <--> ELEMENT
 *                         ^ |                  |
 *                         | +--other--> OTHER  +--container--> NAME or ITEM, one level down
 *                         +---------------+
 *
 * A pointer that is met twice in a document is followed twice. A byte that fits nowhere is passed
 * over: what is wrong around the records does not cost the records.
 *
 * mark: 0 between documents; else 1 and, above it, one bit a level that says which containers are
 * arrays.
 */
#include "source/frame_int.h"
#include "source/value_int.h"

#include <assert.h>

#include "codec/json.h"

enum { LEVELS_MAX = 32, NAME_SIZE_MAX = 64 << 10 };

#define INDEX_UNKNOWN UINT64_MAX

enum place {
	PLACE_DOCUMENT, /* between documents */
	PLACE_NAME,     /* in an object: before a name */
	PLACE_IN_NAME,
	PLACE_COLON,
	PLACE_ITEM,     /* in an array that the pointer leads through: before an item */
	PLACE_VALUE,    /* before the value that the pointer leads to */
	PLACE_OTHER,    /* before or in a value of no interest */
	PLACE_ELEMENTS, /* in the array of records: before an element */
	PLACE_ELEMENT,  /* in an element */
};

struct frame_nested {
	struct frame base;
	struct arena arena;
	str          parts[LEVELS_MAX];
	unsigned     depth; /* parts */

	enum place   place;
	unsigned     level;
	bool         is_list[LEVELS_MAX + 1]; /* by level */
	uint64_t     index[LEVELS_MAX + 1];   /* by level: of the next item */
	bool         is_found;                /* the array, in this document */
	struct value value;
	struct buf   name;
};

int frame_pointer_check(str pointer, struct err *e)
{
	unsigned depth = 0;

	for (size_t i = 0; i < pointer.len; i++)
		depth += pointer.ptr[i] == '/';
	if (pointer.len > 0 && pointer.ptr[0] != '/')
		return err_set(e, ERR_INPUT,
		               "records: \"" STR_FMT "\" is not a JSON Pointer, which begins with /",
		               STR_ARG(pointer));
	if (depth > LEVELS_MAX)
		return err_set(e, ERR_INPUT, "records: a pointer of %u parts; it may have %d", depth,
		               LEVELS_MAX);
	return 0;
}

/* One part of a pointer, with ~1 and ~0 read as / and ~. */
static str part_text(str part, struct arena *a)
{
	char  *text = arena_alloc(a, part.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < part.len; i++) {
		str rest = str_from(part, i);

		text[len++] = str_starts(rest, STR("~1")) ? '/' : rest.ptr[0];
		i += str_starts(rest, STR("~1")) || str_starts(rest, STR("~0"));
	}
	return (str){text, len};
}

static void pointer_split(struct frame_nested *f, str pointer)
{
	while (pointer.len > 0) {
		size_t end = str_find(pointer, '/', 1);

		assert(f->depth < LEVELS_MAX);
		f->parts[f->depth++] = part_text(str_make(pointer.ptr + 1, end - 1), &f->arena);
		pointer = str_from(pointer, end);
	}
}

/* A name with escapes, by its meaning. One that is not JSON fits nothing. */
static bool escaped_name_is(str quoted, str want)
{
	AUTO(buf)          text = BUF(0), scratch = BUF(0);
	struct json_tape   tape = {0};
	struct json_limits limits = JSON_LIMITS;
	struct json_fault  fault;
	bool               is_same;

	buf_add(&text, quoted);
	buf_fill(&text, ' ', JSON_PADDING);
	is_same = json_scan(text.ptr, quoted.len, 0, &limits, &tape, &fault) &&
	          str_eq(json_unescape(text.ptr, tape.words[0], &scratch), want);
	json_tape_done(&tape);
	return is_same;
}

static bool name_fits(const struct frame_nested *f)
{
	str quoted = buf_str(&f->name), want = f->parts[f->level - 1];

	if (buf_over(&f->name))
		return false;
	if (memchr(quoted.ptr, '\\', quoted.len) != NULL)
		return escaped_name_is(quoted, want);
	return str_eq(str_make(quoted.ptr + 1, quoted.len - 2), want);
}

static bool index_fits(const struct frame_nested *f)
{
	int64_t want;

	if (!str_to_i64(f->parts[f->level - 1], &want) || want < 0)
		return false;
	return (uint64_t)want == f->index[f->level];
}

/* Bytes around the records: let go at once where the array was found, else held as the head of
 * the document. */
static void pass(struct frame_nested *f, struct feed *w, size_t count)
{
	if (f->is_found)
		feed_pass(w, count);
	else
		w->seen += count;
}

static uint64_t mark_of(const struct frame_nested *f)
{
	uint64_t mark = 1;

	for (unsigned level = 1; level <= f->depth; level++)
		mark |= (uint64_t)f->is_list[level] << level;
	return f->level == 0 ? 0 : mark;
}

static enum place place_in(const struct frame_nested *f)
{
	return f->level == 0 ? PLACE_DOCUMENT : f->is_list[f->level] ? PLACE_ITEM : PLACE_NAME;
}

static void document_end(struct frame_nested *f, struct feed *w)
{
	if (!f->is_found) {
		(void)feed_record(w, w->seen, RECORD_SHAPE);
		feed_pass(w, w->seen);
	}
	f->is_found = false;
	f->level = 0;
	f->place = PLACE_DOCUMENT;
	f->value = (struct value){0};
	feed_taken(w, 0);
}

static void container_open(struct frame_nested *f, struct feed *w, bool is_list)
{
	pass(f, w, 1);
	f->level++;
	f->is_list[f->level] = is_list;
	f->index[f->level] = 0;
	f->place = place_in(f);
}

static void container_close(struct frame_nested *f, struct feed *w)
{
	pass(f, w, 1);
	f->level--;
	f->place = place_in(f);
	if (f->level == 0)
		document_end(f, w);
}

static void array_open(struct frame_nested *f, struct feed *w)
{
	feed_pass(w, w->seen + 1);
	f->is_found = true;
	f->place = PLACE_ELEMENTS;
	feed_taken(w, mark_of(f));
}

/* At one byte of structure, which is not a blank. */
static void name_step(struct frame_nested *f, struct feed *w, char c)
{
	if (c == '}') {
		container_close(f, w);
	} else if (c == '"') {
		buf_clear(&f->name);
		f->place = PLACE_IN_NAME;
	} else {
		pass(f, w, 1);
	}
}

static void item_step(struct frame_nested *f, struct feed *w, char c)
{
	if (c == ']') {
		container_close(f, w);
	} else if (c == ',' || c == '}') {
		pass(f, w, 1);
	} else {
		f->place = index_fits(f) ? PLACE_VALUE : PLACE_OTHER;
		f->index[f->level] += f->index[f->level] != INDEX_UNKNOWN;
	}
}

static void value_step(struct frame_nested *f, struct feed *w, char c)
{
	if (c == '[' && f->level == f->depth)
		array_open(f, w);
	else if ((c == '[' || c == '{') && f->level < f->depth)
		container_open(f, w, c == '[');
	else
		f->place = f->level == 0 ? PLACE_ELEMENT : PLACE_OTHER;
}

static void elements_step(struct frame_nested *f, struct feed *w, char c)
{
	if (c == ']') {
		feed_pass(w, 1);
		f->place = place_in(f);
	} else if (c == ',') {
		feed_pass(w, 1);
	} else {
		f->place = PLACE_ELEMENT;
	}
}

static void colon_step(struct frame_nested *f, struct feed *w, char c)
{
	if (c == ':')
		pass(f, w, 1);
	f->place = name_fits(f) ? PLACE_VALUE : PLACE_OTHER;
}

/* In a name. */
static void name_scan(struct frame_nested *f, struct feed *w)
{
	str    unseen = feed_unseen(w);
	bool   is_whole;
	size_t len = value_scan(&f->value, unseen, &is_whole);

	buf_bytes(&f->name, unseen.ptr, len);
	pass(f, w, len);
	if (is_whole) {
		f->value = (struct value){0};
		f->place = PLACE_COLON;
	}
}

/* In a value of no interest. A bracket that closes where a value should stand is left for the
 * container. */
static void other_scan(struct frame_nested *f, struct feed *w)
{
	str  unseen = feed_unseen(w);
	char c = unseen.ptr[0];
	bool is_whole = f->value.place == VALUE_START && (c == '}' || c == ']' || c == ',');

	if (!is_whole)
		pass(f, w, value_scan(&f->value, unseen, &is_whole));
	if (is_whole) {
		f->value = (struct value){0};
		f->place = place_in(f);
	}
}

/* In an element, or in something between documents that is none: that is a record of the wrong
 * shape. */
static void element_scan(struct frame_nested *f, struct feed *w)
{
	bool is_whole;

	w->seen += value_scan(&f->value, feed_unseen(w), &is_whole);
	if (!is_whole && !feed_is_rest(w))
		return;
	if (f->level == 0) {
		document_end(f, w);
		return;
	}
	(void)feed_record(w, w->seen, RECORD_OK);
	feed_pass(w, w->seen);
	feed_taken(w, mark_of(f));
	f->value = (struct value){0};
	f->place = PLACE_ELEMENTS;
}

static void step(struct frame_nested *f, struct feed *w)
{
	static void (*const steps[])(struct frame_nested *, struct feed *, char) = {
		[PLACE_DOCUMENT] = value_step,
		[PLACE_NAME] = name_step,
		[PLACE_COLON] = colon_step,
		[PLACE_ITEM] = item_step,
		[PLACE_VALUE] = value_step,
		[PLACE_ELEMENTS] = elements_step,
	};
	char c = feed_unseen(w).ptr[0];
	bool is_between = f->place == PLACE_DOCUMENT || f->place == PLACE_ELEMENTS;

	if (f->place == PLACE_ELEMENT)
		element_scan(f, w);
	else if (f->place == PLACE_IN_NAME)
		name_scan(f, w);
	else if (f->place == PLACE_OTHER && f->value.place != VALUE_START)
		other_scan(f, w);
	else if (feed_is_blank(c) && is_between)
		feed_pass(w, 1);
	else if (feed_is_blank(c))
		pass(f, w, 1);
	else if (f->place == PLACE_OTHER)
		other_scan(f, w);
	else
		steps[f->place](f, w, c);
}

static void nested_scan(struct frame *base, struct feed *w)
{
	struct frame_nested *f = (struct frame_nested *)base;
	uint64_t             limit = w->record_limit + 1;

	while (feed_wants(w) && feed_unseen(w).len > 0)
		step(f, w);
	if (feed_is_rest(w)) { /* cut off before its array, or in an element */
		if (f->place == PLACE_ELEMENT)
			element_scan(f, w);
		else
			document_end(f, w);
	}
	w->hold = f->place == PLACE_ELEMENT ? limit : FEED_HEAD;
}

static void nested_free(struct frame *base)
{
	struct frame_nested *f = (struct frame_nested *)base;

	buf_done(&f->name);
	arena_done(&f->arena);
	free(f);
}

struct frame *frame_nested_new(const struct frame_setup *setup)
{
	static const struct frame_ops ops = {nested_scan, nested_free};
	struct frame_nested          *f = xcalloc(1, sizeof(*f));

	f->base.ops = &ops;
	f->name = BUF(NAME_SIZE_MAX);
	pointer_split(f, setup->conf->records);
	assert(f->depth > 0);
	if (setup->mark != 0) {
		f->place = PLACE_ELEMENTS;
		f->level = f->depth;
		f->is_found = true;
		for (unsigned level = 1; level <= f->depth; level++) {
			f->is_list[level] = (setup->mark >> level & 1) != 0;
			f->index[level] = INDEX_UNKNOWN; /* past the one that was followed */
		}
	}
	return &f->base;
}
