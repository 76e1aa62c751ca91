/* documents.h - made-up events of hundreds of differing nested shapes: names that clash or mean something to somebody, values of another
 * type than yesterday's at any depth, numbers at the edges of their types, containers with nothing in them.
 *
 * Each place has a kind that nine of ten of its values are of, so that columns come to be. Two documents of one seed and number are
 * the same. Every one has an id and a time ("id", "at": epoch ms).
 */
#ifndef TESTS_DOCUMENTS_H
#define TESTS_DOCUMENTS_H

#include "base/buf.h"

void document_make(uint64_t seed, uint64_t number, struct buf *out); /* appended */

#endif
