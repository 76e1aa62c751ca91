/* plan_rules.h - a plan and the `tables` section of tarn.yaml: what the one takes from the other, and
 * writes into it. */
#ifndef APP_PLAN_RULES_H
#define APP_PLAN_RULES_H

#include "app/config.h"
#include "app/plan.h"

/* What is asked for beside the configuration; 0: nothing. */
struct plan_wish {
	uint64_t target_bytes;
	int64_t  max_delay_us;
};

/* The terms of the plan and of each table. Overrides by pattern are a person's and hold; of those by a
 * table's own name, which may be an older plan's, only the target does. */
void plan_take_rules(struct layout_plan *p, const struct config *config, const struct plan_wish *wish);

/* The configuration's text with the plan in its `tables` section, appended. Overrides that name no table
 * of the plan, or are by pattern, stay as they are, behind those of the plan. */
int  plan_write_rules(const struct layout_plan *p, const struct config *config, const struct plan_wish *wish,
                      str text, struct buf *out, struct err *e) MUST_USE;

/* The configuration, as read back, gives every table what the plan says; ERR_CORRUPT names one for which
 * it does not. */
int  plan_check_rules(const struct layout_plan *p, const struct config *config, struct err *e) MUST_USE;

#endif
