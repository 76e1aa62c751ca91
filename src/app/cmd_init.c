#include <stdio.h>

#include "app/command.h"
#include "app/config_int.h"
#include "os/fs.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_init = {
	"init", "write a tarn.yaml to start from",
	"  tarn init --preset eventsim                     a music site's events\n"
	"  tarn init --preset product --files 'in/*.gz'    product events in these files\n\n"
	"usage: tarn init [--preset eventsim|product|domain|csv] [--files GLOB] [--lake DIR]\n\n"
	"Writes tarn.yaml (or what --config names) and never over a file that is there. The preset is written out in full,\n"
	"to be changed; a pipeline may also just say `preset: NAME` and override single keys.\n",
	run,
};

/* The preset's lines, indented to stand in a pipeline. */
static void add_preset(struct buf *b, const char *text)
{
	str left = str_of(text);

	while (left.len > 0) {
		size_t end = str_find(left, '\n', 0);

		buf_add(b, STR("    "));
		buf_add(b, str_head(left, end));
		buf_byte(b, '\n');
		left = str_from(left, end + 1);
	}
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	const char            *preset = "eventsim", *files = NULL, *lake = "./lake";
	const struct option_of options[] = {{"--preset", &preset, NULL}, {"--files", &files, NULL}, {"--lake", &lake, NULL}};
	AUTO(arena)            scratch = ARENA_INIT;
	AUTO(buf)              b = BUF(0);
	size_t                 count;
	int                    handle, status;

	TRY(options_parse(app, &command_init, argc, argv, options, 3, ARENA_ARRAY(&scratch, const char *, argc), &count, e));
	if (count > 0)
		return err_set(e, ERR_INPUT, "tarn init takes options only; see `tarn help init`");
	if (preset_text(str_of(preset)) == NULL)
		return err_set(e, ERR_INPUT, "there is no preset \"%s\": it is one of eventsim, product, domain, csv", preset);
	if (files == NULL)
		files = strcmp(preset, "csv") == 0 ? "events/**/*.csv" : "events/**/*.json*";
	buf_print(&b, "# What every key means: docs/config.md. Check this file with `tarn check`.\nversion: 1\nlake: %s\npipelines:\n  %s:\n    source:\n      files: [\"%s\"]\n      format: auto\n",
	          lake, preset, files);
	add_preset(&b, preset_text(str_of(preset)));
	if (fs_open(app->fs, app->config_file, FS_WRITE | FS_EXCLUSIVE, &handle, e) < 0)
		return e->class == ERR_CONFLICT ? err_set(e, ERR_INPUT, "%s is there already: it is left as it is", app->config_file)
		                                : e->class;
	status = fs_write(app->fs, handle, b.ptr, b.len, e);
	fs_close(app->fs, handle);
	if (status < 0)
		return status;
	if (!app->is_quiet)
		(void)fprintf(stderr, "tarn: wrote %s (preset %s, files %s, lake %s)\nnext: tarn check\n", app->config_file, preset,
		              files, lake);
	return 0;
}
