/* str_percent: s % args, after unicode_format of CPython 3.11. */
#include "runner/text/number_format.h"
#include "runner/values/format_spec.h"
#include "runner/values/number.h"
#include "runner/values/slice.h"
#include "runner/values/str.h"
#include "runner/values/str_format.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* The values still to be converted: items of a tuple, or one value. */
typedef struct Percent {
    Ctx *c;
    Buf *out;
    const Str *s;
    size_t at; /* in s */
    Value args;
    const Tuple *tuple; /* args when it is a tuple */
    int64_t used, n;    /* of the values */
    bool mapping;       /* args can be looked into by name */
} Percent;

/* %(key)flags width.precision type */
typedef struct Conversion {
    bool left, plus, blank, alternate, zeros;
    int64_t width, precision; /* -1: none */
    uint32_t type;
} Conversion;

static Value next_value(Percent *p) {
    if (p->used >= p->n)
        return value_raise(p->c, TypeError, "not enough arguments for format string");
    return p->tuple ? p->tuple->items[p->used++] : (p->used++, p->args);
}

/* ---- reading a conversion ---- */

static bool incomplete(Percent *p) {
    return error_raise(p->c, ValueError, "incomplete format");
}

/* %(key): looks it up, and its value is the one that is converted next. */
static bool read_key(Percent *p, Value mapping) {
    if (!p->mapping) return error_raise(p->c, TypeError, "format requires a mapping");
    size_t start = ++p->at;
    for (int open = 1; p->at < p->s->len; p->at++) {
        if (p->s->data[p->at] == '(') open++;
        if (p->s->data[p->at] == ')' && --open == 0) break;
    }
    if (p->at == p->s->len)
        return error_raise(p->c, ValueError, "incomplete format key");
    Str *key = pool_add(p->c, str_new(p->c, p->s->data + start, p->at++ - start));
    if (!key) return false;
    p->args = value_get_item(p->c, mapping, value_obj(key));
    p->tuple = NULL;
    p->used = 0;
    p->n = 1;
    return !ctx_failed(p->c);
}

static void read_flags(Percent *p, Conversion *f) {
    for (; p->at < p->s->len; p->at++) {
        switch (p->s->data[p->at]) {
        case '-': f->left = true; break;
        case '+': f->plus = true; break;
        case ' ': f->blank = true; break;
        case '#': f->alternate = true; break;
        case '0': f->zeros = true; break;
        default: return;
        }
    }
}

/* '*': the next value. */
static bool read_star(Percent *p, int64_t *out, bool precision) {
    Value v = next_value(p);
    if (value_is_null(v)) return false;
    if (!value_is_int(v)) return error_raise(p->c, TypeError, "* wants int");
    if (!precision) return value_to_index(p->c, v, out);
    if (!value_bigint(v) && value_to_index(p->c, v, out) && *out <= INT_MAX &&
        *out >= INT_MIN)
        return true;
    return error_raise(p->c, OverflowError, "Python int too large to convert to C int");
}

/* Digits or a star. */
static bool read_number(Percent *p, int64_t *out, bool precision) {
    if (p->at < p->s->len && p->s->data[p->at] == '*') {
        p->at++;
        return read_star(p, out, precision);
    }
    int64_t n = 0;
    bool any = false;
    for (; p->at < p->s->len; p->at++, any = true) {
        int digit = p->s->data[p->at] - '0';
        if (digit < 0 || digit > 9) break;
        n = n * 10 + digit;
        if (n > INT_MAX)
            return error_raise(p->c, ValueError, "%s too big",
                               precision ? "precision" : "width");
    }
    if (any) *out = n;
    return true;
}

static bool read_conversion(Percent *p, Conversion *f) {
    const Str *s = p->s;
    *f = (Conversion){.width = -1, .precision = -1};
    read_flags(p, f);
    if (!read_number(p, &f->width, false)) return false;
    if (f->width < -1) {
        f->left = true;
        f->width = f->width == INT64_MIN ? INT64_MAX : -f->width;
    }
    if (p->at < s->len && s->data[p->at] == '.') {
        p->at++;
        f->precision = 0;
        if (!read_number(p, &f->precision, true)) return false;
        if (f->precision < 0) f->precision = 0;
    }
    if (p->at < s->len && strchr("hlL", s->data[p->at])) p->at++;
    if (p->at == s->len) return incomplete(p);
    p->at += (size_t)utf8_decode(s->data + p->at, s->len - p->at, &f->type);
    return true;
}

/* ---- writing one ---- */

/* `sign` ("" or one character), `prefix` and `text`, padded. */
static void put_padded(Percent *p, const Conversion *f, char sign, const char *prefix,
                       const char *text, size_t n, bool number) {
    size_t around = (sign != 0) + strlen(prefix);
    int64_t chars = (int64_t)(around + utf8_count(text, n));
    size_t pad = f->width > chars ? (size_t)(f->width - chars) : 0;
    bool zeros = number && f->zeros && !f->left;
    if (!zeros && !f->left) buf_repeat(p->out, ' ', pad);
    if (sign) buf_putc(p->out, sign);
    buf_puts(p->out, prefix);
    if (zeros) buf_repeat(p->out, '0', pad);
    buf_add(p->out, text, n);
    if (f->left) buf_repeat(p->out, ' ', pad);
}

static bool put_str(Percent *p, const Conversion *f, Value v) {
    Str *s = f->type == 's' ? value_text_str(p->c, v) : value_repr_str(p->c, v);
    if (s && f->type == 'a') {
        Buf b;
        buf_init(&b, &p->c->mem);
        str_escape(&b, s);
        s = str_take(p->c, &b);
    }
    if (!s) return false;
    size_t n = f->precision >= 0 ? str_prefix(s, (size_t)f->precision) : s->len;
    put_padded(p, f, 0, "", s->data, n, false);
    return true;
}

static bool put_char(Percent *p, const Conversion *f, Value v) {
    char bytes[4];
    const Str *s = value_str(v);
    if (s && s->chars == 1) {
        put_padded(p, f, 0, "", s->data, s->len, false);
        return true;
    }
    if (s || !slice_is_index(v))
        return error_raise(p->c, TypeError, "%%c requires int or char");
    int64_t cp = -1;
    if (!value_bigint(v) && !value_to_index(p->c, v, &cp)) return false;
    int n = cp >= 0 && cp < 0x110000 ? utf8_write((uint32_t)cp, bytes) : 0;
    if (n == 0)
        return error_raise(p->c, OverflowError, "%%c arg not in range(0x110000)");
    put_padded(p, f, 0, "", bytes, (size_t)n, false);
    return true;
}

static char sign_of(const Conversion *f, bool negative) {
    return negative ? '-' : f->plus ? '+' : f->blank ? ' ' : 0;
}

/* The int to be shown: d, i and u cut numbers off, the others take ints only. */
static Value int_argument(Percent *p, const Conversion *f, Value v) {
    bool decimal = f->type == 'd' || f->type == 'i' || f->type == 'u';
    if (value_is_int(v)) return v;
    const TypeOps *ops = type_ops(v);
    if (decimal && !value_str(v) &&
        (v.tag == VAL_FLOAT || ops->to_index || ops->to_double)) {
        Value r = number_to_int(p->c, v);
        if (!value_is_null(r) || p->c->error.kind != TypeError) return r;
        error_clear(p->c);
    }
    int64_t i;
    if (!decimal && ops->to_index) {
        if (ops->to_index(p->c, v, &i)) return value_int(i);
        if (p->c->error.kind != TypeError) return value_null();
        error_clear(p->c);
    }
    return value_raise(p->c, TypeError, "%%%c format: %s is required, not %s",
                       (int)f->type, decimal ? "a real number" : "an integer",
                       type_name(v));
}

static bool put_int(Percent *p, const Conversion *f, Value v) {
    v = int_argument(p, f, v);
    if (value_is_null(v)) return false;
    bool hex = f->type == 'x' || f->type == 'X';
    const char *prefix = hex              ? f->type == 'x' ? "0x" : "0X"
                         : f->type == 'o' ? "0o"
                                          : "";
    Buf digits, padded;
    buf_init(&digits, &p->c->mem);
    buf_init(&padded, &p->c->mem);
    bigint_put_digits(p->c, &digits, v, hex ? 16 : f->type == 'o' ? 8 : 10);
    for (size_t i = 0; f->type == 'X' && i < digits.len; i++)
        if (digits.data[i] >= 'a') digits.data[i] = (char)(digits.data[i] - 32);
    if (f->precision > (int64_t)digits.len)
        buf_repeat(&padded, '0', (size_t)f->precision - digits.len);
    buf_add(&padded, buf_text(&digits), digits.len);
    bool failed = digits.failed || padded.failed;
    if (failed) error_raise(p->c, MemoryError, "%s", "");
    if (!ctx_failed(p->c))
        put_padded(p, f, sign_of(f, bigint_sign(v) < 0), f->alternate ? prefix : "",
                   buf_text(&padded), padded.len, true);
    buf_free(&digits);
    buf_free(&padded);
    return !ctx_failed(p->c);
}

static bool put_float(Percent *p, const Conversion *f, Value v) {
    double x;
    if (!value_to_double(p->c, v, &x)) return false;
    Buf text;
    buf_init(&text, &p->c->mem);
    float_put(&text, x, (char)f->type, f->precision < 0 ? 6 : (int)f->precision,
              f->alternate);
    if (text.failed)
        error_raise(p->c, MemoryError, "%s", "");
    else
        put_padded(p, f, sign_of(f, signbit(x) && !isnan(x)), "", buf_text(&text),
                   text.len, true);
    buf_free(&text);
    return !ctx_failed(p->c);
}

/* `at` is the place of the conversion's character. */
static bool put_value(Percent *p, const Conversion *f, size_t at) {
    Value v = next_value(p);
    if (value_is_null(v)) return false;
    switch (f->type) {
    case 's':
    case 'r':
    case 'a': return put_str(p, f, v);
    case 'c': return put_char(p, f, v);
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': return put_int(p, f, v);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return put_float(p, f, v);
    default:
        return error_raise(p->c, ValueError,
                           "unsupported format character '%c' (0x%x) at index %zu",
                           f->type > 31 && f->type < 128 ? (int)f->type : '?', f->type,
                           str_count(p->s, at));
    }
}

/* Behind a '%'. */
static bool put_conversion(Percent *p, Value args) {
    Conversion f;
    if (p->at == p->s->len) return incomplete(p);
    if (p->s->data[p->at] == '%') {
        buf_putc(p->out, '%');
        p->at++;
        return true;
    }
    if (p->s->data[p->at] == '(' && !read_key(p, args)) return false;
    if (!read_conversion(p, &f)) return false;
    size_t n = f.type < 0x80 ? 1 : f.type < 0x800 ? 2 : f.type < 0x10000 ? 3 : 4;
    return put_value(p, &f, p->at - n);
}

static bool put_all(Percent *p, Value args) {
    while (p->at < p->s->len) {
        const char *start = p->s->data + p->at;
        const char *percent = memchr(start, '%', p->s->len - p->at);
        size_t n = percent ? (size_t)(percent - start) : p->s->len - p->at;
        buf_add(p->out, start, n);
        p->at += n + (percent != NULL);
        if (percent && !put_conversion(p, args)) return false;
        if (p->out->failed) return error_raise(p->c, MemoryError, "%s", "");
    }
    if (p->used < p->n && !p->mapping)
        return error_raise(p->c, TypeError,
                           "not all arguments converted during string formatting");
    return true;
}

Value str_percent(Ctx *c, Str *s, Value args) {
    Buf out;
    buf_init(&out, &c->mem);
    const Tuple *t = value_tuple(args);
    Percent p = {.c = c,
                 .out = &out,
                 .s = s,
                 .args = args,
                 .tuple = t,
                 .n = t ? (int64_t)t->n : 1};
    p.mapping = !t && !value_str(args) && !value_is_kind(args, OBJ_CLASS) &&
                type_ops(args)->get_item;
    put_all(&p, args);
    return value_obj(str_take(c, &out));
}
