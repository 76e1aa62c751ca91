#include "base/vec.h"

#include <assert.h>

void vec_room(void **at, size_t *cap, size_t count, size_t item_size)
{
	size_t bigger;

	if (count <= *cap)
		return;
	bigger = *cap ? *cap * 2 : 8;
	if (bigger < count)
		bigger = count;
	assert(bigger < SIZE_MAX / item_size);
	*at = xrealloc(*at, bigger * item_size);
	*cap = bigger;
}
