/* The order of checks is fixed, because a record that fails several is filed under the first: JSON, object, all of
 * id, name and time missing, id, name, time, required members, contract. */
#include "ingest/envelope.h"

#include <assert.h>

#include "base/short.h"
#include "codec/name.h"
#include "codec/sha256.h"
#include "ingest/payload.h"
#include "os/profile.h"

enum { ID_BYTES = 128 };

/* What systems write who mean never (B56). */
#define YEAR_9999_US INT64_C(253370764800000000)

void envelope_init(struct envelope *v, const struct pipeline *p, uint64_t secret, uint32_t number)
{
	*v = (struct envelope){
		.pipeline = p,
		.secret = secret,
		.key_seed = hash_bytes(p->name.ptr, p->name.len, secret),
		.number = number,
	};
}

void envelope_done(struct envelope *v)
{
	json_tape_done(&v->tape);
	arena_done(&v->made);
	buf_done(&v->scratch);
	buf_done(&v->text);
	trial_done(&v->trial);
}

void envelope_clear(struct envelope *v, int64_t now_us)
{
	v->tape.count = 0;
	arena_reset(&v->made);
	v->now_us = now_us;
}

static bool refuse(struct event *ev, enum reason reason, str pointer)
{
	ev->verdict = VERDICT_QUARANTINE;
	ev->reason = reason;
	ev->pointer = pointer;
	return false;
}

/* The value of a string token: in the record, or in the scratch until its next use. */
static str string_value(struct envelope *v, const char *text, uint64_t head)
{
	return json_flags(head) & JSON_ESCAPED ? json_unescape(text, head, &v->scratch) : json_text(text, head);
}

/* Of a string token's value: where it has no escapes, the scan let no control character through but DEL. */
static bool has_control(uint64_t head, str s)
{
	if (!(json_flags(head) & JSON_ESCAPED))
		return memchr(s.ptr, 0x7F, s.len) != NULL;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
			return true;
	return false;
}

static bool is_absent(const uint64_t *words, uint32_t at)
{
	return at == 0 || json_kind(words[at]) == JSON_NULL;
}

/* --- id ------------------------------------------------------------------------------------ */

static bool id_from_path(struct envelope *v, const char *text, const uint64_t *words, struct event *ev)
{
	const struct path *path = &v->pipeline->id.paths[0];
	uint32_t           at = path_find(path, text, words);
	str                id;

	if (is_absent(words, at))
		return refuse(ev, REASON_ID_MISSING, path->pointer);
	if (json_kind(words[at]) != JSON_STRING)
		return refuse(ev, REASON_ID_INVALID, path->pointer);
	id = string_value(v, text, words[at]);
	if (has_control(words[at], id))
		return refuse(ev, REASON_VALUE_CONTROL, path->pointer);
	if (id.len == 0 || id.len > ID_BYTES)
		return refuse(ev, REASON_ID_INVALID, path->pointer);
	ev->id_at = at;
	ev->is_id_exact = true;
	if (v->pipeline->id.is_uuid) {
		if (!uuid_parse(id, (uint8_t *)&ev->id, &ev->is_id_exact))
			return refuse(ev, REASON_ID_INVALID, path->pointer);
		id = str_make(&ev->id, sizeof(ev->id));
	}
	ev->key = hash_bytes128(id.ptr, id.len, v->key_seed);
	return true;
}

/* The name is part of a made id: the same content in two streams is two events. */
static bool id_from_hash(struct envelope *v, const char *text, const uint64_t *words, struct event *ev)
{
	const struct id_rule *rule = &v->pipeline->id;
	uint32_t              found = 0;

	buf_clear(&v->text);
	buf_u32le(&v->text, (uint32_t)ev->name.len);
	buf_add(&v->text, ev->name);
	if (rule->kind == ID_RECORD) {
		buf_add(&v->text, json_source(text, words, 0));
		found = 1;
	}
	for (uint32_t i = 0; i < rule->path_count; i++) {
		uint32_t at = path_find(&rule->paths[i], text, words);

		if (is_absent(words, at)) {
			buf_byte(&v->text, '-');
			continue;
		}
		found++;
		payload_canonical(text, words, at, &v->scratch, &v->text);
	}
	if (found == 0)
		return refuse(ev, REASON_ID_MISSING, rule->paths[0].pointer);
	ev->id = hash_bytes128(v->text.ptr, v->text.len, 0); /* seed 0: the same record has the same id in every lake */
	ev->key = hash_bytes128(&ev->id, sizeof(ev->id), v->key_seed);
	return true;
}

/* --- name ---------------------------------------------------------------------------------- */

/* The text at a path, and its place on the tape. 0: there is none, or it is empty. */
static uint32_t name_text(struct envelope *v, const char *text, const uint64_t *words, const struct path *path, str *out)
{
	uint32_t at = path_find(path, text, words);

	if (at == 0 || json_kind(words[at]) != JSON_STRING)
		return 0;
	*out = string_value(v, text, words[at]);
	return out->len > 0 ? at : 0;
}

static bool name_by_path(struct envelope *v, const char *text, const uint64_t *words, const struct path *path,
                         struct event *ev)
{
	ev->name_at = name_text(v, text, words, path, &ev->name);
	if (ev->name_at != 0 && json_flags(words[ev->name_at]) & JSON_ESCAPED)
		ev->name = arena_str(&v->made, ev->name); /* out of the scratch */
	return ev->name_at != 0;
}

static bool name_by_template(struct envelope *v, const char *text, const uint64_t *words,
                             const struct name_rule *rule, str *out)
{
	str value;

	buf_clear(&v->text);
	for (uint32_t i = 0; i < rule->path_count; i++) {
		if (name_text(v, text, words, &rule->paths[i], &value) == 0)
			return false;
		buf_add(&v->text, rule->texts[i]);
		buf_add(&v->text, value);
	}
	buf_add(&v->text, rule->texts[rule->path_count]);
	*out = arena_str(&v->made, buf_str(&v->text));
	return true;
}

static bool name_by_rule(struct envelope *v, const char *text, const uint64_t *words, const struct name_rule *rule,
                         str part_name, struct event *ev)
{
	switch (rule->kind) {
	case NAME_CONST:
		ev->name = rule->texts[0];
		return true;
	case NAME_PART:
		ev->name = part_name;
		return part_name.len > 0;
	case NAME_PATH:
		return name_by_path(v, text, words, &rule->paths[0], ev);
	default:
		return name_by_template(v, text, words, rule, &ev->name);
	}
}

static str name_pointer(const struct pipeline *p)
{
	return p->name_count > 0 && p->names[0].path_count > 0 ? p->names[0].paths[0].pointer : STR("");
}

/* May the event have this name? Few names come often, so those found good are kept. */
static bool check_name(struct envelope *v, struct event *ev)
{
	struct good_name *good;
	str               name = ev->name;

	ev->name_hash = hash_bytes(name.ptr, name.len, v->secret);
	good = &v->good_names[ev->name_hash % ENVELOPE_NAMES];
	if (good->len == name.len && bytes_same(good->text, name.ptr, name.len))
		return true;
	if (memchr(name.ptr, 0, name.len) != NULL)
		return refuse(ev, REASON_VALUE_CONTROL, name_pointer(v->pipeline));
	if (!name_is_event(name))
		return refuse(ev, REASON_TYPE_NAME, name_pointer(v->pipeline));
	if (name.len <= sizeof(good->text)) {
		good->len = (uint32_t)name.len;
		memcpy(good->text, name.ptr, name.len);
	}
	return true;
}

static bool find_name(struct envelope *v, const char *text, const uint64_t *words, str part_name, struct event *ev)
{
	const struct pipeline *p = v->pipeline;

	for (uint32_t i = 0; i < p->name_count; i++) {
		if (!name_by_rule(v, text, words, &p->names[i], part_name, ev))
			continue;
		ev->name_rule = i;
		return check_name(v, ev);
	}
	return refuse(ev, REASON_TYPE_MISSING, name_pointer(p));
}

/* --- time ---------------------------------------------------------------------------------- */

static const enum reason time_reasons[] = {
	[TIME_SYNTAX] = REASON_TIME_SYNTAX,
	[TIME_NO_ZONE] = REASON_TIME_ZONE,
	[TIME_RANGE] = REASON_TIME_RANGE,
	[TIME_UNIT] = REASON_TIME_UNIT,
};

/* True where event_time gives the member back as it came: an integer, and no digits lost. */
static bool is_exact_time(int64_t value, enum time_unit unit)
{
	return unit != TIME_NS || value % 1000 == 0;
}

static enum time_fault time_from_token(struct envelope *v, const char *text, const uint64_t *words, uint32_t at,
                                       struct event *ev)
{
	const struct time_rule *rule = &v->pipeline->time;
	int64_t                 number;
	double                  real;
	bool                    is_flagged;
	str                     value;

	switch (json_kind(words[at])) {
	case JSON_INT:
		number = (int64_t)words[at + 1];
		if (rule->has_unit && !rule->is_kept && is_exact_time(number, rule->unit))
			ev->time_at = at;
		return rule->has_unit ? time_from_int(number, rule->unit, &ev->time_us) : TIME_UNIT;
	case JSON_DOUBLE:
		memcpy(&real, &words[at + 1], sizeof(real));
		return rule->has_unit ? time_from_double(real, rule->unit, &ev->time_us) : TIME_UNIT;
	case JSON_STRING:
		value = string_value(v, text, words[at]);
		if (rule->has_unit && str_to_i64(value, &number))
			return time_from_int(number, rule->unit, &ev->time_us);
		return time_parse(value, rule->has_zone, rule->zone_minutes, &ev->time_us, NULL, &is_flagged);
	default:
		return TIME_SYNTAX;
	}
}

static bool find_time(struct envelope *v, const char *text, const uint64_t *words, struct event *ev)
{
	const struct pipeline *p = v->pipeline;
	str                    pointer = p->time.path.pointer;
	uint32_t               at = path_find(&p->time.path, text, words);
	enum time_fault        fault;

	if (is_absent(words, at))
		return refuse(ev, REASON_TIME_MISSING, pointer);
	fault = time_from_token(v, text, words, at, ev);
	if (fault != TIME_OK)
		return refuse(ev, time_reasons[fault], pointer);
	if (ev->time_us < p->limits.time_floor_us)
		return refuse(ev, REASON_TIME_RANGE, pointer);
	if (ev->time_us > v->now_us + p->limits.time_ahead_us)
		return refuse(ev, ev->time_us >= YEAR_9999_US ? REASON_TIME_RANGE : REASON_TIME_FUTURE, pointer);
	return true;
}

/* --- the record ---------------------------------------------------------------------------- */

static bool check_required(struct envelope *v, const char *text, const uint64_t *words, struct event *ev)
{
	static const enum json_kind kinds[] = {
		[REQUIRE_OBJECT] = JSON_OBJECT, [REQUIRE_STRING] = JSON_STRING, [REQUIRE_NUMBER] = JSON_INT};

	for (uint32_t i = 0; i < v->pipeline->require_count; i++) {
		const struct require_rule *rule = &v->pipeline->require[i];
		uint32_t                   at = path_find(&rule->path, text, words);
		enum json_kind             kind = at ? json_kind(words[at]) : JSON_NULL;

		if (kind == JSON_NULL || (rule->kind != REQUIRE_ANY && kind != kinds[rule->kind] &&
		                          !(rule->kind == REQUIRE_NUMBER && kind == JSON_DOUBLE)))
			return refuse(ev, REASON_SCHEMA_REQUIRED, rule->path.pointer);
	}
	return true;
}

static bool check_contract(struct envelope *v, const struct run *run, const char *text, const uint64_t *words,
                           struct event *ev)
{
	const struct pipeline *p = v->pipeline;

	ev->contract = contracts_find(p->contracts, ev->name);
	if (ev->contract == NULL)
		return !p->is_declared_only || refuse(ev, REASON_TYPE_UNKNOWN, name_pointer(p));
	if (contract_try(ev->contract, text, words, run->is_text_typed, &v->trial))
		return true;
	ev->offset = v->trial.offset;
	return refuse(ev, v->trial.reason, arena_str(&v->made, buf_str(&v->trial.pointer)));
}

/* Not one of id, name and time is there: not a broken event, but no event at all. */
static bool is_foreign(struct envelope *v, const char *text, const uint64_t *words)
{
	const struct pipeline *p = v->pipeline;

	if (!is_absent(words, path_find(&p->time.path, text, words)))
		return false;
	for (uint32_t i = 0; i < p->id.path_count; i++)
		if (!is_absent(words, path_find(&p->id.paths[i], text, words)))
			return false;
	for (uint32_t r = 0; r < p->name_count; r++)
		for (uint32_t i = 0; i < p->names[r].path_count; i++)
			if (!is_absent(words, path_find(&p->names[r].paths[i], text, words)))
				return false;
	return true;
}

static bool is_missing(enum reason r)
{
	return r == REASON_ID_MISSING || r == REASON_TYPE_MISSING || r == REASON_TIME_MISSING;
}

static const enum reason fault_reasons[] = {
	[RECORD_TOO_LARGE] = REASON_SIZE_RECORD,
	[RECORD_COMPRESSION] = REASON_FRAME_COMPRESSION,
	[RECORD_CSV_QUOTE] = REASON_CSV_QUOTE,
	[RECORD_CSV_FIELDS] = REASON_CSV_FIELDS,
	[RECORD_SHAPE] = REASON_FRAME_RECORDS,
};

static bool scan(struct envelope *v, const struct run *run, const struct record *record, struct event *ev)
{
	struct json_fault fault;
	PROFILE(PROFILE_PARSE);

	if (record->fault != RECORD_OK)
		return refuse(ev, fault_reasons[record->fault], STR(""));
	ev->tape = v->number;
	ev->tape_at = v->tape.count;
	if (!json_scan(run->bytes.ptr + record->text, record->text_len, v->secret, &v->pipeline->limits.json, &v->tape,
	               &fault)) {
		ev->offset = fault.offset;
		return refuse(ev, (enum reason)fault.kind, STR(""));
	}
	return true;
}

static bool open_event(struct envelope *v, const struct run *run, const struct record *record, str part_name,
                       struct event *ev)
{
	const struct pipeline *p = v->pipeline;
	const char            *text = run->bytes.ptr + record->text;
	const uint64_t        *words;

	if (!scan(v, run, record, ev))
		return false;
	words = v->tape.words + ev->tape_at;
	if (json_kind(words[0]) != JSON_OBJECT)
		return refuse(ev, REASON_NOT_OBJECT, STR(""));
	if (p->id.kind == ID_PATH && !id_from_path(v, text, words, ev))
		return false;
	if (!find_name(v, text, words, part_name, ev))
		return false;
	if (!find_time(v, text, words, ev))
		return false;
	if (p->id.kind != ID_PATH && !id_from_hash(v, text, words, ev)) /* after the name, which is part of it */
		return false;
	if (!check_required(v, text, words, ev))
		return false;
	if (!check_contract(v, run, text, words, ev))
		return false;
	if (p->window_us > 0 && p->id.kind != ID_RECORD) { /* there the id is the content */
		PROFILE(PROFILE_CONTENT);

		ev->payload = payload_hash(text, words, p->ignore, p->ignore_count, v->secret, &v->scratch);
	}
	return true;
}

void envelope_open(struct envelope *v, const struct run *run, const struct record *record, str part_name,
                   struct event *out)
{
	bool is_whole;

	*out = (struct event){.record = record};
	is_whole = open_event(v, run, record, part_name, out);
	assert(is_whole == (out->verdict == VERDICT_ROW));
	if (is_missing(out->reason) &&
	    is_foreign(v, run->bytes.ptr + record->text, v->tape.words + out->tape_at))
		(void)refuse(out, REASON_ENVELOPE_MISSING, STR(""));
}

/* The last match counts, for file names say more than the folders they happen to lie in: its first group, or the
 * whole of it. */
static str last_match(const regex_t *expression, const char *key)
{
	regmatch_t groups[2];
	str        found = STR("");
	int        flags = 0;

	while (regexec(expression, key, 2, groups, flags) == 0) {
		const regmatch_t *m = groups[1].rm_so < 0 ? &groups[0] : &groups[1];

		found = str_make(key + m->rm_so, (size_t)(m->rm_eo - m->rm_so));
		if (key[groups[0].rm_eo] == '\0')
			break;
		key += groups[0].rm_eo + (groups[0].rm_eo == groups[0].rm_so); /* on, past an empty match too */
		flags = REG_NOTBOL;
	}
	return found;
}

str envelope_part_name(const struct pipeline *p, str part_key, struct arena *a)
{
	const char *key = arena_cstr(a, part_key);
	str         name = STR("");

	for (uint32_t i = 0; i < p->name_count && name.len == 0; i++)
		if (p->names[i].kind == NAME_PART)
			name = last_match(&p->names[i].expression, key);
	return name;
}
