/* pattern.c - look at an expression before the C library does.
 *
 * Invariant of the reader: has_repeat[d] says that what stands in the group open at depth d, so far, repeats. */
#include "ingest/pattern.h"

#include "base/buf.h"

enum { GROUPS = 32, COUNT_MAX = 255 };

struct reader {
	str        text;
	size_t     at;
	struct buf out;        /* as the C library will read it */
	unsigned   depth;
	bool       has_repeat[GROUPS + 1];
	bool       is_repeated;   /* what was just read repeats, inside or as a whole */
	unsigned   repeats;       /* sum of all counts */
};

static char peek(const struct reader *r)
{
	return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static int escape(struct reader *r, struct err *e)
{
	char c = r->at + 1 < r->text.len ? r->text.ptr[r->at + 1] : '\0';

	r->at += 2;
	r->is_repeated = false;
	if (c == 'd' || c == 'D') {
		buf_add(&r->out, c == 'd' ? STR("[0-9]") : STR("[^0-9]"));
		return 0;
	}
	if (c >= '0' && c <= '9')
		return err_set(e, ERR_INPUT, "\\%c refers back to a group: such a match can take for ever", c);
	if (c == '\0' || (((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && strchr("wWsSbB", c) == NULL))
		return err_set(e, ERR_INPUT, "\\%c means nothing here: there are \\d \\w \\s \\b, their capitals, and punctuation",
		               c ? c : ' ');
	buf_byte(&r->out, '\\');
	buf_byte(&r->out, c);
	return 0;
}

/* To the bracket that closes; one that stands first means itself, and so does what is in [: :]. */
static int brackets(struct reader *r, struct err *e)
{
	size_t from = r->at++;

	r->is_repeated = false;
	r->at += peek(r) == '^';
	r->at += peek(r) == ']';
	for (; r->at < r->text.len && peek(r) != ']'; r->at++) {
		if (peek(r) == '\\')
			return err_set(e, ERR_INPUT, "a backslash in brackets means itself: write [0-9], [[:space:]], or leave it out");
		if (peek(r) == '[' && r->at + 1 < r->text.len && r->text.ptr[r->at + 1] == ':')
			r->at = str_find(r->text, ']', r->at);
	}
	if (r->at >= r->text.len)
		return err_set(e, ERR_INPUT, "a '[' is not closed");
	r->at++;
	buf_add(&r->out, str_head(str_from(r->text, from), r->at - from));
	return 0;
}

/* {n}, {n,} or {n,m}: the highest number in it. */
static int counts(struct reader *r, struct err *e)
{
	size_t   from = r->at, end = str_find(r->text, '}', from);
	unsigned number = 0, highest = 0;

	for (r->at++; r->at < end; r->at++) {
		bool is_digit = peek(r) >= '0' && peek(r) <= '9';

		if (!is_digit && peek(r) != ',')
			break;
		number = is_digit ? number * 10 + (unsigned)(peek(r) - '0') : 0;
		highest = number > highest ? number : highest;
		if (highest > COUNT_MAX)
			return err_set(e, ERR_INPUT, "repeats go up to %d", COUNT_MAX);
	}
	if (r->at != end || end == r->text.len || end == from + 1)
		return err_set(e, ERR_INPUT, "'{' begins a count, as in {2,5}; for the character itself write \\{");
	r->at++;
	r->repeats += highest;
	buf_add(&r->out, str_head(str_from(r->text, from), r->at - from));
	return r->repeats <= PATTERN_REPEATS
	           ? 0
	           : err_set(e, ERR_INPUT, "its repeats add up to more than %d", PATTERN_REPEATS);
}

static int repeat(struct reader *r, struct err *e)
{
	if (r->is_repeated)
		return err_set(e, ERR_INPUT, "a repeat of what repeats, as in (a+)+: such a match can take for ever");
	if (peek(r) == '{') {
		TRY(counts(r, e));
	} else {
		buf_byte(&r->out, peek(r));
		r->at++;
	}
	r->at += peek(r) == '?'; /* to take as little as it can changes nothing in whether it matches */
	r->is_repeated = r->has_repeat[r->depth] = true;
	return 0;
}

static int group(struct reader *r, struct err *e)
{
	if (peek(r) == '(') {
		if (r->at + 1 < r->text.len && r->text.ptr[r->at + 1] == '?')
			return err_set(e, ERR_INPUT, "groups that begin with (? are not understood: write ( alone");
		if (++r->depth > GROUPS)
			return err_set(e, ERR_INPUT, "more than %d groups in one another", GROUPS);
		r->has_repeat[r->depth] = r->is_repeated = false;
	} else {
		if (r->depth == 0)
			return err_set(e, ERR_INPUT, "a ')' closes no group");
		r->is_repeated = r->has_repeat[r->depth--];
		r->has_repeat[r->depth] |= r->is_repeated;
	}
	buf_byte(&r->out, peek(r));
	r->at++;
	return 0;
}

static int read_all(struct reader *r, struct err *e)
{
	while (r->at < r->text.len) {
		char c = peek(r);

		if (c == '\\') {
			TRY(escape(r, e));
		} else if (c == '[') {
			TRY(brackets(r, e));
		} else if (c == '*' || c == '+' || c == '{') {
			TRY(repeat(r, e));
		} else if (c == '(' || c == ')') {
			TRY(group(r, e));
		} else {
			if (c != '?') /* (a+)? repeats as often as a+ */
				r->is_repeated = false;
			buf_byte(&r->out, c);
			r->at++;
		}
	}
	return 0;
}

int pattern_compile(str text, regex_t *out, struct err *e)
{
	struct reader r = {.text = text};
	char          why[128];
	int           status = 0;

	if (text.len > PATTERN_BYTES || memchr(text.ptr, '\0', text.len) != NULL)
		return err_set(e, ERR_INPUT, "a pattern is a text of up to %d bytes", PATTERN_BYTES);
	if (read_all(&r, e) < 0) {
		buf_done(&r.out);
		return e->class;
	}
	buf_byte(&r.out, '\0');
	status = regcomp(out, r.out.ptr, REG_EXTENDED | REG_NOSUB);
	buf_done(&r.out);
	if (status == 0)
		return 0;
	(void)regerror(status, out, why, sizeof(why));
	return err_set(e, ERR_INPUT, "not a regular expression: %s", why);
}

bool pattern_match(const regex_t *p, str value)
{
	regmatch_t whole = {.rm_so = 0, .rm_eo = (regoff_t)value.len};

	return regexec(p, value.ptr, 1, &whole, REG_STARTEND) == 0;
}
