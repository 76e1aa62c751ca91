/* tarn check: what would be wrong with running, said before anything runs. */
#include <stdio.h>

#include "app/command.h"
#include "base/log.h"
#include "ingest/contract_tables.h"
#include "os/fs.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_check = {
	"check", "is the configuration right, are sources and lake within reach?",
	"  tarn check                  the file, its paths, the sources, the lake and its tables under the contracts\n"
	"  tarn check --offline        the file only\n\n"
	"usage: tarn check [--offline]\n",
	run,
};

static int check_files(struct app *app, const struct pipeline *p, struct arena *scratch, size_t *files, struct err *e)
{
	for (size_t i = 0; i < p->source.glob_count; i++) {
		str    glob = p->source.globs[i];
		str   *paths;
		size_t count = 0;

		if (str_eq(glob, STR("-")))
			continue;
		if (fs_glob(app->fs, arena_cstr(scratch, glob), scratch, &paths, &count, e) < 0)
			return err_add(e, "pipeline " STR_FMT, STR_ARG(p->name));
		if (count == 0)
			log_warn("pipeline " STR_FMT ": nothing matches " STR_FMT " now", STR_ARG(p->name), STR_ARG(glob));
		*files += count;
	}
	return 0;
}

static int check_lake(struct app *app, const struct config *config, bool *is_there, struct err *e)
{
	AUTO_PTR(lake) lake = NULL;
	struct fs_stat st;
	struct err     inner = ERR_NONE;

	*is_there = fs_stat(app->fs, config->lake, &st, &inner) == 0;
	if (!*is_there)
		return 0;
	TRY(lake_open_dir(app->fs, app->clock, config->lake, true, &lake, e));
	return contract_tables_check(lake, STR("0"), config->pipelines, config->pipeline_count, e);
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	bool                   is_offline = false, is_there = false;
	const struct option_of options[] = {{"--offline", NULL, &is_offline}};
	AUTO(config)           config = {0};
	AUTO(arena)            scratch = ARENA_INIT;
	size_t                 count, files = 0;

	TRY(options_parse(app, &command_check, argc, argv, options, 1, ARENA_ARRAY(&scratch, const char *, argc), &count, e));
	TRY(app_config(app, &config, e));
	for (size_t i = 0; i < config.pipeline_count && !is_offline; i++)
		TRY(check_files(app, &config.pipelines[i], &scratch, &files, e));
	if (!is_offline)
		TRY(check_lake(app, &config, &is_there, e));
	if (app->is_json)
		(void)printf("{\"ok\": true, \"pipelines\": %zu, \"files\": %zu, \"lake\": %s}\n", config.pipeline_count, files,
		             is_there ? "true" : "false");
	else if (!app->is_quiet)
		(void)fprintf(stderr, "tarn: %s is right: %zu pipelines, %zu files, lake %s%s\nnext: tarn ingest\n",
		              config.file, config.pipeline_count, files, config.lake,
		              is_offline || is_there ? "" : " (will be made)");
	return 0;
}
