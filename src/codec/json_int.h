/* json_int.h - what the files of the scanner share.
 *
 * json.c walks the structure, json_string.c knows escapes, json_names.c finds
 * repeated names, json_number.c has the numbers that are not short integers.
 *
 * A step takes the place it stands at and returns the place after what it took, or
 * NULL where it refused the text (json_refuse has then written why). Steps may look
 * past the end of the text, never further than the padding, because each of them
 * checks once, at its last byte, that it is still inside: what came before it in
 * the text is then inside too. Whatever goes wrong past the end is one fault: the
 * text is cut short. So the bytes of the padding never decide anything.
 */
#ifndef CODEC_JSON_INT_H
#define CODEC_JSON_INT_H

#include "base/hash.h"
#include "base/vec.h"
#include "codec/json.h"
#include "codec/json_block.h"

/* A name of an object that is open. */
struct json_name {
	uint64_t hash; /* hash_key of the unescaped name */
	uint32_t word; /* its JSON_KEY, from the first word of the document */
};

/* A container that is open. Its names are the last on the stack of names, its slots
 * the last on the stack of slots, because all containers inside it are closed. */
struct json_frame {
	uint64_t filter[4];  /* one bit a name: most new names are known to be new by it */
	uint64_t *head;      /* its words on the tape */
	uint32_t room;       /* members or elements it may still have */
	uint32_t first_name, first_slot;
	uint32_t slot_count; /* a power of two, or 0 while it has few names */
	int      closer;     /* the byte that ends it; the document itself has none that a byte could be */
};

/* What a name looked like where one came after the same two names: from its quote to the first
 * byte of its value. Events of one kind come in one shape, so the next name is mostly right here,
 * and its length is then known before its bytes are looked at. Never more than a guess: it
 * holds where the text has these very bytes. */
struct json_guess {
	char     text[JSON_BLOCK];
	uint64_t hash, key; /* hash_name, hash_key */
	uint32_t bits; /* one for each byte of the text that counts; 0: none learned */
	uint8_t  span, name_len;
};

/* As many as the names of a few hundred kinds of events that come mixed. */
enum { JSON_GUESSES = 4096 };

struct json_scratch {
	struct json_guess guesses[JSON_GUESSES];
	uint64_t          guess_seed; /* the hashes in them are of this seed */
	struct { VEC_OF(struct json_frame); } frames;
	struct { VEC_OF(struct json_name); } names;
	struct { VEC_OF(uint32_t); } slots; /* place of a name among its object's names + 1, 0 free */
	struct buf unescaped, other;        /* two names at a time */
	struct buf copy;                    /* a document that is a number, with an end of its own */
};

struct json_scanner {
	const char               *text, *end;
	uint64_t                 *words; /* the document's first */
	uint64_t                 *out;   /* the next to write */
	struct json_frame        *top;
	struct json_scratch      *scratch;
	const struct json_limits *limits;
	uint64_t                  seed;
	uint64_t                  last_name; /* hash_name of the name before, for the guess */
	struct json_guess        *guess;
	struct json_fault        *fault;
};

static inline uint64_t json_head(enum json_kind kind, unsigned flags, size_t len, size_t off)
{
	return (uint64_t)kind << 60 | (uint64_t)flags << 56 | (uint64_t)len << 28 | (uint64_t)off;
}

static inline bool json_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Write the fault and return NULL. */
const char *json_refuse(struct json_scanner *s, enum json_fault_kind kind, const char *at);

/* The same in a string whose bytes from `start` were not looked at as UTF-8 yet: the
 * first fault in the text is the one to name. */
const char *json_refuse_string(struct json_scanner *s, enum json_fault_kind kind, const char *start,
                               const char *at);

/* Past the escape at `at`, or the fault of what else stands in a string there. */
const char *json_escape(struct json_scanner *s, const char *start, const char *at, unsigned *flags);

/* Any number: the token is written. */
const char *json_number(struct json_scanner *s, const char *at);

/* Is the name at `word`, the next of the object on top, like one it has already? Kept in the
 * object's slots where it has many; the caller puts it on the stack of names. */
enum json_fault_kind json_name_check(struct json_scanner *s, uint64_t hash, uint32_t word);

/* Objects up to this many names are searched without slots. */
enum { JSON_FEW_NAMES = 32 };

#endif
