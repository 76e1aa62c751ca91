#include "ingest/idsort.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOURS_MAX = 1 << 14, /* between the first and the last; ids of a stream are of a few */
	BUCKET_IDS = 4,      /* in the mean */
	BUCKET_FEW = 32,     /* up to here they are moved past one another, one by one */
};

/* The ids of one hour: 2^bits buckets from `first` on. */
struct hour {
	size_t   count, first;
	unsigned bits;
};

struct spread {
	int64_t      first_hour;
	struct hour *hours;
	size_t       hour_count, bucket_count;
};

static bool hours_find(const struct id_item *items, size_t count, struct spread *s)
{
	int64_t last = items[0].hour;

	s->first_hour = items[0].hour;
	for (size_t i = 1; i < count; i++) {
		s->first_hour = items[i].hour < s->first_hour ? items[i].hour : s->first_hour;
		last = items[i].hour > last ? items[i].hour : last;
	}
	s->hour_count = (size_t)((uint64_t)last - (uint64_t)s->first_hour) + 1;
	return s->hour_count > 0 && s->hour_count <= HOURS_MAX;
}

static void hours_count(const struct id_item *items, size_t count, struct spread *s)
{
	s->hours = xcalloc(s->hour_count, sizeof(*s->hours));
	for (size_t i = 0; i < count; i++)
		s->hours[items[i].hour - s->first_hour].count++;
	for (size_t h = 0; h < s->hour_count; h++) {
		struct hour *hour = &s->hours[h];

		while (hour->count >> hour->bits > BUCKET_IDS)
			hour->bits++;
		hour->first = s->bucket_count;
		s->bucket_count += (size_t)1 << hour->bits;
	}
}

static inline size_t bucket_of(const struct spread *s, const struct id_item *item)
{
	const struct hour *hour = &s->hours[item->hour - s->first_hour];

	return hour->first + (hour->bits > 0 ? (size_t)(item->key.high >> (64 - hour->bits)) : 0);
}

static void bucket_sort(struct id_item *items, size_t count)
{
	if (count > BUCKET_FEW) {
		qsort(items, count, sizeof(*items), id_item_order);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct id_item item = items[i];
		size_t         at = i;

		for (; at > 0 && hash128_cmp(items[at - 1].key, item.key) > 0; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

void id_items_sort(const struct id_item *from, size_t count, struct id_item *to)
{
	struct spread s = {0};
	size_t       *ends, at = 0;

	assert(count > 0);
	if (!hours_find(from, count, &s)) {
		memcpy(to, from, count * sizeof(*to));
		qsort(to, count, sizeof(*to), id_item_order);
		return;
	}
	hours_count(from, count, &s);
	ends = xcalloc(s.bucket_count + 1, sizeof(*ends));
	for (size_t i = 0; i < count; i++)
		ends[bucket_of(&s, &from[i]) + 1]++;
	for (size_t b = 0; b < s.bucket_count; b++)
		ends[b + 1] += ends[b];
	for (size_t i = 0; i < count; i++)
		to[ends[bucket_of(&s, &from[i])]++] = from[i];
	for (size_t b = 0; b < s.bucket_count; at = ends[b++])
		bucket_sort(to + at, ends[b] - at);
	free(ends);
	free(s.hours);
}
