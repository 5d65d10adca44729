/* See strings.h. */
#include "runner/strings.h"

#include "runner/format_spec.h"
#include "runner/types.h"
#include "runner/unicode.h"

#include <string.h>

size_t str_prefix(const Str *s, size_t n) {
    if (n >= s->chars) return s->len;
    if (s->chars == s->len) return n;
    size_t i = 0;
    for (size_t seen = 0;; i++)
        if (((unsigned char)s->data[i] & 0xC0) != 0x80 && seen++ == n) return i;
}

/* ---- repr ---- */

static void put_escaped(Buf *out, uint32_t cp, const char *bytes, size_t len,
                        char quote) {
    if (cp == (unsigned char)quote || cp == '\\') {
        buf_putc(out, '\\');
        buf_putc(out, (char)cp);
    } else if (cp == '\n') {
        buf_puts(out, "\\n");
    } else if (cp == '\r') {
        buf_puts(out, "\\r");
    } else if (cp == '\t') {
        buf_puts(out, "\\t");
    } else if (unicode_is_printable(cp)) {
        buf_add(out, bytes, len);
    } else if (cp < 0x100) {
        buf_printf(out, "\\x%02x", cp);
    } else if (cp < 0x10000) {
        buf_printf(out, "\\u%04x", cp);
    } else {
        buf_printf(out, "\\U%08x", cp);
    }
}

void str_repr(Buf *out, const Str *s) {
    bool single = memchr(s->data, '\'', s->len) != NULL;
    char quote = single && !memchr(s->data, '"', s->len) ? '"' : '\'';
    buf_putc(out, quote);
    for (size_t i = 0; i < s->len;) {
        uint32_t cp;
        int n = utf8_decode(s->data + i, s->len - i, &cp);
        if (n == 0) break;
        put_escaped(out, cp, s->data + i, (size_t)n, quote);
        i += (size_t)n;
    }
    buf_putc(out, quote);
}

static void repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    str_repr(out, value_str(v));
}

static void text(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_add(out, value_str(v)->data, value_str(v)->len);
}

/* ---- order ---- */

/* The order of code points is the order of UTF-8's bytes. */
static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    const Str *s = value_str(a), *t = value_str(b);
    if (!s || !t) return (Value){.tag = VAL_NOT_IMPLEMENTED};
    int order = memcmp(s->data, t->data, s->len < t->len ? s->len : t->len);
    if (order == 0) order = (s->len > t->len) - (s->len < t->len);
    order = (order > 0) - (order < 0);
    return compare_answer(op, order);
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    return (int64_t)value_str(v)->chars;
}

const TypeOps str_ops = {
    .compare = compare,
    .repr = repr,
    .text = text,
    .format = format_str,
    .length = length,
};
