#include <stdio.h>
#include <stdlib.h>

#include "app/command.h"
#include "app/progress.h"
#include "codec/time.h"
#include "os/clock.h"
#include "simulate/simulate.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_simulate = {
	"simulate", "make streams of events whose truth is known",
	"  tarn simulate eventsim --events 1000000 --out events\n"
	"  tarn simulate product --events 10000000 --seed 7 --duplicates 0.03 --malformed 0.01 --out events\n\n"
	"usage: tarn simulate KIND --events N --out DIR [options]\n\n"
	"KIND: eventsim, product, domain or csv, each with the preset of its name; or, to measure with,\n"
	"one (one event name, 1.5 KB), mixed (200 names, nested, 1.3 KB), flat100 (100 names, 350 B) or\n"
	"wide (2,000 keys, of which an event has 30).\n"
	"DIR/ledger.json is the truth: counts by table and outcome; for eventsim the answers too.\n"
	"  --seed S            same seed, same bytes (default 1)\n"
	"  --duplicates SHARE  records that repeat an earlier one to the letter\n"
	"  --restamped SHARE   records that repeat an earlier one with a later time (not eventsim, csv)\n"
	"  --late SHARE        records whose time lies hours or days back\n"
	"  --malformed SHARE   records that belong in quarantine\n"
	"  --drift SHARE       records with a member of an unusual type\n"
	"  --rate N/s          to growing files at this pace, instead of full speed\n"
	"  --names N           event names, at most 300 (mixed)\n"
	"  --files N           cut the stream into N files\n"
	"  --per-hour N        events an hour of event time\n"
	"  --start TIME        event time of the first one: 2025-06-02T00:00:00Z (the default), or now\n",
	run,
};

static int share_of(const char *text, const char *option, double *out, struct err *e)
{
	char  *end;
	double share;

	if (text == NULL)
		return 0;
	share = strtod(text, &end);
	if (end == text || *end != '\0' || !(share >= 0 && share <= 0.9))
		return err_set(e, ERR_INPUT, "%s wants a share from 0 to 0.9, such as 0.03", option);
	*out = share;
	return 0;
}

static int number_of(const char *text, const char *option, uint64_t *out, struct err *e)
{
	int64_t number;

	if (text == NULL)
		return 0;
	if (!str_to_i64(str_of(text), &number) || number < 0)
		return err_set(e, ERR_INPUT, "%s wants a whole number", option);
	*out = (uint64_t)number;
	return 0;
}

static int rate_of(const char *text, double *out, struct err *e)
{
	char *end;

	if (text == NULL)
		return 0;
	*out = strtod(text, &end);
	if (end == text || (strcmp(end, "/s") != 0 && *end != '\0') || !(*out > 0))
		return err_set(e, ERR_INPUT, "--rate wants events a second, such as 300/s");
	return 0;
}

static int start_of(struct app *app, const char *text, int64_t *out, struct err *e)
{
	if (text == NULL)
		return 0;
	if (strcmp(text, "now") == 0)
		*out = clock_now_us(app->clock);
	else if (time_parse(str_of(text), true, 0, out, NULL, NULL) != TIME_OK)
		return err_set(e, ERR_INPUT, "--start wants a time, such as 2025-06-02T00:00:00Z, or now");
	return 0;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	const char *events = NULL, *seed = NULL, *out = NULL, *duplicates = NULL, *restamped = NULL, *late = NULL;
	const char *malformed = NULL, *drift = NULL, *rate = NULL, *files = NULL, *per_hour = NULL, *start = NULL;
	const char *names = NULL;
	const struct option_of options[] = {
		{"--events", &events, NULL},       {"--seed", &seed, NULL},           {"--out", &out, NULL},
		{"--duplicates", &duplicates, NULL}, {"--restamped", &restamped, NULL}, {"--late", &late, NULL},
		{"--malformed", &malformed, NULL}, {"--drift", &drift, NULL},         {"--rate", &rate, NULL},
		{"--files", &files, NULL},         {"--per-hour", &per_hour, NULL},     {"--start", &start, NULL},
		{"--names", &names, NULL},
	};
	struct simulate_conf conf = {.seed = 1};
	struct progress      progress;
	AUTO(arena)          scratch = ARENA_INIT;
	const char         **arguments = ARENA_ARRAY(&scratch, const char *, argc);
	uint64_t             name_count = 0;
	size_t               count;

	TRY(options_parse(app, &command_simulate, argc, argv, options, sizeof(options) / sizeof(options[0]), arguments,
	                  &count, e));
	if (count != 1 || !simulate_kind_parse(str_of(arguments[0]), &conf.kind))
		return err_set(e, ERR_INPUT, "say what to simulate: eventsim, product, domain, csv, one, mixed, flat100 or wide");
	if (out == NULL || events == NULL)
		return err_set(e, ERR_INPUT, "tarn simulate needs --events N and --out DIR");
	conf.out = out;
	conf.stop = app->stop;
	TRY(number_of(events, "--events", &conf.events, e));
	TRY(number_of(seed, "--seed", &conf.seed, e));
	TRY(number_of(names, "--names", &name_count, e));
	conf.names = (uint32_t)(name_count < UINT32_MAX ? name_count : UINT32_MAX);
	TRY(number_of(files, "--files", &conf.files, e));
	TRY(number_of(per_hour, "--per-hour", &conf.per_hour, e));
	TRY(share_of(duplicates, "--duplicates", &conf.duplicates, e));
	TRY(share_of(restamped, "--restamped", &conf.restamped, e));
	TRY(share_of(late, "--late", &conf.late, e));
	TRY(share_of(malformed, "--malformed", &conf.malformed, e));
	TRY(share_of(drift, "--drift", &conf.drift, e));
	TRY(rate_of(rate, &conf.rate, e));
	TRY(start_of(app, start, &conf.start_us, e));
	progress_start(&progress, app);
	TRY(simulate(app->fs, app->clock, &conf, progress_count, &progress, e));
	progress_end(&progress);
	if (!app->is_quiet && !app->is_json)
		(void)fprintf(stderr, "tarn: %s %s records in %s; the truth is in %s/ledger.json\n",
		              text_count((int64_t)conf.events), arguments[0], out, out);
	return 0;
}
