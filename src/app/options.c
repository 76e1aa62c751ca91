#include <stdio.h>
#include <stdlib.h>

#include "app/command.h"
#include "base/log.h"

static const struct option_of *option_find(const struct option_of *options, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, word) == 0)
			return &options[i];
	return NULL;
}

static int option_unknown(const struct command *c, const struct option_of *options, size_t count, const char *word,
                          struct err *e)
{
	const char *best = NULL;
	unsigned    distance = 4;

	for (size_t i = 0; i < count; i++) {
		unsigned d = str_distance(str_of(word), str_of(options[i].name), distance);

		if (d < distance) {
			distance = d;
			best = options[i].name;
		}
	}
	if (best != NULL)
		return err_set(e, ERR_INPUT, "tarn %s has no option %s; did you mean %s?", c->word, word, best);
	return err_set(e, ERR_INPUT, "tarn %s has no option %s; see `tarn help %s`", c->word, word, c->word);
}

static bool common_option(struct app *app, const struct command *c, const char *word)
{
	if (strcmp(word, "--json") == 0) {
		app->is_json = true;
	} else if (strcmp(word, "--quiet") == 0 || strcmp(word, "-q") == 0) {
		app->is_quiet = true;
		log_threshold = LOG_WARN;
	} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		(void)printf("%s", c->usage);
		exit(0);
	} else {
		return false;
	}
	return true;
}

int options_parse(struct app *app, const struct command *c, int argc, char **argv, const struct option_of *options,
                  size_t option_count, const char **arguments, size_t *argument_count, struct err *e)
{
	bool is_over = false; /* after "--" */

	*argument_count = 0;
	for (int i = 1; i < argc; i++) {
		const struct option_of *option;

		if (is_over || argv[i][0] != '-' || argv[i][1] == '\0') {
			arguments[(*argument_count)++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			is_over = true;
			continue;
		}
		option = option_find(options, option_count, argv[i]);
		if (option == NULL && common_option(app, c, argv[i]))
			continue;
		if (option == NULL)
			return option_unknown(c, options, option_count, argv[i], e);
		if (option->flag != NULL)
			*option->flag = true;
		else if (++i == argc)
			return err_set(e, ERR_INPUT, "%s wants a value after it", option->name);
		else
			*option->value = argv[i];
	}
	return 0;
}

int app_config(struct app *app, struct config *out, struct err *e)
{
	return config_load(app->fs, app->config_file, out, e);
}

int app_lake(struct app *app, bool is_new_fine, struct config *config, struct lake **out, struct err *e)
{
	TRY(app_config(app, config, e));
	return lake_open_dir(app->fs, app->clock, config->lake, is_new_fine, out, e);
}
