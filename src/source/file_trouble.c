/* What cannot be read for the moment: said once, tried again later and later, said again when it is well.
 *
 * It must never be used for a failure that is not the reading's own: one of the state of a file in the lake, say, or of
 * the process (no descriptors), is nothing to go on from.
 */
#include "source/file_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/clock.h"

enum { WAIT_US = 250 * 1000, WAIT_MAX_US = 30 * 1000 * 1000 };

bool trouble_is(int class)
{
	return class == ERR_IO || class == ERR_BUSY || class == ERR_DENIED;
}

static void PRINTF(3, 4) notice(struct file_list *list, bool is_failure, const char *format, ...)
{
	char    text[2 * sizeof(((struct err *)NULL)->text)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*VEC_ADD(&list->notices) = (struct run_notice){arena_str(&list->notice_arena, str_of(text)), is_failure};
}

void trouble_begin(struct file_list *list, struct trouble *t, struct err *e)
{
	bool is_new = t->wait_us == 0;

	t->wait_us = is_new ? WAIT_US : t->wait_us * 2 < WAIT_MAX_US ? t->wait_us * 2 : WAIT_MAX_US;
	t->retry_us = list->conf->is_following ? clock_mono_us(list->clock) + t->wait_us : INT64_MAX;
	if (is_new)
		notice(list, true, "%s; going on with the others%s", e->text,
		       list->conf->is_following ? ", and trying again" : "");
	*e = ERR_NONE;
}

void trouble_end(struct file_list *list, struct trouble *t, const char *what, const char *words)
{
	if (t->wait_us != 0)
		notice(list, false, "%s %s", what, words);
	*t = (struct trouble){0};
}

bool trouble_waits(const struct file_list *list, const struct trouble *t)
{
	return t->wait_us != 0 && clock_mono_us(list->clock) < t->retry_us;
}

void trouble_tell(struct file_list *list, struct run *run)
{
	for (size_t i = 0; i < list->notices.count; i++)
		*VEC_ADD(&run->notices) = (struct run_notice){arena_str(&run->arena, list->notices.at[i].text),
		                                              list->notices.at[i].is_failure};
	list->notices.count = 0;
	arena_reset(&list->notice_arena);
}
