/* Journal entries: the input is an entry's first line, and gets the hash it needs to be read; and once as it is. What
 * is taken is written and read back as the same entry, and folds into a state or is refused. */
#include "lake/journal.h"
#include "tests/fuzz/fuzz.h"

static const struct lake lake = {
	.id = {0x39, 0xd4, 0xc1, 0x84, 0x0d, 0xb7, 0x48, 0xc9, 0xb5, 0x8f, 0xa2, 0xbb, 0x3d, 0x2d, 0xa5, 0x24},
};

static void check_again(const struct journal_entry *entry)
{
	AUTO(journal_entry) again = {0};
	AUTO(buf)           one = BUF(0);
	AUTO(buf)           two = BUF(0);
	struct err          e = ERR_NONE;

	entry_write(entry, &lake, &one);
	CHECK_OK(entry_parse(buf_str(&one), &lake, &again, &e), &e);
	entry_write(&again, &lake, &two);
	CHECK_STR(buf_str(&two), buf_str(&one));
}

static void check_fold(struct journal_entry *entry)
{
	AUTO(journal_state) state = {0};
	struct err          e = ERR_NONE;

	state.head = entry->seq - 1;
	state.epoch = entry->kind == ENTRY_FENCE ? entry->epoch - 1 : entry->epoch;
	memcpy(state.hash, entry->previous, sizeof(state.hash));
	if (state_add(&state, entry, &e) == 0) {
		CHECK_INT(state.head, entry->seq);
		for (size_t i = 0; i < entry->positions.count; i++)
			CHECK(state_position(&state, entry->positions.at[i].pipeline, entry->positions.at[i].key).len > 0);
	} else {
		CHECK(e.class == ERR_CORRUPT);
	}
}

static void check_text(str text)
{
	AUTO(journal_entry) entry = {0};
	struct err          e = ERR_NONE;

	if (entry_parse(text, &lake, &entry, &e) < 0) {
		CHECK(e.class == ERR_CORRUPT && e.text[0] != '\0');
		return;
	}
	check_again(&entry);
	check_fold(&entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_sealed(str_make(data, size), check_text);
	return 0;
}
