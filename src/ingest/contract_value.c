/* contract_value.c - a value in the form that is declared for it, where nothing is lost by that but its spelling. */
#include <assert.h>

#include "codec/sha256.h"
#include "ingest/contract.h"
#include "ingest/exact.h"

struct number {
	bool    is_long, is_lossy; /* lossy: too small for a double */
	int64_t integer;
	double  real;
};

static bool take_number(str value, const uint64_t *words, uint32_t at, bool is_coerced, struct number *out,
                        struct held *held)
{
	switch (json_kind(words[at])) {
	case JSON_INT:
		*out = (struct number){.is_long = true, .integer = (int64_t)words[at + 1]};
		return true;
	case JSON_DOUBLE:
		*out = (struct number){.is_lossy = (json_flags(words[at]) & JSON_LOSSY) != 0};
		memcpy(&out->real, &words[at + 1], sizeof(out->real));
		return true;
	case JSON_STRING:
		held->is_converted = true;
		return is_coerced && text_is_number(value, &out->is_long, &out->integer, &out->real);
	default:
		return false;
	}
}

static bool hold_integer(const struct rule *r, const struct number *n, struct held *out)
{
	if (n->is_long)
		out->whole = n->integer;
	else if (!double_is_long(n->real, &out->whole))
		return false;
	out->is_converted |= !n->is_long;
	return !r->is_narrow || (out->whole >= INT32_MIN && out->whole <= INT32_MAX);
}

static bool hold_number(const struct number *n, struct held *out)
{
	out->real = n->is_long ? (double)n->integer : n->real;
	out->is_exact = n->is_long ? long_is_double(n->integer) : !n->is_lossy;
	return true;
}

static bool hold_boolean(enum json_kind kind, str value, bool is_coerced, struct held *out)
{
	if (kind == JSON_TRUE || kind == JSON_FALSE) {
		out->truth = kind == JSON_TRUE;
		return true;
	}
	out->truth = str_eq(value, STR("true"));
	out->is_converted = true;
	return kind == JSON_STRING && is_coerced && (out->truth || str_eq(value, STR("false")));
}

static bool hold_string(enum json_kind kind, str source, str value, struct held *out)
{
	out->is_converted = kind != JSON_STRING;
	out->text = kind == JSON_STRING ? value : source;
	return kind != JSON_OBJECT && kind != JSON_ARRAY;
}

/* Digits finer than a microsecond are what a time's column cannot hold. */
static bool is_fine(str text)
{
	size_t dot = str_find(text, '.', 0), digits = 0;
	bool   is_zero = true;

	for (size_t i = dot + 1; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		if (++digits > 6)
			is_zero &= text.ptr[i] == '0';
	return !is_zero;
}

static bool hold_unit(const struct rule *r, const struct number *n, struct held *out)
{
	static const double us[] = {[TIME_S] = 1e6, [TIME_MS] = 1e3, [TIME_US] = 1};
	enum time_fault     fault;

	out->is_converted = true;
	if (n->is_long) {
		fault = time_from_int(n->integer, r->unit, &out->whole);
		out->is_exact = r->unit != TIME_NS || n->integer % 1000 == 0;
	} else {
		fault = time_from_double(n->real, r->unit, &out->whole);
		out->is_exact = fault == TIME_OK && n->real == (r->unit == TIME_NS ? (double)out->whole * 1e3
		                                                                   : (double)out->whole / us[r->unit]);
	}
	return fault == TIME_OK;
}

static bool hold_instant(const struct rule *r, enum json_kind kind, str value, struct held *out)
{
	bool is_leap = false;

	out->is_converted = false;
	if (kind != JSON_STRING || time_parse(value, r->has_zone, r->zone_minutes, &out->whole, NULL, &is_leap) != TIME_OK)
		return false;
	out->is_exact = !is_leap && !is_fine(value);
	return true;
}

static bool hold_date(enum json_kind kind, str value, struct held *out)
{
	int64_t us;

	if (kind != JSON_STRING || value.len != 10 || time_parse(value, true, 0, &us, NULL, NULL) != TIME_OK)
		return false;
	out->whole = time_day(us);
	return true;
}

static bool hold_uuid(enum json_kind kind, str value, struct held *out)
{
	bool is_canonical;

	return kind == JSON_STRING && uuid_parse(value, out->uuid, &is_canonical);
}

bool rule_hold(const struct rule *r, const char *text, const uint64_t *words, uint32_t at, bool is_text_typed,
               struct buf *scratch, struct held *out)
{
	enum json_kind kind = json_kind(words[at]);
	bool           is_coerced = r->is_coerced || is_text_typed;
	struct number  n = {0};
	str            value = STR("");
	bool           is_number;

	assert(kind != JSON_NULL && kind != JSON_KEY);
	*out = (struct held){.is_exact = true};
	if (kind == JSON_STRING)
		value = json_unescape(text, words[at], scratch);
	switch (r->type) {
	case RULE_STRING:
		return hold_string(kind, json_source(text, words, at), value, out);
	case RULE_BOOLEAN:
		return hold_boolean(kind, value, is_coerced, out);
	case RULE_DATE:
		return hold_date(kind, value, out);
	case RULE_UUID:
		return hold_uuid(kind, value, out);
	case RULE_JSON:
		out->text = json_source(text, words, at);
		return true;
	default:
		is_number = take_number(value, words, at, is_coerced || r->has_unit, &n, out);
		if (r->type == RULE_INSTANT)
			return is_number && r->has_unit ? hold_unit(r, &n, out) : hold_instant(r, kind, value, out);
		return is_number && (r->type == RULE_INTEGER ? hold_integer(r, &n, out) : hold_number(&n, out));
	}
}
