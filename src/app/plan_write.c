#include "app/plan_write.h"

#include <stdio.h>

#include "app/command.h"
#include "os/fs.h"

enum { TEXT_CEILING = 4 << 20, AROUND = 2 };

/* --- what changes -------------------------------------------------------------------------- */

static str next_line(str *left)
{
	size_t end = str_find(*left, '\n', 0);
	str    line = str_head(*left, end);

	*left = str_from(*left, end + 1);
	return line;
}

static void print_lines(FILE *to, const char *before, str lines)
{
	while (lines.len > 0) {
		str line = next_line(&lines);

		(void)fprintf(to, "%s" STR_FMT "\n", before, STR_ARG(line));
	}
}

/* How much both have in front, in whole lines. */
static size_t common_head(str a, str b)
{
	size_t lines = 0;

	for (size_t i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++)
		if (a.ptr[i] == '\n')
			lines = i + 1;
	return lines;
}

static size_t common_tail(str a, str b)
{
	size_t lines = 0;

	for (size_t i = 1; i <= a.len && i <= b.len && a.ptr[a.len - i] == b.ptr[b.len - i]; i++)
		if (i == a.len || i == b.len || a.ptr[a.len - i - 1] == '\n')
			lines = i;
	return lines;
}

static str first_lines(str text, unsigned count)
{
	size_t at = 0;

	for (; count > 0 && at < text.len; count--)
		at = str_find(text, '\n', at) + 1;
	return str_head(text, at);
}

static str last_lines(str text, unsigned count)
{
	size_t at = text.len;

	for (; count > 0 && at > 0; count--)
		for (at--; at > 0 && text.ptr[at - 1] != '\n'; at--)
			;
	return str_from(text, at);
}

static void show_change(const char *file, str before, str after)
{
	size_t head = common_head(before, after);
	size_t tail = common_tail(str_from(before, head), str_from(after, head));

	(void)fprintf(stderr, "--- %s\n", file);
	print_lines(stderr, "  ", last_lines(str_head(before, head), AROUND));
	print_lines(stderr, "- ", str_make(before.ptr + head, before.len - tail - head));
	print_lines(stderr, "+ ", str_make(after.ptr + head, after.len - tail - head));
	print_lines(stderr, "  ", first_lines(str_from(before, before.len - tail), AROUND));
}

/* The lines from tables, in quotes or not, to the next key. */
static void print_section(str text)
{
	bool is_inside = false;

	while (text.len > 0) {
		str line = next_line(&text);

		if (line.len > 0 && line.ptr[0] != ' ' && line.ptr[0] != '#' && line.ptr[0] != '-')
			is_inside = str_starts(line, STR("tables")) || str_starts(str_from(line, 1), STR("tables"));
		if (is_inside && line.len > 0)
			(void)printf(STR_FMT "\n", STR_ARG(line));
	}
}

/* --- files --------------------------------------------------------------------------------- */

/* As readable for others as the one it stands beside. */
static int write_like(struct fs *fs, const char *path, const char *like, str text, struct err *e)
{
	int handle = -1, status;

	TRY(fs_open(fs, path, FS_WRITE | FS_TRUNCATE, &handle, e));
	status = fs_keep_mode(like, path, e);
	if (status == 0)
		status = fs_write(fs, handle, text.ptr, text.len, e);
	if (status == 0)
		status = fs_sync(fs, handle, e);
	fs_close(fs, handle);
	return status;
}

/* It must read as a configuration, and say what is planned. */
static int check_file(struct app *app, const struct layout_plan *p, const char *path, struct err *e)
{
	AUTO(config) config = {0};

	TRY(config_load(app->fs, path, &config, e));
	return plan_check_rules(p, &config, e);
}

static int replace(struct app *app, const struct layout_plan *p, const char *file, str before, str after,
                   struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  ignored = ERR_NONE;
	const char *fresh = arena_format(&a, "%s.new", file).ptr, *old = arena_format(&a, "%s.bak", file).ptr;
	str         folder;
	size_t      slash = strlen(file);

	while (slash > 0 && file[slash - 1] != '/')
		slash--;
	folder = slash > 1 ? str_make(file, slash - 1) : slash == 1 ? STR("/") : STR(".");
	if (write_like(app->fs, fresh, file, after, e) < 0 || check_file(app, p, fresh, e) < 0) {
		(void)!fs_unlink(app->fs, fresh, &ignored);
		return err_add(e, "%s is left as it was", file);
	}
	TRY(write_like(app->fs, old, file, before, e));
	TRY(fs_rename(app->fs, fresh, file, e));
	return fs_sync_folder(app->fs, arena_cstr(&a, folder), e);
}

int plan_write(struct app *app, const struct layout_plan *p, const struct config *config,
               const struct plan_wish *wish, bool is_dry, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   after = BUF(TEXT_CEILING);
	str         file, before;

	TRY(fs_real_path(config->file, &a, &file, e)); /* a link stays one */
	TRY(fs_read_all(app->fs, arena_cstr(&a, file), TEXT_CEILING, &a, &before, e));
	TRY(plan_write_rules(p, config, wish, before, &after, e));
	if (buf_over(&after))
		return err_set(e, ERR_LIMIT, "%s would grow over 4 MiB: let several names share a table",
		               config->file);
	if (is_dry) {
		print_section(buf_str(&after));
		return 0;
	}
	if (str_eq(before, buf_str(&after))) {
		if (!app->is_quiet)
			(void)fprintf(stderr, "\ntarn: %s says so already\n", config->file);
		return 0;
	}
	TRY(replace(app, p, arena_cstr(&a, file), before, buf_str(&after), e));
	if (app->is_quiet)
		return 0;
	(void)fprintf(stderr, "\n");
	show_change(config->file, before, buf_str(&after));
	(void)fprintf(stderr, "tarn: wrote %s; what it was is in %s.bak\n", config->file, config->file);
	return 0;
}
