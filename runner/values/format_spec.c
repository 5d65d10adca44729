/* See format_spec.h. */
#include "runner/values/format_spec.h"

#include "runner/text/number_format.h"
#include "runner/values/bigint.h"
#include "runner/values/str.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* ---- reading a spec ---- */

typedef struct Reader {
    Ctx *c;
    const char *at, *end;
} Reader;

static bool take(Reader *r, char ch) {
    if (r->at >= r->end || *r->at != ch) return false;
    r->at++;
    return true;
}

static bool is_align(char ch) {
    return ch == '<' || ch == '>' || ch == '^' || ch == '=';
}

/* False when there is no number; -1 stays in *out then. */
static bool read_number(Reader *r, int64_t *out) {
    int64_t n = 0;
    bool any = false;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, any = true)
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, *r->at - '0', &n)) {
            error_raise(r->c, ValueError, "Too many decimal digits in format string");
            return false;
        }
    if (any) *out = n;
    return any;
}

/* Whether an alignment was given. */
static bool read_align(Reader *r, FormatSpec *f) {
    uint32_t cp;
    int n = utf8_decode(r->at, (size_t)(r->end - r->at), &cp);
    if (n > 0 && r->at + n < r->end && is_align(r->at[n])) {
        f->fill = cp;
        f->align = r->at[n];
        r->at += n + 1;
        return true;
    }
    if (r->at >= r->end || !is_align(*r->at)) return false;
    f->align = *r->at++;
    return true;
}

static void read_separator(Reader *r, FormatSpec *f) {
    bool comma = take(r, ',');
    if (comma) f->separator = ',';
    bool underscore = take(r, '_');
    if (underscore) f->separator = '_';
    bool both =
        (comma && underscore) || (underscore && r->at < r->end && *r->at == ',');
    if (both) error_raise(r->c, ValueError, "Cannot specify both ',' and '_'.");
}

static void raise_code(Ctx *c, uint32_t code, Value v) {
    if (code > 32 && code < 128)
        error_raise(c, ValueError, "Unknown format code '%c' for object of type '%s'",
                    (int)code, type_name(v));
    else
        error_raise(c, ValueError,
                    "Unknown format code '\\x%x' for object of type '%s'", code,
                    type_name(v));
}

static void check_separator(Ctx *c, const FormatSpec *f) {
    const char *allowed = f->separator == '_' ? "defgEG%FbxoX" : "defgEG%F";
    if (!f->separator || f->type == 0) return;
    if (f->type < 128 && f->type > 32 && strchr(allowed, (int)f->type)) return;
    if (f->type > 32 && f->type < 128)
        error_raise(c, ValueError, "Cannot specify '%c' with '%c'.", f->separator,
                    (int)f->type);
    else
        error_raise(c, ValueError, "Cannot specify '%c' with '\\x%x'.", f->separator,
                    f->type);
}

/* Fill, alignment, sign and the flags; the fill "0" aligns numbers inside. */
static void read_flags(Reader *r, FormatSpec *f, char default_align) {
    const char *start = r->at;
    bool aligned = read_align(r, f);
    bool filled = r->at - start > 1;
    if (take(r, '+'))
        f->sign = '+';
    else if (take(r, '-'))
        f->sign = '-';
    else if (take(r, ' '))
        f->sign = ' ';
    f->no_neg_zero = take(r, 'z');
    f->alternate = take(r, '#');
    if (filled || !take(r, '0')) return;
    f->fill = '0';
    if (!aligned && default_align == '>') f->align = '=';
}

static bool read_spec(Ctx *c, const Str *spec, Value v, uint32_t default_type,
                      FormatSpec *f) {
    char default_align = value_str(v) ? '<' : '>';
    *f = (FormatSpec){.fill = ' ',
                      .align = default_align,
                      .width = -1,
                      .precision = -1,
                      .type = default_type};
    Reader r = {c, spec->data, spec->data + spec->len};
    read_flags(&r, f, default_align);
    read_number(&r, &f->width);
    read_separator(&r, f);
    if (take(&r, '.') && !read_number(&r, &f->precision) && !ctx_failed(c))
        error_raise(c, ValueError, "Format specifier missing precision");
    if (ctx_failed(c)) return false;
    uint32_t cp;
    int n = utf8_decode(r.at, (size_t)(r.end - r.at), &cp);
    if (r.end - r.at > n)
        return error_raise(c, ValueError,
                           "Invalid format specifier '%s' for object of type '%s'",
                           spec->data, type_name(v));
    if (n) f->type = cp;
    check_separator(c, f);
    return !ctx_failed(c);
}

/* ---- padding ---- */

static void put_fill(Buf *out, uint32_t cp, int64_t n) {
    char bytes[4];
    int len = utf8_write(cp, bytes);
    if (len == 1) {
        buf_repeat(out, bytes[0], (size_t)n);
        return;
    }
    for (int64_t i = 0; i < n && !out->failed; i++) buf_add(out, bytes, (size_t)len);
}

static int64_t missing(const FormatSpec *f, size_t chars) {
    return f->width > (int64_t)chars ? f->width - (int64_t)chars : 0;
}

/* `text` (n bytes) with the fill of `spec` around it. */
static void format_pad(Buf *out, const FormatSpec *f, const char *text, size_t n) {
    int64_t pad = missing(f, utf8_count(text, n));
    int64_t before = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0;
    put_fill(out, f->fill, before);
    buf_add(out, text, n);
    put_fill(out, f->fill, pad - before);
}

/* ---- str ---- */

static bool check_str_flags(Ctx *c, const FormatSpec *f) {
    if (f->sign)
        error_raise(c, ValueError, "%s not allowed in string format specifier",
                    f->sign == ' ' ? "Space" : "Sign");
    else if (f->no_neg_zero)
        error_raise(c, ValueError,
                    "Negative zero coercion (z) not allowed in string "
                    "format specifier");
    else if (f->alternate)
        error_raise(c, ValueError,
                    "Alternate form (#) not allowed in string format specifier");
    else if (f->align == '=')
        error_raise(c, ValueError,
                    "'=' alignment not allowed in string format specifier");
    return !ctx_failed(c);
}

void format_str(Ctx *c, Buf *out, Value v, const Str *spec) {
    const Str *s = value_str(v);
    FormatSpec f;
    if (spec->len == 0) {
        buf_add(out, s->data, s->len);
        return;
    }
    if (!read_spec(c, spec, v, 's', &f)) return;
    if (f.type != 's')
        raise_code(c, f.type, v);
    else if (check_str_flags(c, &f))
        format_pad(out, &f, s->data,
                   f.precision < 0 ? s->len : str_prefix(s, (size_t)f.precision));
}

/* ---- numbers: a sign, a prefix, digits, and what follows them ---- */

typedef struct Parts {
    bool negative;
    const char *prefix; /* "0x" */
    const char *digits; /* to be grouped */
    size_t n_digits;
    const char *rest; /* from the point on */
    size_t n_rest;
    int group; /* digits between separators */
} Parts;

/* The digits with separators, and zeros before them up to `width` characters. */
static void put_grouped(Buf *out, const Parts *p, char separator, int64_t width) {
    int64_t n = (int64_t)p->n_digits, group = p->group;
    int64_t zeros = 0;
    if (n == 0 || !separator) {
        if (width > n) buf_repeat(out, '0', (size_t)(width - n));
        buf_add(out, p->digits, p->n_digits);
        return;
    }
    /* The least number of digits which, with separators, is at least width wide. */
    int64_t total = width - (width > 0 ? (width - 1) / (group + 1) : 0);
    if (total + (total > 0 ? (total - 1) / group : 0) < width) total++;
    if (total > n) zeros = total - n;
    for (int64_t i = zeros + n; i > 0 && !out->failed; i--) {
        int64_t at = zeros + n - i;
        buf_putc(out, at < zeros ? '0' : p->digits[at - zeros]);
        if (i > 1 && (i - 1) % group == 0) buf_putc(out, separator);
    }
}

static int64_t grouped_width(const Parts *p, char separator) {
    int64_t n = (int64_t)p->n_digits;
    return n + (separator && n > 0 ? (n - 1) / p->group : 0);
}

static void put_number(Buf *out, const FormatSpec *f, const Parts *p) {
    char sign = p->negative ? '-' : f->sign == '-' ? 0 : f->sign;
    int64_t around = (sign != 0) + (int64_t)strlen(p->prefix) + (int64_t)p->n_rest;
    bool zeros = f->fill == '0' && f->align == '=';
    int64_t digits = grouped_width(p, f->separator);
    int64_t pad = missing(f, (size_t)(around + digits));
    if (zeros) pad = 0;
    int64_t before = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0;
    put_fill(out, f->fill, before);
    if (sign) buf_putc(out, sign);
    buf_puts(out, p->prefix);
    if (f->align == '=') put_fill(out, f->fill, pad);
    put_grouped(out, p, f->separator, zeros ? f->width - around : 0);
    buf_add(out, p->rest, p->n_rest);
    if (f->align == '<' || f->align == '^') put_fill(out, f->fill, pad - before);
}

/* ---- float ---- */

static size_t count_digits(const char *s, size_t n) {
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9') i++;
    return i;
}

static bool is_zero(const char *digits) {
    for (; *digits && *digits != 'e' && *digits != 'E'; digits++)
        if (*digits >= '1' && *digits <= '9') return false;
    return true;
}

/* The repr of a part of a complex number has no ".0". */
static void drop_point_zero(Buf *text) {
    if (text->len > 2 && strcmp(buf_text(text) + text->len - 2, ".0") == 0)
        text->len -= 2;
}

static void put_float(Ctx *c, Buf *out, double x, const FormatSpec *f) {
    char type = f->type == 'n' ? 'g' : (char)f->type;
    int precision = f->precision >= 0 ? (int)f->precision : 6;
    if (type == 0) type = f->precision < 0 ? 'r' : 'h';
    if (type == '%') x *= 100;
    Buf text;
    buf_init(&text, &c->mem);
    float_put(&text, x, type == '%' ? 'f' : type, precision, f->alternate);
    if (f->type == 'r') drop_point_zero(&text);
    bool negative = signbit(x) && !isnan(x);
    if (f->no_neg_zero && isfinite(x) && is_zero(buf_text(&text))) negative = false;
    if (type == '%') buf_putc(&text, '%');
    size_t n = count_digits(buf_text(&text), text.len);
    Parts p = {.negative = negative,
               .prefix = "",
               .digits = buf_text(&text),
               .n_digits = n,
               .rest = buf_text(&text) + n,
               .n_rest = text.len - n,
               .group = 3};
    if (text.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        put_number(out, f, &p);
    buf_free(&text);
}

static bool is_float_type(uint32_t type) {
    return type > 0 && type < 128 && strchr("eEfFgGn%", (int)type) != NULL;
}

static bool check_precision(Ctx *c, const FormatSpec *f) {
    if (f->precision <= INT_MAX) return true;
    return error_raise(c, ValueError, "precision too big");
}

void format_float(Ctx *c, Buf *out, Value v, const Str *spec) {
    FormatSpec f;
    if (spec->len == 0) {
        value_text(c, out, v);
        return;
    }
    if (!read_spec(c, spec, v, 0, &f) || !check_precision(c, &f)) return;
    if (f.type != 0 && !is_float_type(f.type))
        raise_code(c, f.type, v);
    else
        put_float(c, out, v.as.f, &f);
}

/* ---- complex ---- */

static bool check_complex_flags(Ctx *c, const FormatSpec *f) {
    if (f->fill == '0')
        error_raise(c, ValueError,
                    "Zero padding is not allowed in complex format specifier");
    else if (f->align == '=')
        error_raise(c, ValueError,
                    "'=' alignment flag is not allowed in complex format specifier");
    return !ctx_failed(c) && check_precision(c, f);
}

/* Both parts by the rules for floats; without a type as repr does, parentheses
 * included, or with the digits asked for. */
static void put_complex(Ctx *c, Buf *out, Complex z, const FormatSpec *f) {
    bool plain = f->type == 0;
    bool imaginary = plain && z.real == 0 && !signbit(z.real);
    FormatSpec part = *f;
    part.width = -1;
    if (plain) part.type = f->precision < 0 ? 'r' : 'g';
    if (plain && !imaginary) buf_putc(out, '(');
    if (!imaginary) {
        put_float(c, out, z.real, &part);
        part.sign = '+';
    }
    put_float(c, out, z.imag, &part);
    buf_puts(out, plain && !imaginary ? "j)" : "j");
}

void format_complex_repr(Ctx *c, Buf *out, Complex z) {
    put_complex(c, out, z, &(FormatSpec){.width = -1, .precision = -1});
}

void format_complex(Ctx *c, Buf *out, Value v, const Str *spec) {
    FormatSpec f;
    if (spec->len == 0) {
        value_text(c, out, v);
        return;
    }
    if (!read_spec(c, spec, v, 0, &f)) return;
    if (f.type != 0 && (f.type == '%' || !is_float_type(f.type))) {
        raise_code(c, f.type, v);
        return;
    }
    if (!check_complex_flags(c, &f)) return;
    Buf text;
    buf_init(&text, &c->mem);
    put_complex(c, &text, *value_complex(v), &f);
    if (text.failed) error_raise(c, MemoryError, "%s", "");
    if (!ctx_failed(c)) format_pad(out, &f, buf_text(&text), text.len);
    buf_free(&text);
}

/* ---- int ---- */

static void put_int(Ctx *c, Buf *out, Value v, const FormatSpec *f) {
    int base = f->type == 'b' ? 2 : f->type == 'o' ? 8 : 10;
    if (f->type == 'x' || f->type == 'X') base = 16;
    static const char *const prefixes[17] = {[2] = "0b", [8] = "0o", [16] = "0x"};
    const char *prefix = f->alternate && base != 10 ? prefixes[base] : "";
    if (*prefix && f->type == 'X') prefix = "0X";
    Buf digits;
    buf_init(&digits, &c->mem);
    bigint_put_digits(c, &digits, v, base);
    for (size_t i = 0; f->type == 'X' && i < digits.len; i++)
        if (digits.data[i] >= 'a') digits.data[i] = (char)(digits.data[i] - 32);
    Parts p = {.negative = bigint_sign(v) < 0,
               .prefix = prefix,
               .digits = buf_text(&digits),
               .n_digits = digits.len,
               .rest = "",
               .group = base == 10 ? 3 : 4};
    if (digits.failed) error_raise(c, MemoryError, "%s", "");
    if (!ctx_failed(c)) put_number(out, f, &p);
    buf_free(&digits);
}

static void put_character(Ctx *c, Buf *out, Value v, const FormatSpec *f) {
    if (f->sign)
        error_raise(c, ValueError,
                    "Sign not allowed with integer format specifier 'c'");
    else if (f->alternate)
        error_raise(c, ValueError,
                    "Alternate form (#) not allowed with integer format "
                    "specifier 'c'");
    if (value_bigint(v))
        error_raise(c, OverflowError, "Python int too large to convert to C long");
    if (ctx_failed(c)) return;
    bool in_range = bigint_sign(v) >= 0 && bigint_bits(v) <= 21;
    int64_t code = in_range ? (v.tag == VAL_INT ? v.as.i : v.as.b) : -1;
    char bytes[4];
    int n = code >= 0 && code < 0x110000 ? utf8_write((uint32_t)code, bytes) : 0;
    if (n == 0) {
        error_raise(c, OverflowError, "%%c arg not in range(0x110000)");
        return;
    }
    Parts p = {
        .prefix = "", .digits = "", .rest = bytes, .n_rest = (size_t)n, .group = 3};
    FormatSpec wide = *f;
    if (wide.width > 0) wide.width += n - 1; /* one character of n bytes */
    put_number(out, &wide, &p);
}

static void put_int_as_float(Ctx *c, Buf *out, Value v, const FormatSpec *f) {
    double x;
    if (check_precision(c, f) && bigint_to_double(c, v, &x)) put_float(c, out, x, f);
}

static void format_int_as(Ctx *c, Buf *out, Value v, const FormatSpec *f) {
    if (is_float_type(f->type) && f->type != 'n')
        put_int_as_float(c, out, v, f);
    else if (f->type >= 128 || !strchr("bcdnoxX", (int)f->type))
        raise_code(c, f->type, v);
    else if (f->precision >= 0)
        error_raise(c, ValueError, "Precision not allowed in integer format specifier");
    else if (f->no_neg_zero)
        error_raise(c, ValueError,
                    "Negative zero coercion (z) not allowed in integer "
                    "format specifier");
    else if (f->type == 'c')
        put_character(c, out, v, f);
    else
        put_int(c, out, v, f);
}

void format_int(Ctx *c, Buf *out, Value v, const Str *spec) {
    FormatSpec f;
    if (spec->len == 0) {
        value_text(c, out, v);
        return;
    }
    if (read_spec(c, spec, v, 'd', &f)) format_int_as(c, out, v, &f);
}
