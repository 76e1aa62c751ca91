/* Lines: LF or CR LF ends a record, the last one needs neither; blank ones are counted and passed
 * over.
 *
 * The fast way in: one memchr a record, nothing copied.
 */
#include "source/frame_int.h"
#include "source/value_int.h"

static bool line_is_blank(str line)
{
	return line.len == 0 || (line.ptr[0] <= ' ' && str_trim(line).len == 0);
}

/* The first `len` bytes held are a line, its end is the rest of `whole`. */
static void hand_line(struct feed *w, size_t len, size_t whole, frame_text_fn *text_of)
{
	str line = str_head(feed_held(w), len);

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (w->dropped == 0 && line_is_blank(line)) {
		w->run->blank_lines++;
	} else {
		struct record *record = feed_record(w, line.len, RECORD_OK);

		if (text_of != NULL && record->fault == RECORD_OK) {
			str text = text_of(line);

			record->text += (uint32_t)(text.ptr - line.ptr);
			record->text_len = (uint32_t)text.len;
		}
	}
	feed_pass(w, whole);
	feed_taken(w, 0);
}

/* The last line, without an end. */
static void hand_rest(struct feed *w, frame_text_fn *text_of)
{
	str  line = feed_held(w);
	str  text = text_of && line.len > 0 ? text_of(line) : line;
	bool is_whole = w->end == FEED_QUIET && w->dropped == 0 && value_is_object(text);

	if (line.len > 0 && (w->end == FEED_END || is_whole))
		hand_line(w, line.len, line.len, text_of);
}

void frame_lines_scan(struct feed *w, frame_text_fn *text_of)
{
	while (feed_wants(w)) {
		str         unseen = feed_unseen(w);
		const char *end = unseen.len ? memchr(unseen.ptr, '\n', unseen.len) : NULL;
		size_t      len = w->seen + (end ? (size_t)(end - unseen.ptr) : unseen.len);

		if (end == NULL) {
			w->seen = len;
			hand_rest(w, text_of);
			return;
		}
		hand_line(w, len, len + 1, text_of);
	}
}

static void lines_scan(struct frame *f, struct feed *w)
{
	(void)f;
	frame_lines_scan(w, NULL);
}

struct frame *frame_lines_new(void)
{
	static const struct frame_ops ops = {.scan = lines_scan};
	static struct frame           lines = {&ops}; /* it has no state: the window has it all */

	return &lines;
}
