#include "ingest/pipeline.h"

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
}
