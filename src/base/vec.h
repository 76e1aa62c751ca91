/* vec.h - arrays that grow.
 *
 *     struct { VEC_OF(struct file); } files = {0};     or as a struct member
 *     *VEC_ADD(&files) = file;
 *     for (size_t i = 0; i < files.count; i++) use(&files.at[i]);
 *     VEC_DONE(&files);
 *
 * Growth moves the items: keep indexes, not pointers. New items are not cleared
 * by VEC_ADD; assign all of them.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC_OF(type)  \
	type  *at;    \
	size_t count; \
	size_t cap

#define VEC_ADD(v)                                                                      \
	(vec_room((void **)&(v)->at, &(v)->cap, (v)->count + 1, sizeof(*(v)->at)),      \
	 &(v)->at[(v)->count++])

#define VEC_ROOM(v, n) vec_room((void **)&(v)->at, &(v)->cap, (n), sizeof(*(v)->at))

#define VEC_DONE(v)               \
	do {                      \
		free((v)->at);    \
		(v)->at = NULL;   \
		(v)->count = 0;   \
		(v)->cap = 0;     \
	} while (0)

#include <stdlib.h>

void vec_room(void **at, size_t *cap, size_t count, size_t item_size);

#endif
