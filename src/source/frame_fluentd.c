/* Lines as fluentd's out_file writes them: time TAB tag TAB JSON. The record is the JSON; the
 * line is kept as its raw text. */
#include "source/frame_int.h"

str frame_fluentd_text(str line)
{
	size_t tag = str_find(line, '\t', 0);
	size_t text = str_find(line, '\t', tag + 1);
	str    rest = str_from(line, text + 1);

	if (tag == 0 || text >= line.len || rest.len == 0 || rest.ptr[0] != '{')
		return (str){line.ptr, 0};
	return rest;
}

/* A line of another shape is handed out whole, for the JSON scan to refuse. */
static str text_of(str line)
{
	str text = frame_fluentd_text(line);

	return text.len ? text : line;
}

static void fluentd_scan(struct frame *f, struct feed *w)
{
	(void)f;
	frame_lines_scan(w, text_of);
}

struct frame *frame_fluentd_new(void)
{
	static const struct frame_ops ops = {.scan = fluentd_scan};
	static struct frame           fluentd = {&ops};

	return &fluentd;
}
