/* config_int.h - private to app/config*.c: each reads one part of the file into a pipeline. A key that is absent leaves
 * what is there, so that a preset, read first, is overridden key by key. */
#ifndef APP_CONFIG_INT_H
#define APP_CONFIG_INT_H

#include "app/config.h"
#include "app/yaml.h"
#include "codec/name.h"

int config_envelope(const struct yaml *y, struct arena *a, struct pipeline *p, struct err *e) MUST_USE;
int config_id(const struct yaml *y, struct arena *a, struct id_rule *out, struct err *e) MUST_USE;
int config_names(const struct yaml *y, struct arena *a, struct pipeline *p, struct err *e) MUST_USE;
void config_names_done(struct pipeline *p);
int config_time(const struct yaml *y, struct arena *a, struct time_rule *out, struct err *e) MUST_USE;
int config_partition(const struct yaml *y, enum ice_transform *out, struct err *e) MUST_USE;
int config_paths(const struct yaml *y, const char *what, struct arena *a, struct path *out, uint32_t max,
                 uint32_t *count, struct err *e) MUST_USE;

/* "raw" of a pipeline; "tables" of the file. */
int config_raw(const struct yaml *y, struct pipeline *p, struct err *e) MUST_USE;
int config_tables(const struct yaml *y, struct arena *a, struct table_rules *out, struct err *e) MUST_USE;

/* The key `contracts`, into c->contracts; one file of them; a schema of one. */
int config_contracts(struct config *c, struct fs *fs, const struct yaml *y, struct err *e) MUST_USE;
int config_rule(const struct yaml *y, struct contracts *contracts, struct rule **out, struct err *e) MUST_USE;
/* Are the pipeline's limits wide enough for them? */
int config_contracts_fit(const struct contracts *all, const struct pipeline *p, struct err *e) MUST_USE;

/* A pattern of files, from the folder of the configuration. */
str config_absolute_pattern(struct config *c, str pattern);

/* The YAML text of a preset; NULL where there is none of this name. */
const char *preset_text(str name);
extern const char *const preset_names[]; /* NULL-ended */

#endif
