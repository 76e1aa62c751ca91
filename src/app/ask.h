/* ask.h - questions that a command puts to the lake in SQL, and their answers cell by cell. */
#ifndef APP_ASK_H
#define APP_ASK_H

#include "query/engine.h"
#include "query/views.h"

/* A cell, owned by the arena; ptr NULL where it is null. */
str     ask_cell(const struct answer *answer, size_t column, size_t row, struct arena *a);
/* 0 where it is null. */
int64_t ask_number(const struct answer *answer, size_t column, size_t row);

typedef int ask_fn(void *context, const struct answer *answer, size_t row, struct err *e);

/* Each row of the statement's answer, as it comes. */
int ask(struct views *v, str sql, ask_fn *each, void *context, struct err *e) MUST_USE;

#endif
