#include "app/contract_review.h"

#include "app/ask.h"
#include "app/record.h"
#include "ingest/declare.h"
#include "lake/scan.h"
#include "query/table_sql.h"

struct trying {
	struct review       *review;
	struct record_maker  maker;
	struct trial         trial;
	struct json_tape     tape;
	struct buf           text;
	uint64_t             secret;
	bool                 is_text_typed;
};

static void trying_done(struct trying *t)
{
	record_maker_done(&t->maker);
	trial_done(&t->trial);
	json_tape_done(&t->tape);
	buf_done(&t->text);
}

AUTO_DEFINE(trying, trying_done)

void review_done(struct review *r)
{
	VEC_DONE(&r->tables);
	VEC_DONE(&r->conflicts);
	VEC_DONE(&r->rules);
	arena_done(&r->arena);
}

bool review_is_clean(const struct review *r)
{
	return r->refused == 0 && r->inexact == 0 && r->conflicts.count == 0;
}

static struct review_rule *rule_put(struct review *r, enum reason reason, str pointer)
{
	for (size_t i = 0; i < r->rules.count; i++)
		if (r->rules.at[i].reason == reason && str_eq(r->rules.at[i].pointer, pointer))
			return &r->rules.at[i];
	*VEC_ADD(&r->rules) = (struct review_rule){.reason = reason, .pointer = arena_str(&r->arena, pointer)};
	return &r->rules.at[r->rules.count - 1];
}

/* Columns of the answer: those of the record, then source_position. */
static int take_row(void *context, const struct answer *answer, size_t row, struct err *e)
{
	static const struct json_limits limits = {70, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	struct trying                  *t = context;
	struct review                  *r = t->review;
	struct json_fault               fault;
	struct review_rule             *rule;
	size_t                          len;

	buf_clear(&t->text);
	TRY(record_write(&t->maker, answer, row, &t->text, e));
	len = t->text.len;
	buf_fill(&t->text, '\0', JSON_PADDING);
	t->tape.count = 0;
	if (!json_scan(t->text.ptr, len, t->secret, &limits, &t->tape, &fault))
		return err_set(e, ERR_CORRUPT, "a row does not make a record again: %s", json_fault_code(fault.kind));
	r->rows++;
	if (contract_try(r->contract, t->text.ptr, t->tape.words, t->is_text_typed, &t->trial))
		return 0;
	r->refused++;
	rule = rule_put(r, t->trial.reason, buf_str(&t->trial.pointer));
	if (rule->rows++ == 0)
		rule->example = ask_cell(answer, t->maker.columns.count, row, &r->arena);
	return 0;
}

static int try_rows(struct views *v, const struct named *named, struct trying *t, struct err *e)
{
	AUTO(buf) sql = BUF(0);

	buf_add(&sql, STR("SELECT "));
	record_select(&t->maker, &sql);
	buf_add(&sql, STR(", source_position FROM "));
	sql_table(named->table.space, named->table.name, &sql);
	buf_add(&sql, STR(" WHERE event_name = "));
	sql_text(named->name, &sql);
	return ask(v, buf_str(&sql), take_row, t, e);
}

static const struct pipeline *pipeline_of(const struct config *c, str name)
{
	for (size_t i = 0; i < c->pipeline_count; i++)
		if (str_eq(c->pipelines[i].name, name))
			return &c->pipelines[i];
	return NULL;
}

/* Were its records rows of text? Where the format is found by looking, names have to tell. */
static bool is_csv(const struct source_conf *s)
{
	for (size_t i = 0; s->format == FORMAT_AUTO && i < s->glob_count; i++)
		if (memmem(s->globs[i].ptr, s->globs[i].len, ".csv", 4) != NULL)
			return true;
	return s->format == FORMAT_CSV;
}

/* Its columns may be of other types than declared: that rows would pass helps nothing then. */
static void add_conflict(struct review *r, const struct pipeline *p, const struct named *named, const struct schema *s)
{
	struct err why = ERR_NONE;

	if (p != NULL && declare_check(p, r->contract, s, named->table.full, &why) < 0)
		*VEC_ADD(&r->conflicts) = arena_str(&r->arena, str_of(why.text));
}

static int review_table(struct lake *l, struct views *v, const struct config *config, const struct named *named,
                        struct review *r, struct err *e)
{
	const struct pipeline *p = pipeline_of(config, named->pipeline);
	AUTO(scan)             scan = {0};
	AUTO(trying)           t = {.review = r, .secret = l->secret};

	TRY(lake_scan(l, named->table.space, named->table.name, NULL, &scan, e));
	*VEC_ADD(&r->tables) = arena_str(&r->arena, named->table.full);
	add_conflict(r, p, named, &scan.schema);
	t.is_text_typed = p != NULL && is_csv(&p->source);
	t.trial.has_stars = true;
	record_maker_init(&t.maker, &scan.schema, p != NULL ? p->time.unit : TIME_MS);
	TRY(try_rows(v, named, &t, e));
	r->converted += (int64_t)t.trial.converted;
	r->inexact += (int64_t)t.trial.inexact;
	return 0;
}

int review_read(struct lake *l, struct views *v, const struct config *config, const struct contract_names *names,
                const struct contracts *all, const struct contract *c, struct review *out, struct err *e)
{
	*out = (struct review){.contract = c};
	for (size_t i = 0; i < names->count; i++)
		if (contracts_find(all, names->at[i].name) == c &&
		    review_table(l, v, config, &names->at[i], out, e) < 0) {
			review_done(out);
			return err_add(e, "contract \"" STR_FMT "\"", STR_ARG(c->name));
		}
	return 0;
}
