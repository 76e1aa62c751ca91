#include "ingest/names.h"

#include "codec/name.h"

/* A table is a folder; some room is left for the number of a clash. */
enum { TABLE_BYTES = 240 };

str name_part(str name, unsigned index)
{
	size_t from = 0;

	for (; index > 0; index--)
		from = str_find(name, ':', from) + 1;
	return from > name.len ? STR("") : str_head(str_from(name, from), str_find(name, ':', from) - from);
}

void names_table(str template, str name, struct buf *out)
{
	while (template.len > 0) {
		size_t open = str_find(template, '{', 0);
		size_t close = str_find(template, '}', open);
		str    word = close < template.len ? str_make(template.ptr + open + 1, close - open - 1) : STR("");

		buf_add(out, str_head(template, open));
		if (str_eq(word, STR("event_name")))
			name_snake(name, out);
		else if (str_eq(word, STR("event_type")))
			name_snake(name_part(name, 0), out);
		else if (str_eq(word, STR("event_subtype")))
			name_snake(name_part(name, 1), out);
		template = close < template.len ? str_from(template, close + 1) : STR("");
	}
}

bool names_share_tables(str template)
{
	const str word = STR("{event_name}");

	for (size_t i = 0; i + word.len <= template.len; i++)
		if (str_starts(str_from(template, i), word))
			return false;
	return true;
}

/* In lower case. Borrowed until the next use. */
static str folded(struct names *n, str name)
{
	buf_clear(&n->lower);
	for (size_t i = 0; i < name.len; i++)
		buf_byte(&n->lower, name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] | 0x20) : name.ptr[i]);
	return buf_str(&n->lower);
}

static uint32_t entry_add(struct names *n, str name, str table, bool is_journaled)
{
	uint32_t index = (uint32_t)n->entries.count;

	*VEC_ADD(&n->entries) = (struct name_entry){
		.name = arena_str(&n->arena, name),
		.table = arena_str(&n->arena, table),
		.target = TARGET_NONE,
		.is_journaled = is_journaled,
	};
	map_put(&n->by_name, name)->num = index + 1;
	map_put(&n->by_folded, folded(n, name))->num = index + 1;
	if (map_get(&n->by_table, table) == NULL)
		map_put(&n->by_table, table)->num = index + 1;
	return index;
}

void names_init(struct names *n, const struct pipeline *p, const struct journal_state *state)
{
	*n = (struct names){.pipeline = p};
	names_learn(n, state, NULL, NULL);
}

void names_done(struct names *n)
{
	map_done(&n->by_name);
	map_done(&n->by_folded);
	map_done(&n->by_table);
	VEC_DONE(&n->entries);
	buf_done(&n->lower);
	arena_done(&n->arena);
}

static enum reason name_new(struct names *n, str name, uint32_t *index)
{
	AUTO(buf) table = BUF(0);
	size_t    plain;

	if (map_get(&n->by_folded, folded(n, name)) != NULL)
		return REASON_TYPE_CASE;
	if (n->entries.count >= n->pipeline->limits.names)
		return REASON_TYPE_UNKNOWN;
	names_table(n->pipeline->table, name, &table);
	if (table.len > TABLE_BYTES)
		return REASON_TYPE_NAME;
	plain = table.len;
	for (unsigned number = 2; !names_share_tables(n->pipeline->table) && map_get(&n->by_table, buf_str(&table)) != NULL; number++) {
		table.len = plain;
		buf_print(&table, "_%u", number);
	}
	*index = entry_add(n, name, buf_str(&table), false);
	return REASON_NONE;
}

/* Is it the table that the pipeline gives the name, or that with the number of a clash? */
static bool is_given(const struct names *n, str name, str table)
{
	AUTO(buf) plain = BUF(0);
	str       rest;

	names_table(n->pipeline->table, name, &plain);
	if (!str_starts(table, buf_str(&plain)))
		return false;
	rest = str_from(table, plain.len);
	if (rest.len == 0)
		return true;
	for (size_t i = 1; i < rest.len; i++)
		if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
			return false;
	return rest.len > 1 && rest.ptr[0] == '_' && !names_share_tables(n->pipeline->table);
}

void names_learn(struct names *n, const struct journal_state *state, names_anew_fn *is_anew, void *context)
{
	for (unsigned round = 0; round < 2; round++) { /* the tables that stay are taken when names get others */
		for (size_t i = 0; i < state->names.count; i++) {
			const struct map_item *item = &state->names.items[i];
			size_t                 end = str_find(item->key, '\0', 0);
			str                    name = str_from(item->key, end + 1), table;
			uint32_t               index;

			if (item->key.ptr == NULL || !str_eq(str_head(item->key, end), n->pipeline->name) ||
			    map_get(&n->by_name, name) != NULL)
				continue;
			table = *(const str *)item->ptr;
			if (is_anew == NULL || !is_anew(context, table) || is_given(n, name, table))
				(void)entry_add(n, name, table, true);
			else if (round == 1)
				(void)name_new(n, name, &index);
		}
	}
}

enum reason names_find(struct names *n, str name, uint64_t hash, uint32_t *index)
{
	uint32_t              *recent = &n->recent[hash % NAMES_RECENT];
	const struct map_item *known;

	if (*recent > 0 && str_eq(n->entries.at[*recent - 1].name, name)) {
		*index = *recent - 1;
		return REASON_NONE;
	}
	known = map_get(&n->by_name, name);
	if (known != NULL) {
		*index = (uint32_t)known->num - 1;
	} else {
		enum reason reason = name_new(n, name, index);

		if (reason != REASON_NONE)
			return reason;
	}
	*recent = *index + 1;
	return REASON_NONE;
}

void names_write(const struct names *n, struct journal_entry *entry)
{
	for (size_t i = 0; i < n->entries.count; i++) {
		const struct name_entry *known = &n->entries.at[i];

		if (!known->is_journaled)
			*VEC_ADD(&entry->names) = (struct entry_name){
				.pipeline = arena_str(&entry->arena, n->pipeline->name),
				.name = arena_str(&entry->arena, known->name),
				.table = arena_str(&entry->arena, known->table),
			};
	}
}

void names_committed(struct names *n)
{
	for (size_t i = 0; i < n->entries.count; i++)
		n->entries.at[i].is_journaled = true;
}
