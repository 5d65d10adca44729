/* bigint_math: ints and floats, modular powers, and what the math module asks. */
#include "runner/values/bigint_mp.h"
#include "runner/values/types.h"

#include <math.h>

/* ---- to float ---- */

/* q * 2^exponent, correctly rounded, where q has its top bit among the highest three
 * and its lowest bit also stands for anything smaller. May give inf. */
static double scale(uint64_t q, int64_t exponent) {
    if (q == 0) return 0;
    if (exponent > 1100) return HUGE_VAL;
    if (exponent < -1200) return 0;
    int drop = 0;
    /* A subnormal has no bit below 2^-1074: round once, here. */
    if (exponent < -1074) drop = (int)(-1074 - exponent);
    if (drop > 63) return 0;
    if (drop < 10) return ldexp((double)q, (int)exponent);
    uint64_t kept = q >> drop, rest = q & ((UINT64_C(1) << drop) - 1);
    uint64_t half = UINT64_C(1) << (drop - 1);
    if (rest > half || (rest == half && kept & 1)) kept++;
    return ldexp((double)kept, -1074);
}

/* The top 64 bits of m; the lowest is set when anything below them is. */
static uint64_t top_bits(const mp_int *m, int64_t *exponent) {
    int bits = mp_count_bits(m);
    uint64_t top = 0;
    int have = 0, i = m->used - 1;
    int in_digit = bits - i * MP_DIGIT_BIT;
    for (; i >= 0 && have < 64; i--, in_digit = MP_DIGIT_BIT) {
        int take = 64 - have < in_digit ? 64 - have : in_digit;
        top = take == 64 ? m->dp[i] : top << take | m->dp[i] >> (in_digit - take);
        have += take;
        uint64_t below = m->dp[i] & ((UINT64_C(1) << (in_digit - take)) - 1);
        if (below) top |= 1;
    }
    for (; i >= 0; i--)
        if (m->dp[i]) top |= 1;
    *exponent = bits - have;
    return top;
}

double bigint_frexp(Value v, int64_t *exponent) {
    MpView view;
    int64_t below;
    uint64_t top = top_bits(mp_view(&view, v), &below);
    int e;
    double m = frexp((double)top, &e);
    *exponent = below + e;
    return m;
}

static int order_small_double(int64_t a, double b) {
    if (b >= 0x1p63) return -1;
    if (b < -0x1p63) return 1;
    int64_t whole = (int64_t)b;
    if (a != whole) return a > whole ? 1 : -1;
    double rest = b - trunc(b);
    return (rest < 0) - (rest > 0);
}

/* |v| beyond 64 bits against b > 0. */
static int order_magnitudes(Value v, double b) {
    if (isinf(b)) return -1;
    int exponent;
    uint64_t m = (uint64_t)ldexp(frexp(b, &exponent), 64);
    int64_t bits = bigint_bits(v), below;
    if (bits != exponent) return bits > exponent ? 1 : -1;
    MpView view;
    uint64_t top = top_bits(mp_view(&view, v), &below);
    return (top > m) - (top < m);
}

int bigint_order_double(Value a, double b) {
    if (isnan(b)) return ORDER_NONE;
    if (int_is_small(a)) return order_small_double(int_small(a), b);
    int sign = bigint_sign(a);
    return sign * b > 0 ? sign * order_magnitudes(a, fabs(b)) : sign;
}

bool bigint_to_double(Ctx *c, Value v, double *out) {
    if (int_is_small(v)) {
        *out = (double)int_small(v);
        return true;
    }
    int64_t exponent;
    double m = bigint_frexp(v, &exponent);
    if (exponent > 1024)
        return error_raise(c, OverflowError, "int too large to convert to float");
    *out = ldexp(m, (int)exponent);
    if (bigint_sign(v) < 0) *out = -*out;
    return true;
}

/* |a| * 2^up / (|b| * 2^down), of 62 or 63 bits, the lowest standing for the rest too.
 */
static bool divide_scaled(Ctx *c, const mp_int *a, const mp_int *b, int up, int down,
                          uint64_t *out) {
    mp_int x, y, q, r;
    mp_err err = mp_init_multi(&x, &y, &q, &r, NULL);
    if (err != MP_OKAY) return error_raise(c, MemoryError, "%s", "");
    err = mp_mul_2d(a, up, &x);
    if (err == MP_OKAY) err = mp_mul_2d(b, down, &y);
    if (err == MP_OKAY) err = mp_div(&x, &y, &q, &r);
    if (err != MP_OKAY) error_raise(c, MemoryError, "%s", "");
    *out = mp_get_mag_u64(&q) | (r.used > 0);
    mp_clear_multi(&x, &y, &q, &r, NULL);
    return err == MP_OKAY;
}

static bool exact_in_double(Value v) {
    const int64_t limit = INT64_C(1) << 53;
    return int_is_small(v) && int_small(v) <= limit && int_small(v) >= -limit;
}

bool bigint_ratio(Ctx *c, Value a, Value b, double *out) {
    if (bigint_sign(b) == 0)
        return error_raise(c, ZeroDivisionError, "division by zero");
    if (exact_in_double(a) && exact_in_double(b)) {
        *out = (double)int_small(a) / (double)int_small(b);
        return true;
    }
    *out = bigint_sign(b) < 0 ? -0.0 : 0.0;
    if (bigint_sign(a) == 0) return true;
    int64_t shift = 62 - (bigint_bits(a) - bigint_bits(b));
    int up = shift > 0 ? (int)shift : 0, down = shift < 0 ? (int)-shift : 0;
    MpView x, y;
    uint64_t q = 0;
    /* Beyond, the ratio is below the least float by far. */
    if (shift < 2000 && !divide_scaled(c, mp_view(&x, a), mp_view(&y, b), up, down, &q))
        return false;
    *out = scale(q, -shift);
    if (isinf(*out))
        return error_raise(c, OverflowError,
                           "integer division result too large for a float");
    if (bigint_sign(a) != bigint_sign(b)) *out = -*out;
    return true;
}

Value bigint_from_double(Ctx *c, double x) {
    if (isnan(x))
        return value_raise(c, ValueError, "cannot convert float NaN to integer");
    if (isinf(x))
        return value_raise(c, OverflowError,
                           "cannot convert float infinity to integer");
    if (x >= -0x1p63 && x < 0x1p63) return value_int((int64_t)x);
    int exponent;
    int64_t m = (int64_t)ldexp(frexp(x, &exponent), 53);
    return bigint_binary(c, BINARY_LSHIFT, value_int(m), value_int(exponent - 53));
}

/* ---- pow(a, b, m) ---- */

static Value raise_to(Ctx *c, const mp_int *a, const mp_int *b, const mp_int *m) {
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    mp_err err = mp_exptmod(a, b, m, &r);
    if (err == MP_VAL) {
        mp_clear(&r);
        return value_raise(c, ValueError,
                           "base is not invertible for the given modulus");
    }
    return mp_take(c, &r, err);
}

/* libtommath wants a modulus above 1 and a base from 0 up to it. */
Value bigint_pow_mod(Ctx *c, Value base, Value exponent, Value modulus) {
    if (bigint_sign(modulus) == 0)
        return value_raise(c, ValueError, "pow() 3rd argument cannot be 0");
    Value m = bigint_abs(c, modulus);
    Value from = value_is_null(m) ? m : bigint_binary(c, BINARY_MOD, base, m);
    if (value_is_null(from)) return from;
    if (bigint_order(m, value_int(1)) == 0) return value_int(0);
    MpView x, y, z;
    Value r = raise_to(c, mp_view(&x, from), mp_view(&y, exponent), mp_view(&z, m));
    if (value_is_null(r) || bigint_sign(modulus) > 0 || bigint_sign(r) == 0) return r;
    return bigint_binary(c, BINARY_ADD, r, modulus);
}

/* ---- the math module ---- */

Value bigint_isqrt(Ctx *c, Value v) {
    if (bigint_sign(v) < 0)
        return value_raise(c, ValueError, "isqrt() argument must be nonnegative");
    MpView x;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, mp_sqrt(mp_view(&x, v), &r));
}

Value bigint_gcd(Ctx *c, Value a, Value b) {
    MpView x, y;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, mp_gcd(mp_view(&x, a), mp_view(&y, b), &r));
}

/* Multiplies the factors first, first + 1, ... last pairwise, so that they stay about
 * equally long; `last - first` halves in each call. */
static Value product(Ctx *c, int64_t first, int64_t last) {
    if (first > last) return value_int(1);
    if (last - first < 8) {
        Value r = value_int(first);
        for (int64_t i = first + 1; i <= last && !value_is_null(r); i++)
            r = bigint_binary(c, BINARY_MUL, r, value_int(i));
        return r;
    }
    int64_t middle = first + (last - first) / 2;
    Value low = product(c, first, middle);
    Value high = value_is_null(low) ? low : product(c, middle + 1, last);
    return value_is_null(high) ? high : bigint_binary(c, BINARY_MUL, low, high);
}

Value bigint_factorial(Ctx *c, int64_t n) {
    /* 500000! has more than BIGINT_MAX_BITS bits. */
    if (n > 500000) return value_raise(c, MemoryError, "%s", "");
    size_t mark = pool_mark(c);
    Value r = product(c, 2, n);
    return pool_drain_keep(c, mark, r);
}

Value bigint_choose(Ctx *c, Value n, int64_t k, bool unordered) {
    size_t outer = pool_mark(c);
    Value r = value_int(1);
    for (int64_t i = 0; i < k && !value_is_null(r); i++) {
        size_t mark = pool_mark(c);
        Value factor = bigint_binary(c, BINARY_SUB, n, value_int(i));
        if (!value_is_null(factor)) r = bigint_binary(c, BINARY_MUL, r, factor);
        if (unordered && !value_is_null(r))
            r = bigint_binary(c, BINARY_FLOORDIV, r, value_int(i + 1));
        r = pool_drain_keep(c, mark, r);
    }
    return pool_drain_keep(c, outer, r);
}
