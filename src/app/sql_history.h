/* sql_history.h - lines typed before: $XDG_STATE_HOME/tarn/history, or
 * ~/.local/state/tarn/history, for its owner alone. */
#ifndef APP_SQL_HISTORY_H
#define APP_SQL_HISTORY_H

#include "base/arena.h"

struct fs;

/* Load it into the line editor. Returns the file to save to; NULL where there is no home for it. */
const char *sql_history_load(struct fs *fs, struct arena *a);
void        sql_history_save(const char *file); /* NULL is fine */

#endif
