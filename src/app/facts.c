/* facts.c - one statement counts everything, two more look at texts that may be of a form or of few words.
 *
 * A column in lists is said as the list of all its values in a row: list_transform for a member, flatten for a list. */
#include "app/facts.h"

#include <assert.h>

#include "app/ask.h"
#include "base/vec.h"
#include "codec/sha256.h"
#include "codec/time.h"
#include "query/table_sql.h"

enum { OFTEN = 50 }; /* words are listed where each may have come a few times */

#define UUID_TEXT    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#define DATE_TEXT    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define INSTANT_TEXT DATE_TEXT "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})"

/* A column and how it is said. */
struct term {
	const struct node *node;
	str                sql;
	bool               is_in_list; /* then it is a list of values */
	size_t             first;      /* cell of the answer that its count is in */
};

struct counting {
	struct facts *facts;
	struct views *views;
	str           source;
	struct { VEC_OF(struct term); } terms;
	size_t        cells;
};

/* Only what stands by itself in a row is looked at so closely. */
static bool is_text(const struct term *t)
{
	return t->node->field->type == TYPE_STRING && !t->is_in_list;
}

static struct fact *fact_put(struct facts *f, const struct node *n)
{
	struct map_item *item = map_put(&f->by_pattern, n->pointer);

	if (item->ptr == NULL)
		item->ptr = ARENA_NEW(&f->arena, struct fact);
	return item->ptr;
}

const struct fact *facts_of(const struct facts *f, const struct node *n)
{
	const struct fact *fact = map_ptr(&f->by_pattern, n->pointer);

	assert(fact != NULL);
	return fact;
}

/* --- terms --------------------------------------------------------------------------------- */

static str sql_of(struct counting *c, const struct node *n, const struct term *up)
{
	bool      is_element = n->up != NULL && n->up->kind == NODE_LIST;
	AUTO(buf) name = BUF(0);
	AUTO(buf) sql = BUF(0);

	sql_name(n->field->name, &name);
	if (up == NULL)
		buf_add(&sql, buf_str(&name));
	else if (is_element && up->is_in_list)
		buf_print(&sql, "flatten(" STR_FMT ")", STR_ARG(up->sql));
	else if (is_element)
		buf_add(&sql, up->sql);
	else if (up->is_in_list)
		buf_print(&sql, "list_transform(" STR_FMT ", lambda e: e." STR_FMT ")", STR_ARG(up->sql), STR_ARG(buf_str(&name)));
	else
		buf_print(&sql, STR_FMT "." STR_FMT, STR_ARG(up->sql), STR_ARG(buf_str(&name)));
	return arena_str(&c->facts->arena, buf_str(&sql));
}

/* The node's column and all that are in it. `up` is NULL where they stand at the top. */
static void add_terms(struct counting *c, const struct node *n, const struct term *up)
{
	bool        has_column = n->field != NULL && n->kind <= NODE_LIST;
	struct term term;

	if (has_column) {
		term = (struct term){
			.node = n,
			.sql = sql_of(c, n, up),
			.is_in_list = up != NULL && (up->is_in_list || n->up->kind == NODE_LIST),
			.first = c->cells,
		};
		*VEC_ADD(&c->terms) = term;
		c->cells += is_text(&term) ? 3 : 1;
		up = &term;
	}
	for (uint32_t i = 0; n->kind == NODE_OBJECT && i < n->member_count; i++)
		add_terms(c, n->members[i], up);
	if (n->kind == NODE_LIST && has_column && n->element != NULL)
		add_terms(c, n->element, up);
}

/* --- counts -------------------------------------------------------------------------------- */

static void add_counts(const struct counting *c, struct buf *sql)
{
	buf_add(sql, STR("SELECT count(*)"));
	for (size_t i = 0; i < c->terms.count; i++) {
		const struct term *t = &c->terms.at[i];

		if (t->is_in_list)
			buf_print(sql, ", sum(list_count(" STR_FMT "))", STR_ARG(t->sql));
		else
			buf_print(sql, ", count(" STR_FMT ")", STR_ARG(t->sql));
		if (is_text(t))
			buf_print(sql, ", approx_count_distinct(" STR_FMT "), min(" STR_FMT ")", STR_ARG(t->sql), STR_ARG(t->sql));
	}
	buf_add(sql, c->source);
}

static const char *form_of(str text)
{
	uint8_t uuid[16];
	bool    is_canonical;
	int64_t us;

	if (uuid_parse(text, uuid, &is_canonical))
		return "uuid";
	if (time_parse(text, true, 0, &us, NULL, NULL) != TIME_OK)
		return NULL;
	return text.len == 10 ? "date" : "date-time";
}

static int take_counts(void *context, const struct answer *answer, size_t row, struct err *e)
{
	struct counting *c = context;

	(void)e;
	c->facts->rows = ask_number(answer, 0, row);
	for (size_t i = 0; i < c->terms.count; i++) {
		const struct term *t = &c->terms.at[i];
		struct fact       *f = fact_put(c->facts, t->node);

		f->present = ask_number(answer, t->first, row);
		if (!is_text(t))
			continue;
		f->distinct = ask_number(answer, t->first + 1, row);
		f->form = f->present > 0 ? form_of(ask_cell(answer, t->first + 2, row, &c->facts->arena)) : NULL;
	}
	return 0;
}

/* --- forms --------------------------------------------------------------------------------- */

static const char *pattern_of(const char *form)
{
	return strcmp(form, "uuid") == 0 ? UUID_TEXT : strcmp(form, "date") == 0 ? DATE_TEXT : INSTANT_TEXT;
}

static int take_forms(void *context, const struct answer *answer, size_t row, struct err *e)
{
	struct counting *c = context;
	size_t           cell = 0;

	(void)e;
	for (size_t i = 0; i < c->terms.count; i++) {
		struct fact *f = fact_put(c->facts, c->terms.at[i].node);

		if (f->form != NULL && ask_number(answer, ++cell, row) != f->present)
			f->form = NULL;
	}
	return 0;
}

/* Has every text the form that the first one has? */
static int ask_forms(struct counting *c, struct err *e)
{
	AUTO(buf) sql = BUF(0);

	buf_add(&sql, STR("SELECT 0"));
	for (size_t i = 0; i < c->terms.count; i++) {
		const struct fact *f = fact_put(c->facts, c->terms.at[i].node);

		if (f->form != NULL)
			buf_print(&sql, ", count(*) FILTER (regexp_full_match(" STR_FMT ", '%s'))", STR_ARG(c->terms.at[i].sql),
			          pattern_of(f->form));
	}
	buf_add(&sql, c->source);
	return ask(c->views, buf_str(&sql), take_forms, c, e);
}

/* --- words --------------------------------------------------------------------------------- */

struct words {
	struct facts *facts;
	struct fact  *fact;
};

static int take_word(void *context, const struct answer *answer, size_t row, struct err *e)
{
	struct words *w = context;

	(void)e;
	if (w->fact->word_count < FACT_WORDS)
		w->fact->words[w->fact->word_count] = ask_cell(answer, 0, row, &w->facts->arena);
	w->fact->word_count++;
	return 0;
}

static int ask_words(struct counting *c, const struct term *t, struct err *e)
{
	struct words w = {c->facts, fact_put(c->facts, t->node)};
	AUTO(buf)    sql = BUF(0);

	if (!is_text(t) || w.fact->form != NULL || w.fact->distinct > FACT_WORDS || w.fact->present < OFTEN)
		return 0;
	buf_print(&sql, "SELECT DISTINCT " STR_FMT " AS word" STR_FMT " AND " STR_FMT " IS NOT NULL ORDER BY word LIMIT %d",
	          STR_ARG(t->sql), STR_ARG(c->source), STR_ARG(t->sql), FACT_WORDS + 1);
	TRY(ask(c->views, buf_str(&sql), take_word, &w, e));
	if (w.fact->word_count > FACT_WORDS) /* about so many were a few more */
		w.fact->word_count = 0;
	return 0;
}

/* --- all ----------------------------------------------------------------------------------- */

static int read_all(struct counting *c, const struct node *root, struct err *e)
{
	AUTO(buf) sql = BUF(0);

	add_terms(c, root, NULL);
	add_counts(c, &sql);
	TRY(ask(c->views, buf_str(&sql), take_counts, c, e));
	TRY(ask_forms(c, e));
	for (size_t i = 0; i < c->terms.count; i++)
		TRY(ask_words(c, &c->terms.at[i], e));
	return 0;
}

int facts_read(struct views *v, const struct table_name *t, const struct node *root, str event_name, struct facts *out,
               struct err *e)
{
	struct counting c = {.facts = out, .views = v, .cells = 1};
	AUTO(buf)       source = BUF(0);
	int             status;

	*out = (struct facts){0};
	buf_add(&source, STR(" FROM "));
	sql_table(t->space, t->name, &source);
	buf_add(&source, STR(" WHERE event_name = "));
	sql_text(event_name, &source);
	c.source = buf_str(&source);
	status = read_all(&c, root, e);
	VEC_DONE(&c.terms);
	if (status == 0)
		return 0;
	facts_done(out);
	return err_add(e, "table " STR_FMT, STR_ARG(t->full));
}

void facts_done(struct facts *f)
{
	map_done(&f->by_pattern);
	arena_done(&f->arena);
}
