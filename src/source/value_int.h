/* value_int.h - where one JSON value ends, found by brackets and quotes alone, with constant memory.
 *
 * Nothing is validated: a bracket of the wrong kind counts as one. What is found is judged by the JSON
 * scan, later.
 */
#ifndef SOURCE_VALUE_INT_H
#define SOURCE_VALUE_INT_H

#include "base/str.h"

enum value_place { VALUE_START, VALUE_NESTED, VALUE_STRING, VALUE_ESCAPE, VALUE_BARE };

/* How far into a value a scan is. Zeroed: at its first byte, which is not a blank. */
struct value {
	uint64_t         depth;
	enum value_place place;
};

/* Go on over `text`: how many of its bytes belong to the value, and whether it ends there. A container
 * ends with its bracket, a string with its quote. Anything else (a number, a word, a stray byte) ends
 * before a blank, a comma, a quote or a bracket, so a last one is never whole. */
size_t value_scan(struct value *v, str text, bool *is_whole);

/* Whether `text` is one whole object and blanks. */
bool value_is_object(str text);

#endif
