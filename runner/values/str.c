/* See str.h. */
#include "runner/values/str.h"

#include "runner/text/unicode.h"
#include "runner/values/format_spec.h"
#include "runner/values/iterator.h"
#include "runner/values/slice.h"
#include "runner/values/str_format.h"
#include "runner/values/types.h"

#include <string.h>

/* ---- characters and bytes ---- */

size_t str_prefix(const Str *s, size_t n) {
    if (n >= s->chars) return s->len;
    if (str_is_ascii(s)) return n;
    size_t i = 0;
    for (size_t seen = 0;; i++)
        if (((unsigned char)s->data[i] & 0xC0) != 0x80 && seen++ == n) return i;
}

size_t str_count(const Str *s, size_t n) {
    return str_is_ascii(s) ? n : utf8_count(s->data, n);
}

Value str_part(Ctx *c, Str *s, size_t from, size_t to) {
    if (from == 0 && to == s->len) return value_share(c, value_obj(s));
    return value_obj(pool_add(c, str_new(c, s->data + from, to - from)));
}

int64_t str_find_bytes(const Str *s, const Str *what, size_t from, size_t to) {
    if (from > to || what->len > to - from) return -1;
    if (what->len == 0) return (int64_t)from;
    const char *end = s->data + to - what->len + 1;
    for (const char *p = s->data + from; p < end; p++) {
        p = memchr(p, what->data[0], (size_t)(end - p));
        if (!p) return -1;
        if (memcmp(p, what->data, what->len) == 0) return p - s->data;
    }
    return -1;
}

int64_t str_rfind_bytes(const Str *s, const Str *what, size_t from, size_t to) {
    if (from > to || what->len > to - from) return -1;
    for (size_t i = to - what->len + 1; i-- > from;)
        if (memcmp(s->data + i, what->data, what->len) == 0) return (int64_t)i;
    return -1;
}

/* ---- repr ---- */

static void put_code(Buf *out, uint32_t cp) {
    if (cp < 0x100)
        buf_printf(out, "\\x%02x", cp);
    else
        buf_printf(out, cp < 0x10000 ? "\\u%04x" : "\\U%08x", cp);
}

static void put_escaped(Buf *out, uint32_t cp, char quote) {
    char bytes[4];
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
        buf_add(out, bytes, (size_t)utf8_write(cp, bytes));
    } else {
        put_code(out, cp);
    }
}

/* repr(s): quoted and escaped the way Python does it. */
static void str_repr(Buf *out, const Str *s) {
    bool single = memchr(s->data, '\'', s->len) != NULL;
    char quote = single && !memchr(s->data, '"', s->len) ? '"' : '\'';
    uint32_t cp;
    buf_putc(out, quote);
    for (size_t i = 0; i < s->len;) {
        i += (size_t)utf8_decode(s->data + i, s->len - i, &cp);
        put_escaped(out, cp, quote);
    }
    buf_putc(out, quote);
}

void str_escape(Buf *out, const Str *s) {
    uint32_t cp;
    for (size_t i = 0; i < s->len;) {
        i += (size_t)utf8_decode(s->data + i, s->len - i, &cp);
        if (cp < 0x80)
            buf_putc(out, (char)cp);
        else
            put_code(out, cp);
    }
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
    if (!s || !t) return value_not_implemented();
    int order = memcmp(s->data, t->data, s->len < t->len ? s->len : t->len);
    if (order == 0) order = (s->len > t->len) - (s->len < t->len);
    order = (order > 0) - (order < 0);
    return compare_answer(op, order);
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    return (int64_t)value_str(v)->chars;
}

static int contains(Ctx *c, Value v, Value item) {
    if (value_str(item))
        return str_find_bytes(value_str(v), value_str(item), 0, value_str(v)->len) >= 0;
    error_raise(c, TypeError, "'in <string>' requires string as left operand, not %s",
                type_name(item));
    return -1;
}

/* ---- items ---- */

static size_t character_length(const Str *s, size_t at) {
    size_t n = 1;
    while (at + n < s->len && ((unsigned char)s->data[at + n] & 0xC0) == 0x80) n++;
    return n;
}

/* The bytes where character i of s starts, for every i; freed by the caller. */
static size_t *character_starts(Ctx *c, const Str *s) {
    size_t *starts = ctx_alloc(c, (s->chars + 1) * sizeof *starts);
    if (!starts) return NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->len; i++)
        if (((unsigned char)s->data[i] & 0xC0) != 0x80) starts[n++] = i;
    starts[n] = s->len;
    return starts;
}

static Value get_stepped(Ctx *c, const Str *s, SliceRange r) {
    size_t *starts = str_is_ascii(s) ? NULL : character_starts(c, s);
    if (ctx_failed(c)) return value_null();
    Buf b;
    buf_init(&b, &c->mem);
    for (int64_t i = 0; i < r.n && !b.failed; i++) {
        size_t at = (size_t)(r.start + i * r.step);
        if (starts)
            buf_add(&b, s->data + starts[at], starts[at + 1] - starts[at]);
        else
            buf_putc(&b, s->data[at]);
    }
    ctx_free(c, starts, (s->chars + 1) * sizeof *starts);
    return value_obj(str_take(c, &b));
}

static Value get_slice(Ctx *c, Str *s, const Slice *slice) {
    SliceRange r;
    if (!slice_resolve(c, slice, (int64_t)s->chars, &r)) return value_null();
    if (r.step != 1) return get_stepped(c, s, r);
    size_t from = str_prefix(s, (size_t)r.start);
    return str_part(c, s, from, r.n ? str_prefix(s, (size_t)r.stop) : from);
}

static Value get_item(Ctx *c, Value v, Value key) {
    Str *s = value_str(v);
    int64_t i;
    if (value_slice(key)) return get_slice(c, s, value_slice(key));
    if (!slice_is_index(key))
        return value_raise(c, TypeError, "string indices must be integers, not '%s'",
                           type_name(key));
    if (!slice_index(c, key, (int64_t)s->chars, "string index out of range", &i))
        return value_null();
    size_t at = str_prefix(s, (size_t)i);
    return str_part(c, s, at, at + character_length(s, at));
}

/* ---- operators ---- */

static Value concat(Ctx *c, const Str *a, const Str *b) {
    Buf sum;
    buf_init(&sum, &c->mem);
    buf_add(&sum, a->data, a->len);
    buf_add(&sum, b->data, b->len);
    return value_obj(str_take(c, &sum));
}

static Value repeat(Ctx *c, const Str *s, Value times) {
    if (!slice_is_index(times)) return value_not_implemented();
    if (value_is_kind(times, OBJ_BIGINT))
        return value_raise(c, OverflowError,
                           "cannot fit 'int' into an index-sized integer");
    int64_t k;
    if (!value_to_index(c, times, &k)) return value_null();
    if (k > 0 && s->chars > 0 && k > INT64_MAX / (int64_t)s->chars)
        return value_raise(c, OverflowError, "repeated string is too long");
    Buf product;
    buf_init(&product, &c->mem);
    buf_add_times(&product, s->data, s->len, k > 0 ? (size_t)k : 0);
    return value_obj(str_take(c, &product));
}

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    const Str *s = value_str(a), *t = value_str(b);
    if (op == BINARY_ADD && s && t) return concat(c, s, t);
    if (op == BINARY_MUL) return s ? repeat(c, s, b) : repeat(c, t, a);
    if (op == BINARY_MOD && s) return str_percent(c, value_str(a), b);
    return value_not_implemented();
}

const TypeOps str_ops = {
    .compare = compare,
    .repr = repr,
    .text = text,
    .format = format_str,
    .iterate = str_iterate,
    .length = length,
    .contains = contains,
    .get_item = get_item,
    .binary = binary,
    .methods = str_methods,
};
