#include "app/sql_history.h"

#include <editline/readline.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "os/fs.h"

enum { HISTORY_LINES = 5000 };

/* An absolute path: the base directory specification ignores others. */
static const char *absolute_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] == '/' ? value : NULL;
}

const char *sql_history_load(struct fs *fs, struct arena *a)
{
	const char *state = absolute_env("XDG_STATE_HOME"), *home = absolute_env("HOME");
	const char *folder, *file;
	struct err  ignored = ERR_NONE;

	using_history();
	if (state == NULL && home == NULL)
		return NULL;
	folder = arena_format(a, "%s%s/tarn", state ? state : home, state ? "" : "/.local/state")
			 .ptr;
	file = arena_format(a, "%s/history", folder).ptr;
	/* A prompt without a history is still a prompt. */
	if (fs_mkdirs(fs, folder, &ignored) < 0)
		return NULL;
	(void)read_history(file);
	stifle_history(HISTORY_LINES);
	return file;
}

void sql_history_save(const char *file)
{
	mode_t before;

	if (file == NULL)
		return;
	before = umask(077);
	(void)write_history(file);
	(void)umask(before);
}
