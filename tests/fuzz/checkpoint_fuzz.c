/* Checkpoints: the input is a checkpoint's first line, and gets the seal it needs to be read; and once as it is. What is
 * taken is written and read back as the same state, and the next entry folds onto it or is refused. */
#include "lake/journal.h"
#include "tests/fuzz/fuzz.h"

static const struct lake lake = {
	.id = {0x39, 0xd4, 0xc1, 0x84, 0x0d, 0xb7, 0x48, 0xc9, 0xb5, 0x8f, 0xa2, 0xbb, 0x3d, 0x2d, 0xa5, 0x24},
};

static void check_again(const struct journal_state *s)
{
	AUTO(journal_state) again = {0};
	AUTO(buf)           one = BUF(0);
	AUTO(buf)           two = BUF(0);
	struct err          e = ERR_NONE;

	checkpoint_write(s, &lake, &one);
	CHECK_OK(checkpoint_parse(buf_str(&one), &lake, &again, &e), &e);
	checkpoint_write(&again, &lake, &two);
	CHECK_STR(buf_str(&two), buf_str(&one));
}

/* What a next entry may say of a state: more of all that is there. */
static void entry_fill(const struct journal_state *s, struct journal_entry *j)
{
	struct entry_ids merged = {.key = STR("merged.ids"), .replaced_count = s->runs.count};

	if (s->tables.count > 0) {
		const struct state_table *t = s->tables.items[0].ptr;

		*VEC_ADD(&j->tables) = (struct entry_table){.space = t->space, .name = t->name, .uuid = t->uuid, .rows = 1};
		*VEC_ADD(&j->held) = (struct entry_held){.space = t->space, .name = t->name, .uuid = t->uuid, .rows = 1};
	}
	for (size_t i = 0; i < s->counts.count; i++)
		*VEC_ADD(&j->counts) = (struct entry_counts){s->counts.at[i].pipeline, 6, 2, 1, 1, 1, 1};
	*VEC_ADD(&j->raws) = (struct entry_raw){.pipeline = STR("p"), .key = STR("raw"), .bytes = 1, .records = 1};
	if (s->runs.count == 0)
		return;
	merged.pipeline = s->runs.at[0].pipeline;
	merged.replaced = ARENA_ARRAY(&j->arena, str, s->runs.count);
	for (size_t i = 0; i < s->runs.count; i++) {
		merged.replaced[i] = s->runs.at[i].key;
		merged.count = (int64_t)((uint64_t)merged.count + (uint64_t)s->runs.at[i].count);
	}
	*VEC_ADD(&j->ids) = merged;
}

static void check_fold(struct journal_state *s)
{
	AUTO(journal_entry) next = {.kind = ENTRY_COMMIT, .epoch = s->epoch, .seq = s->head + 1};
	AUTO(buf)           text = BUF(0);
	struct err          e = ERR_NONE;

	memcpy(next.previous, s->hash, sizeof(next.previous));
	memcpy(next.hash, s->hash, sizeof(next.hash));
	entry_fill(s, &next);
	if (state_add(s, &next, &e) < 0) {
		CHECK(e.class == ERR_CORRUPT && e.text[0] != '\0');
		return;
	}
	CHECK_INT(s->head, next.seq);
	CHECK(s->runs.count <= 1);
	checkpoint_write(s, &lake, &text);
}

static void check_text(str text)
{
	AUTO(journal_state) s = {0};
	struct err          e = ERR_NONE;

	if (checkpoint_parse(text, &lake, &s, &e) < 0) {
		CHECK(e.class == ERR_CORRUPT && e.text[0] != '\0');
		return;
	}
	check_again(&s);
	check_fold(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_sealed(str_make(data, size), check_text);
	return 0;
}
