/* tracked.c - the thirteen members. */
#include "simulate/tracked.h"

#include "simulate/text.h"
#include "simulate/words.h"

/* Up to the comma after the time. */
static char *put_head(str name, int64_t us, struct random *r, struct record *out)
{
	static const struct identity keys = {
		{"\"event_id\":", 11}, {"\"event_name\":", 13}, {"\"created_at\":", 13},
	};
	char  millisecond[20];
	char *end = put_u64(millisecond, (uint64_t)us / 1000);

	return put_identity(&keys, name, str_make(millisecond, (size_t)(end - millisecond)), r, out);
}

static char *put_word(char *p, str key, const struct words *words, struct random *r)
{
	p = put(p, key);
	*p++ = '"';
	p = put(p, words->at[random_below(r, words->count)]);
	PUT(p, "\",");
	return p;
}

static char *put_version(char *p, str key, uint32_t major, struct random *r)
{
	p = put(p, key);
	*p++ = '"';
	p = put_u64(p, major + random_below(r, 4));
	*p++ = '.';
	p = put_u64(p, random_below(r, 12));
	PUT(p, "\",");
	return p;
}

static char *put_address(char *p, struct random *r)
{
	uint64_t host = random_next(r);

	PUT(p, "\"ip\":\"");
	p = put_u64(p, 11 + (host & 127));
	for (unsigned i = 1; i < 4; i++) {
		*p++ = '.';
		p = put_u64(p, host >> i * 8 & 255);
	}
	PUT(p, "\",");
	return p;
}

static char *put_person(char *p, struct random *r, const struct record *out)
{
	p = put_visitor(p, r, out);
	PUT(p, ",\"device_id\":\"");
	p = put_uuid(p, r);
	PUT(p, "\",");
	return p;
}

char *put_tracked(str name, int64_t us, struct random *r, struct record *out)
{
	char *p = put_head(name, us, r, out);

	PUT(p, "\"received_at\":\"");
	p = put_milliseconds(p, us + random_below(r, 4000000));
	PUT(p, "\",");
	p = put_person(p, r, out);
	p = put_word(p, STR("\"platform\":"), &words_systems, r);
	p = put_version(p, STR("\"os_version\":"), 14, r);
	p = put_version(p, STR("\"app_version\":"), 5, r);
	p = put_address(p, r);
	p = put_word(p, STR("\"country\":"), &words_countries, r);
	return put_word(p, STR("\"locale\":"), &words_locales, r);
}
