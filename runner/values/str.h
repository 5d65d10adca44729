/* strings: str, apart from its methods (str_*.c).
 *
 * Strs count characters in the language and bytes in memory. In a str of ASCII both are
 * the same, and indexing is O(1); else it walks over the bytes.
 */
#ifndef RUNNER_STR_H
#define RUNNER_STR_H

#include "core/core.h"

static inline bool str_is_ascii(const Str *s) {
    return s->len == s->chars;
}
/* Bytes of the first n characters. */
size_t str_prefix(const Str *s, size_t n);
/* Characters in the first n bytes. */
size_t str_count(const Str *s, size_t n);
/* The bytes [from, to) as a str of the pool; s itself when that is all of it. */
Value str_part(Ctx *c, Str *s, size_t from, size_t to);
/* The first place of `what` in the bytes [from, to) of s, or the last one; -1 when
 * there is none. Valid UTF-8 is found only where characters start. */
int64_t str_find_bytes(const Str *s, const Str *what, size_t from, size_t to);
int64_t str_rfind_bytes(const Str *s, const Str *what, size_t from, size_t to);

/* Escapes what lies beyond ASCII: what ascii(v) makes of repr(v). */
void str_escape(Buf *out, const Str *s);

#endif
