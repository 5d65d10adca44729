/* json_text: texts in JSON values, and values as text. */
#ifndef RUNNER_JSON_TEXT_H
#define RUNNER_JSON_TEXT_H

#include "core/core.h"

#include <jansson.h>

/* object[key] is the text of n bytes; a NULL is left out. Bytes that are no UTF-8 are
 * shown as \xNN. */
void json_set_bytes(Mem *mem, json_t *object, const char *key, const char *text,
                    size_t n);
/* The same for a text that a NUL ends. */
void json_set_text(Mem *mem, json_t *object, const char *key, const char *text);
void json_set_count(json_t *object, const char *key, uint64_t count);
/* Appends the value and a line end, and gives up the value. All of it is ASCII. A value
 * that could not be made for want of memory is NULL, and fails `out`. */
void json_put(Buf *out, json_t *value, size_t jansson_flags);

#endif
