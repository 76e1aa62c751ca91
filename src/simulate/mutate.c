/* mutate.c - damages and restamping, on the text itself.
 *
 * Works from the places the maker noted in the record; nothing here parses.
 * After a damage the places no longer hold: a record is damaged once.
 */
#include "simulate/mutate.h"

#include "simulate/text.h"

static const char *const reasons[DAMAGE_COUNT] = {
	[DAMAGE_CUT] = "json.syntax",
	[DAMAGE_TRAILING] = "json.trailing",
	[DAMAGE_UTF8] = "json.utf8",
	[DAMAGE_REPEATED_KEY] = "json.duplicate_key",
	[DAMAGE_ARRAY] = "envelope.not_object",
	[DAMAGE_ID_MISSING] = "id.missing",
	[DAMAGE_ID_EMPTY] = "id.invalid",
	[DAMAGE_NAME_MISSING] = "type.missing",
	[DAMAGE_TIME_MISSING] = "time.missing",
	[DAMAGE_TIME_WORD] = "time.syntax",
	[DAMAGE_ATTRIBUTES] = "schema.required",
	[DAMAGE_CSV_FIELDS] = "csv.fields",
	[DAMAGE_CSV_TIME] = "time.syntax",
};

const char *damage_reason(enum damage damage)
{
	assert(damage < DAMAGE_COUNT);
	return reasons[damage];
}

/* Put `with` in the place of a span: empty `with` cuts, an empty span inserts. */
static void replace(struct record *r, struct span span, str with)
{
	size_t tail = r->len - span.to;

	assert(span.from <= span.to && span.to <= r->len);
	assert(span.from + with.len + tail <= RECORD_SIZE);
	memmove(r->text + span.from + with.len, r->text + span.to, tail);
	memcpy(r->text + span.from, with.ptr, with.len);
	r->len = (uint32_t)(span.from + with.len + tail);
}

static void append(struct record *r, str s)
{
	replace(r, (struct span){r->len, r->len}, s);
}

static void cut_member(struct record *r, struct span member)
{
	assert(member.to > member.from && r->text[member.to - 1] == ',');
	replace(r, member, STR(""));
}

/* Somewhere in its last three quarters, never inside a UTF-8 sequence: that would be another
 * reason. */
static void cut_short(struct record *r, struct random *random)
{
	uint32_t len = random_between(random, r->len / 4, r->len - 1);

	while ((r->text[len] & 0xC0) == 0x80)
		len--;
	r->len = len;
	assert(len > 0);
}

static void spoil_byte(struct record *r, struct random *random)
{
	uint32_t at = random_between(random, r->words.from, r->words.to - 1);

	assert(r->words.to > r->words.from);
	r->text[at] = (char)(random_below(random, 2) ? 0xFF : 0x80);
}

/* The first key of the object once more, at its end. */
static void repeat_key(struct record *r)
{
	size_t colon = str_find(record_str(r), ':', 0);
	char   member[128] = ",";

	assert(r->text[0] == '{' && r->text[r->len - 1] == '}');
	assert(colon + 2 < sizeof(member));
	memcpy(member + 1, r->text + 1, colon);
	member[colon + 1] = '0';
	replace(r, (struct span){r->len - 1, r->len - 1}, str_make(member, colon + 2));
}

static void miscount_fields(struct record *r, struct random *random)
{
	if (random_below(random, 2))
		append(r, STR(",extra"));
	else
		r->len = r->time_value.from - 1; /* the time is the last field: off with it */
}

void record_damage(struct record *r, enum damage damage, struct random *random)
{
	switch (damage) {
	case DAMAGE_CUT:
		cut_short(r, random);
		break;
	case DAMAGE_TRAILING:
		append(r, random_below(random, 2) ? STR("]") : STR(" {}"));
		break;
	case DAMAGE_UTF8:
		spoil_byte(r, random);
		break;
	case DAMAGE_REPEATED_KEY:
		repeat_key(r);
		break;
	case DAMAGE_ARRAY:
		replace(r, (struct span){0, 0}, STR("["));
		append(r, STR("]"));
		break;
	case DAMAGE_ID_MISSING:
		cut_member(r, r->id);
		break;
	case DAMAGE_ID_EMPTY:
		replace(r, r->id_value, STR("\"\""));
		break;
	case DAMAGE_NAME_MISSING:
		cut_member(r, r->name);
		break;
	case DAMAGE_TIME_MISSING:
		cut_member(r, r->time);
		break;
	case DAMAGE_TIME_WORD:
		replace(r, r->time_value, STR("\"yesterday\""));
		break;
	case DAMAGE_ATTRIBUTES:
		replace(r, r->attributes, STR("\"none\""));
		break;
	case DAMAGE_CSV_FIELDS:
		miscount_fields(r, random);
		break;
	case DAMAGE_CSV_TIME:
		replace(r, r->time_value,
		        random_below(random, 2) ? STR("2025-02-30 13:04:05")
		                                : STR("2025-06-02 25:61:00"));
		break;
	case DAMAGE_COUNT:
		assert(damage < DAMAGE_COUNT); /* not reached */
	}
}

void record_restamp(struct record *r, uint64_t second, struct random *random)
{
	uint64_t time = 0;
	char     text[24];

	for (uint32_t i = r->time_value.from; i < r->time_value.to; i++) {
		assert(r->text[i] >= '0' && r->text[i] <= '9');
		time = time * 10 + (uint64_t)(r->text[i] - '0');
	}
	time += second * random_between(random, 1, 600);
	replace(r, r->time_value, str_make(text, (size_t)(put_u64(text, time) - text)));
}
