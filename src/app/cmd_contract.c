/* tarn contract: infer writes the contract of what is there; check says what one would do to it. */
#include <stdio.h>

#include "app/command.h"
#include "app/contract_draft.h"
#include "app/contract_review.h"
#include "app/plain.h"
#include "app/reply.h"
#include "base/log.h"
#include "query/views.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_contract = {
	"contract", "contracts: infer one from the rows, check what one would refuse",
	"  tarn contract infer page_view > contracts/page_view.yaml   the contract of what is there, to be reviewed\n"
	"  tarn contract check contracts/page_view.yaml               what it would refuse of what is there\n\n"
	"usage: tarn contract infer NAME\n"
	"       tarn contract check [FILE] [NAME]\n\n"
	"NAME is an event name, or the table of one. FILE holds contracts as docs/config.md has them (its name ends with\n"
	".yaml or .yml); without it, those of the configuration are checked. Rows are put back into their records and tried.\n"
	"`check` ends with exit code 1 where a row would be refused, a value would lose something, or a column is of\n"
	"another type than declared.\n"
	"  --json    check: one JSON object\n",
	run,
};

struct desk {
	struct app           *app;
	struct config         config;
	struct lake          *lake;
	struct engine        *engine;
	struct views         *views;
	struct contract_names names;
};

static void desk_done(struct desk *d)
{
	contract_names_done(&d->names);
	views_free(d->views);
	engine_close(d->engine);
	lake_close(d->lake);
	config_done(&d->config);
}

AUTO_DEFINE(desk, desk_done)

static int desk_open(struct app *app, struct desk *out, struct err *e)
{
	struct engine_conf conf = {.clock = app->clock, .stop = app->stop};

	out->app = app;
	TRY(app_lake(app, false, &out->config, &out->lake, e));
	conf.memory_bytes = out->config.memory_bytes;
	TRY(contract_names_read(out->lake, &out->names, e));
	TRY(engine_open(&conf, &out->engine, e));
	return views_new(out->engine, out->lake, &out->views, e);
}

/* --- infer --------------------------------------------------------------------------------- */

static int draft(struct desk *d, const struct named *named, struct tree *tree, const struct scan *scan, struct err *e)
{
	AUTO(facts)  facts = {0};
	AUTO(drift)  drift = {0};
	AUTO(buf)    out = BUF(0);
	struct draft draft = {
		.named = named,
		.tree = tree,
		.facts = &facts,
		.drift = &drift,
		.known = contracts_find(d->config.contracts, named->name),
		.out = &out,
	};

	TRY(drift_read(d->views, &named->table, scan, named->name, &drift, e));
	TRY(facts_read(d->views, &named->table, tree->root, named->name, &facts, e));
	draft_write(&draft);
	(void)fwrite(out.ptr, 1, out.len, stdout);
	return 0;
}

static int infer(struct desk *d, const char **words, size_t count, struct err *e)
{
	const struct pipeline whole = {.limits = {.columns = UINT32_MAX, .members = UINT32_MAX}};
	const struct named   *named;
	AUTO(scan)            scan = {0};
	struct tree           tree;
	int                   status;

	if (count != 1)
		return err_set(e, ERR_INPUT, "tarn contract infer wants the name of one event; `tarn table ls` lists their tables");
	TRY(contract_names_find(&d->names, d->lake, str_of(words[0]), &named, e));
	TRY(lake_scan(d->lake, named->table.space, named->table.name, NULL, &scan, e));
	tree_init(&tree, &scan.schema, &whole, 0);
	status = draft(d, named, &tree, &scan, e);
	tree_done(&tree);
	if (status == 0 && !d->app->is_quiet)
		log_info("review it, put it under `contracts` (docs/config.md), then: tarn contract check");
	return status;
}

/* --- check: what is said ------------------------------------------------------------------- */

static void review_json(struct reply *r, const struct review *v)
{
	reply_open(r, NULL, '{');
	reply_text(r, "contract", v->contract->name);
	reply_text(r, "file", str_of(v->contract->file));
	reply_number(r, "line", v->contract->line);
	reply_open(r, "tables", '[');
	for (size_t i = 0; i < v->tables.count; i++)
		reply_text(r, NULL, v->tables.at[i]);
	reply_close(r, ']');
	reply_number(r, "rows", v->rows);
	reply_number(r, "refused", v->refused);
	reply_number(r, "converted", v->converted);
	reply_number(r, "inexact", v->inexact);
	reply_open(r, "rules", '[');
	for (size_t i = 0; i < v->rules.count; i++) {
		const struct review_rule *rule = &v->rules.at[i];

		reply_open(r, NULL, '{');
		reply_text(r, "reason", str_of(reason_code(rule->reason)));
		reply_text(r, "pointer", rule->pointer);
		reply_number(r, "rows", rule->rows);
		reply_text(r, "example", rule->example);
		reply_close(r, '}');
	}
	reply_close(r, ']');
	reply_open(r, "conflicts", '[');
	for (size_t i = 0; i < v->conflicts.count; i++)
		reply_text(r, NULL, v->conflicts.at[i]);
	reply_close(r, ']');
	reply_close(r, '}');
}

static void review_text(const struct review *v, struct arena *a)
{
	(void)printf("%s  %s rows: %s refused; %s values converted, %s held only nearly\n", plain_text(a, v->contract->name),
	             text_count(v->rows), text_count(v->refused), text_count(v->converted), text_count(v->inexact));
	for (size_t i = 0; i < v->rules.count; i++) {
		const struct review_rule *rule = &v->rules.at[i];

		(void)printf("  %-18s %s  %s rows, first %s\n", reason_code(rule->reason), plain_text(a, rule->pointer),
		             text_count(rule->rows), plain_text(a, rule->example));
	}
	for (size_t i = 0; i < v->conflicts.count; i++)
		(void)printf("  %s\n", plain_text(a, v->conflicts.at[i]));
}

/* --- check --------------------------------------------------------------------------------- */

struct checking {
	const struct contracts *all;
	const struct contract  *only; /* NULL: all of them */
	struct reply            reply;
	struct arena            arena;
	size_t                  count, bad;
};

static void checking_done(struct checking *c)
{
	reply_done(&c->reply);
	arena_done(&c->arena);
}

AUTO_DEFINE(checking, checking_done)

static int check_all(struct desk *d, struct checking *c, struct err *e)
{
	for (size_t i = 0; i < c->all->count; i++) {
		AUTO(review) v = {0};

		if (c->only != NULL && c->all->at[i] != c->only)
			continue;
		TRY(review_read(d->lake, d->views, &d->config, &d->names, c->all, c->all->at[i], &v, e));
		c->count++;
		c->bad += !review_is_clean(&v);
		if (d->app->is_json)
			review_json(&c->reply, &v);
		else
			review_text(&v, &c->arena);
	}
	return 0;
}

static int check_print(struct desk *d, struct checking *c, struct err *e)
{
	reply_open(&c->reply, NULL, '{');
	reply_open(&c->reply, "contracts", '[');
	TRY(check_all(d, c, e));
	reply_close(&c->reply, ']');
	reply_flag(&c->reply, "ok", c->bad == 0);
	reply_close(&c->reply, '}');
	if (d->app->is_json)
		TRY(reply_print(&c->reply, e));
	else if (!d->app->is_quiet && c->count == 0)
		log_info("there are no contracts: `tarn contract infer NAME` writes one");
	return c->bad > 0;
}

static bool is_file(const char *word)
{
	return str_ends(str_of(word), STR(".yaml")) || str_ends(str_of(word), STR(".yml"));
}

static int check_of(struct desk *d, const struct contracts *all, const char *name, struct err *e)
{
	AUTO(checking)      c = {.all = all};
	const struct named *named;

	if (name != NULL) {
		TRY(contract_names_find(&d->names, d->lake, str_of(name), &named, e));
		c.only = contracts_find(all, named->name);
		if (c.only == NULL)
			return err_set(e, ERR_MISSING, "there is no contract for \"" STR_FMT "\"", STR_ARG(named->name));
	}
	return check_print(d, &c, e);
}

static int check(struct desk *d, const char **words, size_t count, struct err *e)
{
	bool             has_file = count > 0 && is_file(words[0]);
	struct contracts given = {0};
	int              status;

	if (count > 1 + (size_t)has_file)
		return err_set(e, ERR_INPUT, "tarn contract check takes a FILE that ends with .yaml, and one NAME");
	contracts_seed(d->config.contracts, d->lake->secret);
	if (!has_file)
		return check_of(d, d->config.contracts, count > 0 ? words[0] : NULL, e);
	status = config_contract_file(d->app->fs, words[0], &given, e);
	contracts_seed(&given, d->lake->secret);
	if (status == 0)
		status = check_of(d, &given, count > 1 ? words[1] : NULL, e);
	contracts_done(&given);
	return status;
}

/* --- the command --------------------------------------------------------------------------- */

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	AUTO(desk)   d = {.app = app};
	AUTO(arena)  scratch = ARENA_INIT;
	const char **words = ARENA_ARRAY(&scratch, const char *, argc);
	size_t       count;

	TRY(options_parse(app, &command_contract, argc, argv, NULL, 0, words, &count, e));
	if (count == 0 || (strcmp(words[0], "infer") != 0 && strcmp(words[0], "check") != 0))
		return err_set(e, ERR_INPUT, "tarn contract wants infer or check; see `tarn help contract`");
	TRY(desk_open(app, &d, e));
	return strcmp(words[0], "infer") == 0 ? infer(&d, words + 1, count - 1, e) : check(&d, words + 1, count - 1, e);
}
