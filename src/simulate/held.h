/* held.h - records kept back, to be delivered late with the time they have.
 *
 * At most HELD_MAX at a time: who keeps back more gets the earliest due ones early.
 */
#ifndef SIMULATE_HELD_H
#define SIMULATE_HELD_H

#include "simulate/heap.h"
#include "simulate/record.h"

enum { HELD_MAX = 16384 };

struct held_slot {
	char    *text; /* owned; NULL while the slot is free */
	int64_t  at_ms;
	uint32_t len, table;
};

struct held {
	struct heap      due;
	uint32_t         free_count;
	uint32_t         free[HELD_MAX];
	struct held_slot slots[HELD_MAX];
};

struct held *held_new(void);
void         held_free(struct held *h);
uint32_t     held_count(const struct held *h);
/* The first is due, or there is no room for more. */
bool held_is_due(const struct held *h, int64_t now_ms);
/* held_is_due must be false. */
void held_add(struct held *h, const struct record *record, int64_t at_ms, int64_t due_ms);
/* The first due. */
void held_take(struct held *h, struct record *out, int64_t *out_at_ms);

#endif
