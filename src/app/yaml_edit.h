/* yaml_edit.h - change one key in a YAML text that a person wrote, and leave every other byte as it is:
 * comments, order, quotes.
 *
 * Pure: text in, text out. What is changed is one key of one section, a mapping at the top of the file:
 *
 *     section:            # comments of others stay
 *       key: value
 *
 * A section that is absent is added at the end; one in braces is written out in lines first. The caller
 * reads the result as it would any file before it takes the place of the old one.
 */
#ifndef APP_YAML_EDIT_H
#define APP_YAML_EDIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Make `value` the value of section.key, appended to `out` with the rest of the text. A value of several
 * lines begins with a line end, and its lines are written deeper than the key by two more than they are
 * here. ERR_INPUT where the file is no mapping of lines. */
int yaml_edit_set(const char *file, str text, const char *section, const char *key, str value, struct buf *out,
                  struct err *e) MUST_USE;

/* The elements of the list section.key as they are written: lines after an element's first are moved with
 * it to the left margin. None where there is no such list. Owned by `a`. */
int yaml_edit_items(const char *file, str text, const char *section, const char *key, struct arena *a, str **out,
                    size_t *count, struct err *e) MUST_USE;

#endif
