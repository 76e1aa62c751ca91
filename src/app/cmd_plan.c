/* tarn plan: partitions and delays that fit what comes in, and what they cost. */
#include <stdio.h>

#include "app/command.h"
#include "app/plan_write.h"
#include "app/yaml.h"
#include "os/fs.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_plan = {
	"plan", "partitions and delays for files of the right size",
	"  tarn plan                              by what the lake's tables held in their newest thirty days\n"
	"  tarn plan --from events --write        by a sample of files, and into tarn.yaml with it\n\n"
	"usage: tarn plan [--from DIR|FILES...] [options]\n\n"
	"Says for each table: rows an hour (mean, fullest), bytes a row, the partition (hour, day or month) and max_delay\n"
	"that give files near the target, files a day (and what a file for each commit would make), commits, memory.\n"
	"Rows that wait for their file are in answers of `tarn sql` all the same.\n"
	"  --target SIZE       of a file (default: tables.target_file, 128MiB)\n"
	"  --max-delay TIME    rows are held no longer (default: tables.max_delay, 15m)\n"
	"  --pipeline NAME     the pipeline that the sample goes through, where there are several\n"
	"  --sample SIZE       as much text is read, spread over the files (default 256MiB)\n"
	"  --write             put it into the configuration; the old file is kept as .bak\n"
	"  --dry-run           print the section that --write would write\n"
	"  --json              one JSON object\n",
	run,
};

enum { DEFAULT_MEMORY = 512 << 20, DEFAULT_EVERY_US = 1000000, COLUMNS_SHARE = 4 };

struct plan_options {
	const char *from, *target, *max_delay, *pipeline, *sample;
	bool        is_write, is_dry;
};

static int size_of(const char *text, const char *option, uint64_t least, uint64_t *out, struct err *e)
{
	const struct yaml node = {.kind = YAML_TEXT, .text = str_of(text), .file = option};
	struct err        why;
	uint64_t          bytes;

	if (text == NULL)
		return 0;
	if (yaml_bytes(&node, option, &bytes, &why) < 0 || bytes < least)
		return err_set(e, ERR_INPUT, "%s wants a size of 1MiB or more, such as 128MiB", option);
	*out = bytes;
	return 0;
}

static int time_of(const char *text, const char *option, int64_t *out_us, struct err *e)
{
	const struct yaml node = {.kind = YAML_TEXT, .text = str_of(text), .file = option};
	struct err        why;
	int64_t           us;

	if (text == NULL)
		return 0;
	if (yaml_duration(&node, option, &us, &why) < 0 || us <= 0)
		return err_set(e, ERR_INPUT, "%s wants a time, such as 10m", option);
	*out_us = us;
	return 0;
}

/* The one asked for becomes the first; a sample needs to know which. */
static int choose_pipeline(struct config *config, const struct plan_options *o, struct err *e)
{
	size_t i = 0;

	if (o->pipeline == NULL && o->from != NULL && config->pipeline_count > 1)
		return err_set(e, ERR_INPUT, "%s has %zu pipelines: say with --pipeline NAME which takes the sample",
		               config->file, config->pipeline_count);
	if (o->pipeline == NULL)
		return 0;
	while (i < config->pipeline_count && !str_eq(config->pipelines[i].name, str_of(o->pipeline)))
		i++;
	if (i == config->pipeline_count)
		return err_set(e, ERR_INPUT, "%s has no pipeline \"%s\"", config->file, o->pipeline);
	if (i > 0) {
		struct pipeline first = config->pipelines[0];

		config->pipelines[0] = config->pipelines[i];
		config->pipelines[i] = first;
	}
	return 0;
}

/* A sample may be taken before there is a lake. */
static int take_layouts(struct app *app, const struct config *config, struct layout_plan *p, struct err *e)
{
	AUTO_PTR(lake) lake = NULL;
	struct err     why = ERR_NONE;
	int            got = lake_open_dir(app->fs, app->clock, config->lake, false, &lake, &why);

	if (got == ERR_MISSING)
		return 0;
	if (got < 0) {
		*e = why;
		return got;
	}
	return plan_take_layouts(lake, p, e);
}

static int look(struct app *app, struct config *config, const struct plan_options *o, const char **from,
                size_t from_count, struct layout_plan *p, struct err *e)
{
	AUTO_PTR(lake) lake = NULL;
	uint64_t       sample_bytes = 256 << 20;

	TRY(size_of(o->sample, "--sample", 1 << 20, &sample_bytes, e));
	TRY(choose_pipeline(config, o, e));
	p->terms.every_us = config->commit_us ? config->commit_us : DEFAULT_EVERY_US;
	p->terms.memory_bytes = (config->memory_bytes ? config->memory_bytes : DEFAULT_MEMORY) / COLUMNS_SHARE;
	if (from_count == 0) {
		p->source = PLAN_HISTORY;
		if (lake_open_dir(app->fs, app->clock, config->lake, false, &lake, e) < 0)
			return err_add(e, "no history to plan by (a sample will do: tarn plan --from DIR)");
		return plan_history(lake, p, e);
	}
	p->source = PLAN_SAMPLE;
	TRY(plan_sample(app, &config->pipelines[0], config->folder, from, from_count, sample_bytes, p, e));
	return take_layouts(app, config, p, e);
}

static int plan(struct app *app, const struct plan_options *o, const char **from, size_t from_count, struct err *e)
{
	AUTO(config)      config = {0};
	AUTO(layout_plan) p = {.seconds = {.step_us = 1000000}, .scale = 1};
	struct plan_wish  wish = {0};

	TRY(size_of(o->target, "--target", 1 << 20, &wish.target_bytes, e));
	TRY(time_of(o->max_delay, "--max-delay", &wish.max_delay_us, e));
	TRY(app_config(app, &config, e));
	TRY(look(app, &config, o, from, from_count, &p, e));
	plan_take_rules(&p, &config, &wish);
	if (app->is_json)
		TRY(plan_show_json(&p, e));
	else if (!o->is_dry)
		plan_show(app, &p);
	return o->is_write || o->is_dry ? plan_write(app, &p, &config, &wish, o->is_dry, e) : 0;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct plan_options    o = {0};
	const struct option_of options[] = {
		{"--from", &o.from, NULL},           {"--target", &o.target, NULL}, {"--max-delay", &o.max_delay, NULL},
		{"--pipeline", &o.pipeline, NULL},   {"--sample", &o.sample, NULL}, {"--write", NULL, &o.is_write},
		{"--dry-run", NULL, &o.is_dry},
	};
	AUTO(arena)  scratch = ARENA_INIT;
	const char **from = ARENA_ARRAY(&scratch, const char *, argc + 1);
	size_t       count;

	/* The files after --from are one list with what it names. */
	TRY(options_parse(app, &command_plan, argc, argv, options, sizeof(options) / sizeof(options[0]), from + 1,
	                  &count, e));
	from[0] = o.from;
	if (o.from == NULL && count > 0)
		return err_set(e, ERR_INPUT, "a sample is taken with --from, as in: tarn plan --from %s", from[1]);
	if (o.is_dry && app->is_json)
		return err_set(e, ERR_INPUT, "--dry-run prints YAML, --json prints JSON: ask for one of them");
	return plan(app, &o, from, o.from != NULL ? count + 1 : 0, e);
}
