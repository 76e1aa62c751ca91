/* eventsim.c - a music site: sessions walk from page to page, and each page view leaves its lines
 * in four streams.
 *
 * Events are made in order of time, over all sessions; only `held` changes the order of delivery.
 * Answers are counted when an event is made, and everything made is delivered, so the order of
 * delivery cannot touch them.
 *
 * Invariants:
 *   1. owed (pending + held) is never more than the records the stream has room for.
 *   2. A session's page views have strictly growing times, and items 0, 1, 2, ...
 *   3. No user is in two sessions at once.
 *
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/answers.h"
#include "simulate/held.h"
#include "simulate/kind_int.h"
#include "simulate/visit.h"
#include "simulate/words.h"

enum {
	SESSION_MIN = 8,
	SESSION_MAX = 100000,      /* memory: at most about 3,000,000 events an hour */
	USERS_EACH = 4,            /* users at the start, for each session under way */
	RECORD_GAP_MS = 110000,    /* mean time between two records of one session */
	LATE_MS = 60000,           /* delivered this long after its time a record counts as late */
	HOUR_MS = 3600000,
	DAY_SECONDS = 86400,
};

struct user {
	int64_t registered_ms; /* 0: a guest */
	bool    is_paid, is_busy, is_gone;
};

enum login { LOGIN_NONE, LOGIN_PASSED, LOGIN_FAILED };

/* Of a session is kept what its next page view will be. */
struct session {
	uint64_t       id;
	int64_t        at_ms;
	int64_t        song_at_ms;    /* its last page view, where that was a song */
	uint32_t       song_duration; /* 0 where it was none */
	uint32_t       user, item, song;
	struct profile profile;
	uint8_t        page, auth, login;
};

struct eventsim {
	struct random   random, spare_random;
	struct zipf     song_ranks, cities;
	struct song    *songs;
	struct answers  answers;
	struct heap     next;     /* sessions by the time of their next page view */
	struct session *sessions;
	struct user    *users;
	struct held    *held;
	uint64_t        seed, last_session;
	int64_t         now_ms;
	uint32_t        session_count, user_count, user_max, gone_count;
	bool            has_pending;
	struct record   pending;  /* the second line of the page view just given */
	struct arena    memory;
};

static const enum damage damages[] = {
	DAMAGE_CUT, DAMAGE_TIME_MISSING, DAMAGE_TRAILING, DAMAGE_UTF8, DAMAGE_REPEATED_KEY,
};

static uint32_t new_user(struct eventsim *s)
{
	uint32_t user = s->user_count++;

	assert(s->user_count <= s->user_max);
	s->users[user] = (struct user){0};
	return user;
}

/* At most a quarter of all are busy, and of the others a quarter gone: a few draws are enough. */
static uint32_t idle_user(struct eventsim *s)
{
	uint32_t user;

	if (s->user_count < s->user_max && random_below(&s->random, 64) == 0)
		return new_user(s);
	do {
		user = random_below(&s->random, s->user_count);
	} while (s->users[user].is_busy || s->users[user].is_gone);
	return user;
}

static void session_begin(struct eventsim *s, struct session *session, int64_t at_ms)
{
	uint32_t user = idle_user(s), draw = random_below(&s->random, 100);

	s->users[user].is_busy = true;
	*session = (struct session){.id = ++s->last_session, .at_ms = at_ms, .user = user};
	session->profile = profile_of(s->seed, user, &s->cities);
	session->song = zipf_pick(&s->song_ranks, &s->random);
	if (s->users[user].registered_ms == 0) {
		session->auth = AUTH_GUEST;
		session->page = draw < 40 ? PAGE_REGISTER : PAGE_HOME;
	} else if (draw < 25) {
		session->auth = AUTH_OUT;
		session->page = draw < 10 ? PAGE_LOGIN : PAGE_HOME;
	} else {
		session->auth = AUTH_IN;
		session->page = draw < 60 ? PAGE_NEXT_SONG : PAGE_HOME;
	}
}

/* `until_ms`: the session's next page view, or INT64_MAX where there is none. */
static void settle_song(struct eventsim *s, struct session *session, int64_t until_ms)
{
	const int64_t units_a_ms = DURATION_SECOND / 1000;
	int64_t       heard = session->song_duration;

	if (session->song_duration == 0)
		return;
	if (until_ms != INT64_MAX && (until_ms - session->song_at_ms) * units_a_ms < heard)
		heard = (until_ms - session->song_at_ms) * units_a_ms;
	answers_listened(&s->answers, session->user, (uint64_t)heard);
	session->song_duration = 0;
}

/* Whole seconds, at least one. Most songs are heard to the end; some are skipped, after some the
 * player is left alone. */
static int64_t gap_seconds(struct eventsim *s, enum page page, enum page next, uint32_t song)
{
	uint32_t whole = s->songs[song].duration / DURATION_SECOND, draw;

	if (page_is_redirect(next))
		return 1;
	if (page != PAGE_NEXT_SONG)
		return random_between(&s->random, 1, 120);
	if (next != PAGE_NEXT_SONG)
		return random_between(&s->random, 1, whole);
	draw = random_below(&s->random, 100);
	if (draw < 12)
		return random_between(&s->random, 5, whole);
	return draw < 18 ? whole + random_between(&s->random, 1, 300) : whole;
}

/* What the page just seen does to the user and the session, beyond leading to another page. */
static void take_effect(struct eventsim *s, struct session *session, struct user *user)
{
	session->login = LOGIN_NONE;
	switch ((enum page)session->page) {
	case PAGE_LOGIN:
		session->login = random_below(&s->random, 8) > 0 ? LOGIN_PASSED : LOGIN_FAILED;
		break;
	case PAGE_LOGOUT:
		session->auth = AUTH_OUT;
		break;
	case PAGE_SUBMIT_UPGRADE:
		user->is_paid = true;
		break;
	case PAGE_SUBMIT_DOWNGRADE:
		user->is_paid = false;
		break;
	case PAGE_CANCEL:
		session->auth = AUTH_CANCELLED;
		break;
	case PAGE_CANCELLATION:
		user->is_gone = true;
		s->gone_count++;
		break;
	default:
		break;
	}
}

static enum page choose_next(struct eventsim *s, const struct session *session,
                             const struct user *user)
{
	enum page next = page_next((enum auth)session->auth, (enum page)session->page, &s->random);

	if (next == PAGE_UPGRADE && user->is_paid)
		return PAGE_DOWNGRADE;
	if (next == PAGE_CANCEL && s->gone_count >= s->user_count / 4)
		return PAGE_HOME;
	return next;
}

/* From the page view just made to the next one, of this session or of a new one in its place. */
static void session_advance(struct eventsim *s, struct session *session)
{
	struct user *user = &s->users[session->user];
	enum page    page = (enum page)session->page, next;

	take_effect(s, session, user);
	next = choose_next(s, session, user);
	if (next == PAGE_END) {
		settle_song(s, session, INT64_MAX);
		user->is_busy = false;
		session->at_ms += INT64_C(1000) * random_between(&s->random, 1, 240);
		session_begin(s, session, session->at_ms);
		return;
	}
	session->at_ms += 1000 * gap_seconds(s, page, next, session->song);
	session->item++;
	session->page = (uint8_t)next;
	if (next == PAGE_NEXT_SONG)
		session->song = zipf_pick(&s->song_ranks, &s->random);
	if (session->login == LOGIN_PASSED)
		session->auth = AUTH_IN;
	if (next == PAGE_SUBMIT_REGISTRATION) {
		session->auth = AUTH_IN;
		user->registered_ms = session->at_ms;
	}
}

static struct visit visit_of(const struct eventsim *s, const struct session *session)
{
	const struct user *user = &s->users[session->user];

	return (struct visit){
		.at_ms = session->at_ms,
		.session = session->id,
		.registered_ms = user->registered_ms,
		.song = session->page == PAGE_NEXT_SONG ? &s->songs[session->song] : NULL,
		.user = session->user,
		.item = session->item,
		.profile = session->profile,
		.page = (enum page)session->page,
		.auth = (enum auth)session->auth,
		.is_paid = user->is_paid,
	};
}

static void count_visit(struct eventsim *s, struct session *session)
{
	settle_song(s, session, session->at_ms);
	answers_page(&s->answers, session->profile.city, session->item == 0);
	if (session->page == PAGE_NEXT_SONG) {
		session->song_at_ms = session->at_ms;
		session->song_duration = s->songs[session->song].duration;
		answers_play(&s->answers, session->song, session->at_ms);
	}
}

static bool has_second_line(const struct session *session)
{
	return session->page == PAGE_NEXT_SONG || session->login != LOGIN_NONE ||
	       session->page == PAGE_SUBMIT_UPGRADE || session->page == PAGE_SUBMIT_DOWNGRADE;
}

static void second_line(struct eventsim *s, const struct session *session, const struct visit *v)
{
	if (session->page == PAGE_NEXT_SONG)
		visit_listen(v, false, &s->pending);
	else if (session->login != LOGIN_NONE)
		visit_auth(v, session->login == LOGIN_PASSED, false, &s->pending);
	else
		visit_status_change(v, false, &s->pending);
	s->has_pending = true;
}

/* The next page view in time. Where there is room for one record only, the stream ends with a
 * page that has no second line. */
static void make_visit(struct eventsim *s, const struct wish *wish, uint64_t room,
                       struct record *out)
{
	struct session *session = &s->sessions[heap_first(&s->next).number];
	struct visit    v;

	assert(room > 0 && !s->has_pending);
	assert(session->at_ms >= s->now_ms);
	s->now_ms = session->at_ms;
	if (room == 1 && has_second_line(session)) {
		session->page = PAGE_HELP;
		session->login = LOGIN_NONE;
	}
	v = visit_of(s, session);
	count_visit(s, session);
	visit_page_view(&v, wish_drifts(wish, STREAM_PAGE_VIEW), out);
	if (has_second_line(session))
		second_line(s, session, &v);
	session_advance(s, session);
	heap_replace(&s->next, session->at_ms, heap_first(&s->next).number);
}

static uint64_t eventsim_owed(const void *self)
{
	const struct eventsim *s = self;

	return held_count(s->held) + (uint64_t)s->has_pending;
}

static void release(struct eventsim *s, struct record *out)
{
	int64_t at_ms;

	held_take(s->held, out, &at_ms);
	out->is_late = s->now_ms - at_ms >= LATE_MS;
}

static bool must_release(const struct eventsim *s, const struct wish *wish)
{
	return !s->has_pending &&
	       (held_count(s->held) >= wish->left || held_is_due(s->held, s->now_ms));
}

/* Both lines of a page view are of its time, which is the newest there is. */
static void hold(struct eventsim *s, const struct record *r)
{
	int64_t due_ms = s->now_ms + random_between(&s->random, HOUR_MS, 24 * HOUR_MS);

	held_add(s->held, r, s->now_ms, due_ms);
}

static void next_line(struct eventsim *s, const struct wish *wish, struct record *out)
{
	if (s->has_pending) {
		memcpy(out, &s->pending, offsetof(struct record, text) + s->pending.len);
		s->has_pending = false;
	} else {
		make_visit(s, wish, wish->left - held_count(s->held), out);
	}
}

static void eventsim_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct eventsim *s = self;

	assert(eventsim_owed(s) <= wish->left);
	if (must_release(s, wish)) {
		release(s, out);
		return;
	}
	next_line(s, wish, out);
	if (!wish->is_late || held_is_due(s->held, s->now_ms) || eventsim_owed(s) + 2 > wish->left)
		return;
	hold(s, out);
	next_line(s, wish, out); /* there is room for one more beside those owed */
}

/* A line of a session of its own, to be damaged: page views and songs in turn. */
static void eventsim_spare(void *self, const struct wish *wish, struct record *out)
{
	struct eventsim *s = self;
	struct random   *r = &s->spare_random;
	uint32_t         user = random_below(r, s->user_count);
	bool             is_song = random_below(r, 2) == 0;
	struct visit     v = {
		.at_ms = s->now_ms,
		.session = ++s->last_session,
		.registered_ms = s->now_ms - HOUR_MS,
		.song = is_song ? &s->songs[zipf_pick(&s->song_ranks, r)] : NULL,
		.user = user,
		.item = random_below(r, 90),
		.profile = profile_of(s->seed, user, &s->cities),
		.page = is_song ? PAGE_NEXT_SONG : PAGE_HOME,
		.auth = AUTH_IN,
	};

	(void)wish;
	if (is_song && random_below(r, 2) == 0)
		visit_listen(&v, false, out);
	else
		visit_page_view(&v, false, out);
}

static void start_users(struct eventsim *s)
{
	for (uint32_t i = 0; i < s->session_count * USERS_EACH; i++) {
		uint32_t user = new_user(s);
		int64_t  age = (int64_t)random_between(&s->random, DAY_SECONDS, 400 * DAY_SECONDS);

		s->users[user].registered_ms = s->now_ms - age * 1000;
		s->users[user].is_paid = random_below(&s->random, 4) == 0;
	}
}

/* The first session begins at once, the others spread over the mean time between two page views. */
static void start_sessions(struct eventsim *s)
{
	for (uint32_t i = 0; i < s->session_count; i++) {
		int64_t seconds = random_below(&s->random, i == 0 ? 1 : 2 * RECORD_GAP_MS / 1000);

		session_begin(s, &s->sessions[i], s->now_ms + seconds * 1000);
		heap_add(&s->next, s->sessions[i].at_ms, i);
	}
}

static void *eventsim_start(const struct simulate_conf *conf)
{
	struct eventsim *s = xcalloc(1, sizeof(*s));
	uint64_t         sessions = conf->per_hour * RECORD_GAP_MS / HOUR_MS;

	if (sessions < SESSION_MIN)
		sessions = SESSION_MIN;
	if (sessions > SESSION_MAX)
		sessions = SESSION_MAX;
	s->session_count = (uint32_t)sessions;
	s->user_max = s->session_count * (USERS_EACH + 2);
	s->now_ms = conf->start_us / 1000000 * 1000;
	s->seed = conf->seed ^ 0x6576656E7473696D;
	random_seed(&s->random, s->seed);
	random_seed(&s->spare_random, ~s->seed);
	zipf_init(&s->song_ranks, SONG_COUNT, 20);
	zipf_init(&s->cities, words_city_count, 3);
	s->songs = songs_new(&s->memory);
	s->sessions = ARENA_ARRAY(&s->memory, struct session, s->session_count);
	s->users = ARENA_ARRAY(&s->memory, struct user, s->user_max);
	s->held = held_new();
	answers_init(&s->answers, s->songs, s->user_max);
	start_users(s);
	start_sessions(s);
	return s;
}

static void eventsim_stop(void *self)
{
	struct eventsim *s = self;

	answers_done(&s->answers);
	held_free(s->held);
	heap_done(&s->next);
	zipf_done(&s->song_ranks);
	zipf_done(&s->cities);
	arena_done(&s->memory);
	free(s);
}

static const str streams[STREAM_COUNT] = {
	[STREAM_PAGE_VIEW] = {"page_view", 9},
	[STREAM_LISTEN] = {"listen", 6},
	[STREAM_AUTH] = {"auth", 4},
	[STREAM_STATUS_CHANGE] = {"status_change", 13},
};

static str eventsim_table(const void *self, uint32_t table)
{
	(void)self;
	assert(table < STREAM_COUNT);
	return streams[table];
}

static void eventsim_path(uint32_t table, int64_t cut, struct buf *out)
{
	buf_print(out, STR_FMT "_events-%04lld.json", STR_ARG(streams[table]), (long long)cut);
}

static void eventsim_answers(void *self, struct buf *out)
{
	struct eventsim *s = self;

	for (uint32_t i = 0; i < s->session_count; i++)
		settle_song(s, &s->sessions[i], INT64_MAX);
	answers_write(&s->answers, out);
}

const struct kind kind_eventsim = {
	.word = {"eventsim", 8},
	.damages = damages,
	.damage_count = sizeof(damages) / sizeof(damages[0]),
	.table_count = STREAM_COUNT,
	.has_file_each = true,
	.start = eventsim_start,
	.stop = eventsim_stop,
	.fresh = eventsim_fresh,
	.spare = eventsim_spare,
	.table = eventsim_table,
	.path = eventsim_path,
	.owed = eventsim_owed,
	.answers = eventsim_answers,
};
