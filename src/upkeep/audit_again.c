/* audit_again.c - a second look for what is missing.
 *
 * A writer may be at work: what the journal named when it was read may have been replaced, taken out or forgotten by an
 * entry since, and then removed. So nothing is said to be missing before the journal and the tables have been read
 * again, after it was found missing; what they do not lead to any more has been let go.
 */
#include <stdarg.h>
#include <stdio.h>

#include "upkeep/audit_int.h"

void audit_missing(struct audit *a, str key, const char *format, ...)
{
	char    text[FINDING_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*VEC_ADD(&a->missing) = (struct audit_missed){arena_str(&a->arena, key), arena_str(&a->arena, str_of(text))};
}

static bool table_leads_to(const struct audit_table *t, str key)
{
	const struct map_item *item = map_get(&t->by_key, key);

	if (item == NULL)
		return map_get(&t->reached, key) != NULL;
	return !audit_file_may_go(t, &t->files.at[item->num - 1]);
}

static bool is_needed(const struct audit *again, str key)
{
	const struct map_item *run = map_get(&again->ids_by_key, key);

	if (run != NULL)
		return !audit_object_may_go(&again->ids.at[run->num - 1]);
	for (size_t i = 0; i < again->manifests.count; i++)
		if (str_eq(again->manifests.at[i].key, key))
			return !audit_object_may_go(&again->manifests.at[i]);
	for (size_t i = 0; i < again->raws.count; i++)
		if (str_eq(again->raws.at[i].key, key))
			return !audit_raw_may_go(again, &again->raws.at[i]);
	for (size_t i = 0; i < again->tables.count; i++)
		if (table_leads_to(again->tables.items[i].ptr, key))
			return true;
	return false;
}

int audit_say_missing(struct audit *a, struct err *e)
{
	AUTO(audit) again = {.lake = a->lake, .lane = a->lane, .conf = &(struct audit_conf){.note = NULL}};

	if (a->missing.count == 0)
		return 0;
	TRY(audit_journal(&again, e));
	TRY(audit_tables(&again, e));
	for (size_t i = 0; i < a->missing.count; i++)
		if (is_needed(&again, a->missing.at[i].key))
			audit_say(a, STR_FMT, STR_ARG(a->missing.at[i].text));
	return 0;
}
