/* identity.c - three members and their places. */
#include "simulate/identity.h"

#include "simulate/text.h"

enum { USER_COUNT = 2000000 };

const enum damage identity_damages[IDENTITY_DAMAGES] = {
	DAMAGE_CUT, DAMAGE_ID_MISSING, DAMAGE_ID_EMPTY, DAMAGE_NAME_MISSING, DAMAGE_TIME_MISSING,
	DAMAGE_TIME_WORD, DAMAGE_TRAILING, DAMAGE_UTF8, DAMAGE_REPEATED_KEY, DAMAGE_ARRAY,
};

char *put_identity(const struct identity *keys, str name, str time, struct random *r, struct record *out)
{
	char *p = out->text;

	*p++ = '{';
	out->id.from = record_at(out, p);
	p = put(p, keys->id);
	out->id_value.from = record_at(out, p);
	*p++ = '"';
	p = put_uuid(p, r);
	*p++ = '"';
	out->id_value.to = record_at(out, p);
	*p++ = ',';
	out->id.to = out->name.from = record_at(out, p);
	p = put(p, keys->name);
	*p++ = '"';
	out->words.from = record_at(out, p);
	p = put(p, name);
	out->words.to = record_at(out, p);
	PUT(p, "\",");
	out->name.to = out->time.from = record_at(out, p);
	p = put(p, keys->time);
	out->time_value.from = record_at(out, p);
	p = put(p, time);
	out->time_value.to = record_at(out, p);
	*p++ = ',';
	out->time.to = record_at(out, p);
	return p;
}

char *put_visitor(char *p, struct random *r, const struct record *out)
{
	PUT(p, "\"user_id\":");
	if (out->is_drifted)
		PUT(p, "\"n/a\"");
	else
		p = put_u64(p, random_between(r, 1, USER_COUNT));
	PUT(p, ",\"session_id\":\"");
	p = put_hex(p, random_next(r), 16);
	*p++ = '"';
	return p;
}

char *put_product_identity(str name, int64_t us, struct random *r, struct record *out)
{
	static const struct identity keys = {
		{"\"event_uuid\":", 13}, {"\"event_name\":", 13}, {"\"created_at\":", 13},
	};
	char  second[20];
	char *end = put_u64(second, (uint64_t)us / 1000000);

	return put_identity(&keys, name, str_make(second, (size_t)(end - second)), r, out);
}
