/* visit.c - the four kinds of lines, printed from shared pieces. */
#include "simulate/visit.h"

#include "base/hash.h"
#include "simulate/text.h"
#include "simulate/words.h"

struct profile profile_of(uint64_t seed, uint32_t user, const struct zipf *cities)
{
	struct random  r;
	struct profile p;

	random_seed(&r, hash_mix(seed, user));
	p.city = (uint16_t)zipf_pick(cities, &r);
	p.agent = (uint16_t)random_below(&r, words_agents.count);
	p.is_woman = random_below(&r, 2) == 0;
	p.first = (uint16_t)random_below(&r, p.is_woman ? words_women.count : words_men.count);
	p.last = (uint16_t)random_below(&r, words_families.count);
	return p;
}

/* Every stream has its time followed by other members. */
static char *put_time(char *p, const struct visit *v, struct record *out)
{
	assert(v->at_ms > 0);
	out->time.from = record_at(out, p);
	PUT(p, "\"ts\":");
	out->time_value.from = record_at(out, p);
	p = put_u64(p, (uint64_t)v->at_ms);
	out->time_value.to = record_at(out, p);
	*p++ = ',';
	out->time.to = record_at(out, p);
	return p;
}

static char *put_session(char *p, const struct visit *v)
{
	PUT(p, "\"sessionId\":");
	p = put_u64(p, v->session);
	*p++ = ',';
	return p;
}

static char *put_auth_name(char *p, const struct visit *v)
{
	PUT(p, "\"auth\":\"");
	p = put(p, auth_names[v->auth]);
	PUT(p, "\",");
	return p;
}

static char *put_level(char *p, const struct visit *v)
{
	p = put(p, v->is_paid ? STR("\"level\":\"paid\",\"itemInSession\":")
	                      : STR("\"level\":\"free\",\"itemInSession\":"));
	p = put_u64(p, v->item);
	*p++ = ',';
	return p;
}

static char *put_place(char *p, const struct visit *v, struct record *out)
{
	const struct city *city = &words_cities[v->profile.city];

	PUT(p, "\"city\":\"");
	out->words.from = record_at(out, p);
	p = put(p, city->name);
	out->words.to = record_at(out, p);
	PUT(p, "\",\"zip\":\"");
	p = put(p, city->zip);
	PUT(p, "\",\"state\":\"");
	p = put(p, city->state);
	PUT(p, "\",\"userAgent\":\"");
	p = put(p, words_agents.at[v->profile.agent]);
	PUT(p, "\",\"lon\":");
	p = put(p, city->lon);
	PUT(p, ",\"lat\":");
	return put(p, out->is_drifted ? STR("\"n/a\"") : city->lat);
}

static char *put_user(char *p, const struct visit *v)
{
	const struct words *firsts = v->profile.is_woman ? &words_women : &words_men;

	if (v->auth == AUTH_OUT || v->auth == AUTH_GUEST)
		return p;
	PUT(p, ",\"userId\":");
	p = put_u64(p, v->user + UINT64_C(1));
	PUT(p, ",\"lastName\":\"");
	p = put(p, words_families.at[v->profile.last]);
	PUT(p, "\",\"firstName\":\"");
	p = put(p, firsts->at[v->profile.first]);
	p = put(p, v->profile.is_woman ? STR("\",\"gender\":\"F\",\"registration\":")
	                               : STR("\",\"gender\":\"M\",\"registration\":"));
	assert(v->registered_ms > 0);
	return put_u64(p, (uint64_t)v->registered_ms);
}

static char *begin(struct record *out, uint32_t stream, bool is_drifted)
{
	record_clear(out);
	out->table = stream;
	out->is_drifted = is_drifted;
	out->text[0] = '{';
	return out->text + 1;
}

static void end(struct record *out, char *p)
{
	*p++ = '}';
	out->len = record_at(out, p);
}

void visit_page_view(const struct visit *v, bool is_drifted, struct record *out)
{
	const struct page_face *face = &page_faces[v->page];
	char                   *p = begin(out, STREAM_PAGE_VIEW, is_drifted);

	assert((v->page == PAGE_NEXT_SONG) == (v->song != NULL));
	p = put_time(p, v, out);
	p = put_session(p, v);
	PUT(p, "\"page\":\"");
	p = put(p, face->name);
	PUT(p, "\",");
	p = put_auth_name(p, v);
	PUT(p, "\"method\":\"");
	p = put(p, face->method);
	PUT(p, "\",\"status\":");
	p = put_u64(p, face->status);
	*p++ = ',';
	p = put_level(p, v);
	p = put_place(p, v, out);
	p = put_user(p, v);
	if (v->song != NULL) {
		*p++ = ',';
		p = put(p, v->song->json);
	}
	end(out, p);
}

void visit_listen(const struct visit *v, bool is_drifted, struct record *out)
{
	char *p = begin(out, STREAM_LISTEN, is_drifted);

	assert(v->song != NULL);
	p = put(p, v->song->json);
	*p++ = ',';
	p = put_time(p, v, out);
	p = put_session(p, v);
	p = put_auth_name(p, v);
	p = put_level(p, v);
	p = put_place(p, v, out);
	end(out, put_user(p, v));
}

void visit_auth(const struct visit *v, bool is_passed, bool is_drifted, struct record *out)
{
	char *p = begin(out, STREAM_AUTH, is_drifted);

	assert(is_passed == (v->auth == AUTH_IN));
	p = put_time(p, v, out);
	p = put_session(p, v);
	p = put_level(p, v);
	p = put_place(p, v, out);
	p = put_user(p, v);
	end(out, put(p, is_passed ? STR(",\"success\":true") : STR(",\"success\":false")));
}

void visit_status_change(const struct visit *v, bool is_drifted, struct record *out)
{
	char *p = begin(out, STREAM_STATUS_CHANGE, is_drifted);

	p = put_time(p, v, out);
	p = put_session(p, v);
	p = put_auth_name(p, v);
	p = put_level(p, v);
	p = put_place(p, v, out);
	end(out, put_user(p, v));
}
