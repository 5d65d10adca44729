/* See number_format.h. */
#include "runner/text/number_format.h"

#include "core/core.h"
#include "runner/text/unicode.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORTEST_DIGITS = 17 };

/* Splits the "d.ddde+dd" of printf; drops trailing zeros. */
static int split_exponent(const char *text, char *digits, int *point) {
    int n = 0;
    for (; *text != 'e'; text++)
        if (*text != '.') digits[n++] = *text;
    while (n > 1 && digits[n - 1] == '0') n--;
    digits[n] = '\0';
    *point = (int)strtol(text + 1, NULL, 10) + 1;
    return n;
}

/* Adds one to the last digit; "999" becomes "1" with the point moved. */
static int add_one(char *digits, int n, int *point) {
    while (n > 0 && digits[n - 1] == '9') n--;
    if (n == 0) {
        digits[n++] = '0';
        ++*point;
    }
    digits[n - 1]++;
    digits[n] = '\0';
    return n;
}

static double read_digits(const char *digits, int point) {
    char text[SHORTEST_DIGITS + 16];
    snprintf(text, sizeof text, "0.%se%d", digits, point);
    return strtod(text, NULL);
}

/* The shortest decimal digits that read back as x, which is finite and not
 * negative: x = 0.d1d2d3... * 10^*point. Returns their number; digits is
 * NUL-terminated. Zero is "0" with point 1. */
static int float_shortest(double x, char digits[SHORTEST_DIGITS + 2], int *point) {
    char text[SHORTEST_DIGITS + 16];
    int exponent;
    /* Below a power of two doubles lie twice as dense as above it, so that there the
     * nearest decimal may read back as the neighbour while the next above is right. */
    bool power = frexp(x, &exponent) == 0.5;
    /* 15 digits always survive the way through a normal double; fewer only need to be
     * tried one by one among the subnormal ones. */
    for (int n = x < 2.3e-308 ? 1 : 15; n < SHORTEST_DIGITS; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, x);
        int got = split_exponent(text, digits, point);
        if (read_digits(digits, *point) == x) return got;
        if (!power) continue;
        /* The full n digits again, zeros and all, to count up from. */
        size_t len = strlen(digits);
        while (len < (size_t)n) digits[len++] = '0';
        digits[len] = '\0';
        got = add_one(digits, n, point);
        if (read_digits(digits, *point) == x) return got;
    }
    snprintf(text, sizeof text, "%.*e", SHORTEST_DIGITS - 1, x);
    return split_exponent(text, digits, point);
}

static void put_exponent(Buf *out, const char *digits, int n, int exponent,
                         bool point) {
    buf_putc(out, digits[0]);
    if (n > 1 || point) buf_putc(out, '.');
    buf_add(out, digits + 1, (size_t)n - 1);
    buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void put_plain(Buf *out, const char *digits, int n, int point) {
    if (point <= 0) {
        buf_puts(out, "0.");
        buf_repeat(out, '0', (size_t)-point);
        buf_add(out, digits, (size_t)n);
    } else if (point >= n) {
        buf_add(out, digits, (size_t)n);
        buf_repeat(out, '0', (size_t)(point - n));
        buf_puts(out, ".0");
    } else {
        buf_add(out, digits, (size_t)point);
        buf_putc(out, '.');
        buf_add(out, digits + point, (size_t)(n - point));
    }
}

static void put_repr(Buf *out, double x, bool alternate) {
    char digits[SHORTEST_DIGITS + 2];
    int point;
    int n = float_shortest(x, digits, &point);
    if (point > 16 || point < -3)
        put_exponent(out, digits, n, point - 1, alternate);
    else
        put_plain(out, digits, n, point);
}

void float_repr(Buf *out, double x) {
    if (signbit(x) && !isnan(x)) buf_putc(out, '-');
    float_put(out, x, 'r', 0, false);
}

/* ---- a given number of digits ---- */

/* format(x, ".3"): like g, but as a float shows itself: "3.0", and with the exponent
 * one digit earlier. */
static void put_general(Buf *out, double x, int precision, bool alternate) {
    char digits[SHORTEST_DIGITS * 64];
    int point;
    if (precision > (int)sizeof digits - 32) precision = (int)sizeof digits - 32;
    if (precision == 0) precision = 1;
    char text[sizeof digits + 16];
    snprintf(text, sizeof text, "%.*e", precision - 1, x);
    int n = split_exponent(text, digits, &point);
    while (alternate && n < precision) digits[n++] = '0';
    if (point > precision - 1 || point < -3)
        put_exponent(out, digits, n, point - 1, alternate);
    else
        put_plain(out, digits, n, point);
}

void float_put(Buf *out, double x, char type, int precision, bool alternate) {
    bool upper = type == 'E' || type == 'F' || type == 'G';
    x = fabs(x);
    if (isnan(x) || isinf(x)) {
        const char *small = isnan(x) ? "nan" : "inf", *large = isnan(x) ? "NAN" : "INF";
        buf_puts(out, upper ? large : small);
        return;
    }
    switch (type) {
    case 'r': put_repr(out, x, alternate); return;
    case 'h': put_general(out, x, precision, alternate); return;
    case 'e': buf_printf(out, alternate ? "%#.*e" : "%.*e", precision, x); return;
    case 'E': buf_printf(out, alternate ? "%#.*E" : "%.*E", precision, x); return;
    case 'g': buf_printf(out, alternate ? "%#.*g" : "%.*g", precision, x); return;
    case 'G': buf_printf(out, alternate ? "%#.*G" : "%.*G", precision, x); return;
    default: buf_printf(out, alternate ? "%#.*f" : "%.*f", precision, x); return;
    }
}

/* ---- from text ---- */

void number_normalize(Buf *out, const Str *text) {
    size_t start = out->len;
    for (size_t i = 0; i < text->len;) {
        uint32_t cp = '?';
        int n = utf8_decode(text->data + i, text->len - i, &cp);
        i += n ? (size_t)n : 1;
        int digit = unicode_decimal(cp);
        if (unicode_is_space(cp))
            cp = ' ';
        else if (digit >= 0)
            cp = (uint32_t)('0' + digit);
        if (cp == ' ' && out->len == start) continue;
        buf_putc(out, cp > 0 && cp < 0x80 ? (char)cp : '?');
    }
    while (out->len > start && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

/* Takes out underscores that stand between digits; false when one stands elsewhere. */
static bool drop_underscores(Buf *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->len; i++) {
        const char *s = b->data + i;
        bool between =
            i > 0 && isdigit((unsigned char)s[-1]) && isdigit((unsigned char)s[1]);
        if (*s == '_' && !between) return false;
        /* What was kept lies behind what is looked at, except s[-1] of a later turn. */
        if (*s != '_') b->data[kept++] = *s;
    }
    b->len = kept;
    b->data[kept] = '\0';
    return true;
}

static const char *skip_digits(const char *s) {
    while (isdigit((unsigned char)*s)) s++;
    return s;
}

static bool equals_ignoring_case(const char *s, const char *lower) {
    while (*s && tolower((unsigned char)*s) == *lower) {
        s++;
        lower++;
    }
    return *s == *lower;
}

/* sign? (digits ("." digits?)? | "." digits) exponent?, or inf, infinity, nan. strtod
 * alone would take more: hexadecimal, nan(...). */
static bool is_float(const char *s) {
    if (*s == '-' || *s == '+') s++;
    if (equals_ignoring_case(s, "inf") || equals_ignoring_case(s, "infinity") ||
        equals_ignoring_case(s, "nan"))
        return true;
    const char *whole = skip_digits(s), *end = whole;
    if (*end == '.') end = skip_digits(end + 1);
    if (end - s - (*whole == '.') == 0) return false;
    if (*end != 'e' && *end != 'E') return *end == '\0';
    end++;
    if (*end == '-' || *end == '+') end++;
    const char *exponent = end;
    end = skip_digits(end);
    return end != exponent && *end == '\0';
}

bool float_parse(Ctx *c, const Str *text, double *out) {
    Buf b;
    buf_init(&b, &c->mem);
    number_normalize(&b, text);
    bool fits = !b.failed && b.len > 0 && drop_underscores(&b) &&
                strlen(b.data) == b.len && is_float(b.data);
    if (fits) *out = strtod(b.data, NULL);
    if (b.failed) error_raise(c, MemoryError, "%s", "");
    buf_free(&b);
    return fits;
}
