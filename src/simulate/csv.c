/* csv.c - daily files of user events, as spreadsheets write them: quotes where needed, doubled
 * inside, empty fields.
 *
 *   event_id,user_id,session_id,event_name,country,device,amount,quantity,referrer,event_time
 *
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/kind_int.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum { USER_COUNT = 200000, DAY_SECONDS = 86400 };

struct csv {
	struct random random;
	struct zipf   events;
};

static const enum damage damages[] = {DAMAGE_CSV_FIELDS, DAMAGE_CSV_TIME};

#define HEADER                                                                                    \
	"event_id,user_id,session_id,event_name,country,device,amount,quantity,referrer,event_time"

#define W(literal) {literal, sizeof(literal) - 1}

/* The most frequent first. */
static const str event_names[] = {
	W("page_view"), W("search"), W("purchase"), W("add_to_cart"), W("refund"),
};
static const bool event_has_amount[] = {false, false, true, true, true};

static const str devices[] = {
	W("desktop"), W("mobile"), W("tablet"), W("tv"), W("\"iPhone 13, 128 GB\""),
	W("\"Galaxy S21 5G, black\""), W("\"kiosk, 27\"\" screen\""),
};

static const str referrers[] = {
	W(""), W(""), W("https://www.example.com/"), W("https://search.example.net/?q=lamp"),
	W("\"https://search.example.net/?q=red,blue\""), W("\"newsletter \"\"June\"\", part 2\""),
	W("partner"),
	W("\"M\xC3\xBCnchen, Marienplatz\""),
};

static void *csv_start(const struct simulate_conf *conf)
{
	struct csv *c = xcalloc(1, sizeof(*c));

	random_seed(&c->random, conf->seed ^ 0x637376);
	zipf_init(&c->events, sizeof(event_names) / sizeof(event_names[0]), 2);
	return c;
}

static void csv_stop(void *self)
{
	struct csv *c = self;

	zipf_done(&c->events);
	free(c);
}

static char *put_any(char *p, const str *list, size_t count, struct random *r)
{
	return put(p, list[random_below(r, (uint32_t)count)]);
}

static char *put_sale(char *p, bool has_amount, bool is_drifted, struct random *r)
{
	if (is_drifted)
		PUT(p, "n/a");
	else if (has_amount)
		p = put_cents(p, random_between(r, 99, 99900));
	*p++ = ',';
	if (has_amount)
		p = put_u64(p, random_between(r, 1, 9));
	return p;
}

static void csv_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct csv    *c = self;
	struct random *r = &c->random;
	uint32_t       event = zipf_pick(&c->events, r);
	char          *p = out->text;

	record_clear(out);
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, 0);
	p = put_uuid(p, r);
	PUT(p, ",u-");
	p = put_u64(p, random_between(r, 1, USER_COUNT));
	*p++ = ',';
	p = put_hex(p, random_next(r), 12);
	*p++ = ',';
	p = put(p, event_names[event]);
	*p++ = ',';
	if (random_below(r, 20) > 0)
		p = put_any(p, words_countries.at, words_countries.count, r);
	*p++ = ',';
	p = put_any(p, devices, sizeof(devices) / sizeof(devices[0]), r);
	*p++ = ',';
	p = put_sale(p, event_has_amount[event], out->is_drifted, r);
	*p++ = ',';
	p = put_any(p, referrers, sizeof(referrers) / sizeof(referrers[0]), r);
	*p++ = ',';
	out->time_value.from = record_at(out, p);
	p = put_datetime(p, wish->event_us, ' ');
	out->len = out->time_value.to = record_at(out, p);
}

static str csv_table(const void *self, uint32_t table)
{
	(void)self;
	assert(table == 0);
	return STR("user_event");
}

static void csv_path(uint32_t table, int64_t cut, struct buf *out)
{
	char text[16];

	(void)table;
	(void)put_date(text, cut * DAY_SECONDS * 1000000);
	buf_print(out, "year=%.4s/month=%.2s/day=%.2s/events.csv", text, text + 5, text + 8);
}

const struct kind kind_csv = {
	.word = {"csv", 3},
	.damages = damages,
	.damage_count = sizeof(damages) / sizeof(damages[0]),
	.table_count = 1,
	.is_daily = true,
	.header = {HEADER, sizeof(HEADER) - 1},
	.start = csv_start,
	.stop = csv_stop,
	.fresh = csv_fresh,
	.spare = csv_fresh,
	.table = csv_table,
	.path = csv_path,
};
