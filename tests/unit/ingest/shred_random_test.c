/* Random documents through shredding, and every leaf of each found again: over flushes, restarts and small budgets. */
#include "tests/unit/ingest/documents.h"
#include "tests/unit/ingest/sheet.h"

enum { DOCUMENTS = 600 };

static void round_trip(struct pipe *p, uint64_t seed)
{
	AUTO(sheet) t;
	AUTO(buf)   b = BUF(0);
	bool        is_fine = true;

	sheet_open(&t, p);
	for (uint64_t i = 0; i < DOCUMENTS && is_fine; i++) {
		buf_clear(&b);
		document_make(seed, i, &b);
		sheet_add_bytes(&t, buf_str(&b));
		if (i % 97 != 0)
			continue;
		is_fine = sheet_check(&t);
		if (i % (97 * 3) == 0)
			sheet_restart(&t);
		else
			sheet_flush(&t);
	}
	CHECK(is_fine && sheet_check(&t));
	CHECK(t.shred.tree.leaf_count <= p->conf.limits.columns + 10);
}

TEST(shred_keeps_every_leaf_of_random_documents)
{
	for (int round = 0; round < 4; round++) {
		AUTO(pipe) p;

		pipe_init(&p);
		round_trip(&p, test_random());
	}
}

TEST(shred_keeps_every_leaf_within_small_budgets)
{
	AUTO(pipe) p;

	pipe_init(&p);
	p.conf.limits.columns = 40;
	p.conf.limits.members = 3;
	round_trip(&p, test_random());
}

TEST(shred_keeps_every_leaf_of_hoisted_attributes)
{
	for (int round = 0; round < 3; round++) {
		AUTO(pipe) p;

		pipe_init(&p);
		p.conf.attributes = pipe_path(&p, "data");
		round_trip(&p, test_random());
	}
}

/* A configuration that changes with every start, over one table. */
TEST(shred_keeps_every_leaf_whatever_the_configuration_becomes)
{
	AUTO(pipe)  p;
	AUTO(sheet) t;
	AUTO(buf)   b = BUF(0);
	uint64_t    seed = test_random();
	bool        is_fine = true;

	pipe_init(&p);
	sheet_open(&t, &p);
	for (uint64_t i = 0; i < DOCUMENTS && is_fine; i++) {
		buf_clear(&b);
		document_make(seed, i, &b);
		sheet_add_bytes(&t, buf_str(&b));
		if (i % 97 != 0)
			continue;
		is_fine = sheet_check(&t);
		p.conf.attributes = test_random() % 2 ? pipe_path(&p, test_random() % 2 ? "data" : "a") : (struct path){0};
		p.conf.limits.columns = test_random() % 2 ? 2000 : 60;
		p.conf.limits.members = test_random() % 2 ? 256 : 2;
		p.conf.has_event_type = test_random() % 2;
		sheet_restart(&t);
	}
	CHECK(is_fine);
}

/* --- hostile shapes ------------------------------------------------------------------------ */

static void random_name(struct buf *b)
{
	buf_print(b, "\"%s%llx\":", test_random() % 4 ? "k" : "k.", (unsigned long long)test_random());
}

static void random_shape(struct buf *b, unsigned depth)
{
	unsigned kind = (unsigned)(test_random() % (depth < 6 ? 8 : 3));

	if (kind == 0) {
		buf_add(b, STR("null"));
	} else if (kind < 3) {
		buf_add(b, STR("1"));
	} else if (kind == 3) {
		buf_byte(b, '[');
		random_shape(b, depth + 1);
		buf_byte(b, ']');
	} else {
		buf_byte(b, '{');
		random_name(b);
		random_shape(b, depth + 1);
		buf_byte(b, ',');
		random_name(b);
		random_shape(b, depth + 1);
		buf_byte(b, '}');
	}
}

/* Every record brings names never seen before, at every depth: what is remembered of them must end. */
TEST(shred_memory_does_not_grow_with_records)
{
	AUTO(pipe)  p;
	AUTO(sheet) t;
	AUTO(buf)   b = BUF(0);
	size_t      tree_bytes = 0;
	uint32_t    fields = 0;
	const int   rounds = 20000;

	pipe_init(&p);
	p.conf.limits.columns = 200;
	sheet_open(&t, &p);
	for (int i = 0; i < rounds; i++) {
		buf_clear(&b);
		buf_print(&b, "{\"id\":\"e%d\",\"at\":1735603200000,\"here\":{\"", i);
		buf_print(&b, "n%d\":null},", i);
		random_name(&b);
		random_shape(&b, 0);
		buf_byte(&b, '}');
		sheet_add_bytes(&t, buf_str(&b));
		if (i % 1000 == 0)
			sheet_flush(&t);
		if (i == rounds / 4) {
			tree_bytes = t.shred.tree.arena.used;
			fields = t.table.schema.count;
		}
	}
	CHECK_INT(t.shred.tree.arena.used, tree_bytes);
	CHECK_INT(t.table.schema.count, fields);
	CHECK(tree_bytes < 400 << 10);
	CHECK(t.shred.tree.over_budget > 0);
	CHECK(t.shred.keys.used < 1 << 20 && p.envelope.made.used < 1 << 20);
}
