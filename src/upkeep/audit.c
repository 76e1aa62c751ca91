/* audit.c - the rounds: what the journal says, whether the tables show it, whether the bytes are there; and a second
 * look for those that are not. */
#include "upkeep/audit_int.h"

#include <stdarg.h>
#include <stdio.h>

void audit_say(struct audit *a, const char *format, ...)
{
	char    text[FINDING_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	a->counts.findings++;
	if (a->each != NULL)
		a->each(a->context, text);
}

void audit_note(struct audit *a, const char *format, ...)
{
	char    text[FINDING_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (a->conf->note != NULL)
		a->conf->note(a->context, text);
}

bool audit_is_finding(int class)
{
	return class == ERR_MISSING || class == ERR_CORRUPT || class == ERR_LIMIT || class == ERR_UNSUPPORTED;
}

struct audit_table *audit_table(struct audit *a, str space, str name)
{
	AUTO(arena)         scratch = ARENA_INIT;
	struct map_item    *item = map_put(&a->tables, arena_format(&scratch, STR_FMT "." STR_FMT, STR_ARG(space),
	                                                            STR_ARG(name)));
	struct audit_table *t;

	if (item->ptr != NULL)
		return item->ptr;
	t = ARENA_NEW(&a->arena, struct audit_table);
	t->space = arena_str(&a->arena, space);
	t->name = arena_str(&a->arena, name);
	item->ptr = t;
	return t;
}

void audit_done(struct audit *a)
{
	for (size_t i = 0; i < a->tables.count; i++) {
		struct audit_table *t = a->tables.items[i].ptr;

		VEC_DONE(&t->files);
		map_done(&t->by_key);
		map_done(&t->reached);
	}
	map_done(&a->tables);
	VEC_DONE(&a->manifests);
	VEC_DONE(&a->ids);
	VEC_DONE(&a->missing);
	map_done(&a->ids_by_key);
	VEC_DONE(&a->raws);
	map_done(&a->forgotten);
	arena_done(&a->arena);
}

int lake_audit(struct lake *l, str lane, const struct audit_conf *conf, audit_finding_fn *each, void *context,
               struct audit_counts *out, struct err *e)
{
	AUTO(audit) a = {.lake = l, .lane = lane, .conf = conf, .each = each, .context = context};

	TRY(audit_journal(&a, e));
	TRY(audit_tables(&a, e));
	TRY(audit_files(&a, e));
	TRY(audit_raws(&a, e));
	TRY(audit_say_missing(&a, e));
	*out = a.counts;
	return 0;
}
