/* sql_shell.h - the prompt of `tarn sql`. Ctrl-C ends the statement that runs, or drops what was
 * typed; Ctrl-D ends the prompt. */
#ifndef APP_SQL_SHELL_H
#define APP_SQL_SHELL_H

#include <signal.h>

#include "app/sql_run.h"

/* From now on SIGINT sets the flag that this returns, and nothing else: for the engine to watch. */
const volatile sig_atomic_t *sql_shell_signals(void);

int sql_shell(struct sql_run *r, struct err *e) MUST_USE;

#endif
