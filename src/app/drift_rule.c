/* drift_rule.c - the schema that would have held everything. */
#include "app/drift.h"

/* What a column's own values are. */
static unsigned kinds_of_column(const struct field *f)
{
	static const unsigned kinds[] = {
		[TYPE_BOOL] = KIND_BOOLEAN, [TYPE_LONG] = KIND_INTEGER,     [TYPE_DOUBLE] = KIND_REAL,
		[TYPE_STRING] = KIND_TEXT,  [TYPE_BINARY] = KIND_TEXT,      [TYPE_TIMESTAMPTZ] = KIND_TEXT,
		[TYPE_UUID] = KIND_TEXT,    [TYPE_INT] = KIND_INTEGER,      [TYPE_DATE] = KIND_TEXT,
		[TYPE_STRUCT] = KIND_OBJECT, [TYPE_LIST] = KIND_ARRAY,
	};

	return f != NULL ? kinds[f->type] : 0;
}

const char *drift_rule(const struct drift_place *p)
{
	const unsigned text_numbers = KIND_TEXT_INTEGER | KIND_TEXT_REAL;
	const unsigned booleans = KIND_BOOLEAN | KIND_TEXT_BOOLEAN;
	const unsigned integers = KIND_INTEGER | KIND_LARGE | KIND_TEXT_INTEGER;
	const unsigned numbers = KIND_INTEGER | KIND_REAL | text_numbers;
	unsigned       kinds = p->kinds | kinds_of_column(p->field);

	if (kinds & (KIND_OBJECT | KIND_ARRAY) || kinds == 0)
		return "{format: json}";
	if ((kinds & ~booleans) == 0)
		return kinds & KIND_TEXT_BOOLEAN ? "{type: boolean, coerce: true}" : "{type: boolean}";
	if ((kinds & ~integers) == 0)
		return kinds & text_numbers ? "{type: integer, coerce: true}" : "{type: integer}";
	if ((kinds & ~numbers) == 0)
		return kinds & text_numbers ? "{type: number, coerce: true}" : "{type: number}";
	return "{type: string}";
}

const char *drift_column(const struct drift_place *p)
{
	if (p->field != NULL)
		return type_name(p->field->type);
	return p->why == DRIFT_TYPE ? "struct" : "none"; /* its members' columns stand at the top of the table */
}
