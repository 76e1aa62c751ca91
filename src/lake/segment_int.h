/* segment_int.h - what writing and reading a raw segment share (segment.h draws the bytes). */
#ifndef LAKE_SEGMENT_INT_H
#define LAKE_SEGMENT_INT_H

#define SEGMENT_MAGIC "TARNRAW1"

enum {
	SEGMENT_FAULT_BITS = 3,
	SEGMENT_OTHER = 0x20, /* as received differs from the JSON */
	SEGMENT_HEAD = 0x40,  /* only its head is kept */
	SEGMENT_MAGIC_BYTES = 8,
	SEGMENT_ROW_BYTES = 32,
	SEGMENT_TAIL_BYTES = 24,
};

#endif
