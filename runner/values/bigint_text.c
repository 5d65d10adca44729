/* bigint_text: ints from text and as text. */
#include "runner/text/number_format.h"
#include "runner/values/bigint_mp.h"
#include "runner/values/str.h"
#include "runner/values/types.h"

#include <inttypes.h>
#include <string.h>

/* ---- digits to ints ---- */

static int digit_value(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'z') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'Z') return ch - 'A' + 10;
    return 99;
}

static int bits_per_digit(int base) { /* 0: base is no power of two */
    int bits = 0;
    while (1 << bits < base) bits++;
    return 1 << bits == base ? bits : 0;
}

static void put_bits(mp_int *r, int64_t at, mp_digit bits) {
    int i = (int)(at / MP_DIGIT_BIT), shift = (int)(at % MP_DIGIT_BIT);
    r->dp[i] |= bits << shift & MP_MASK;
    if (shift > MP_DIGIT_BIT - 8) r->dp[i + 1] |= bits >> (MP_DIGIT_BIT - shift);
}

/* Digits of a power of two are placed one by one: linear in their number. */
static mp_err read_bits(mp_int *r, const char *digits, size_t n, int bits) {
    int size = (int)((int64_t)n * bits / MP_DIGIT_BIT) + 2;
    mp_err err = mp_grow(r, size);
    if (err != MP_OKAY) return err;
    int64_t at = 0;
    for (size_t i = n; i-- > 0; at += bits)
        put_bits(r, at, (mp_digit)digit_value(digits[i]));
    r->used = size;
    mp_clamp(r);
    return MP_OKAY;
}

static mp_err read_other(mp_int *r, const char *digits, size_t n, int base) {
    mp_err err = MP_OKAY;
    for (size_t i = 0; i < n && err == MP_OKAY; i++) {
        err = mp_mul_d(r, (mp_digit)base, r);
        if (err == MP_OKAY) err = mp_add_d(r, (mp_digit)digit_value(digits[i]), r);
    }
    return err;
}

static bool read_small(const char *digits, size_t n, int base, int64_t *out) {
    int64_t value = 0;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit_value(digits[i]), &value))
            return false;
    *out = value;
    return true;
}

static bool check_digit_limit(Ctx *c, size_t n, int base) {
    int bits = bits_per_digit(base);
    if (bits)
        return !mp_refuses(c,
                           (int64_t)(n < BIGINT_MAX_BITS ? n : SIZE_MAX / 64) * bits);
    if (n <= BIGINT_MAX_DIGITS) return true;
    return error_raise(c, ValueError,
                       "Exceeds the limit (%d digits) for integer string conversion: "
                       "value has %zu digits; use sys.set_int_max_str_digits() to "
                       "increase the limit",
                       BIGINT_MAX_DIGITS, n);
}

Value bigint_from_digits(Ctx *c, const char *digits, size_t n, int base) {
    int64_t small;
    if (read_small(digits, n, base, &small)) return value_int(small);
    if (!check_digit_limit(c, n, base)) return value_null();
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    int bits = bits_per_digit(base);
    return mp_take(
        c, &r, bits ? read_bits(&r, digits, n, bits) : read_other(&r, digits, n, base));
}

Value bigint_from_u64(Ctx *c, uint64_t u) {
    if (u <= INT64_MAX) return value_int((int64_t)u);
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, u);
    return bigint_from_digits(c, digits, (size_t)n, 10);
}

/* ---- int(text, base) ---- */

static int prefix_base(const char *s) {
    if (s[0] != '0') return 0;
    switch (s[1]) {
    case 'x':
    case 'X': return 16;
    case 'o':
    case 'O': return 8;
    case 'b':
    case 'B': return 2;
    default: return 0;
    }
}

/* Takes the underscores out of s; false when s is no row of digits of that base with
 * single underscores between them. *n becomes the number of digits up to there. */
static bool compact_digits(char *s, size_t *n, int base, bool leading_underscore) {
    size_t kept = 0, i = 0;
    bool underscore = !leading_underscore;
    for (; i < *n; i++) {
        bool is_underscore = s[i] == '_';
        if (is_underscore ? underscore : digit_value(s[i]) >= base) break;
        if (!is_underscore) s[kept++] = s[i];
        underscore = is_underscore;
    }
    bool whole = i == *n && kept > 0 && !underscore;
    *n = kept;
    return whole;
}

static bool all_zeros(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] != '0') return false;
    return true;
}

/* VAL_NULL without an error: not a number. */
static Value parse_normal(Ctx *c, char *s, size_t n, int base) {
    bool negative = n > 0 && s[0] == '-';
    if (n > 0 && (s[0] == '-' || s[0] == '+')) {
        s++;
        n--;
    }
    int found = n > 1 ? prefix_base(s) : 0;
    bool prefixed = found && (base == 0 || base == found);
    if (prefixed) {
        s += 2;
        n -= 2;
    }
    int used = prefixed ? found : base ? base : 10;
    if (!compact_digits(s, &n, used, prefixed)) {
        /* CPython counts before it looks at what follows. */
        check_digit_limit(c, n, used);
        return value_null();
    }
    /* Base 0 reads as the notation does: 010 is no literal, 00 is. */
    if (base == 0 && !prefixed && s[0] == '0' && !all_zeros(s, n)) return value_null();
    Value v = bigint_from_digits(c, s, n, used);
    return negative && !value_is_null(v) ? bigint_unary(c, UNARY_NEG, v) : v;
}

Value bigint_parse(Ctx *c, const Str *text, int base) {
    if (base != 0 && (base < 2 || base > 36))
        return value_raise(c, ValueError, "int() base must be >= 2 and <= 36, or 0");
    Buf b;
    buf_init(&b, &c->mem);
    number_normalize(&b, text);
    Value v = value_null();
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else if (b.len > 0)
        v = parse_normal(c, b.data, b.len, base);
    buf_free(&b);
    if (!value_is_null(v) || ctx_failed(c)) return v;
    Str *shown = value_repr_str(c, value_obj((void *)(uintptr_t)text));
    if (!shown) return value_null();
    return value_raise(c, ValueError, "invalid literal for int() with base %d: %.*s",
                       base, (int)str_prefix(shown, 200), shown->data);
}

/* ---- ints to digits ---- */

static void put_power_of_two(Ctx *c, Buf *out, const mp_int *m, int bits) {
    int64_t total = mp_count_bits(m);
    int64_t digits = (total + bits - 1) / bits;
    (void)c;
    for (int64_t i = digits; i-- > 0;) {
        int64_t at = i * bits;
        int word = (int)(at / MP_DIGIT_BIT), shift = (int)(at % MP_DIGIT_BIT);
        mp_digit d = m->dp[word] >> shift;
        if (shift + bits > MP_DIGIT_BIT && word + 1 < m->used)
            d |= m->dp[word + 1] << (MP_DIGIT_BIT - shift);
        buf_putc(out, "0123456789abcdef"[d & ((1u << bits) - 1)]);
    }
    if (digits == 0) buf_putc(out, '0');
}

static void raise_digit_limit(Ctx *c) {
    error_raise(c, ValueError,
                "Exceeds the limit (%d digits) for integer string conversion; use "
                "sys.set_int_max_str_digits() to increase the limit",
                BIGINT_MAX_DIGITS);
}

static void put_decimal(Ctx *c, Buf *out, const mp_int *m) {
    char text[BIGINT_MAX_DIGITS + 16];
    mp_int magnitude = *m;
    magnitude.sign = MP_ZPOS;
    /* log2(10) > 3.32: more bits than this are certainly more digits. */
    if (mp_count_bits(m) > BIGINT_MAX_DIGITS * 10 / 3 + 8) {
        raise_digit_limit(c);
        return;
    }
    size_t written = 0;
    if (mp_to_radix(&magnitude, text, sizeof text, &written, 10) != MP_OKAY) {
        raise_digit_limit(c);
        return;
    }
    size_t n = strlen(text);
    if (n > BIGINT_MAX_DIGITS)
        raise_digit_limit(c);
    else
        buf_add(out, text, n);
}

void bigint_put_digits(Ctx *c, Buf *out, Value v, int base) {
    if (int_is_small(v) && base == 10) {
        int64_t i = int_small(v);
        buf_printf(out, "%" PRIu64, i < 0 ? UINT64_C(0) - (uint64_t)i : (uint64_t)i);
        return;
    }
    MpView view;
    const mp_int *m = mp_view(&view, v);
    if (base == 10)
        put_decimal(c, out, m);
    else
        put_power_of_two(c, out, m, bits_per_digit(base));
}

void bigint_repr(Ctx *c, Buf *out, Value v) {
    if (bigint_sign(v) < 0) buf_putc(out, '-');
    bigint_put_digits(c, out, v, 10);
}
