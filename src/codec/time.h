/* time.h - instants as microseconds since 1970, UTC; text in and out. No clock here. */
#ifndef CODEC_TIME_H
#define CODEC_TIME_H

#include "base/str.h"

enum time_unit { TIME_S, TIME_MS, TIME_US, TIME_NS };

enum time_fault {
	TIME_OK,
	TIME_SYNTAX,  /* not a time, or no such day or hour: 2025-02-30, 25:61, 24:00:00 */
	TIME_NO_ZONE, /* well formed, but the text has no zone and none was given; or an offset over 18:00 */
	TIME_RANGE,   /* year outside 0001..9999, or a number outside what fits */
	TIME_UNIT,    /* a number that is absurd in this unit and plausible in another (10, 13, 16, 19 digits) */
};

/* RFC 3339 and its common cousins: 'T', 't' or blanks between date and time; seconds optional; any number
 * of fraction digits (cut after six); Z, z, "UTC", "GMT", +hh:mm, +hhmm, +hh, blanks before it or not; a
 * bare date is midnight. Without a zone in the text, `zone_minutes` is taken where has_zone, else
 * TIME_NO_ZONE. Second 60 is taken as 59.999999 and *flagged set. is_canonical (it and flagged may be
 * NULL): time_format of the result gives this very text back. */
enum time_fault time_parse(str text, bool has_zone, int zone_minutes, int64_t *out_us, bool *is_canonical, bool *flagged);

/* A number in a unit. TIME_UNIT where the value lies outside 1990..2100 in this unit but inside it in
 * another. */
enum time_fault time_from_int(int64_t value, enum time_unit unit, int64_t *out_us);
enum time_fault time_from_double(double value, enum time_unit unit, int64_t *out_us);

bool time_unit_parse(str word, enum time_unit *out);          /* s ms us ns */
/* "UTC", "Z", "+02:00"... and, with tz data of the system absent here, nothing else. */
bool time_zone_parse(str word, int *minutes);

enum { TIME_TEXT = 40 };
/* "2015-01-01T15:00:01Z", a fraction only where it is not zero and without its trailing zeros. Returns the
 * length. */
size_t time_format(int64_t us, char out[TIME_TEXT]);

/* Floor division, right before 1970 too. */
int64_t time_hour(int64_t us);  /* hours since 1970-01-01T00 */
int64_t time_day(int64_t us);
int64_t time_month(int64_t us); /* months since 1970-01 */
struct time_parts { int year, month, day, hour, minute, second, micros; };
void time_split(int64_t us, struct time_parts *out);
int64_t time_join(const struct time_parts *p);

#endif
