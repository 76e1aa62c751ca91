/* What a lake's own tables show: its manifests say rows, bytes and times of each file; no data
 * file is opened. They are read twice, one table at a time: to find the newest event, and for
 * what is not much older, which is what tells of days to come. */
#include "app/plan.h"
#include "app/tables.h"
#include "base/log.h"

static const int64_t NEWEST_US = INT64_C(30) * 86400 * 1000000;

struct history {
	struct layout_plan *plan;
	bool         has_times;
	int64_t      newest_us;
	size_t       untimed; /* files */
};

/* --- first: when is the newest? ------------------------------------------------------------ */

static void take_newest(struct history *h, const struct scan *s)
{
	const int32_t time_field = tables_time_field(&s->schema, &s->spec);
	int64_t       first, last;

	for (size_t i = 0; i < s->file_count; i++) {
		h->plan->read.bytes_total += (uint64_t)s->files[i].stats.bytes;
		if (!tables_file_times(&s->files[i], time_field, &first, &last)) {
			h->untimed++;
			continue;
		}
		h->newest_us = h->has_times && h->newest_us > last ? h->newest_us : last;
		h->has_times = true;
	}
	h->plan->read.files_total += s->file_count;
}

/* A table that cannot be read is passed over, aloud: the plan is for the others. */
static int tables_newest(struct lake *l, struct history *h, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str        *names;
	size_t      count;

	TRY(lake_tables(l, STR("events"), &a, &names, &count, e));
	for (size_t i = 0; i < count; i++) {
		AUTO(scan)         s = {0};
		struct err         inner = ERR_NONE;
		struct plan_table *t;

		if (lake_scan(l, STR("events"), names[i], NULL, &s, &inner) < 0) {
			log_warn("%s: left out of the plan", inner.text);
			continue;
		}
		t = plan_table(h->plan, names[i]);
		t->is_there = true;
		t->transform = s.spec.transform;
		take_newest(h, &s);
	}
	return 0;
}

/* --- then: what is in them? ---------------------------------------------------------------- */

static void take_files(struct history *h, struct plan_table *t, const struct scan *s)
{
	struct layout_plan  *p = h->plan;
	const int32_t time_field = tables_time_field(&s->schema, &s->spec);
	int64_t       first, last;

	for (size_t i = 0; i < s->file_count; i++) {
		const struct ice_file *f = &s->files[i];

		if (f->stats.rows <= 0 || !tables_file_times(f, time_field, &first, &last))
			continue;
		if (last < h->newest_us - NEWEST_US)
			continue;
		p->read.files++;
		p->read.rows += f->stats.rows;
		p->read.bytes += (uint64_t)f->stats.bytes;
		plan_take_file(t, &s->schema, f);
		tally_spread(&t->hours, first, last, f->stats.rows);
		tally_spread(&p->seconds, first, last, f->stats.rows);
	}
}

int plan_history(struct lake *l, struct layout_plan *p, struct err *e)
{
	struct history    h = {.plan = p};
	struct scan_range range;

	TRY(tables_newest(l, &h, e));
	range = (struct scan_range){h.newest_us - NEWEST_US, h.newest_us + 1};
	for (size_t i = 0; i < p->tables.count; i++) {
		AUTO(scan) s = {0};

		TRY(lake_scan(l, STR("events"), p->tables.at[i]->name, &range, &s, e));
		take_files(&h, p->tables.at[i], &s);
	}
	if (h.untimed > 0)
		log_warn("%zu files of other writers do not say of when their events are: left out of the plan",
		         h.untimed);
	return plan_settle(p, e);
}

int plan_take_layouts(struct lake *l, struct layout_plan *p, struct err *e)
{
	for (size_t i = 0; i < p->tables.count; i++) {
		struct plan_table   *t = p->tables.at[i];
		AUTO(arena)          a = ARENA_INIT;
		AUTO(ice_metadata)   metadata = {0};
		struct ice_spec      spec;
		struct catalog_table at;
		int                  got = catalog_load(l->catalog, STR("events"), t->name, &a, &at, e);

		if (got == ERR_MISSING)
			continue;
		TRY(got);
		TRY(ice_metadata_parse(at.metadata, &metadata, e));
		TRY(ice_spec(&metadata, &spec, e));
		t->is_there = true;
		t->transform = spec.transform;
	}
	return 0;
}
