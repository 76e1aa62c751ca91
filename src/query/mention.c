#include "query/mention.h"

#include "query/words.h"

enum { NAME_MAX_BYTES = 200 };

static bool is_any(const struct word *w, const char *const *words)
{
	for (; *words != NULL; words++)
		if (word_is(w, *words))
			return true;
	return false;
}

static const char *const explained_words[] = {"select", "with", "from", "values", "table", NULL};
static const char *const reading_words[] = {
	"describe", "desc", "show", "summarize", "pivot", "unpivot", NULL,
};
static const char *const writing_words[] = {"insert", "update", "delete", "merge", "into", NULL};
static const char *const transaction_words[] = {
	"begin", "start", "commit", "end", "rollback", "abort", NULL,
};
static const char *const catalog_words[] = {
	"show",       "information_schema", "duckdb_tables", "duckdb_views", "duckdb_columns",
	"pg_catalog", "pg_tables",          "pg_views",      "pg_class",     "pg_attribute",
	"sqlite_master", "sqlite_schema", NULL,
};

/* A table's name as the lake has them: in [a-z0-9_], whatever the case it is written in. */
static void name_add(str text, struct map *names)
{
	char lower[NAME_MAX_BYTES];

	if (text.len == 0 || text.len > sizeof(lower))
		return;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (!((lower[i] >= 'a' && lower[i] <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return;
	}
	(void)map_put(names, str_make(lower, text.len));
}

/* Names inside of a text count too: query('select * from push_event'). */
static void names_in_text(str text, struct map *names)
{
	struct word w;

	while ((w = word_next(&text)).kind != WORD_END)
		if (w.kind == WORD_NAME || w.kind == WORD_QUOTED)
			name_add(w.text, names);
}

static void first_word(const struct word *w, struct mention *out)
{
	out->can_explain =
		is_any(w, explained_words) || (w->kind == WORD_OTHER && w->text.ptr[0] == '(');
	out->is_reading = out->can_explain || is_any(w, reading_words);
	out->is_transaction = is_any(w, transaction_words);
	out->is_begin = word_is(w, "begin") || word_is(w, "start");
}

void mention_read(str sql, struct mention *out)
{
	struct word w = word_next(&sql);

	*out = (struct mention){.is_reading = false};
	first_word(&w, out);
	for (; w.kind != WORD_END; w = word_next(&sql)) {
		if (w.kind == WORD_STRING)
			names_in_text(w.text, &out->names);
		else if (w.kind == WORD_NAME || w.kind == WORD_QUOTED)
			name_add(w.text, &out->names);
		if (is_any(&w, writing_words))
			out->is_reading = false;
		if (is_any(&w, catalog_words))
			out->lists_tables = true;
	}
	out->can_explain = out->can_explain && out->is_reading;
}

void mention_done(struct mention *m)
{
	map_done(&m->names);
}
