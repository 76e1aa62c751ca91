/* config.h - tarn.yaml as pipelines. The keys, their meaning and defaults: docs/config.md. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "ingest/contract.h"
#include "ingest/pipeline.h"

struct fs;

struct config {
	struct arena     arena;
	const char      *file;
	str              folder;     /* of the file, absolute, with '/' at the end: relative paths start there */
	const char      *lake;       /* absolute */
	uint64_t         fingerprint; /* of all that was read: where it is another one, records may come to other rows */
	uint64_t         memory_bytes;
	int64_t          commit_us;
	struct table_rules tables;
	struct pipeline *pipelines;
	size_t           pipeline_count;
	struct contracts *contracts; /* of all pipelines; never NULL */
};

int  config_load(struct fs *fs, const char *file, struct config *out, struct err *e) MUST_USE;
void config_done(struct config *c);

/* Add the contracts of a file. */
int config_contract_file(struct fs *fs, const char *path, struct contracts *all, struct err *e) MUST_USE;

/* Take FILES of the command line instead of the source of the one pipeline (or the named one). */
int config_take_files(struct config *c, str pipeline, char *const *files, size_t count, struct err *e) MUST_USE;

AUTO_DEFINE(config, config_done)

#endif
