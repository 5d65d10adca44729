/* builtins_output: print, repr, str-like builtins: what turns values into text. */
#include "runner/evaluate/builtins.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/values/number.h"

#include <string.h>

/* ---- print ---- */

typedef struct PrintArgs {
    const char *sep, *end;
    size_t sep_len, end_len;
} PrintArgs;

static bool text_option(Ctx *c, const char *name, Value v, const char **text,
                        size_t *len) {
    const Str *s = value_str(v);
    if (value_is_none(v)) return true;
    if (!s) {
        error_raise(c, TypeError, "%s must be None or a string, not %s", name,
                    type_name(v));
        return false;
    }
    *text = s->data;
    *len = s->len;
    return true;
}

static bool read_option(Ctx *c, const Named *option, PrintArgs *p) {
    const Str *name = option->name;
    if (str_equals(name, "sep"))
        return text_option(c, "sep", option->value, &p->sep, &p->sep_len);
    if (str_equals(name, "end"))
        return text_option(c, "end", option->value, &p->end, &p->end_len);
    if (str_equals(name, "flush")) return value_truth(c, option->value) >= 0;
    if (str_equals(name, "file") && value_is_none(option->value)) return true;
    if (str_equals(name, "file"))
        error_raise(c, AttributeError, "'%s' object has no attribute 'write'",
                    type_name(option->value));
    else
        error_raise(c, TypeError, "'%s' is an invalid keyword argument for print()",
                    name->data);
    return false;
}

/* Into a buffer of its own first: an error half way prints what came before it, but
 * text that a value's __str__ prints comes before the value's own. */
static Value builtin_print(Ctx *c, Value self, const Args *args) {
    (void)self;
    PrintArgs p = {" ", "\n", 1, 1};
    for (size_t i = 0; i < args->n_named; i++)
        if (!read_option(c, &args->named[i], &p)) return value_null();
    Buf *out = interp_of(c)->out;
    for (size_t i = 0; i < args->n; i++) {
        if (i) buf_add(out, p.sep, p.sep_len);
        Buf b;
        buf_init(&b, &c->mem);
        value_text(c, &b, args->pos[i]);
        if (b.failed) error_raise(c, MemoryError, "%s", "");
        if (!ctx_failed(c)) buf_add(out, buf_text(&b), b.len);
        buf_free(&b);
        if (ctx_failed(c)) return value_null();
    }
    buf_add(out, p.end, p.end_len);
    return value_none();
}

/* ---- repr, ascii, format ---- */

static Value builtin_repr(Ctx *c, Value self, const Args *args) {
    (void)self;
    return value_obj(value_repr_str(c, args->pos[0]));
}

Str *value_ascii_str(Ctx *c, Value v) {
    const Str *s = value_repr_str(c, v);
    if (!s) return NULL;
    Buf b;
    buf_init(&b, &c->mem);
    for (size_t i = 0; i < s->len;) {
        uint32_t cp = 0;
        int n = utf8_decode(s->data + i, s->len - i, &cp);
        if (n <= 0) break;
        if (cp < 0x80)
            buf_putc(&b, (char)cp);
        else
            buf_printf(&b,
                       cp < 0x100     ? "\\x%02x"
                       : cp < 0x10000 ? "\\u%04x"
                                      : "\\U%08x",
                       (unsigned)cp);
        i += (size_t)n;
    }
    return str_take(c, &b);
}

static Value builtin_ascii(Ctx *c, Value self, const Args *args) {
    (void)self;
    return value_obj(value_ascii_str(c, args->pos[0]));
}

static Value builtin_format(Ctx *c, Value self, const Args *args) {
    (void)self;
    Str *spec = value_is_null(args->pos[1]) ? pool_add(c, str_from(c, ""))
                                            : value_str(args->pos[1]);
    if (!spec)
        return ctx_failed(c) ? value_null()
                             : value_raise(c, TypeError,
                                           "format() argument 2 must be str, not %s",
                                           type_name(args->pos[1]));
    Buf b;
    buf_init(&b, &c->mem);
    value_format(c, &b, args->pos[0], spec);
    return value_obj(str_take(c, &b));
}

/* ---- chr, ord, bin, oct, hex ---- */

static Value builtin_chr(Ctx *c, Value self, const Args *args) {
    (void)self;
    int64_t cp;
    if (!value_to_index(c, args->pos[0], &cp)) return value_null();
    char bytes[4];
    int n = cp >= 0 && cp <= 0x10FFFF ? utf8_write((uint32_t)cp, bytes) : 0;
    if (n == 0) return value_raise(c, ValueError, "chr() arg not in range(0x110000)");
    return value_obj(pool_add(c, str_new(c, bytes, (size_t)n)));
}

static Value builtin_ord(Ctx *c, Value self, const Args *args) {
    (void)self;
    const Str *s = value_str(args->pos[0]);
    uint32_t cp = 0;
    if (!s)
        return value_raise(c, TypeError,
                           "ord() expected string of length 1, but %s found",
                           type_name(args->pos[0]));
    if (s->chars != 1)
        return value_raise(c, TypeError,
                           "ord() expected a character, but string of length %zu found",
                           s->chars);
    utf8_decode(s->data, s->len, &cp);
    return value_int(cp);
}

static Value in_base(Ctx *c, Value v, int base, const char *prefix) {
    int64_t i;
    if (!value_is_int(v)) {
        if (!value_to_index(c, v, &i)) return value_null();
        v = value_int(i);
    }
    Buf b;
    buf_init(&b, &c->mem);
    if (bigint_sign(v) < 0) buf_putc(&b, '-');
    buf_puts(&b, prefix);
    bigint_put_digits(c, &b, v, base);
    return value_obj(str_take(c, &b));
}

static Value builtin_bin(Ctx *c, Value self, const Args *args) {
    (void)self;
    return in_base(c, args->pos[0], 2, "0b");
}

static Value builtin_oct(Ctx *c, Value self, const Args *args) {
    (void)self;
    return in_base(c, args->pos[0], 8, "0o");
}

static Value builtin_hex(Ctx *c, Value self, const Args *args) {
    (void)self;
    return in_base(c, args->pos[0], 16, "0x");
}

const Native builtins_output[] = {
    {"print", NULL, builtin_print},
    {"repr", "obj /", builtin_repr},
    {"ascii", "obj /", builtin_ascii},
    {"format", "value format_spec? /", builtin_format},
    {"chr", "i /", builtin_chr},
    {"ord", "c /", builtin_ord},
    {"bin", "number /", builtin_bin},
    {"oct", "number /", builtin_oct},
    {"hex", "number /", builtin_hex},
    {NULL, NULL, NULL},
};
