/* See decimal.h.
 *
 * Fixed notation: a double is m * 2^e with an integer m, so x * 10^P is
 * m * 5^P * 2^(e + P).  Where m * 5^P fits in 63 bits, what the shift drops decides
 * the rounding exactly.  Scientific notation: x is scaled by two exact powers of ten
 * at most; where the fraction stays away from one half by far more than the error of
 * these two roundings, the nearest integer is certain.
 */
#include "decimal.h"

#include <math.h>
#include <string.h>

enum {
    TEXT_ROOM = 40,     /* sign, 20 digits, point, exponent */
    FIXED_DIGITS = 20,  /* the short path gives fewer digits after the point */
    SCI_PRECISION = 8,  /* digits after the point the short path gives */
    EXACT_POWER_10 = 22 /* 10^22 is the last power a double holds exactly */
};

/* Text is built from its end: `at` is its first character, `end` one past its last. */
typedef struct Text {
    char room[TEXT_ROOM];
    char *at;
} Text;

static void text_start(Text *t) {
    t->at = t->room + TEXT_ROOM;
}

static void text_front(Text *t, char ch) {
    *--t->at = ch;
}

/* The decimal digits of n, at least `least` of them. */
static void text_digits(Text *t, uint64_t n, int least) {
    for (; n || least > 0; least--) {
        text_front(t, (char)('0' + n % 10));
        n /= 10;
    }
}

/* Usual widths are filled up within the room, so that the buffer is added to once. */
static void text_flush(Text *t, Buf *b, int64_t width) {
    char *end = t->room + TEXT_ROOM;
    if (width <= TEXT_ROOM)
        while (end - t->at < width) text_front(t, ' ');
    decimal_aligned(b, t->at, (size_t)(end - t->at), width);
}

void decimal_aligned(Buf *b, const char *text, size_t n, int64_t width) {
    if (width > (int64_t)n) buf_repeat(b, ' ', (size_t)width - n);
    buf_add(b, text, n);
}

/* |x| = *m * 2^result, *m odd or 0. */
static int split(double x, uint64_t *m) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7FF);
    *m = exponent ? fraction | UINT64_C(1) << 52 : fraction;
    if (!*m) return 0;
    int zeros = __builtin_ctzll(*m);
    *m >>= zeros;
    return (exponent ? exponent : 1) - 1075 + zeros;
}

/* n / 2^shift, ties to even; n < 2^63, shift > 0. */
static uint64_t shift_round(uint64_t n, int shift) {
    if (shift > 63) return 0; /* less than one half */
    uint64_t q = n >> shift, half = UINT64_C(1) << (shift - 1);
    uint64_t rest = n & ((half << 1) - 1);
    return q + (rest > half || (rest == half && (q & 1)));
}

/* *q = |x| * 10^precision, rounded; false where the short path does not reach. */
static bool scale_fixed(double x, int precision, uint64_t *q) {
    static const uint64_t powers[FIXED_DIGITS] = {
        // clang-format off
        1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125,
        244140625, 1220703125, 6103515625, 30517578125, 152587890625, 762939453125,
        3814697265625, 19073486328125,
        // clang-format on
    };
    uint64_t m, n;
    if (precision >= FIXED_DIGITS) return false;
    int shift = split(x, &m) + precision;
    if (__builtin_mul_overflow(m, powers[precision], &n) || n >> 63) return false;
    if (shift < 0) {
        *q = shift_round(n, -shift);
        return true;
    }
    if (n && (shift > 62 || n >> (63 - shift))) return false;
    *q = n ? n << shift : 0;
    return true;
}

/* nan and infinities; false for other numbers. */
static bool add_special(Buf *b, double x, int64_t width) {
    if (isfinite(x)) return false;
    const char *text = isnan(x) ? "nan" : x < 0 ? "-inf" : "inf";
    decimal_aligned(b, text, strlen(text), width);
    return true;
}

static int printf_width(int64_t width) {
    return width < 0 ? 0 : width > INT32_MAX ? INT32_MAX : (int)width;
}

/* q with its last `precision` digits behind a point. */
static void text_number(Text *t, uint64_t q, int precision, bool negative) {
    for (int i = 0; i < precision; i++) {
        text_front(t, (char)('0' + q % 10));
        q /= 10;
    }
    if (precision) text_front(t, '.');
    text_digits(t, q, 1);
    if (negative) text_front(t, '-');
}

void decimal_fixed(Buf *b, double x, int precision, int64_t width) {
    if (add_special(b, x, width)) return;
    uint64_t q;
    if (!scale_fixed(x, precision, &q)) {
        buf_printf(b, "%*.*f", printf_width(width), precision, x);
        return;
    }
    Text t;
    text_start(&t);
    text_number(&t, q, precision, signbit(x));
    text_flush(&t, b, width);
}

static const double powers_10[EXACT_POWER_10 + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* x * 10^power with at most two roundings; |power| <= 2 * EXACT_POWER_10. */
static double scale_10(double x, int power) {
    int n = power < 0 ? -power : power;
    int first = n < EXACT_POWER_10 ? n : EXACT_POWER_10;
    x = power < 0 ? x / powers_10[first] : x * powers_10[first];
    if (n == first) return x;
    return power < 0 ? x / powers_10[n - first] : x * powers_10[n - first];
}

/* The largest k for which 10^k may be <= a, from a's binary exponent: the true one,
 * or one less. */
static int guess_exponent(double a) {
    int e = ilogb(a);
    enum { SHIFT = 400 }; /* keeps the dividend positive; log10(2) is 1233 / 4096 */
    return (e * 1233 + SHIFT * 4096) / 4096 - SHIFT;
}

/* a = *q * 10^(*k - precision), rounded, 10^precision <= *q < 10^(precision + 1). */
static bool scale_scientific(double a, int precision, uint64_t *q, int *k) {
    *q = 0;
    *k = 0;
    if (precision > SCI_PRECISION) return false;
    if (a == 0) return true;
    if (a < 1e-30 || a > 1e30) return false;
    double top = powers_10[precision + 1];
    *k = guess_exponent(a);
    double y = scale_10(a, precision - *k);
    if (y >= top) y = scale_10(a, precision - ++*k);
    double whole = (double)(int64_t)y;
    /* y < 10^9 is off by less than 10^-6. */
    if (fabs(y - whole - 0.5) < 1e-3) return false;
    *q = (uint64_t)whole + (y - whole > 0.5);
    if ((double)*q < top) return true;
    *q /= 10;
    ++*k;
    return true;
}

void decimal_scientific(Buf *b, double x, int precision, int64_t width) {
    if (add_special(b, x, width)) return;
    uint64_t q;
    int k;
    if (!scale_scientific(fabs(x), precision, &q, &k)) {
        buf_printf(b, "%*.*e", printf_width(width), precision, x);
        return;
    }
    Text t;
    text_start(&t);
    text_digits(&t, (uint64_t)(k < 0 ? -k : k), 2);
    text_front(&t, k < 0 ? '-' : '+');
    text_front(&t, 'e');
    text_number(&t, q, precision, signbit(x));
    text_flush(&t, b, width);
}

void decimal_integer(Buf *b, int64_t i, int64_t width) {
    Text t;
    text_start(&t);
    text_digits(&t, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, 1);
    if (i < 0) text_front(&t, '-');
    text_flush(&t, b, width);
}
