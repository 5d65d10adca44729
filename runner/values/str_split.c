/* str_split: methods of str that take it apart, strip and join. */
#include "runner/text/unicode.h"
#include "runner/values/protocol.h"
#include "runner/values/str.h"
#include "runner/values/str_methods.h"

#include <string.h>

/* ---- strip ---- */

typedef struct Span {
    size_t from, to; /* bytes */
} Span;

/* Whether cp is to be stripped: a blank, or one of `chars`. */
static bool is_stripped(uint32_t cp, const Str *chars) {
    if (!chars) return unicode_is_space(cp);
    uint32_t other;
    for (size_t at = 0; at < chars->len;) {
        int n = utf8_decode(chars->data + at, chars->len - at, &other);
        if (n == 0 || other == cp) return n > 0;
        at += (size_t)n;
    }
    return false;
}

static void strip_left(const Str *s, const Str *chars, Span *span) {
    uint32_t cp;
    while (span->from < span->to) {
        int n = utf8_decode(s->data + span->from, span->to - span->from, &cp);
        if (n == 0 || !is_stripped(cp, chars)) return;
        span->from += (size_t)n;
    }
}

static void strip_right(const Str *s, const Str *chars, Span *span) {
    uint32_t cp;
    while (span->from < span->to) {
        size_t start = span->to - 1;
        while (start > span->from && ((unsigned char)s->data[start] & 0xC0) == 0x80)
            start--;
        int n = utf8_decode(s->data + start, span->to - start, &cp);
        if (n == 0 || !is_stripped(cp, chars)) return;
        span->to = start;
    }
}

static Value strip(Ctx *c, Value self, const Args *args, const char *name, bool left,
                   bool right) {
    Str *s = value_str(self);
    Value chars = args->pos[0];
    if (!value_is_null(chars) && !value_is_none(chars) && !value_str(chars))
        return value_raise(c, TypeError, "%s arg must be None or str", name);
    Span span = {0, s->len};
    if (left) strip_left(s, value_str(chars), &span);
    if (right) strip_right(s, value_str(chars), &span);
    return str_part(c, s, span.from, span.to);
}

Value str_strip(Ctx *c, Value self, const Args *args) {
    return strip(c, self, args, "strip", true, true);
}
Value str_lstrip(Ctx *c, Value self, const Args *args) {
    return strip(c, self, args, "lstrip", true, false);
}
Value str_rstrip(Ctx *c, Value self, const Args *args) {
    return strip(c, self, args, "rstrip", false, true);
}

/* ---- split ---- */

static bool push_part(Ctx *c, List *parts, Str *s, size_t from, size_t to) {
    size_t mark = pool_mark(c);
    Value part = str_part(c, s, from, to);
    bool pushed = !value_is_null(part) && list_push(c, parts, part);
    pool_drain(c, mark);
    return pushed;
}

/* At blanks: rows of them count as one, and those at the ends as none. */
static bool split_at_blanks(Ctx *c, Str *s, int64_t n, List *parts) {
    Span rest = {0, s->len};
    for (;; n--) {
        strip_left(s, NULL, &rest);
        if (rest.from == rest.to) return true;
        if (n == 0) break;
        Span word = {rest.from, rest.from};
        uint32_t cp = 'x';
        while (word.to < s->len) {
            int len = utf8_decode(s->data + word.to, s->len - word.to, &cp);
            if (unicode_is_space(cp)) break;
            word.to += (size_t)len;
        }
        if (!push_part(c, parts, s, word.from, word.to)) return false;
        rest.from = word.to;
    }
    return push_part(c, parts, s, rest.from, rest.to);
}

static bool split_at(Ctx *c, Str *s, const Str *sep, int64_t n, List *parts) {
    size_t from = 0;
    int64_t at;
    for (; n != 0 && (at = str_find_bytes(s, sep, from, s->len)) >= 0; n--) {
        if (!push_part(c, parts, s, from, (size_t)at)) return false;
        from = (size_t)at + sep->len;
    }
    return push_part(c, parts, s, from, s->len);
}

/* The same from the right; the parts come out last first. */
static bool rsplit_at_blanks(Ctx *c, Str *s, int64_t n, List *parts) {
    Span rest = {0, s->len};
    for (;; n--) {
        strip_right(s, NULL, &rest);
        if (rest.from == rest.to) return true;
        if (n == 0) break;
        Span word = {rest.to, rest.to};
        while (word.from > 0) {
            uint32_t cp = 'x';
            size_t start = word.from - 1;
            while (start > 0 && ((unsigned char)s->data[start] & 0xC0) == 0x80) start--;
            utf8_decode(s->data + start, word.from - start, &cp);
            if (unicode_is_space(cp)) break;
            word.from = start;
        }
        if (!push_part(c, parts, s, word.from, word.to)) return false;
        rest.to = word.from;
    }
    return push_part(c, parts, s, rest.from, rest.to);
}

static bool rsplit_at(Ctx *c, Str *s, const Str *sep, int64_t n, List *parts) {
    size_t to = s->len;
    int64_t at;
    for (; n != 0 && (at = str_rfind_bytes(s, sep, 0, to)) >= 0; n--) {
        if (!push_part(c, parts, s, (size_t)at + sep->len, to)) return false;
        to = (size_t)at;
    }
    return push_part(c, parts, s, 0, to);
}

static void reverse(List *l) {
    for (size_t i = 0; i < l->n / 2; i++) {
        Value swapped = l->items[i];
        l->items[i] = l->items[l->n - 1 - i];
        l->items[l->n - 1 - i] = swapped;
    }
}

static bool check_separator(Ctx *c, Value sep) {
    if (value_is_null(sep) || value_is_none(sep)) return true;
    if (!value_str(sep))
        return error_raise(c, TypeError, "must be str or None, not %s", type_name(sep));
    if (value_str(sep)->len == 0) return error_raise(c, ValueError, "empty separator");
    return true;
}

static Value split(Ctx *c, Value self, const Args *args, bool right) {
    Str *s = value_str(self), *sep = value_str(args->pos[0]);
    int64_t n = -1;
    if (!value_is_null(args->pos[1]) && !value_to_index(c, args->pos[1], &n))
        return value_null();
    if (!check_separator(c, args->pos[0])) return value_null();
    List *parts = pool_add(c, list_new(c, 0));
    if (!parts) return value_null();
    bool went;
    if (right)
        went = sep ? rsplit_at(c, s, sep, n, parts) : rsplit_at_blanks(c, s, n, parts);
    else
        went = sep ? split_at(c, s, sep, n, parts) : split_at_blanks(c, s, n, parts);
    if (right) reverse(parts);
    return went ? value_obj(parts) : value_null();
}

Value str_split(Ctx *c, Value self, const Args *args) {
    return split(c, self, args, false);
}
Value str_rsplit(Ctx *c, Value self, const Args *args) {
    return split(c, self, args, true);
}

/* Bytes of the line break at s[at], 0 when there is none. */
static size_t line_break(const Str *s, size_t at) {
    uint32_t cp;
    int n = utf8_decode(s->data + at, s->len - at, &cp);
    if (cp == '\r') return at + 1 < s->len && s->data[at + 1] == '\n' ? 2 : 1;
    bool breaks = (cp >= '\n' && cp <= '\f') || (cp >= 0x1C && cp <= 0x1E) ||
                  cp == 0x85 || cp == 0x2028 || cp == 0x2029;
    return breaks ? (size_t)n : 0;
}

Value str_splitlines(Ctx *c, Value self, const Args *args) {
    Str *s = value_str(self);
    int64_t keep = 0;
    if (!value_is_null(args->pos[0]) && !value_to_index(c, args->pos[0], &keep))
        return value_null();
    List *lines = pool_add(c, list_new(c, 0));
    if (!lines) return value_null();
    size_t from = 0;
    for (size_t at = 0; at < s->len;) {
        size_t n = line_break(s, at);
        if (n == 0) {
            at++;
            while (at < s->len && ((unsigned char)s->data[at] & 0xC0) == 0x80) at++;
            continue;
        }
        if (!push_part(c, lines, s, from, keep ? at + n : at)) return value_null();
        from = at += n;
    }
    if (from < s->len && !push_part(c, lines, s, from, s->len)) return value_null();
    return value_obj(lines);
}

/* ---- partition ---- */

static Value partition(Ctx *c, Value self, const Args *args, bool right) {
    Str *s = value_str(self), *sep = value_str(args->pos[0]);
    if (!sep)
        return value_raise(c, TypeError, "must be str, not %s",
                           type_name(args->pos[0]));
    if (sep->len == 0) return value_raise(c, ValueError, "empty separator");
    int64_t at =
        right ? str_rfind_bytes(s, sep, 0, s->len) : str_find_bytes(s, sep, 0, s->len);
    size_t end = at >= 0 ? (size_t)at + sep->len : s->len;
    Value nothing = str_part(c, s, s->len, s->len);
    Value parts[3] = {value_obj(s), nothing, nothing};
    if (at >= 0) {
        parts[0] = str_part(c, s, 0, (size_t)at);
        parts[1] = value_obj(sep);
        parts[2] = str_part(c, s, end, s->len);
    } else if (right) {
        parts[0] = nothing;
        parts[2] = value_obj(s);
    }
    if (ctx_failed(c)) return value_null();
    return tuple_of(c, 3, parts);
}

Value str_partition(Ctx *c, Value self, const Args *args) {
    return partition(c, self, args, false);
}
Value str_rpartition(Ctx *c, Value self, const Args *args) {
    return partition(c, self, args, true);
}

/* ---- join ---- */

Value str_join(Ctx *c, Value self, const Args *args) {
    const Str *sep = value_str(self);
    if (!type_ops(args->pos[0])->iterate)
        return value_raise(c, TypeError, "can only join an iterable");
    const List *l = value_to_list(c, args->pos[0]);
    if (!l) return value_null();
    Buf out;
    buf_init(&out, &c->mem);
    for (size_t i = 0; i < l->n && !ctx_failed(c) && !out.failed; i++) {
        const Str *s = value_str(l->items[i]);
        if (i) buf_add(&out, sep->data, sep->len);
        if (s)
            buf_add(&out, s->data, s->len);
        else
            error_raise(c, TypeError,
                        "sequence item %zu: expected str instance, %s found", i,
                        type_name(l->items[i]));
    }
    return value_obj(str_take(c, &out));
}
