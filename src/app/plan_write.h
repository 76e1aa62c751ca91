/* plan_write.h - a plan put into tarn.yaml. */
#ifndef APP_PLAN_WRITE_H
#define APP_PLAN_WRITE_H

#include "app/plan_rules.h"

/* The file is replaced whole, after the new one has been read and found to say what is planned; the old
 * one is kept beside it as <file>.bak. What changes is shown on stderr. is_dry: nothing is written, and
 * the new `tables` section goes to stdout. */
int plan_write(struct app *app, const struct layout_plan *p, const struct config *config,
               const struct plan_wish *wish, bool is_dry, struct err *e) MUST_USE;

#endif
