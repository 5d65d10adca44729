/* str_search: methods of str that look for a str in another, and replace it. */
#include "runner/values/protocol.h"
#include "runner/values/slice.h"
#include "runner/values/str.h"
#include "runner/values/str_methods.h"

#include <string.h>

/* What find and its like are called with: s.find(what, start, end). */
typedef struct Search {
    Str *s;
    Value what;
    size_t from, to; /* bytes */
    bool empty;      /* start lies behind end: not even "" is there */
} Search;

/* These methods count their arguments in words of their own. */
static bool read_search(Ctx *c, Value self, const Args *args, const char *name,
                        Search *out) {
    if (args->n_named)
        return error_raise(c, TypeError, "str.%s() takes no keyword arguments", name);
    if (args->n < 1 || args->n > 3)
        return error_raise(c, TypeError, "%s() takes at %s argument%s (%zu given)",
                           name, args->n < 1 ? "least 1" : "most 3",
                           args->n < 1 ? "" : "s", args->n);
    Str *s = value_str(self);
    int64_t from, to;
    Value start = args->n > 1 ? args->pos[1] : value_null();
    Value end = args->n > 2 ? args->pos[2] : value_null();
    if (!slice_bounds(c, start, end, (int64_t)s->chars, &from, &to)) return false;
    *out = (Search){.s = s, .what = args->pos[0], .empty = from > to};
    out->from = str_prefix(s, from > to ? 0 : (size_t)from);
    out->to = str_prefix(s, (size_t)to);
    return true;
}

static bool check_is_str(Ctx *c, Value v) {
    if (value_str(v)) return true;
    return error_raise(c, TypeError, "must be str, not %s", type_name(v));
}

/* ---- find, index ---- */

typedef int64_t (*Finder)(const Str *s, const Str *what, size_t from, size_t to);

/* The character where it is, or -1; -2 on error. */
static int64_t search(Ctx *c, Value self, const Args *args, const char *name,
                      Finder f) {
    Search q = {0};
    if (!read_search(c, self, args, name, &q) || !check_is_str(c, q.what)) return -2;
    int64_t at = q.empty ? -1 : f(q.s, value_str(q.what), q.from, q.to);
    return at < 0 ? -1 : (int64_t)str_count(q.s, (size_t)at);
}

static Value found(int64_t at) {
    return at == -2 ? value_null() : value_int(at);
}

static Value found_or_raise(Ctx *c, int64_t at) {
    if (at == -1) return value_raise(c, ValueError, "substring not found");
    return found(at);
}

Value str_find(Ctx *c, Value self, const Args *args) {
    return found(search(c, self, args, "find", str_find_bytes));
}
Value str_rfind(Ctx *c, Value self, const Args *args) {
    return found(search(c, self, args, "rfind", str_rfind_bytes));
}
Value str_index(Ctx *c, Value self, const Args *args) {
    return found_or_raise(c, search(c, self, args, "index", str_find_bytes));
}
Value str_rindex(Ctx *c, Value self, const Args *args) {
    return found_or_raise(c, search(c, self, args, "rindex", str_rfind_bytes));
}

Value str_count_of(Ctx *c, Value self, const Args *args) {
    Search q = {0};
    if (!read_search(c, self, args, "count", &q) || !check_is_str(c, q.what))
        return value_null();
    const Str *what = value_str(q.what);
    if (q.empty) return value_int(0);
    if (what->len == 0)
        return value_int((int64_t)utf8_count(q.s->data + q.from, q.to - q.from) + 1);
    int64_t n = 0, at;
    for (; (at = str_find_bytes(q.s, what, q.from, q.to)) >= 0; n++)
        q.from = (size_t)at + what->len;
    return value_int(n);
}

/* ---- startswith, endswith ---- */

typedef bool (*Matcher)(const Search *q, const Str *what);

static bool at_start(const Search *q, const Str *what) {
    return what->len <= q->to - q->from &&
           memcmp(q->s->data + q->from, what->data, what->len) == 0;
}

static bool at_end(const Search *q, const Str *what) {
    return what->len <= q->to - q->from &&
           memcmp(q->s->data + q->to - what->len, what->data, what->len) == 0;
}

static Value matches_any(Ctx *c, const Search *q, const Tuple *t, const char *name,
                         Matcher f) {
    for (size_t i = 0; i < t->n; i++) {
        const Str *what = value_str(t->items[i]);
        if (!what)
            return value_raise(c, TypeError,
                               "tuple for %s must only contain str, not %s", name,
                               type_name(t->items[i]));
        if (!q->empty && f(q, what)) return value_bool(true);
    }
    return value_bool(false);
}

static Value matches(Ctx *c, Value self, const Args *args, const char *name,
                     Matcher f) {
    Search q = {0};
    if (!read_search(c, self, args, name, &q)) return value_null();
    if (value_tuple(q.what)) return matches_any(c, &q, value_tuple(q.what), name, f);
    if (!value_str(q.what))
        return value_raise(c, TypeError,
                           "%s first arg must be str or a tuple of str, not %s", name,
                           type_name(q.what));
    return value_bool(!q.empty && f(&q, value_str(q.what)));
}

Value str_startswith(Ctx *c, Value self, const Args *args) {
    return matches(c, self, args, "startswith", at_start);
}
Value str_endswith(Ctx *c, Value self, const Args *args) {
    return matches(c, self, args, "endswith", at_end);
}

/* ---- removeprefix, removesuffix, replace ---- */

static const Str *str_argument(Ctx *c, const char *name, const char *which, Value v) {
    if (value_str(v)) return value_str(v);
    return error_raise(c, TypeError, "%s() argument%s must be str, not %s", name, which,
                       type_name(v));
}

Value str_removeprefix(Ctx *c, Value self, const Args *args) {
    const Str *what = str_argument(c, "removeprefix", "", args->pos[0]);
    Str *s = value_str(self);
    Search q = {.s = s, .to = s->len};
    if (!what) return value_null();
    return str_part(c, s, at_start(&q, what) ? what->len : 0, s->len);
}

Value str_removesuffix(Ctx *c, Value self, const Args *args) {
    const Str *what = str_argument(c, "removesuffix", "", args->pos[0]);
    Str *s = value_str(self);
    Search q = {.s = s, .to = s->len};
    if (!what) return value_null();
    return str_part(c, s, 0, at_end(&q, what) ? s->len - what->len : s->len);
}

/* `what` before each of the first n characters, and after the last if there is room. */
static void put_between(Buf *out, const Str *s, const Str *what, int64_t n) {
    size_t at = 0;
    for (; n > 0 && !out->failed; n--) {
        buf_add(out, what->data, what->len);
        if (at == s->len) return;
        uint32_t cp;
        int len = utf8_decode(s->data + at, s->len - at, &cp);
        buf_add(out, s->data + at, (size_t)len);
        at += (size_t)len;
    }
    buf_add(out, s->data + at, s->len - at);
}

static void put_replaced(Buf *out, const Str *s, const Str *old, const Str *fresh,
                         int64_t n) {
    size_t from = 0;
    int64_t at;
    for (; n > 0 && (at = str_find_bytes(s, old, from, s->len)) >= 0; n--) {
        buf_add(out, s->data + from, (size_t)at - from);
        buf_add(out, fresh->data, fresh->len);
        from = (size_t)at + old->len;
        if (out->failed) return;
    }
    buf_add(out, s->data + from, s->len - from);
}

Value str_replace(Ctx *c, Value self, const Args *args) {
    const Str *s = value_str(self);
    const Str *old = str_argument(c, "replace", " 1", args->pos[0]);
    const Str *fresh = old ? str_argument(c, "replace", " 2", args->pos[1]) : NULL;
    int64_t n = -1;
    if (!fresh) return value_null();
    if (!value_is_null(args->pos[2]) && !value_to_index(c, args->pos[2], &n))
        return value_null();
    if (n < 0) n = INT64_MAX;
    Buf out;
    buf_init(&out, &c->mem);
    if (old->len == 0)
        put_between(&out, s, fresh, n);
    else
        put_replaced(&out, s, old, fresh, n);
    return value_obj(str_take(c, &out));
}
