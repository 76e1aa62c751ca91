/* record.c - columns and _extra are cut into pieces, one a place, and the pieces written out as one document. */
#include "app/record.h"

#include <assert.h>
#include <inttypes.h>

#include "codec/name.h"
#include "query/table_sql.h"

struct piece {
	bool          is_list;
	str           name;  /* member name, unescaped; of an element nothing */
	str           value; /* JSON; ptr NULL: what is below it, or nothing */
	struct piece *first, *last, *next;
};

void record_maker_init(struct record_maker *r, const struct schema *s, enum time_unit time_unit)
{
	const struct field *extra = schema_child(s->root, STR("_extra"));

	*r = (struct record_maker){.schema = s, .time_unit = time_unit};
	for (uint32_t i = 0; i < s->root->child_count; i++)
		if (str_starts(s->root->children[i]->doc, STR("/")))
			*VEC_ADD(&r->columns) = s->root->children[i];
	if (extra != NULL)
		*VEC_ADD(&r->columns) = extra;
}

void record_maker_done(struct record_maker *r)
{
	VEC_DONE(&r->columns);
	json_tape_done(&r->tape);
	buf_done(&r->text);
	buf_done(&r->scratch);
	arena_done(&r->row);
}

static bool is_time(const struct record_maker *r, const struct field *f)
{
	return f->parent == r->schema->root && str_eq(f->name, STR("event_time"));
}

void record_select(const struct record_maker *r, struct buf *sql)
{
	for (size_t i = 0; i < r->columns.count; i++) {
		const struct field *f = r->columns.at[i];

		buf_add(sql, i ? STR(", ") : STR(""));
		buf_add(sql, is_time(r, f) ? STR("epoch_us(") : STR(""));
		sql_name(f->name, sql);
		buf_add(sql, is_time(r, f) ? STR(")") : STR(""));
	}
}

/* --- pieces -------------------------------------------------------------------------------- */

static struct piece *piece_add(struct record_maker *r, struct piece *up, str name)
{
	struct piece *p = ARENA_NEW(&r->row, struct piece);

	p->name = name;
	if (up->last != NULL)
		up->last->next = p;
	else
		up->first = p;
	up->last = p;
	return p;
}

static struct piece *piece_named(const struct piece *up, str name)
{
	for (struct piece *p = up->first; p != NULL; p = p->next)
		if (str_eq(p->name, name))
			return p;
	return NULL;
}

static struct piece *piece_element(struct record_maker *r, struct piece *list, int64_t index)
{
	struct piece *p = list->first;

	for (int64_t i = 0; i <= index; i++, p = i <= index ? p->next : p)
		if (p == NULL)
			p = piece_add(r, list, STR(""));
	return p;
}

static bool is_index(str token, int64_t *index)
{
	return str_to_i64(token, index) && *index >= 0 && *index < 1 << 20 && !(token.len > 1 && token.ptr[0] == '0');
}

/* The piece at a pointer, made where it is not there. */
static struct piece *piece_at(struct record_maker *r, struct piece *p, str pointer)
{
	while (pointer.len > 0) {
		str           token = pointer_first(pointer, &pointer), name;
		struct piece *up = p;
		int64_t       index;
		AUTO(buf)     plain = BUF(0);

		if (up->is_list && is_index(token, &index)) {
			p = piece_element(r, up, index);
			continue;
		}
		token_plain(token, &plain);
		name = arena_str(&r->row, buf_str(&plain));
		p = piece_named(up, name);
		if (p == NULL)
			p = piece_add(r, up, name);
	}
	return p;
}

/* --- columns ------------------------------------------------------------------------------- */

static const struct field *child_of(const struct record_maker *r, const struct field *f, const struct buf *text,
                                    uint32_t key)
{
	AUTO(buf) scratch = BUF(0);

	return schema_child(f, json_unescape(text->ptr, r->tape.words[key], &scratch));
}

/* The value at words[at] of the answer's JSON, in which members have the names of columns. */
static void take_value(struct record_maker *r, struct piece *p, const struct field *f, uint32_t at)
{
	const uint64_t *words = r->tape.words;
	uint32_t        next = at + 2;
	bool            is_struct = f->type == TYPE_STRUCT && json_kind(words[at]) == JSON_OBJECT;
	bool            is_list = f->type == TYPE_LIST && json_kind(words[at]) == JSON_ARRAY;

	if (!is_struct && !is_list) {
		p->value = arena_str(&r->row, json_source(r->text.ptr, words, at));
		return;
	}
	p->is_list = is_list;
	for (uint32_t left = json_len(words[at]); left > 0; left--) {
		const struct field *child = is_list ? f->children[0] : child_of(r, f, &r->text, next);
		AUTO(buf)           name = BUF(0);

		next += is_struct ? 2 : 0;
		if (is_struct)
			pointer_last(child->doc, &name);
		if (is_list || json_kind(words[next]) != JSON_NULL)
			take_value(r, piece_add(r, p, arena_str(&r->row, buf_str(&name))), child, next);
		next = json_skip(words, next);
	}
}

static int scan(struct record_maker *r, struct err *e)
{
	static const struct json_limits limits = {70, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	struct json_fault               fault;
	size_t                          len = r->text.len;

	buf_fill(&r->text, '\0', JSON_PADDING);
	r->tape.count = 0;
	if (json_scan(r->text.ptr, len, 0, &limits, &r->tape, &fault))
		return 0;
	return err_set(e, ERR_CORRUPT, "a row holds what is no JSON: " STR_FMT, STR_ARG(str_make(r->text.ptr, len < 80 ? len : 80)));
}

static const int64_t units_a_second[] = {[TIME_S] = 1, [TIME_MS] = 1000, [TIME_US] = 1000000, [TIME_NS] = 1000000000};

/* What held by event_time can be written back: whole numbers of its unit. */
static str time_number(struct record_maker *r, str us)
{
	int64_t number = 0, per_second = units_a_second[r->time_unit];

	(void)str_to_i64(us, &number);
	number = per_second >= 1000000 ? number * (per_second / 1000000) : number / (1000000 / per_second);
	return arena_format(&r->row, "%" PRId64, number);
}

static int take_column(struct record_maker *r, const struct field *f, const struct answer *answer, size_t column,
                       size_t row, struct err *e)
{
	buf_clear(&r->text);
	answer_json(answer, column, row, &r->text);
	if (str_eq(buf_str(&r->text), STR("null")))
		return 0;
	if (is_time(r, f)) {
		piece_at(r, r->root, f->doc)->value = time_number(r, buf_str(&r->text));
		return 0;
	}
	TRY(scan(r, e));
	take_value(r, piece_at(r, r->root, f->doc), f, 0);
	return 0;
}

/* --- _extra -------------------------------------------------------------------------------- */

/* What it holds as it came stands before what a column has of it. */
static void put_extra(struct record_maker *r, str pointer, uint32_t at)
{
	struct piece *p = piece_at(r, r->root, pointer);

	p->value = arena_str(&r->row, json_source(r->text.ptr, r->tape.words, at));
	if (pointer.len == 0)
		p->first = p->last = NULL; /* the whole record */
}

static int take_extra(struct record_maker *r, const struct answer *answer, size_t column, size_t row, struct err *e)
{
	uint32_t next = 2;

	buf_clear(&r->text);
	if (!answer_text(answer, column, row, &r->text))
		return 0;
	TRY(scan(r, e));
	if (json_kind(r->tape.words[0]) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "there is a row whose _extra is no JSON object");
	for (uint32_t left = json_len(r->tape.words[0]); left > 0; left--) {
		str pointer = json_unescape(r->text.ptr, r->tape.words[next], &r->scratch);

		put_extra(r, arena_str(&r->row, pointer), next + 2);
		next = json_skip(r->tape.words, next + 2);
	}
	return 0;
}

/* --- out ----------------------------------------------------------------------------------- */

static void write_piece(const struct piece *p, struct buf *out)
{
	if (p->value.ptr != NULL) {
		buf_add(out, p->value);
		return;
	}
	buf_byte(out, p->is_list ? '[' : '{');
	for (const struct piece *child = p->first; child != NULL; child = child->next) {
		buf_add(out, child != p->first ? STR(",") : STR(""));
		if (!p->is_list) {
			buf_json(out, child->name);
			buf_byte(out, ':');
		}
		if (p->is_list && child->value.ptr == NULL && child->first == NULL && !child->is_list)
			buf_add(out, STR("null"));
		else
			write_piece(child, out);
	}
	buf_byte(out, p->is_list ? ']' : '}');
}

int record_write(struct record_maker *r, const struct answer *answer, size_t row, struct buf *out, struct err *e)
{
	arena_reset(&r->row);
	r->root = ARENA_NEW(&r->row, struct piece);
	for (size_t i = 0; i < r->columns.count; i++) {
		const struct field *f = r->columns.at[i];

		if (str_starts(f->doc, STR("/")))
			TRY(take_column(r, f, answer, i, row, e));
		else
			TRY(take_extra(r, answer, i, row, e));
	}
	write_piece(r->root, out);
	return 0;
}
