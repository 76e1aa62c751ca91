/* file_int.h - what source_file.c is made of: states, the bytes of one file, the list of files, what
 * cannot be read for the moment, and taking one into runs. */
#ifndef SOURCE_FILE_INT_H
#define SOURCE_FILE_INT_H

#include "base/map.h"
#include "os/fs.h"
#include "source/frame_int.h"

/* --- file_state.c: how far a file is taken, as text in the lake ---------------------------------
 *
 *     v1 <offset> <raw size> <print length> <print> <done|open> <framing> [<mark>]
 *
 *     v1 8123 16384 4096 0b1a79c2d5e6f708 open nested 1
 *
 * offset   decoded bytes handed out: to the end of the last whole record
 * raw size bytes of the file then, as it lies there
 * print    XXH3-64 of its first <print length> bytes, at most 4096: whether it is still the same file
 * done     it was taken to its end
 * framing  and its place (feed.mark), 0 left out: one that was chosen is kept when the file grows
 */
enum { PRINT_SIZE = 4096 };

struct file_state {
	bool            is_there; /* false: never taken; all else is zero */
	bool            is_done;
	enum frame_kind kind;
	uint64_t        offset, raw_size, print_len, print, mark;
};

str  file_state_format(const struct file_state *s, struct arena *a);
/* ERR_UNSUPPORTED: another version wrote it. */
int  file_state_parse(str text, struct file_state *out, struct err *e) MUST_USE;
bool file_state_eq(const struct file_state *a, const struct file_state *b);

/* --- file_stream.c: the decoded bytes of a file, or of stdin, in order ----------------------- */
struct file_stream {
	struct fs      *fs;
	const char     *path;       /* borrowed */
	int             handle;     /* -1: stdin */
	struct inflate *inflate;    /* NULL: the bytes are plain */
	struct buf      raw;        /* read, and from `used` on not used yet */
	size_t          used;
	uint64_t        raw_at;     /* place in the file of the next raw byte to read */
	uint64_t        raw_read;   /* raw bytes read in all */
	bool            is_raw_end;
	bool            is_cut;     /* the compressed stream ends before its end */
	char            first[PRINT_SIZE];
	size_t          first_len;
};

int  file_stream_open(struct file_stream *s, struct fs *fs, const char *path, bool is_stdin,
                      struct err *e) MUST_USE;
void file_stream_close(struct file_stream *s);

/* Append up to `want` bytes. *got 0: the end. ERR_CORRUPT: the rest cannot be decompressed, now or later. */
int file_stream_fill(struct file_stream *s, struct buf *into, size_t want, size_t *got, struct err *e) MUST_USE;
/* Once `past` decoded bytes were had: go on at `offset`. */
int file_stream_skip(struct file_stream *s, uint64_t past, uint64_t offset, struct err *e) MUST_USE;
/* Whether a read of stdin, or the next fill from it, would wait for somebody to write. */
bool file_stdin_waits(void);
bool file_stream_waits(const struct file_stream *s);
/* The print of the first bytes; len at most first_len. */
uint64_t file_stream_print(const struct file_stream *s, size_t len);

/* --- file_trouble.c: what cannot be read for the moment ---------------------------------------- */
struct trouble {
	int64_t wait_us;  /* 0: all is well */
	int64_t retry_us; /* monotonic: not to be tried before; INT64_MAX: never */
};

struct file_list;

/* A failure of the reading of one file or folder alone, which may pass. */
bool trouble_is(int class);
void trouble_begin(struct file_list *list, struct trouble *t, struct err *e); /* takes the error: none is left */
void trouble_end(struct file_list *list, struct trouble *t, const char *what, const char *words); /* nothing where all was well */
bool trouble_waits(const struct file_list *list, const struct trouble *t);
/* What there is to say goes into the run. */
void trouble_tell(struct file_list *list, struct run *run);

/* --- file_list.c: the files that the patterns name, in the order of their paths -------------- */
struct file {
	char             *path;       /* real and NUL-ended, the key of its part; "-" is stdin. Owned */
	struct file_state taken;      /* as the lake has it, or the last run left it */
	struct fs_stat    seen;       /* as last looked at */
	int64_t           changed_us; /* monotonic: when it was last seen to be new or another */
	uint64_t          expected;   /* bytes counted in bytes_total that are not begun yet */
	bool              is_stdin;
	bool              is_due;     /* to be opened at its turn */
	bool              has_rest;   /* an unfinished record waits at its end */
	bool              is_quiet;   /* and has for a while */
	bool              is_counted; /* in parts_taken or parts_skipped */
	bool              is_settled; /* the lake has `taken` */
	bool              is_gone;
	struct trouble    trouble;
};

struct file_list {
	struct fs                *fs;
	struct clock             *clock;
	const struct source_conf *conf;
	source_state_fn          *state;
	void                     *state_context;
	struct source_counts     *counts;
	struct { VEC_OF(struct file *); } files; /* by path */
	struct map                by_path;
	size_t                    next;
	int64_t                   globbed_us;
	uint64_t                  passed_over; /* at the last look */
	struct trouble           *patterns;    /* one a glob: folders that cannot be looked through */
	struct { VEC_OF(struct run_notice); } notices; /* not told yet */
	struct arena              notice_arena;
};

/* The first look: ERR_MISSING where a path names no file, or a pattern none and no more files are awaited. */
int          file_list_begin(struct file_list *list, struct err *e) MUST_USE;
/* Look again, and begin anew with the first file. */
int          file_list_look(struct file_list *list, struct err *e) MUST_USE;
struct file *file_list_next(struct file_list *list); /* the next that is due, as long as it is; or NULL */
void         file_list_lost(struct file_list *list); /* that one is no longer there */
void         file_list_fail(struct file_list *list, struct file *f, struct err *e); /* it could not be read: takes the error */
void         file_list_settle(struct file_list *list, str path, str state);
void         file_list_expect(struct file_list *list, struct file *f, uint64_t size_bytes);
void         file_list_done(struct file_list *list);

/* --- file_take.c: one open file into runs ---------------------------------------------------- */
struct take {
	struct fs                *fs;
	const struct source_conf *conf;
	struct file              *file; /* NULL: none is open */
	struct file_stream        stream;
	enum frame_kind           kind;
	struct frame             *frame;
	struct feed               feed;
	struct buf                carry;    /* decoded, and not in a run yet */
	uint64_t                  begun;    /* offset where this file's part of the next run begins */
	uint64_t                  counted;  /* raw bytes that a run has counted */
	bool                      is_at_end, is_cut, is_broken;
};

/* 1: open; 0: there is nothing new in it. */
int  take_open(struct take *t, struct file *f, struct err *e) MUST_USE;
/* Add its part to the run, where there is something to say. 1: it is taken to its end, and closed; 0:
 * the run is full, or nobody has written more. What was added before a failure is whole. */
int  take_read(struct take *t, struct run *run, struct err *e) MUST_USE;
void take_close(struct take *t);

#endif
