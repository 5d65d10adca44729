/* buf: a growing byte string, and what little of UTF-8 is needed.
 *
 * Invariant: `data` is NUL-terminated whenever it is not NULL; `len` does not count
 * the NUL.  A failed growth sets `failed` and drops the text added; the caller looks
 * at `failed` once, at the end.  The owner calls buf_free.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "mem.h"

#include <stdarg.h>

typedef struct Buf {
    Mem *mem;
    char *data;
    size_t len, cap;
    bool failed;
} Buf;

void buf_init(Buf *b, Mem *mem);
void buf_free(Buf *b);
void buf_clear(Buf *b); /* len 0, memory kept */
/* The text so far, "" when empty; valid until the next change. */
const char *buf_text(const Buf *b);

void buf_add(Buf *b, const char *bytes, size_t n);
void buf_puts(Buf *b, const char *text);
void buf_putc(Buf *b, char ch);
void buf_repeat(Buf *b, char ch, size_t n);
void buf_add_times(Buf *b, const char *bytes, size_t n, size_t times);
void buf_printf(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(Buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* "[2, 3]" */
void buf_dims(Buf *b, int n, const int64_t *dims);

/* Bytes of the character that starts at s (n bytes left), its code point in *cp;
 * 0 when the bytes are not valid UTF-8 (overlong forms and surrogates are not). */
int utf8_decode(const char *s, size_t n, uint32_t *cp);
/* Writes 1 to 4 bytes, returns how many; 0 when cp is no character. */
int utf8_write(uint32_t cp, char out[4]);
/* Number of characters in valid UTF-8. */
size_t utf8_count(const char *s, size_t n);

/* A letter, digit or underscore, whatever the locale. */
static inline bool is_ascii_word(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '_';
}

#endif
