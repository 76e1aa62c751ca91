/* log.h - talk, on stderr. Only app/, ingest/pump.c and upkeep/ call it: all
 * other code returns an err. Data never goes this way. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

extern enum log_level log_threshold; /* LOG_INFO; --quiet makes it LOG_WARN */

/* One line. Control characters in the text are printed escaped. */
void log_say(enum log_level level, const char *format, ...) PRINTF(2, 3);

#define log_debug(...) log_say(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_say(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_say(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_say(LOG_ERROR, __VA_ARGS__)

#endif
