#include "parquet/levels_int.h"
#include "tests/lib/test.h"

/* One table of a single tree, with two rooms for the containers and one for the leaf. */
struct fixture {
	struct pool       *pool;
	struct schema      schema;
	struct columns     c;
	struct spread_room rooms[3];
};

static void fixture_init(struct fixture *x)
{
	*x = (struct fixture){.pool = pool_new(1 << 20)};
	schema_init(&x->schema);
	columns_init(&x->c, x->pool, &x->schema);
}

static void fixture_done(struct fixture *x)
{
	for (unsigned i = 0; i < 3; i++)
		spread_room_done(&x->rooms[i]);
	columns_done(&x->c);
	schema_done(&x->schema);
	pool_free(x->pool);
}

AUTO_DEFINE(fixture, fixture_done)

static struct field *add(struct fixture *x, struct field *parent, const char *name, enum type type)
{
	return schema_add(&x->schema, parent, str_of(name), type, false, STR(""), 0);
}

/* "rep,def rep,def ... | value places" */
static str selection_text(const struct selection *s, struct buf *out)
{
	buf_clear(out);
	for (uint32_t i = 0; i < s->count; i++)
		buf_print(out, "%u,%u ", s->reps ? s->reps[i] : 0, s->defs ? s->defs[i] : s->def);
	buf_print(out, "|");
	for (uint32_t i = 0; i < s->values.count; i++)
		buf_print(out, " %u", pick(s->values, i));
	return buf_str(out);
}

static struct field *tags(struct fixture *x)
{
	struct field *list = add(x, x->schema.root, "tags", TYPE_LIST);
	struct field *element = add(x, list, "element", TYPE_STRING);
	struct col   *t = columns_col(&x->c, list), *e = columns_col(&x->c, element);
	uint32_t      slot;

	/* null, [], [null], ["a","b"] */
	(void)col_set_list(&x->c, t, 1, 0);
	(void)col_set_list(&x->c, t, 2, 1);
	slot = col_set_list(&x->c, t, 3, 2);
	col_set_string(&x->c, e, slot, STR("a"));
	col_set_string(&x->c, e, slot + 1, STR("b"));
	x->c.row_count = 4;
	return list;
}

TEST(levels_of_a_list_are_the_books)
{
	AUTO(fixture)    x;
	AUTO(buf)        text = BUF(0);
	struct field    *list;
	struct spread    rows, elements;
	struct selection s;

	fixture_init(&x);
	list = tags(&x);
	rows = spread_rows((uint32_t[]){0, 1, 2, 3}, 4, 4);
	CHECK(rows.slots == NULL);
	elements = spread_list(&rows, list, columns_peek(&x.c, list), &x.rooms[0]);
	s = spread_leaf(&elements, list->children[0], columns_peek(&x.c, list->children[0]), &x.rooms[2]);
	CHECK_INT(s.max_def, 3);
	CHECK_INT(s.max_rep, 1);
	CHECK_STR(selection_text(&s, &text), STR("0,0 0,1 0,2 0,3 1,3 | 0 1"));
}

TEST(levels_follow_the_order_of_rows)
{
	AUTO(fixture)    x;
	AUTO(buf)        text = BUF(0);
	struct field    *list;
	struct spread    rows, elements;
	struct selection s;

	fixture_init(&x);
	list = tags(&x);
	rows = spread_rows((uint32_t[]){3, 0, 2}, 3, 4);
	elements = spread_list(&rows, list, columns_peek(&x.c, list), &x.rooms[0]);
	s = spread_leaf(&elements, list->children[0], columns_peek(&x.c, list->children[0]), &x.rooms[2]);
	CHECK_STR(selection_text(&s, &text), STR("0,3 1,3 0,0 0,2 | 0 1"));
}

TEST(levels_of_a_nested_list_know_which_list_repeats)
{
	AUTO(fixture)    x;
	AUTO(buf)        text = BUF(0);
	struct field    *outer, *inner, *leaf;
	struct col      *o, *i, *v;
	struct spread    rows, first, second;
	struct selection s;
	uint32_t         slot;

	fixture_init(&x);
	outer = add(&x, x.schema.root, "m", TYPE_LIST);
	inner = add(&x, outer, "element", TYPE_LIST);
	leaf = add(&x, inner, "element", TYPE_LONG);
	o = columns_col(&x.c, outer);
	i = columns_col(&x.c, inner);
	v = columns_col(&x.c, leaf);
	/* [[1,2],[],null,[3]] and [[4]] */
	slot = col_set_list(&x.c, o, 0, 4);
	(void)col_set_list(&x.c, i, slot, 2);
	col_set_long(&x.c, v, 0, 1);
	col_set_long(&x.c, v, 1, 2);
	(void)col_set_list(&x.c, i, slot + 1, 0);
	(void)col_set_list(&x.c, i, slot + 3, 1);
	col_set_long(&x.c, v, 2, 3);
	slot = col_set_list(&x.c, o, 1, 1);
	(void)col_set_list(&x.c, i, slot, 1);
	col_set_long(&x.c, v, 3, 4);
	rows = spread_rows((uint32_t[]){0, 1}, 2, 2);
	first = spread_list(&rows, outer, o, &x.rooms[0]);
	second = spread_list(&first, inner, i, &x.rooms[1]);
	s = spread_leaf(&second, leaf, v, &x.rooms[2]);
	CHECK_INT(s.max_def, 5);
	CHECK_STR(selection_text(&s, &text), STR("0,5 2,5 1,3 1,2 1,5 0,5 | 0 1 2 3"));
}

TEST(levels_of_an_absent_struct_stop_at_it)
{
	AUTO(fixture)    x;
	AUTO(buf)        text = BUF(0);
	struct field    *group, *a, *b, *never;
	struct spread    rows, inner;
	struct selection s;

	fixture_init(&x);
	group = add(&x, x.schema.root, "g", TYPE_STRUCT);
	a = add(&x, group, "a", TYPE_LONG);
	b = add(&x, group, "b", TYPE_LONG);
	never = add(&x, x.schema.root, "never", TYPE_STRUCT);
	(void)add(&x, never, "c", TYPE_LONG);
	/* null, {a: 1}, {} */
	col_set_struct(&x.c, columns_col(&x.c, group), 1);
	col_set_long(&x.c, columns_col(&x.c, a), 1, 1);
	col_set_struct(&x.c, columns_col(&x.c, group), 2);
	rows = spread_rows((uint32_t[]){0, 1, 2}, 3, 3);
	inner = spread_struct(&rows, group, columns_peek(&x.c, group), &x.rooms[0]);
	s = spread_leaf(&inner, a, columns_peek(&x.c, a), &x.rooms[2]);
	CHECK_STR(selection_text(&s, &text), STR("0,0 0,2 0,1 | 0"));
	s = spread_leaf(&inner, b, NULL, &x.rooms[2]);
	CHECK_STR(selection_text(&s, &text), STR("0,0 0,1 0,1 |"));
	inner = spread_struct(&rows, never, NULL, &x.rooms[1]);
	CHECK(inner.is_void);
	s = spread_leaf(&inner, never->children[0], NULL, &x.rooms[2]);
	CHECK(s.defs == NULL);
	CHECK_STR(selection_text(&s, &text), STR("0,0 0,0 0,0 |"));
}

/* Of rows in any order and a part of them, the way by values says what the way by rows does. */
TEST(levels_of_few_values_are_those_of_many)
{
	enum { SLOTS = 1000, STEP = 7 };
	AUTO(fixture)    x;
	AUTO(buf)        dense = BUF(0), sparse = BUF(0);
	uint32_t         rows[SLOTS], index[SLOTS];
	struct field    *f;
	struct col      *col;

	fixture_init(&x);
	f = add(&x, x.schema.root, "a", TYPE_LONG);
	col = columns_col(&x.c, f);
	for (uint32_t slot = 5; slot < SLOTS; slot += slot % 3 == 0 ? 61 : 17)
		col_set_long(&x.c, col, slot, slot);
	for (uint32_t count = 700; count <= SLOTS; count += 100) {
		struct spread    up;
		struct selection s;

		for (uint32_t i = 0; i < count; i++)
			rows[i] = (i * STEP + 3) % SLOTS; /* 7 and 1000 share no factor: each once */
		up = spread_rows(rows, count, SLOTS);
		s = spread_leaf(&up, f, col, &x.rooms[0]);
		(void)selection_text(&s, &dense);
		spread_index(&up, index);
		CHECK(col->value_count <= count / 16);
		s = spread_leaf(&up, f, col, &x.rooms[1]);
		CHECK(s.values.count > 0 && s.values.count < s.count);
		CHECK_STR(selection_text(&s, &sparse), buf_str(&dense));
	}
}

TEST(levels_are_written_with_their_length)
{
	AUTO(buf) b = BUF(0);

	levels_write(NULL, 1, 10, 1, &b);
	CHECK_STR(buf_str(&b), STR("\2\0\0\0\x14\1"));
	buf_clear(&b);
	levels_write(NULL, 0, 10, 0, &b);
	CHECK_INT(b.len, 0);
	levels_write((uint8_t[]){0, 1, 2, 3, 3}, 0, 5, 3, &b);
	CHECK_STR(buf_str(&b), STR("\3\0\0\0\3\xE4\3"));
}
