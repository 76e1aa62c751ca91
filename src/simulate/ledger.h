/* ledger.h - the truth about a stream, counted while it is written, and its file.
 *
 * ledger.json is there only once it is whole, after the last record: a folder without it holds a stream
 * that was cut off. `late` and `drifted` count rows, not their repeats; a table stands in it only where it
 * has rows.
 */
#ifndef SIMULATE_LEDGER_H
#define SIMULATE_LEDGER_H

#include "base/vec.h"
#include "simulate/kind_int.h"

struct fs;

struct ledger {
	uint64_t  records, rows, duplicates, quarantined, late, drifted;
	uint64_t *table_rows; /* kind->table_count of them */
	uint64_t  damages[DAMAGE_COUNT];
	struct {
		VEC_OF(str);
	} files; /* relative to the folder, in order of their first record */
	struct arena memory;
};

void ledger_init(struct ledger *l, const struct kind *kind);
void ledger_done(struct ledger *l);

void ledger_row(struct ledger *l, const struct record *r);
void ledger_duplicate(struct ledger *l);
void ledger_quarantined(struct ledger *l, enum damage damage);
void ledger_file(struct ledger *l, str path);

/* ERR_CONFLICT where the folder holds a ledger already. */
int ledger_check_absent(struct fs *fs, const char *folder, struct err *e) MUST_USE;
/* Asks `self`, the kind's state, for the names of tables and the answers. */
int ledger_write(struct ledger *l, struct fs *fs, const struct simulate_conf *conf,
                 const struct kind *kind, void *self, struct err *e) MUST_USE;

AUTO_DEFINE(ledger, ledger_done)

#endif
