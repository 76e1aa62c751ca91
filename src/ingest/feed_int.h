/* feed_int.h - the steps of a batch, for those who go them: f->run is the run, and f->now_us when it was taken. */
#ifndef INGEST_FEED_INT_H
#define INGEST_FEED_INT_H

#include "ingest/feed.h"

/* What the parts' keys say of names, and how rows call them: to f->part_names, f->part_labels. */
void feed_name_parts(struct feed *f);

/* A record each to f->events: parsed, with id, name and time, or refused. */
int  feed_envelope(struct feed *f, struct err *e) MUST_USE;

/* The event's table: ev->target, and the name as the journal has it; or refused. */
int  feed_route(struct feed *f, struct event *ev, struct err *e) MUST_USE;

/* Was its id here before? The verdict follows; a new one is remembered. f->dedupe is there. */
int  feed_repeat(struct feed *f, struct event *ev, struct err *e) MUST_USE;

/* Rows and refused records into the columns. */
int  feed_rows(struct feed *f, struct err *e) MUST_USE;

/* Where raw is kept, all of them as received, with what became of each, to f->archive. */
int  feed_archive(struct feed *f, struct err *e) MUST_USE;

#endif
