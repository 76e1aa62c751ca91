/* What lasts: syncs, and the power going off. */
#include "tests/sim/disk_int.h"

enum { SECTOR = 512 };

void bytes_last(struct node *n)
{
	if (n->is_clean || n->is_dropped)
		return;
	buf_clear(&n->lasting_bytes);
	buf_add(&n->lasting_bytes, buf_str(&n->bytes));
	n->is_clean = true;
}

void names_last(struct node *n)
{
	n->lasting.count = 0;
	for (size_t i = 0; i < n->seen.count; i++)
		*VEC_ADD(&n->lasting) = n->seen.at[i];
}

/* Of two texts, sector by sector, by chance; the length too. */
static void bytes_tear(struct node *n, uint64_t *draw)
{
	struct buf torn = BUF(0);
	str        old = buf_str(&n->lasting_bytes), new = buf_str(&n->bytes);
	size_t     len;

	*draw = hash_mix(*draw, n->number);
	len = *draw & 1 ? new.len : old.len;
	for (size_t at = 0; at < len; at += SECTOR) {
		size_t size = len - at < SECTOR ? len - at : SECTOR;
		str    from;

		*draw = hash_mix(*draw, at);
		from = str_from(*draw & 1 ? new : old, at);
		from = str_head(from, size);
		buf_add(&torn, from);
		buf_fill(&torn, '\0', size - from.len);
	}
	buf_done(&n->bytes);
	n->bytes = torn;
}

static void names_tear(struct disk *d, struct node *n, uint64_t *draw)
{
	struct names kept = {0};

	for (size_t i = 0; i < n->seen.count; i++) {
		struct name *old = name_find(&n->lasting, n->seen.at[i].text);

		*draw = hash_mix(*draw, n->seen.at[i].node);
		if ((old != NULL && old->node == n->seen.at[i].node) || *draw & 1)
			name_set(d, &kept, n->seen.at[i].text, n->seen.at[i].node);
		else if (old != NULL)
			name_set(d, &kept, old->text, old->node);
	}
	for (size_t i = 0; i < n->lasting.count; i++) {
		*draw = hash_mix(*draw, n->lasting.at[i].node);
		if (name_find(&n->seen, n->lasting.at[i].text) == NULL && *draw & 1)
			name_set(d, &kept, n->lasting.at[i].text, n->lasting.at[i].node);
	}
	VEC_DONE(&n->seen);
	n->seen = kept;
}

void disk_power_off(struct disk *d, uint64_t draw)
{
	for (size_t i = 0; i < d->nodes.count; i++) {
		struct node *n = &d->nodes.at[i];

		if (n->kind == FS_FILE && (!n->is_clean || n->is_dropped)) {
			bytes_tear(n, &draw);
			n->is_dropped = n->is_clean = false;
			bytes_last(n);
		}
		if (n->kind == FS_FOLDER) {
			names_tear(d, n, &draw);
			names_last(n);
		}
	}
}
