#include <stdio.h>

#include "app/command.h"
#include "upkeep/audit.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_audit = {
	"audit", "does everything add up? exit 1 with one finding a line when not",
	"  tarn audit                  journal, tables and files against each other\n"
	"  tarn audit --deep --json    read every byte, answer for machines\n\n"
	"usage: tarn audit [--deep]\n\n"
	"Reads only. Recomputes the balance and the order of positions from the journal, table metadata and file footers.\n"
	"  --deep   verify the checksum of every data file and every run of ids\n",
	run,
};

struct printing {
	bool      is_json;
	struct buf findings;
	size_t    count;
};

static void finding(void *context, const char *text)
{
	struct printing *p = context;

	if (!p->is_json) {
		(void)printf("%s\n", text);
		return;
	}
	buf_add(&p->findings, p->count++ ? STR(", ") : STR(""));
	buf_json(&p->findings, str_of(text));
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	bool                   is_deep = false;
	const struct option_of options[] = {{"--deep", NULL, &is_deep}};
	AUTO(config)           config = {0};
	AUTO_PTR(lake)         lake = NULL;
	AUTO(arena)            scratch = ARENA_INIT;
	struct printing        printing = {0};
	struct audit_counts    counts;
	size_t                 count;
	int                    status;

	TRY(options_parse(app, &command_audit, argc, argv, options, 1, ARENA_ARRAY(&scratch, const char *, argc), &count, e));
	TRY(app_lake(app, false, &config, &lake, e));
	printing.is_json = app->is_json;
	status = lake_audit(lake, STR("0"), &(struct audit_conf){is_deep}, finding, &printing, &counts, e);
	if (status == 0 && app->is_json)
		(void)printf("{\"findings\": [" STR_FMT "], \"entries\": %lld, \"tables\": %lld, \"files\": %lld, \"bytes\": %lld, "
		             "\"records\": %lld, \"rows\": %lld, \"duplicates\": %lld, \"conflicts\": %lld, \"quarantined\": %lld, "
		             "\"deep\": %s}\n",
		             STR_ARG(buf_str(&printing.findings)), (long long)counts.entries, (long long)counts.tables,
		             (long long)counts.files, (long long)counts.bytes, (long long)counts.records,
		             (long long)counts.rows, (long long)counts.duplicates, (long long)counts.conflicts,
		             (long long)counts.quarantined, is_deep ? "true" : "false");
	buf_done(&printing.findings);
	if (status < 0)
		return status;
	if (!app->is_json && !app->is_quiet)
		(void)fprintf(stderr, "tarn: %s entries, %s tables, %s files (%s): %s records = %s rows + %s duplicates + %s conflicts + %s quarantined: %s\n",
		              text_count(counts.entries), text_count(counts.tables), text_count(counts.files),
		              text_bytes(counts.bytes), text_count(counts.records), text_count(counts.rows),
		              text_count(counts.duplicates), text_count(counts.conflicts), text_count(counts.quarantined),
		              counts.findings ? "it does not add up" : "everything adds up");
	return counts.findings > 0;
}
