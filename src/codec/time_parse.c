/* time_parse.c - text to instants, in one pass from left to right.
 *
 *     2015-01-01 T 15:00 :01 .123456 +02:00
 *     date       | time  |   |       zone
 *                |       |   fraction, cut after six digits
 *                |       optional
 *                T, t or blanks; date alone is midnight
 *
 * Strict: every field has its full width, and nothing may stand before or after. Never guesses:
 * a text that could be read in two ways is a fault.
 */
#include "codec/time.h"

#include "codec/time_int.h"

enum { ZONE_MAX_MINUTES = 18 * 60 }; /* no land has ever been further than 15:14 away */

struct scan {
	const char *at, *end;
};

/* What the text said, before it is known to make sense together. */
struct reading {
	struct time_parts parts; /* local to the zone */
	int               zone_minutes;
	bool              has_zone;
	bool              is_leap_second;
	bool              is_canonical; /* still: the text so far is what time_format writes */
};

static inline bool take_byte(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static inline bool take_word(struct scan *s, str word)
{
	if (!str_starts(str_make(s->at, (size_t)(s->end - s->at)), word))
		return false;
	s->at += word.len;
	return true;
}

static inline bool take_digits(struct scan *s, int width, int *out)
{
	int value = 0;

	if (s->end - s->at < width)
		return false;
	for (int i = 0; i < width; i++) {
		int digit = s->at[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		value = value * 10 + digit;
	}
	s->at += width;
	*out = value;
	return true;
}

static bool take_blanks(struct scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
		s->at++;
	return s->at > from;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool             is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month] + (month == 2 && is_leap);
}

/* "10000-01-01", "-0001-01-01": a year, but none of ours. */
static bool is_far_year(str text)
{
	bool   is_negative = text.len > 0 && text.ptr[0] == '-';
	size_t from = text.len > 0 && (is_negative || text.ptr[0] == '+');
	size_t at = from;

	while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
		at++;
	return at - from >= (is_negative ? 4 : 5) && at < text.len && text.ptr[at] == '-';
}

static bool read_date(struct scan *s, struct time_parts *p)
{
	if (!take_digits(s, 4, &p->year) || !take_byte(s, '-') || !take_digits(s, 2, &p->month) ||
	    !take_byte(s, '-') || !take_digits(s, 2, &p->day))
		return false;
	return p->month >= 1 && p->month <= 12 && p->day >= 1 && p->day <= days_in_month(p->year, p->month);
}

/* After the dot. Truncated, never rounded: 09:59:59.9999999 must stay in its hour. */
static bool read_fraction(struct scan *s, struct reading *r)
{
	static const int scales[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	const char      *from = s->at;
	int              value = 0, count = 0;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
		if (count < 6) {
			value = value * 10 + (*s->at - '0');
			count++;
		}
	if (count == 0)
		return false;
	r->parts.micros = value * scales[count];
	if (s->at - from > 6 || s->at[-1] == '0')
		r->is_canonical = false;
	return true;
}

static bool read_seconds(struct scan *s, struct reading *r)
{
	if (!take_digits(s, 2, &r->parts.second) || r->parts.second > 60)
		return false;
	if (take_byte(s, '.') && !read_fraction(s, r))
		return false;
	if (r->parts.second == 60) {
		r->parts.second = 59;
		r->parts.micros = 999999;
		r->is_leap_second = true;
		r->is_canonical = false;
	}
	return true;
}

static bool read_time(struct scan *s, struct reading *r)
{
	struct time_parts *p = &r->parts;

	if (!take_digits(s, 2, &p->hour) || !take_byte(s, ':') || !take_digits(s, 2, &p->minute))
		return false;
	if (p->hour > 23 || p->minute > 59)
		return false;
	if (take_byte(s, ':'))
		return read_seconds(s, r);
	r->is_canonical = false;
	return true;
}

/* +hh:mm, +hhmm or +hh, from the sign on. */
static enum time_fault read_offset(struct scan *s, int *out_minutes)
{
	bool is_negative = *s->at++ == '-';
	int  hours, minutes = 0;

	if (!take_digits(s, 2, &hours))
		return TIME_SYNTAX;
	if (take_byte(s, ':') || s->at < s->end)
		if (!take_digits(s, 2, &minutes) || minutes > 59)
			return TIME_SYNTAX;
	if (hours * 60 + minutes > ZONE_MAX_MINUTES)
		return s->at == s->end ? TIME_NO_ZONE : TIME_SYNTAX;
	*out_minutes = (hours * 60 + minutes) * (is_negative ? -1 : 1);
	return TIME_OK;
}

/* What is left must be a zone, to the last byte. */
static enum time_fault read_zone(struct scan *s, int *out_minutes)
{
	enum time_fault fault;
	int             minutes = 0;

	if (s->at < s->end && (*s->at == '+' || *s->at == '-')) {
		fault = read_offset(s, &minutes);
		if (fault != TIME_OK)
			return fault;
	} else if (!take_byte(s, 'Z') && !take_byte(s, 'z') && !take_word(s, STR("UTC")) &&
	           !take_word(s, STR("GMT"))) {
		return TIME_SYNTAX;
	}
	if (s->at < s->end)
		return TIME_SYNTAX;
	*out_minutes = minutes;
	return TIME_OK;
}

/* What follows the time of day: nothing, or a zone. */
static enum time_fault read_end(struct scan *s, struct reading *r)
{
	if (s->at == s->end) {
		r->is_canonical = false;
		return TIME_OK;
	}
	r->is_canonical = r->is_canonical && *s->at == 'Z';
	(void)take_blanks(s);
	r->has_zone = true;
	return read_zone(s, &r->zone_minutes);
}

static enum time_fault read_text(str text, struct reading *r)
{
	struct scan s = {text.ptr, text.ptr + text.len};

	if (!read_date(&s, &r->parts))
		return is_far_year(text) ? TIME_RANGE : TIME_SYNTAX;
	if (s.at == s.end)
		return TIME_OK;
	r->is_canonical = take_byte(&s, 'T');
	if (!r->is_canonical && !take_byte(&s, 't') && !take_blanks(&s))
		return TIME_SYNTAX;
	return read_time(&s, r) ? read_end(&s, r) : TIME_SYNTAX;
}

enum time_fault time_parse(str text, bool has_zone, int zone_minutes, int64_t *out_us, bool *is_canonical,
                           bool *flagged)
{
	struct reading  r = {0};
	enum time_fault fault = read_text(text, &r);
	int64_t         us;

	if (fault != TIME_OK)
		return fault;
	if (!r.has_zone && !has_zone)
		return TIME_NO_ZONE;

	us = time_join(&r.parts) - (r.has_zone ? r.zone_minutes : zone_minutes) * 60 * SECOND_US;
	if (us < FIRST_US || us > LAST_US)
		return TIME_RANGE;
	*out_us = us;
	if (is_canonical != NULL)
		*is_canonical = r.is_canonical;
	if (flagged != NULL)
		*flagged = r.is_leap_second;
	return TIME_OK;
}

bool time_zone_parse(str word, int *minutes)
{
	struct scan s = {word.ptr, word.ptr + word.len};

	return read_zone(&s, minutes) == TIME_OK;
}
