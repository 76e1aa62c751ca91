/* Values one after the other, over as many lines as they like; or the elements of a top-level
 * array.
 *
 * What stands between values is passed over: blanks, and in an array its commas and brackets.
 * Whatever else stands there is a record of its own, for the JSON scan to refuse.
 *
 * mark: 1 inside the array, 0 outside.
 */
#include "source/frame_int.h"
#include "source/value_int.h"

struct frame_values {
	struct frame base;
	bool         is_array;  /* the framing */
	bool         is_inside; /* the place */
	struct value value;
};

/* To the next value. false where there is none in what is held. */
static bool find_value(struct frame_values *f, struct feed *w)
{
	str    held = feed_held(w);
	size_t at = 0;

	for (; at < held.len; at++) {
		char c = held.ptr[at];

		if (feed_is_blank(c) || (f->is_inside && c == ','))
			continue;
		if (f->is_inside ? c != ']' : !f->is_array || c != '[')
			break;
		f->is_inside = !f->is_inside;
	}
	feed_pass(w, at);
	return at < held.len;
}

static void hand_value(struct frame_values *f, struct feed *w)
{
	(void)feed_record(w, w->seen, RECORD_OK);
	feed_pass(w, w->seen);
	feed_taken(w, f->is_inside);
	f->value = (struct value){0};
}

static void values_scan(struct frame *base, struct feed *w)
{
	struct frame_values *f = (struct frame_values *)base;

	while (feed_wants(w)) {
		bool is_whole;

		if (w->seen == 0 && !find_value(f, w))
			return;
		w->seen += value_scan(&f->value, feed_unseen(w), &is_whole);
		if (!is_whole && !feed_is_rest(w))
			return;
		hand_value(f, w);
	}
}

static void values_free(struct frame *base)
{
	free(base);
}

struct frame *frame_values_new(bool is_array, const struct frame_setup *setup)
{
	static const struct frame_ops ops = {values_scan, values_free};
	struct frame_values          *f = xcalloc(1, sizeof(*f));

	f->base.ops = &ops;
	f->is_array = is_array;
	f->is_inside = is_array && setup->mark == 1;
	return &f->base;
}
