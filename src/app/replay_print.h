/* replay_print.h - what a replay came to, or would. */
#ifndef APP_REPLAY_PRINT_H
#define APP_REPLAY_PRINT_H

#include "app/command.h"
#include "ingest/replay.h"

int replay_print(const struct app *app, const struct replay_report *r, bool is_dry, struct err *e) MUST_USE;

#endif
