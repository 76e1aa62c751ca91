/* simulate.h - streams of events whose truth is known.
 *
 * Four kinds, with the field names of real streams: eventsim (four streams and a state machine of sessions;
 * files <stream>_events-<nnnn>.json), product (100 names "a:b:c"), domain (300 names, nested attributes),
 * csv (daily files under year=/month=/day=). Four more to measure with: one (one name, 45 members), mixed
 * (200 names, nested, some fifty columns each), flat100 (100 names, nothing nested), wide (one name, 2,000
 * keys of which an event has thirty). A seed gives the same bytes for ever. Beside the files stands
 * `ledger.json`: what a lake fed with them must hold, under the preset of the same name, or for the kinds to
 * measure with under id, name and time as their files say (src/simulate/<kind>.c); flat100 takes the preset
 * product.
 *
 *   {"kind":"product","events":1000,"seed":1,"records":..,"rows":..,"duplicates":..,"conflicts":0,
 *    "quarantined":..,"tables":{"payment_order_completed":{"rows":..}},"reasons":{"json.syntax":..},
 *    "drifted":..,"late":..,"files":[..],"answers":{...}}
 *
 * The answers are those of eventsim, which answers.h explains; the other kinds have none.
 * Always records = rows + duplicates + conflicts + quarantined. `drifted` and `late` count rows. An
 * eventsim record that is late stands later in its file than its time says, by hours where the stream is
 * long enough for that.
 */
#ifndef SIMULATE_SIMULATE_H
#define SIMULATE_SIMULATE_H

#include <signal.h>

#include "base/err.h"
#include "base/str.h"

enum simulate_kind {
	SIMULATE_EVENTSIM, SIMULATE_PRODUCT, SIMULATE_DOMAIN, SIMULATE_CSV,
	SIMULATE_ONE, SIMULATE_MIXED, SIMULATE_FLAT100, SIMULATE_WIDE,
};

struct simulate_conf {
	enum simulate_kind kind;
	uint64_t events;     /* records to write, repeats and malformed ones included */
	uint64_t seed;
	const char *out;     /* folder, made where absent */
	double duplicates;   /* share of records that repeat an earlier one to the letter */
	double restamped;    /* share that repeats an earlier one with a later time (not in eventsim
	                      * and csv, whose ids hold the time) */
	double late;         /* share whose time is hours or days before the stream's */
	double malformed;    /* share that must end in quarantine */
	double drift;        /* share with a member of an unusual type: a row all the same, the value in
	                      * _extra */
	double rate;         /* events a second, by the clock, to growing files; 0: full speed */
	uint64_t files;      /* full speed: how many files the stream is cut into; 0: one per 1,000,000
	                      * records */
	uint32_t names;      /* mixed: how many event names, 1 to 300; 0: 200 */
	int64_t start_us;    /* time of the first event; 0: 2025-06-02T00:00:00Z */
	uint64_t per_hour;   /* events an hour of event time. 0: 1,000,000; eventsim and csv: a fiftieth of
	                      * the events, 20 to 50,000; with a rate: as the clock runs. Eventsim reaches
	                      * about 3,000,000 */
	const volatile sig_atomic_t *stop; /* NULL, or: the stream ends early, and well, once it is not 0 */
};

typedef void simulate_progress(void *context, uint64_t done, uint64_t total);

struct fs;
struct clock;

bool simulate_kind_parse(str word, enum simulate_kind *out);
/* ERR_CONFLICT where the folder already holds a ledger, or a file of the stream to be written. */
int simulate(struct fs *fs, struct clock *clock, const struct simulate_conf *conf,
             simulate_progress *progress, void *context, struct err *e) MUST_USE;

#endif
