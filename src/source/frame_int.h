/* frame_int.h - framings: ways in which records lie in a part. One file each; chosen in frame.c. */
#ifndef SOURCE_FRAME_INT_H
#define SOURCE_FRAME_INT_H

#include "source/feed_int.h"

enum frame_kind {
	FRAME_LINES,   /* a JSON document a line */
	FRAME_VALUES,  /* documents one after the other, however they are broken into lines */
	FRAME_ARRAY,   /* the elements of one array */
	FRAME_NESTED,  /* documents, each with an array of records somewhere inside */
	FRAME_FLUENTD, /* time TAB tag TAB JSON */
	FRAME_CSV,
	FRAME_KINDS,
};

enum { FRAME_HEAD = 64 << 10 }; /* bytes that are looked at to choose */

struct frame;

struct frame_ops {
	/* Hand out and pass over what is whole, while feed_wants. What is unfinished stays held, and seen. */
	void (*scan)(struct frame *f, struct feed *w);
	void (*free)(struct frame *f);
};

/* A kind's own struct begins with it. */
struct frame {
	const struct frame_ops *ops;
};

struct frame_setup {
	const struct source_conf *conf;
	str                       head; /* up to FRAME_HEAD bytes of the part, without a byte order mark */
	bool                      is_whole; /* the head is all there is */
	uint64_t                  mark; /* feed.mark as it was where the part is opened; 0 at its beginning */
};

/* By looking at the head; `is_whole` says that there is no more. The name only decides for CSV, which
 * any text might be. */
enum frame_kind frame_look(str head, bool is_whole, str name, const struct source_conf *conf);

/* Whether a part framed so before may go on so under this configuration. */
bool frame_suits(enum frame_kind kind, const struct source_conf *conf);

struct frame *frame_new(enum frame_kind kind, const struct frame_setup *setup);
void          frame_free(struct frame *f); /* NULL is fine */
void          frame_scan(struct frame *f, struct feed *w);

const char *frame_word(enum frame_kind kind); /* "lines" */

str frame_without_mark(str head); /* the UTF-8 byte order mark, where there is one */

/* The kinds. */
struct frame *frame_lines_new(void);
struct frame *frame_values_new(bool is_array, const struct frame_setup *setup);
struct frame *frame_nested_new(const struct frame_setup *setup);
struct frame *frame_fluentd_new(void);
struct frame *frame_csv_new(const struct frame_setup *setup);

/* For kinds that are lines: the JSON in a line, which may be all of it. */
typedef str frame_text_fn(str line);
void        frame_lines_scan(struct feed *w, frame_text_fn *text_of);

str frame_fluentd_text(str line); /* empty where it is not such a line */

/* 0, or ERR_INPUT: not a JSON Pointer, or one too deep. */
int frame_pointer_check(str pointer, struct err *e) MUST_USE;

#endif
