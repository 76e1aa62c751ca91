/* The walk over a document: structure, short integers, plain strings. No recursion: what is
 * open stands on a stack of frames, as many as the depth limit.
 *
 * A document of n bytes has at most n + 1 words, and one more for each container open
 * where it is cut off: every token takes as many bytes as words, save an integer or a
 * container whose separator is missing. So the tape is given room once, before the walk, and
 * nothing in it asks again.
 *
 * The tape's own fields are written at the end only: a fault leaves it as it was.
 */
#include "codec/json.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/json_block.h"
#include "codec/json_int.h"
#include "codec/utf8.h"

enum {
	SLACK_WORDS = 8,   /* for tokens that are only then seen to lie past the end */
	NO_BYTE = 256,     /* closes nothing */
	SHORT_DIGITS = 16, /* integers of fewer digits are read here */
};

const char *json_fault_code(enum json_fault_kind kind)
{
	static const char *const codes[] = {
		[JSON_OK] = "ok",
		[JSON_SYNTAX] = "json.syntax",
		[JSON_TRAILING] = "json.trailing",
		[JSON_UTF8] = "json.utf8",
		[JSON_SURROGATE] = "json.surrogate",
		[JSON_ENCODING] = "json.encoding",
		[JSON_DEPTH] = "json.depth",
		[JSON_DUPLICATE_KEY] = "json.duplicate_key",
		[JSON_NAME_CLASH] = "schema.name_clash",
		[JSON_TOO_MANY_KEYS] = "json.too_many_keys",
		[JSON_KEY_LENGTH] = "json.key_length",
		[JSON_INT_RANGE] = "value.int_range",
		[JSON_FLOAT_RANGE] = "value.float_range",
		[JSON_ARRAY_SIZE] = "size.array",
	};

	assert((size_t)kind < sizeof(codes) / sizeof(codes[0]));
	return codes[kind];
}

/* UTF-16 and UTF-32 begin with their mark, or have a NUL in the first two bytes, since every
 * document begins with an ASCII character. */
static bool is_wide(const char *text, size_t len)
{
	if (len < 2)
		return false;
	return memcmp(text, "\xFE\xFF", 2) == 0 || memcmp(text, "\xFF\xFE", 2) == 0 ||
	       text[0] == '\0' || text[1] == '\0';
}

const char *json_refuse(struct json_scanner *s, enum json_fault_kind kind, const char *at)
{
	size_t len = (size_t)(s->end - s->text);
	str    rest = at < s->end ? str_make(at, (size_t)(s->end - at)) : (str){s->end, 0};

	if (rest.len == 0)
		kind = JSON_SYNTAX;
	else if ((kind == JSON_SYNTAX || kind == JSON_TRAILING) && utf8_step(rest) == 0)
		kind = JSON_UTF8;
	if (is_wide(s->text, len))
		kind = JSON_ENCODING;
	*s->fault = (struct json_fault){kind, (uint32_t)(len - rest.len)};
	return NULL;
}

static inline const char *blanks(const struct json_scanner *s, const char *at)
{
	if ((unsigned char)*at > ' ')
		return at;
	at += *at == ' '; /* mostly there is one */
	while (at < s->end && json_is_blank(*at))
		at++;
	return at;
}

static inline const char *string_scan(struct json_scanner *s, const char *at, enum json_kind kind)
{
	const char *start = at + 1;
	unsigned    flags = 0;
	uint32_t    high = 0;

	at = json_special(start, s->end, &high);
	while (*at != '"' && at < s->end) {
		at = json_escape(s, start, at, &flags);
		if (at == NULL)
			return NULL;
		at = json_special(at, s->end, &high);
	}
	if (at >= s->end)
		return json_refuse_string(s, JSON_SYNTAX, start, at);
	if (high != 0 && utf8_check((str){start, (size_t)(at - start)}) < (size_t)(at - start))
		return json_refuse_string(s, JSON_UTF8, start, at);
	*s->out++ = json_head(kind, flags, (size_t)(at - start), (size_t)(start - s->text));
	return at + 1;
}

/* A name as it is and as repeats are looked for. */
struct name_hashes {
	uint64_t exact, key; /* hash_name, hash_key */
};

/* Of bytes that may be read past: the last word needs no call. */
static inline struct name_hashes name_hash(const char *ptr, size_t len, uint64_t seed)
{
	const uint64_t     fold = 0x2020202020202020u;
	struct name_hashes hash = {seed ^ len, seed ^ len};
	uint64_t           word;

	for (; len > 8; ptr += 8, len -= 8) {
		memcpy(&word, ptr, 8);
		hash = (struct name_hashes){hash_mix(hash.exact, word), hash_mix(hash.key, word | fold)};
	}
	memcpy(&word, ptr, 8);
	word = len ? word << (64 - 8 * len) >> (64 - 8 * len) : 0;
	return (struct name_hashes){hash_mix(hash.exact, word), hash_mix(hash.key, word | fold)};
}

/* For names with escapes, or too long: their value says. false where it is too long. */
static bool name_hash_slow(struct json_scanner *s, uint64_t head, struct name_hashes *hash)
{
	str name = json_unescape(s->text, head, &s->scratch->unescaped);

	*hash = (struct name_hashes){hash_name(name, s->seed), hash_key(name, s->seed)};
	return name.len <= s->limits->key_bytes;
}

/* A name that is neither there nor like one that is goes on the stack of names. */
static inline bool name_add(struct json_scanner *s, uint64_t hash, uint32_t word, const char *at)
{
	struct json_scratch *scratch = s->scratch;
	uint64_t            *filter = &s->top->filter[hash >> 62], bit = 1ull << (hash >> 56 & 63);
	enum json_fault_kind kind;

	if ((*filter & bit) != 0 || scratch->names.count - s->top->first_name >= JSON_FEW_NAMES) {
		kind = json_name_check(s, hash, word);
		if (kind != JSON_OK)
			return json_refuse(s, kind, at) != NULL;
	}
	*filter |= bit;
	*VEC_ADD(&scratch->names) = (struct json_name){hash, word};
	return true;
}

/* Expect the name that last came after this one and the one before it. */
static inline void guess_next(struct json_scanner *s, uint64_t hash)
{
	s->guess = &s->scratch->guesses[(hash ^ s->last_name >> 3) % JSON_GUESSES];
	s->last_name = hash;
}

static inline void guess_learn(struct json_scanner *s, const char *start, const char *value,
                               uint64_t head, struct name_hashes hash)
{
	size_t span = (size_t)(value - start);

	if (span > JSON_BLOCK || (json_flags(head) & JSON_ESCAPED) != 0)
		return;
	memcpy(s->guess->text, start, JSON_BLOCK);
	s->guess->hash = hash.exact;
	s->guess->key = hash.key;
	s->guess->bits = (uint32_t)((1ull << span) - 1);
	s->guess->span = (uint8_t)span;
	s->guess->name_len = (uint8_t)json_len(head);
}

/* A name and its colon: on to the value. */
static const char *name_scan(struct json_scanner *s, const char *at)
{
	const char *start = at;
	uint64_t    head;
	uint32_t    word = (uint32_t)(s->out - s->words);
	struct name_hashes hash;

	if (*at != '"')
		return json_refuse(s, JSON_SYNTAX, at);
	at = string_scan(s, at, JSON_KEY);
	if (at == NULL)
		return NULL;
	head = s->words[word];
	if ((json_flags(head) & JSON_ESCAPED) == 0 && json_len(head) <= s->limits->key_bytes)
		hash = name_hash(start + 1, json_len(head), s->seed);
	else if (!name_hash_slow(s, head, &hash))
		return json_refuse(s, JSON_KEY_LENGTH, start);
	*s->out++ = hash.exact;
	if (!name_add(s, hash.key, word, start))
		return NULL;
	at = blanks(s, at);
	if (*at != ':')
		return json_refuse(s, JSON_SYNTAX, at);
	at = blanks(s, at + 1);
	guess_learn(s, start, at, head, hash);
	guess_next(s, hash.exact);
	return at;
}

/* The same where the name is the one expected: nothing of it is looked at one by one. */
static inline const char *name_guess(struct json_scanner *s, const char *at)
{
	struct json_guess *guess = s->guess;
	uint32_t           word = (uint32_t)(s->out - s->words);

	if (guess->bits == 0 || (guess->bits & ~json_block_same(at, guess->text)) != 0 ||
	    at + guess->span > s->end || guess->name_len > s->limits->key_bytes)
		return name_scan(s, at);
	*s->out++ = json_head(JSON_KEY, 0, guess->name_len, (size_t)(at + 1 - s->text));
	*s->out++ = guess->hash;
	if (!name_add(s, guess->key, word, at))
		return NULL;
	guess_next(s, guess->hash);
	return blanks(s, at + guess->span); /* others may put a blank where the one it was learned from had none */
}

/* How many of the 8 bytes, first to last, are digits before one is not. `word` is what is
 * left after taking '0' from each byte. */
static inline unsigned digit_count(uint64_t word)
{
	uint64_t is_other = ((word + 0x7676767676767676u) | word) & 0x8080808080808080u;

	return is_other ? (unsigned)__builtin_ctzll(is_other) >> 3 : 8;
}

/* The first `count` (1..8) of them as a number. */
static inline uint64_t digits_value(uint64_t word, unsigned count)
{
	word <<= 64 - 8 * count; /* zeros in front */
	word = word * 10 + (word >> 8);
	return ((word & 0x000000FF000000FFu) * 0x000F424000000064u +
	        (word >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
}

static inline const char *number_scan(struct json_scanner *s, const char *start)
{
	static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
	bool        is_negative = *start == '-';
	const char *digits = start + is_negative;
	uint64_t    word, value;
	unsigned    count, more = 0;

	memcpy(&word, digits, 8);
	word ^= 0x3030303030303030u;
	count = digit_count(word);
	if (count == 0 || (*digits == '0' && (count > 1 || is_negative)))
		return json_number(s, start);
	value = digits_value(word, count);
	if (count == 8) {
		memcpy(&word, digits + 8, 8);
		word ^= 0x3030303030303030u;
		more = digit_count(word);
		if (more > 0 && more < 8)
			value = value * powers[more] + digits_value(word, more);
		count += more;
	}
	digits += count;
	if (count >= SHORT_DIGITS || *digits == '.' || (*digits | 0x20) == 'e')
		return json_number(s, start);
	if (digits > s->end)
		return json_refuse(s, JSON_SYNTAX, s->end);
	*s->out++ = json_head(JSON_INT, 0, (size_t)(digits - start), (size_t)(start - s->text));
	*s->out++ = is_negative ? 0 - value : value;
	return digits;
}

static const char *literal_scan(struct json_scanner *s, const char *at)
{
	static const struct { str text; enum json_kind kind; } literals[] = {
		{STR("true"), JSON_TRUE}, {STR("false"), JSON_FALSE}, {STR("null"), JSON_NULL},
	};

	for (size_t i = 0; i < 3; i++) {
		str text = literals[i].text;

		if (memcmp(at, text.ptr, text.len) != 0 || at + text.len > s->end)
			continue;
		*s->out++ = json_head(literals[i].kind, 0, text.len, (size_t)(at - s->text));
		return at + text.len;
	}
	return json_refuse(s, JSON_SYNTAX, at);
}

static inline const char *scalar_scan(struct json_scanner *s, const char *at)
{
	if (*at == '"')
		return string_scan(s, at, JSON_STRING);
	if (*at == 't' || *at == 'f' || *at == 'n')
		return literal_scan(s, at);
	return number_scan(s, at);
}

static inline const char *container_open(struct json_scanner *s, const char *at)
{
	struct json_frame *frame = s->top + 1;
	bool               is_object = *at == '{';

	if (at >= s->end)
		return json_refuse(s, JSON_SYNTAX, at);
	if ((size_t)(frame - s->scratch->frames.at) > s->limits->depth)
		return json_refuse(s, JSON_DEPTH, at);
	*frame = (struct json_frame){
		.head = s->out,
		.room = is_object ? s->limits->keys : s->limits->elements,
		.first_name = (uint32_t)s->scratch->names.count,
		.first_slot = (uint32_t)s->scratch->slots.count,
		.closer = is_object ? '}' : ']',
	};
	*s->out++ = json_head(is_object ? JSON_OBJECT : JSON_ARRAY, 0, 0, (size_t)(at - s->text));
	s->out++;
	s->top = frame;
	return blanks(s, at + 1);
}

static inline const char *container_close(struct json_scanner *s, const char *at)
{
	struct json_frame *top = s->top--;
	uint32_t           limit = top->closer == '}' ? s->limits->keys : s->limits->elements;

	if (at >= s->end)
		return json_refuse(s, JSON_SYNTAX, at);
	at++;
	top->head[0] |= (uint64_t)(limit - top->room) << 28;
	top->head[1] = (uint64_t)(s->out - s->words) << 32 | (uint64_t)(at - s->text);
	s->scratch->names.count = top->first_name;
	s->scratch->slots.count = top->first_slot;
	return blanks(s, at);
}

/* The next member or element of what is open: on to its value. Called at two places, and a
 * call at each member costs a twentieth of the speed. */
static inline __attribute__((always_inline)) const char *member_begin(struct json_scanner *s,
                                                                      const char *at)
{
	bool is_object = s->top->closer == '}';

	if (s->top->room-- == 0)
		return json_refuse(s, is_object ? JSON_TOO_MANY_KEYS : JSON_ARRAY_SIZE, at);
	return is_object ? name_guess(s, at) : at;
}

/* Does the byte at `at` belong to the number or word before it: 0x1F, nullx, 1.2.3? */
static bool is_in_word(const struct json_scanner *s, const char *at)
{
	char c = *at;

	return json_kind(s->words[0]) >= JSON_INT && !json_is_blank(at[-1]) &&
	       ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	        strchr("+-._", c) != NULL);
}

/* Nothing that could go on stands here. */
static bool document_end(struct json_scanner *s, const char *at)
{
	if (s->top != s->scratch->frames.at)
		return json_refuse(s, JSON_SYNTAX, at) != NULL;
	if (at < s->end)
		return json_refuse(s, is_in_word(s, at) ? JSON_SYNTAX : JSON_TRAILING, at) != NULL;
	return true;
}

static bool document_scan(struct json_scanner *s, const char *at)
{
	for (;;) {
		if ((*at | 0x20) == '{') {
			at = container_open(s, at);
			if (at != NULL && *at != s->top->closer) {
				at = member_begin(s, at);
				if (at == NULL)
					return false;
				continue;
			}
		} else {
			at = scalar_scan(s, at);
			if (at != NULL)
				at = blanks(s, at);
		}
		while (at != NULL && *at == s->top->closer)
			at = container_close(s, at);
		if (at == NULL)
			return false;
		if (*at != ',' || s->top->closer == NO_BYTE)
			return document_end(s, at);
		at = member_begin(s, blanks(s, at + 1));
		if (at == NULL)
			return false;
	}
}

static struct json_scratch *scratch_ready(struct json_tape *t, uint32_t depth, uint64_t seed)
{
	struct json_scratch *scratch = t->scratch;

	if (scratch == NULL)
		t->scratch = scratch = xcalloc(1, sizeof(*scratch));
	VEC_ROOM(&scratch->frames, (size_t)depth + 1);
	scratch->frames.at[0] = (struct json_frame){.closer = NO_BYTE};
	if (scratch->guess_seed != seed) {
		memset(scratch->guesses, 0, sizeof(scratch->guesses));
		scratch->guess_seed = seed;
	}
	scratch->names.count = 0;
	scratch->slots.count = 0;
	return scratch;
}

/* A number alone may end where the text does, and the padding could go on with it. It gets a
 * copy that ends. Anything else has an end of its own. */
static const char *number_alone(struct json_scratch *scratch, str text)
{
	buf_clear(&scratch->copy);
	buf_add(&scratch->copy, text);
	buf_fill(&scratch->copy, '\0', JSON_PADDING);
	return scratch->copy.ptr;
}

bool json_scan(const char *text, size_t len, uint64_t seed, const struct json_limits *limits,
               struct json_tape *t, struct json_fault *fault)
{
	struct json_scratch *scratch = scratch_ready(t, limits->depth, seed);
	struct json_scanner  s = {
		.text = text, .end = text + len, .scratch = scratch,
		.limits = limits, .seed = seed, .fault = fault,
	};
	const char *at = blanks(&s, text);
	size_t      room = t->count + len + limits->depth + SLACK_WORDS;

	assert(len < (size_t)1 << 28);
	if (at >= s.end)
		return json_refuse(&s, JSON_SYNTAX, s.end) != NULL;
	if (*at == '-' || (*at >= '0' && *at <= '9')) {
		s.text = number_alone(scratch, (str){text, len});
		s.end = s.text + len;
		at = s.text + (at - text);
	}
	vec_room((void **)&t->words, &t->cap, room, sizeof(*t->words));
	s.words = s.out = t->words + t->count;
	s.top = scratch->frames.at;
	s.guess = scratch->guesses;
	if (!document_scan(&s, at))
		return false;
	t->count = (size_t)(s.out - t->words);
	assert(t->count <= t->cap);
	*fault = (struct json_fault){JSON_OK, 0};
	return true;
}

void json_tape_done(struct json_tape *t)
{
	struct json_scratch *scratch = t->scratch;

	if (scratch != NULL) {
		VEC_DONE(&scratch->frames);
		VEC_DONE(&scratch->names);
		VEC_DONE(&scratch->slots);
		buf_done(&scratch->unescaped);
		buf_done(&scratch->other);
		buf_done(&scratch->copy);
	}
	free(scratch);
	free(t->words);
	*t = (struct json_tape){0};
}

str json_source(const char *document, const uint64_t *words, uint32_t at)
{
	uint64_t head = words[at];
	str      text = json_text(document, head);

	if (json_kind(head) <= JSON_ARRAY)
		return (str){text.ptr, (uint32_t)words[at + 1] - json_off(head)};
	if (json_kind(head) <= JSON_STRING)
		return (str){text.ptr - 1, text.len + 2};
	return text;
}
