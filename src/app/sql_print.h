/* sql_print.h - an answer on stdout, row by row as it comes. */
#ifndef APP_SQL_PRINT_H
#define APP_SQL_PRINT_H

#include "query/answer.h"

enum sql_format {
	SQL_TABLE, /* aligned, for people: controls escaped, NULL empty */
	SQL_JSON,  /* an array of objects, one a line */
	SQL_JSONL, /* an object a line */
	SQL_CSV,   /* RFC 4180, with a head; NULL is empty, an empty text is "" */
};

/* Returns 0, a class, or SQL_READER_GONE where nobody reads stdout any more. *rows counts what
 * was printed. */
enum { SQL_READER_GONE = 1 };
int sql_print(struct answer *a, enum sql_format format, int64_t *rows, struct err *e) MUST_USE;

#endif
