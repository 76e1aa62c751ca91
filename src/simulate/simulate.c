/* simulate.c - the driver: what becomes of each record, into which file it goes, and when.
 *
 * One loop, one record a turn: draw its fate, make it, write it, count it. The kinds (kind_int.h)
 * know how records look; this file knows shares, files and pace. The clock sets the pace only: no
 * byte depends on it.
 */
#include "simulate/simulate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "codec/time.h"
#include "os/clock.h"
#include "os/fs.h"
#include "simulate/kind_int.h"
#include "simulate/ledger.h"
#include "simulate/ring.h"
#include "simulate/spool.h"

static const int64_t  START_US = 1748822400 * INT64_C(1000000); /* 2025-06-02T00:00:00Z */
static const int64_t  EARLIEST_US = 946684800 * INT64_C(1000000);  /* 2000 */
static const int64_t  LATEST_US = 4070908800 * INT64_C(1000000);   /* 2099 */
static const uint64_t EVENTS_MAX = UINT64_C(1000000000000);
static const uint64_t PER_HOUR_MAX = UINT64_C(1000000000000);
static const uint64_t EVENTS_A_FILE = 1000000;
static const int64_t  HOUR_US = 3600 * INT64_C(1000000);

enum {
	FILES_MAX = 1000000,
	OUTLET_MAX = 4,
	STEP_US = 20000,     /* of the pace */
	JITTER_US = 2000000, /* lines of several machines mix by that much */
	REPORT_EVERY = 1 << 16,
};

/* What may become of a record; in the order of the shares of the configuration. */
enum fate { FATE_REPEAT, FATE_RESTAMP, FATE_DAMAGE, FATE_LATE, FATE_DRIFT, FATE_PLAIN };

struct outlet {
	struct spool spool;
	int64_t       cut; /* number or day of the file that is open */
};

/* The stream's time: 3,600,000,000 us spread over per_hour records without a rounding that adds
 * up. */
struct ticker {
	int64_t  now_us;
	uint64_t step, rest, carry, per_hour;
};

struct simulation {
	struct fs           *fs;
	struct clock        *clock;
	struct simulate_conf conf;        /* with its defaults filled in */
	const struct kind   *kind;
	void                *self;        /* the kind's */
	struct random        random;
	struct ring          ring;
	struct ledger        ledger;
	struct outlet        outlets[OUTLET_MAX];
	uint32_t            *seen;        /* good records of each table in its open file */
	struct ticker        ticker;
	uint64_t             limits[FATE_PLAIN]; /* of 2^32: a draw below it is fate i or less */
	uint64_t             target;      /* records to write in all */
	uint64_t             drifts_owed; /* drawn, but the record at hand could not drift */
	uint64_t             damage_turn;
	struct record        record;
};

static const struct kind *const kinds[] = {
	[SIMULATE_EVENTSIM] = &kind_eventsim,
	[SIMULATE_PRODUCT] = &kind_product,
	[SIMULATE_DOMAIN] = &kind_domain,
	[SIMULATE_CSV] = &kind_csv,
	[SIMULATE_ONE] = &kind_one,
	[SIMULATE_MIXED] = &kind_mixed,
	[SIMULATE_FLAT100] = &kind_flat100,
	[SIMULATE_WIDE] = &kind_wide,
};

bool simulate_kind_parse(str word, enum simulate_kind *out)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (str_eq(word, kinds[i]->word)) {
			*out = (enum simulate_kind)i;
			return true;
		}
	}
	return false;
}

/* --- configuration --------------------------------------------------------------------------- */

static uint64_t clamp(uint64_t v, uint64_t low, uint64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* Asked when the defaults are filled in: times stay those that any reader takes for times. */
static int span_check(const struct simulate_conf *conf, struct err *e)
{
	uint64_t hours = conf->events / conf->per_hour;

	if (conf->start_us < EARLIEST_US || conf->start_us > LATEST_US)
		return err_set(e, ERR_INPUT, "the first event must be of the years 2000 to 2098");
	if (hours >= (uint64_t)((LATEST_US - conf->start_us) / HOUR_US))
		return err_set(e, ERR_INPUT, "the last event would be after 2098: give more an hour");
	return 0;
}

/* By the clock, time in the records runs as fast as the clock. Otherwise the kinds whose answers
 * and files go by the day spread over two days or more. */
static uint64_t default_per_hour(const struct simulate_conf *conf)
{
	if (conf->rate > 0)
		return clamp((uint64_t)(conf->rate * 3600), 1, PER_HOUR_MAX);
	if (conf->kind == SIMULATE_EVENTSIM || conf->kind == SIMULATE_CSV)
		return clamp(conf->events / 50, 20, 50000);
	return 1000000;
}

static void fill_defaults(struct simulate_conf *conf)
{
	if (kinds[conf->kind]->second == 0)
		conf->restamped = 0;
	if (conf->start_us == 0)
		conf->start_us = START_US;
	if (conf->per_hour == 0)
		conf->per_hour = default_per_hour(conf);
	if (conf->names == 0)
		conf->names = kinds[conf->kind]->names_default;
	if (conf->files == 0)
		conf->files = (conf->events + EVENTS_A_FILE - 1) / EVENTS_A_FILE;
}

static void shares_of(const struct simulate_conf *conf, double out[FATE_PLAIN])
{
	out[FATE_REPEAT] = conf->duplicates;
	out[FATE_RESTAMP] = conf->restamped;
	out[FATE_DAMAGE] = conf->malformed;
	out[FATE_LATE] = conf->late;
	out[FATE_DRIFT] = conf->drift;
}

static int conf_check(const struct simulate_conf *conf, struct err *e)
{
	double shares[FATE_PLAIN], sum = 0;

	shares_of(conf, shares);
	for (unsigned i = 0; i < FATE_PLAIN; i++) {
		if (!(shares[i] >= 0 && shares[i] <= 1))
			return err_set(e, ERR_INPUT, "a share is not between 0 and 1");
		sum += shares[i];
	}
	if (sum > 1 + 1e-9) /* 0.7 + 0.2 + 0.1 is a little over 1 */
		return err_set(e, ERR_INPUT, "the shares add up to %g: 1 is the most", sum);
	if (conf->events == 0 || conf->events > EVENTS_MAX)
		return err_set(e, ERR_INPUT, "the number of events must be between 1 and %llu",
		               (unsigned long long)EVENTS_MAX);
	if (conf->files > FILES_MAX)
		return err_set(e, ERR_INPUT, "the number of files must be at most %d", FILES_MAX);
	if (!(conf->rate >= 0 && conf->rate <= 1e9))
		return err_set(e, ERR_INPUT, "the rate must be between 0 and 1e9 events a second");
	if (conf->per_hour > PER_HOUR_MAX)
		return err_set(e, ERR_INPUT, "the events an hour must be at most %llu",
		               (unsigned long long)PER_HOUR_MAX);
	if (conf->names > 0 && kinds[conf->kind]->names_default == 0)
		return err_set(e, ERR_INPUT, "the number of event names can be chosen for mixed only");
	if (conf->names > kinds[conf->kind]->table_count)
		return err_set(e, ERR_INPUT, "the number of event names must be at most %u",
		               kinds[conf->kind]->table_count);
	if (conf->out == NULL || conf->out[0] == '\0')
		return err_set(e, ERR_INPUT, "no folder to write to was given");
	return 0;
}

static void limits_init(struct simulation *s)
{
	double   shares[FATE_PLAIN];
	uint64_t sum = 0;

	shares_of(&s->conf, shares);
	for (unsigned i = 0; i < FATE_PLAIN; i++) {
		sum += (uint64_t)ldexp(shares[i], 32); /* exact but for the cut, on every machine */
		s->limits[i] = sum;
	}
}

static void ticker_init(struct ticker *t, const struct simulate_conf *conf)
{
	*t = (struct ticker){
		.now_us = conf->start_us,
		.step = (uint64_t)HOUR_US / conf->per_hour,
		.rest = (uint64_t)HOUR_US % conf->per_hour,
		.per_hour = conf->per_hour,
	};
}

static void tick(struct ticker *t)
{
	t->now_us += (int64_t)t->step;
	t->carry += t->rest;
	if (t->carry >= t->per_hour) {
		t->carry -= t->per_hour;
		t->now_us++;
	}
}

/* --- files ----------------------------------------------------------------------------------- */

static int64_t cut_now(const struct simulation *s)
{
	if (s->kind->is_daily)
		return time_day(s->ticker.now_us);
	if (s->conf.rate > 0)
		return 1;
	return 1 + (int64_t)(s->ledger.records * s->conf.files / s->conf.events);
}

/* The next file begins: what was seen in the one before counts no more. */
static void forget_file(struct simulation *s, uint32_t table)
{
	if (s->kind->has_file_each)
		s->seen[table] = 0;
	else
		memset(s->seen, 0, s->kind->table_count * sizeof(*s->seen));
	if (s->kind->is_daily)
		ring_clear(&s->ring);
}

static int open_file(struct simulation *s, struct outlet *outlet, uint32_t table, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   name = BUF(4096);
	const char *path, *slash;

	s->kind->path(table, outlet->cut, &name);
	path = arena_cstr(&a, arena_format(&a, "%s/" STR_FMT, s->conf.out, STR_ARG(name)));
	slash = strrchr(path, '/');
	TRY(fs_mkdirs(s->fs, arena_cstr(&a, str_make(path, (size_t)(slash - path))), e));
	TRY(spool_open(&outlet->spool, s->fs, path, e));
	ledger_file(&s->ledger, buf_str(&name));
	if (s->kind->header.len > 0)
		TRY(spool_line(&outlet->spool, s->kind->header, e));
	return 0;
}

/* Have the right file open for a record of this table. Called before the record is made: a new
 * file changes what may drift and what may be repeated. */
static int turn_files(struct simulation *s, struct err *e)
{
	uint32_t count = s->kind->has_file_each ? s->kind->table_count : 1;
	int64_t  cut = cut_now(s);

	for (uint32_t i = 0; i < count; i++) {
		struct outlet *outlet = &s->outlets[i];

		if (outlet->cut == cut)
			continue;
		TRY(spool_finish(&outlet->spool, e));
		outlet->cut = cut;
		forget_file(s, i);
	}
	return 0;
}

static struct outlet *outlet_of(struct simulation *s, const struct record *r)
{
	return &s->outlets[s->kind->has_file_each ? r->table : 0];
}

static int write_record(struct simulation *s, struct err *e)
{
	struct outlet *outlet = outlet_of(s, &s->record);

	assert(memchr(s->record.text, '\n', s->record.len) == NULL);
	if (!spool_is_open(&outlet->spool))
		TRY(open_file(s, outlet, s->record.table, e));
	return spool_line(&outlet->spool, record_str(&s->record), e);
}

static int flush_files(struct simulation *s, struct err *e)
{
	for (unsigned i = 0; i < OUTLET_MAX; i++)
		TRY(spool_flush(&s->outlets[i].spool, e));
	return 0;
}

/* --- records --------------------------------------------------------------------------------- */

static uint64_t owed(const struct simulation *s)
{
	return s->kind->owed != NULL ? s->kind->owed(s->self) : 0;
}

static enum fate draw_fate(struct simulation *s)
{
	uint64_t  draw = random_next(&s->random) >> 32;
	enum fate fate = FATE_REPEAT;

	while (fate < FATE_PLAIN && draw >= s->limits[fate])
		fate++;
	if (fate <= FATE_RESTAMP && ring_count(&s->ring) == 0)
		return FATE_PLAIN;
	return fate;
}

/* Up to two seconds before the stream's time, as lines of several machines mix; late: hours,
 * sometimes days. */
static int64_t event_time(struct simulation *s, bool is_late)
{
	int64_t back = random_below(&s->random, JITTER_US);
	int64_t since_start = s->ticker.now_us - s->conf.start_us;

	if (!is_late)
		return s->ticker.now_us - (back < since_start ? back : since_start);
	if (random_below(&s->random, 4) > 0)
		return s->ticker.now_us - HOUR_US * random_between(&s->random, 1, 23) - back;
	return s->ticker.now_us - HOUR_US * random_between(&s->random, 24, 144) - back;
}

static int make_fresh(struct simulation *s, enum fate fate, struct err *e)
{
	struct wish wish = {
		.event_us = event_time(s, fate == FATE_LATE),
		.left = s->target - s->ledger.records,
		.seen = s->seen,
		.is_late = fate == FATE_LATE,
	};

	s->drifts_owed += fate == FATE_DRIFT;
	wish.is_drift = !wish.is_late && s->drifts_owed > 0;
	s->kind->fresh(s->self, &wish, &s->record);
	s->drifts_owed -= s->record.is_drifted;
	TRY(write_record(s, e));
	s->seen[s->record.table]++;
	ring_add(&s->ring, &s->record);
	ledger_row(&s->ledger, &s->record);
	return 0;
}

static int make_repeat(struct simulation *s, bool is_restamped, struct err *e)
{
	ring_pick(&s->ring, &s->random, &s->record);
	if (is_restamped)
		record_restamp(&s->record, s->kind->second, &s->random);
	TRY(write_record(s, e));
	ledger_duplicate(&s->ledger);
	return 0;
}

/* The damages take turns, so that even a short stream has all of them. No file begins with a
 * damaged record: by the first one readers tell what kind of file it is. */
static int make_damaged(struct simulation *s, struct err *e)
{
	struct wish wish = {.event_us = event_time(s, false), .seen = s->seen};
	enum damage damage;

	s->kind->spare(s->self, &wish, &s->record);
	if (!spool_is_open(&outlet_of(s, &s->record)->spool))
		return make_fresh(s, FATE_PLAIN, e);
	damage = s->kind->damages[s->damage_turn++ % s->kind->damage_count];
	record_damage(&s->record, damage, &s->random);
	TRY(write_record(s, e));
	ledger_quarantined(&s->ledger, damage);
	return 0;
}

static int make_record(struct simulation *s, struct err *e)
{
	uint64_t  left = s->target - s->ledger.records;
	enum fate fate = owed(s) < left ? draw_fate(s) : FATE_PLAIN;

	assert(owed(s) <= left);
	TRY(turn_files(s, e));
	if (fate <= FATE_RESTAMP && ring_count(&s->ring) == 0)
		fate = FATE_PLAIN; /* a new day has begun */
	if (fate <= FATE_RESTAMP)
		TRY(make_repeat(s, fate == FATE_RESTAMP, e));
	else if (fate == FATE_DAMAGE)
		TRY(make_damaged(s, e));
	else
		TRY(make_fresh(s, fate, e));
	tick(&s->ticker);
	return 0;
}

/* --- pace ------------------------------------------------------------------------------------ */

static bool is_stopped(const struct simulation *s)
{
	return s->conf.stop != NULL && *s->conf.stop != 0;
}

/* Wait until the clock allows another record; what is written so far is in the files before the
 * wait. */
static int keep_pace(struct simulation *s, int64_t began_us, uint64_t *allowed, struct err *e)
{
	TRY(flush_files(s, e));
	while (!is_stopped(s)) {
		double due = (double)(clock_mono_us(s->clock) - began_us) / 1e6 * s->conf.rate;

		if (due > (double)s->ledger.records) {
			*allowed = (uint64_t)ceil(due);
			return 0;
		}
		clock_sleep_us(s->clock, STEP_US);
	}
	return 0;
}

static void report(const struct simulation *s, simulate_progress *progress, void *context)
{
	if (progress != NULL)
		progress(context, s->ledger.records, s->conf.events);
}

static int write_stream(struct simulation *s, simulate_progress *progress, void *context,
                        struct err *e)
{
	int64_t  began_us = clock_mono_us(s->clock);
	uint64_t allowed = 0; /* records the clock has allowed so far */

	while (s->ledger.records < s->target && !is_stopped(s)) {
		if (s->conf.rate > 0 && s->ledger.records >= allowed) {
			report(s, progress, context);
			TRY(keep_pace(s, began_us, &allowed, e));
			continue;
		}
		TRY(make_record(s, e));
		if (s->ledger.records % REPORT_EVERY == 0)
			report(s, progress, context);
	}
	if (is_stopped(s))
		s->target = s->ledger.records + owed(s);
	while (s->ledger.records < s->target)
		TRY(make_record(s, e));
	for (unsigned i = 0; i < OUTLET_MAX; i++)
		TRY(spool_finish(&s->outlets[i].spool, e));
	report(s, progress, context);
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------- */

static struct simulation *simulation_new(struct fs *fs, struct clock *clock,
                                         const struct simulate_conf *conf)
{
	struct simulation *s = xcalloc(1, sizeof(*s));

	s->fs = fs;
	s->clock = clock;
	s->conf = *conf;
	s->kind = kinds[conf->kind];
	s->target = s->conf.events;
	s->seen = xcalloc(s->kind->table_count, sizeof(*s->seen));
	for (unsigned i = 0; i < OUTLET_MAX; i++)
		s->outlets[i].cut = INT64_MIN;
	random_seed(&s->random, conf->seed);
	ring_init(&s->ring);
	ledger_init(&s->ledger, s->kind);
	limits_init(s);
	ticker_init(&s->ticker, &s->conf);
	s->self = s->kind->start(&s->conf);
	return s;
}

static void simulation_free(struct simulation *s)
{
	s->kind->stop(s->self);
	for (unsigned i = 0; i < OUTLET_MAX; i++)
		spool_done(&s->outlets[i].spool);
	ledger_done(&s->ledger);
	ring_done(&s->ring);
	free(s->seen);
	free(s);
}

AUTO_PTR_DEFINE(simulation, simulation_free)

int simulate(struct fs *fs, struct clock *clock, const struct simulate_conf *conf,
             simulate_progress *progress, void *context, struct err *e)
{
	struct simulate_conf full = *conf;

	TRY(conf_check(conf, e));
	fill_defaults(&full);
	TRY(span_check(&full, e));
	TRY(fs_mkdirs(fs, conf->out, e));
	TRY(ledger_check_absent(fs, conf->out, e));

	AUTO_PTR(simulation) s = simulation_new(fs, clock, &full);

	TRY(write_stream(s, progress, context, e));
	return ledger_write(&s->ledger, fs, &full, s->kind, s->self, e);
}
