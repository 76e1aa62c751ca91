#include "ingest/pipeline.h"

#include <fnmatch.h>

#include "ingest/contract.h"

static void seed_all(struct path *paths, uint32_t count, uint64_t secret)
{
	for (uint32_t i = 0; i < count; i++)
		path_seed(&paths[i], secret);
}

void pipeline_seed(struct pipeline *p, uint64_t secret)
{
	seed_all(p->id.paths, p->id.path_count, secret);
	for (uint32_t i = 0; i < p->name_count; i++)
		seed_all(p->names[i].paths, p->names[i].path_count, secret);
	path_seed(&p->time.path, secret);
	path_seed(&p->attributes, secret);
	for (uint32_t i = 0; i < p->require_count; i++)
		path_seed(&p->require[i].path, secret);
	seed_all(p->ignore, p->ignore_count, secret);
	contracts_seed(p->contracts, secret);
}

const struct table_rule *table_rule_of(const struct table_rules *rules, str table)
{
	AUTO(arena) scratch = ARENA_INIT;
	const char *name = arena_cstr(&scratch, table);

	for (size_t i = 0; i < rules->override_count; i++)
		for (size_t k = 0; k < rules->overrides[i].match_count; k++)
			if (fnmatch(rules->overrides[i].match[k].ptr, name, 0) == 0)
				return &rules->overrides[i];
	return &rules->common;
}
