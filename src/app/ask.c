#include "app/ask.h"

str ask_cell(const struct answer *answer, size_t column, size_t row, struct arena *a)
{
	AUTO(buf) text = BUF(0);

	return answer_text(answer, column, row, &text) ? arena_str(a, buf_str(&text)) : (str){0};
}

int64_t ask_number(const struct answer *answer, size_t column, size_t row)
{
	AUTO(buf) text = BUF(0);
	int64_t   number = 0;

	if (answer_text(answer, column, row, &text))
		(void)str_to_i64(buf_str(&text), &number);
	return number;
}

static int each_row(struct answer *answer, ask_fn *each, void *context, struct err *e)
{
	int more;

	while ((more = answer_next(answer, e)) > 0)
		for (size_t row = 0; row < answer->row_count; row++)
			TRY(each(context, answer, row, e));
	return more;
}

int ask(struct views *v, str sql, ask_fn *each, void *context, struct err *e)
{
	struct answer answer = {0};
	int           status;

	TRY(views_query(v, sql, &answer, NULL, e));
	status = each_row(&answer, each, context, e);
	views_end(v, &answer);
	return status;
}
