#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/command.h"
#include "base/vec.h"

struct text_table {
	size_t       column_count;
	struct arena arena;
	struct { VEC_OF(str); } cells;
};

struct text_table *text_table_new(size_t column_count)
{
	struct text_table *t = xcalloc(1, sizeof(*t));

	t->column_count = column_count;
	return t;
}

void text_table_cell(struct text_table *t, const char *format, ...)
{
	char    text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*VEC_ADD(&t->cells) = arena_str(&t->arena, str_of(text));
}

/* Columns on the screen: code points, which is right for all but wide scripts. */
static size_t width_of(str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return width;
}

static bool is_number(str s)
{
	bool has_digit = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			has_digit = true;
		else if (strchr(",.- ", s.ptr[i]) == NULL)
			return false;
	}
	return has_digit;
}

struct text_table *text_table_headed(const char *const *heads, size_t count)
{
	struct text_table *t = text_table_new(count);

	for (size_t i = 0; i < count; i++)
		text_table_cell(t, "%s", heads[i]);
	return t;
}

void text_table_print(struct text_table *t)
{
	size_t *widths = xcalloc(t->column_count, sizeof(*widths));

	for (size_t i = 0; i < t->cells.count; i++) {
		size_t width = width_of(t->cells.at[i]), *column = &widths[i % t->column_count];

		*column = width > *column ? width : *column;
	}
	for (size_t i = 0; i < t->cells.count; i++) {
		size_t column = i % t->column_count;
		str    cell = t->cells.at[i];
		int    pad = (int)(widths[column] - width_of(cell));
		bool   is_last = column + 1 == t->column_count;

		if (is_number(cell))
			(void)printf("%*s" STR_FMT, pad, "", STR_ARG(cell));
		else
			(void)printf(STR_FMT "%*s", STR_ARG(cell), is_last ? 0 : pad, "");
		(void)printf("%s", is_last ? "\n" : "  ");
	}
	free(widths);
	VEC_DONE(&t->cells);
	arena_done(&t->arena);
	free(t);
}

static char *ring(void)
{
	static char     buffers[16][40];
	static unsigned next;

	return buffers[next++ % 16];
}

const char *text_count(int64_t n)
{
	char     plain[32], *out = ring();
	int      len = snprintf(plain, sizeof(plain), "%lld", (long long)n), at = 0;

	for (int i = 0; i < len; i++) {
		out[at++] = plain[i];
		if (plain[i] != '-' && i + 1 < len && (len - i - 1) % 3 == 0)
			out[at++] = ',';
	}
	out[at] = '\0';
	return out;
}

const char *text_bytes(int64_t n)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double                   size = (double)n;
	unsigned                 unit = 0;
	char                    *out = ring();

	for (; size >= 1024 && unit < 4; unit++)
		size /= 1024;
	(void)snprintf(out, 40, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
	return out;
}
