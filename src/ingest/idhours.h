/* idhours.h - which sections hold ids of this event hour? For the runs that are older than the window.
 *
 * Sections of one hour are a chain, the last added first; an hour that no section has costs one look.
 * Sections are added in rising order.
 */
#ifndef INGEST_IDHOURS_H
#define INGEST_IDHOURS_H

#include "base/vec.h"

struct idhour {
	int64_t  hour;
	uint32_t last; /* section + 1; 0: a free slot */
};

struct idhours {
	struct idhour *slots;      /* open addressing; a power of two of them, at most half full */
	uint32_t       slot_count, hour_count;
	struct { VEC_OF(uint32_t); } before; /* by section: the one before it of its hour, + 1 */
};

void idhours_done(struct idhours *h);
void idhours_add(struct idhours *h, int64_t hour, uint32_t section);

/* The last section of the hour, + 1; 0 where there is none. */
uint32_t idhours_last(const struct idhours *h, int64_t hour);
static inline uint32_t idhours_before(const struct idhours *h, uint32_t section) /* the next of the chain, + 1 */
{
	return h->before.at[section];
}

#endif
