/* json.h - strict RFC 8259 into a flat tape, in one pass.
 *
 * The tape is what all later steps read: nothing looks at the text's structure
 * twice. It is an array of 64-bit words; every token begins with a head word
 *
 *     kind:4 | flags:4 | len:28 | off:28        (kind in the top bits)
 *
 * `off` counts bytes from the start of the document.
 *
 *   JSON_OBJECT, JSON_ARRAY   len = members or elements; then a word: (index of the token after the container,
 *                             relative to the first word of this document) << 32 | byte offset after its closing bracket
 *   JSON_KEY                  off, len: the bytes between the quotes; then a word: hash_name of the unescaped name.
 *                             Its value's tokens follow.
 *   JSON_STRING               off, len: the bytes between the quotes
 *   JSON_INT                  off, len: the text; then a word: the value as int64
 *   JSON_DOUBLE               off, len: the text; then a word: the bits of the double, correctly rounded
 *   JSON_TRUE, JSON_FALSE, JSON_NULL
 *
 * Flag JSON_ESCAPED on a key or string: it holds a backslash, and json_unescape gives its value. Flag JSON_HAS_NUL: its value has U+0000 in it.
 * Flag JSON_LOSSY on a double: underflowed to 0. "-0" is a JSON_DOUBLE (-0.0). Integers outside int64 are a fault (JSON_INT_RANGE).
 *
 * Text must have JSON_PADDING readable bytes after its end, of any value.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/buf.h"
#include "base/str.h"

enum { JSON_PADDING = 64 };

enum json_kind {
	JSON_OBJECT = 1,
	JSON_ARRAY,
	JSON_KEY,
	JSON_STRING,
	JSON_INT,
	JSON_DOUBLE,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

enum json_flag { JSON_ESCAPED = 1, JSON_HAS_NUL = 2, JSON_LOSSY = 4 };

/* Why a document is refused: the reason codes of the quarantine, in their order in json_fault_code. */
enum json_fault_kind {
	JSON_OK,
	JSON_SYNTAX,        /* json.syntax */
	JSON_TRAILING,      /* json.trailing: more after the value */
	JSON_UTF8,          /* json.utf8 */
	JSON_SURROGATE,     /* json.surrogate */
	JSON_ENCODING,      /* json.encoding: UTF-16 or UTF-32 */
	JSON_DEPTH,         /* json.depth */
	JSON_DUPLICATE_KEY, /* json.duplicate_key, after unescaping */
	JSON_NAME_CLASH,    /* schema.name_clash: names of one object that differ only in ASCII case */
	JSON_TOO_MANY_KEYS, /* json.too_many_keys */
	JSON_KEY_LENGTH,    /* json.key_length */
	JSON_INT_RANGE,     /* value.int_range */
	JSON_FLOAT_RANGE,   /* value.float_range */
	JSON_ARRAY_SIZE,    /* size.array */
};

struct json_limits {
	uint32_t depth;     /* 64 */
	uint32_t keys;      /* of one object: 4096 */
	uint32_t key_bytes; /* 4096 */
	uint32_t elements;  /* of one array: 100,000 */
};
#define JSON_LIMITS ((struct json_limits){64, 4096, 4096, 100000})

struct json_fault {
	enum json_fault_kind kind;
	uint32_t             offset; /* byte where it was noticed */
};

/* Many documents, one after the other, on one tape. Also holds the parser's scratch. */
struct json_tape {
	uint64_t *words;
	size_t    count, cap;
	void     *scratch; /* json.c's own */
};

void json_tape_done(struct json_tape *t);

/* Append one document's tokens. On a fault the tape is as it was, and `fault` says why. Time is linear in len whatever the input; the stack is constant.
 * Blanks around the value are fine; a byte order mark is not (the framing strips it). `len` < 2^28.
 * Repeated names are found exactly; hash flooding is answered by the seed. */
bool json_scan(const char *text, size_t len, uint64_t seed, const struct json_limits *limits, struct json_tape *t,
               struct json_fault *fault);

const char *json_fault_code(enum json_fault_kind kind); /* "json.syntax" */

/* Reading a tape. */
static inline enum json_kind json_kind(uint64_t head) { return (enum json_kind)(head >> 60); }
static inline unsigned json_flags(uint64_t head) { return (unsigned)(head >> 56) & 15; }
static inline uint32_t json_len(uint64_t head) { return (uint32_t)(head >> 28) & 0x0FFFFFFF; }
static inline uint32_t json_off(uint64_t head) { return (uint32_t)head & 0x0FFFFFFF; }
static inline str json_text(const char *document, uint64_t head)
{
	return (str){document + json_off(head), json_len(head)};
}

/* Words a scalar token takes; containers: follow their second word. */
static inline uint32_t json_words(uint64_t head)
{
	enum json_kind kind = json_kind(head);

	return kind == JSON_STRING || kind >= JSON_TRUE ? 1 : 2;
}

/* Index of the token after the value at words[at]; `words` is the first word of the document. */
static inline uint32_t json_skip(const uint64_t *words, uint32_t at)
{
	uint64_t head = words[at];

	if (json_kind(head) <= JSON_ARRAY)
		return (uint32_t)(words[at + 1] >> 32);
	return at + json_words(head);
}

/* The source text of the value at words[at]: of a string with its quotes. Borrowed from the document. */
str json_source(const char *document, const uint64_t *words, uint32_t at);

/* The value of a key or string token: itself where it has no escapes, else unescaped into `scratch` (cleared first; valid
 * until its next use), with a NUL after it. */
str json_unescape(const char *document, uint64_t head, struct buf *scratch);

#endif
