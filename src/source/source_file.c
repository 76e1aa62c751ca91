/* Files: those that patterns name, by path, each from where the lake has it to its end.
 *
 * A run holds many small files, or a piece of a large one. Following, the list is looked at again
 * whenever its end is reached and there is nothing to hand out: so files take turns, and one that
 * grows fast keeps no other waiting. One that cannot be read keeps none waiting either.
 */
#include <assert.h>

#include "os/clock.h"
#include "source/file_int.h"

enum {
	RECORD_LIMIT_MAX = 128 << 20, /* the JSON scan takes texts below 256 MiB */
	RUN_BYTES = 16 << 20,
	RUN_BYTES_MAX = 256 << 20,
};

#define WELL "can be read again"

struct source_file {
	struct source      base;
	struct source_conf conf; /* with its defaults in place */
	struct file_list   list;
	struct take        take;
};

/* What is left to read of a file that was just opened. */
static void count_opened(struct source_file *s, struct file *f, bool is_taken)
{
	uint64_t begun = s->take.stream.inflate == NULL ? s->take.begun : 0;
	bool     is_more = is_taken && f->seen.size > begun;

	file_list_expect(&s->list, f, is_more ? f->seen.size - begun : 0);
	f->expected = 0;
	if (!f->is_counted && is_taken)
		s->base.counts.parts_taken++;
	else if (!f->is_counted)
		s->base.counts.parts_skipped++;
	f->is_counted = true;
}

/* Whether the failure is one of this file alone: then it is put aside. Standard input cannot be gone back in. */
static bool is_put_aside(struct source_file *s, struct file *f, int class, struct err *e)
{
	bool is_gone = class == ERR_MISSING && !s->conf.is_following;

	if (f->is_stdin || !(trouble_is(class) || is_gone))
		return false;
	file_list_fail(&s->list, f, e);
	return true;
}

/* The next file that has something. 1: open; 0: there is none now. */
static int open_next(struct source_file *s, struct err *e)
{
	struct file *f;

	while ((f = file_list_next(&s->list)) != NULL) {
		int rc;

		if (f->is_stdin && s->conf.is_following && file_stdin_waits()) {
			s->list.next++; /* still due */
			continue;
		}
		rc = take_open(&s->take, f, e);
		if (rc == ERR_MISSING && s->conf.is_following) {
			file_list_lost(&s->list);
			*e = ERR_NONE;
			continue;
		}
		if (rc < 0 && is_put_aside(s, f, rc, e))
			continue;
		TRY(rc);
		f->is_due = false;
		if (rc == 0)
			trouble_end(&s->list, &f->trouble, f->path, WELL);
		count_opened(s, f, rc == 1);
		if (rc == 1)
			return 1;
	}
	return 0;
}

static bool has_room(const struct source_file *s, const struct run *run)
{
	return run->bytes.len < s->conf.run_bytes && run->records.count < FEED_RECORDS;
}

/* CSV and JSON do not share a run: it says for all its records whether they are text. */
static bool fits(const struct source_file *s, const struct run *run)
{
	return run->parts.count == 0 || run->is_text_typed == (s->take.kind == FRAME_CSV);
}

/* 1: the open file is taken, or put aside; 0: the run is full, or there is nothing more for now. */
static int read_open(struct source_file *s, struct run *run, struct err *e)
{
	struct file *f = s->take.file;
	int          rc = take_read(&s->take, run, e);

	if (rc >= 0)
		trouble_end(&s->list, &f->trouble, f->path, WELL);
	else if (is_put_aside(s, f, rc, e))
		rc = 1;
	if (rc == 1)
		take_close(&s->take);
	return rc;
}

/* One pass over the files that are due. */
static int read_due(struct source_file *s, struct run *run, struct err *e)
{
	int rc = 1;

	while (rc == 1 && (run->parts.count == 0 || has_room(s, run))) {
		if (s->take.file == NULL)
			rc = open_next(s, e);
		if (rc == 1)
			rc = fits(s, run) ? read_open(s, run, e) : 0;
	}
	return rc;
}

static int file_read(struct source *base, struct run *run, struct err *e)
{
	struct source_file *s = (struct source_file *)base;
	int                 rc = read_due(s, run, e);

	if (rc == 0 && run->parts.count == 0 && s->conf.is_following && s->take.file == NULL) {
		rc = file_list_look(&s->list, e);
		if (rc == 0)
			rc = read_due(s, run, e);
	}
	trouble_tell(&s->list, run);
	s->base.counts.bytes_read += run->raw_bytes;
	if (run->parts.count > 0)
		return 1; /* a failure is met again, by the next call */
	return rc < 0 ? rc : 0;
}

static int file_settle(struct source *base, const struct run_part *parts, size_t count, struct err *e)
{
	struct source_file *s = (struct source_file *)base;

	(void)e;
	for (size_t i = 0; i < count; i++)
		file_list_settle(&s->list, parts[i].key, parts[i].to);
	return 0;
}

static void file_close(struct source *base)
{
	struct source_file *s = (struct source_file *)base;

	take_close(&s->take);
	buf_done(&s->take.carry);
	buf_done(&s->take.stream.raw);
	file_list_done(&s->list);
	free(s);
}

static int conf_check(const struct source_conf *conf, struct err *e)
{
	if (conf->record_limit > RECORD_LIMIT_MAX)
		return err_set(e, ERR_INPUT, "a record's limit is at most %d bytes", RECORD_LIMIT_MAX);
	if (conf->run_bytes > RUN_BYTES_MAX)
		return err_set(e, ERR_INPUT, "a run may hold at most %d bytes", RUN_BYTES_MAX);
	return frame_pointer_check(conf->records, e);
}

int source_open_file(struct fs *fs, struct clock *clock, const struct source_conf *conf,
                     source_state_fn *state, void *state_context, struct source **out, struct err *e)
{
	static const struct source_ops ops = {
		.kind = "file",
		.read = file_read,
		.settle = file_settle,
		.close = file_close,
	};
	AUTO_PTR(source)               base = NULL;
	struct source_file            *s;

	TRY(conf_check(conf, e));
	s = xcalloc(1, sizeof(*s));
	base = &s->base;
	base->ops = &ops;
	s->conf = *conf;
	s->conf.record_limit = source_record_limit(conf);
	s->conf.run_bytes = conf->run_bytes ? conf->run_bytes : RUN_BYTES;
	s->list = (struct file_list){
		.fs = fs,
		.clock = clock,
		.conf = &s->conf,
		.state = state,
		.state_context = state_context,
		.counts = &base->counts,
	};
	s->take.fs = fs;
	s->take.conf = &s->conf;
	TRY(file_list_begin(&s->list, e));
	*out = TAKE(base);
	return 0;
}
