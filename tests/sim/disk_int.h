/* disk_int.h - what a disk is made of: disk.c works on what is seen, power.c on what lasts. */
#ifndef SIM_DISK_INT_H
#define SIM_DISK_INT_H

#include "tests/sim/disk.h"

enum { ROOT_NODE = 0 };

struct name {
	str      text;
	uint32_t node;
};

struct names {
	VEC_OF(struct name);
};

struct node {
	enum fs_kind kind;
	uint64_t     number;
	int64_t      mtime_us;
	struct buf   bytes, lasting_bytes;
	struct names seen, lasting;
	bool         is_clean;   /* nothing to be synced */
	bool         is_dropped; /* a failed sync threw its bytes away: no later sync brings them back */
};

struct disk {
	struct world *world;
	struct { VEC_OF(struct node); } nodes;
	struct arena  arena;
};

struct name *name_find(struct names *n, str text); /* NULL where there is none */
void         name_set(struct disk *d, struct names *n, str text, uint32_t node);

/* What is seen lasts from here on; but not the bytes that a failed sync has dropped. */
void bytes_last(struct node *n);
void names_last(struct node *n);

#endif
