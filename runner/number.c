/* number: what bool, int and float answer to the questions of protocol.h. */
#include "runner/number_format.h"
#include "runner/types.h"

#include <inttypes.h>
#include <math.h>

/* ---- hash: the value modulo the prime 2^61 - 1, for every kind of number ---- */

#define HASH_MODULUS ((UINT64_C(1) << 61) - 1)

static uint64_t signed_hash(uint64_t magnitude, bool negative) {
    uint64_t h = negative ? UINT64_C(0) - magnitude : magnitude;
    return h == UINT64_MAX ? UINT64_MAX - 1 : h; /* -1 means an error in CPython */
}

static uint64_t hash_int(int64_t i) {
    uint64_t magnitude = i < 0 ? UINT64_C(0) - (uint64_t)i : (uint64_t)i;
    return signed_hash(magnitude % HASH_MODULUS, i < 0);
}

/* Multiplies by 2^n modulo the prime: a rotation of 61 bits. */
static uint64_t rotate(uint64_t h, int n) {
    return ((h << n) & HASH_MODULUS) | h >> (61 - n);
}

static uint64_t hash_float(double x) {
    if (isnan(x)) return 0;
    if (isinf(x)) return signed_hash(314159, x < 0);
    int exponent;
    double m = frexp(fabs(x), &exponent);
    uint64_t h = 0;
    while (m != 0) {
        h = rotate(h, 28);
        m *= 268435456.0; /* 2^28 */
        exponent -= 28;
        uint64_t word = (uint64_t)m;
        m -= (double)word;
        h += word;
        if (h >= HASH_MODULUS) h -= HASH_MODULUS;
    }
    exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
    return signed_hash(rotate(h, exponent), x < 0);
}

static bool int_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = hash_int(v.tag == VAL_BOOL ? v.as.b : v.as.i);
    return true;
}

static bool float_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = hash_float(v.as.f);
    return true;
}

/* ---- order ---- */

static int order_doubles(double a, double b) {
    if (isnan(a) || isnan(b)) return ORDER_NONE;
    return (a > b) - (a < b);
}

static int order_ints(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* Exact: 2**53 + 1 is not 2.0**53. */
static int order_int_double(int64_t a, double b) {
    if (isnan(b)) return ORDER_NONE;
    if (b >= 0x1p63) return -1;
    if (b < -0x1p63) return 1;
    double whole = trunc(b);
    int order = order_ints(a, (int64_t)whole);
    return order ? order : order_doubles(whole, b);
}

static bool as_int(Value v, int64_t *out) {
    if (v.tag != VAL_INT && v.tag != VAL_BOOL) return false;
    *out = v.tag == VAL_INT ? v.as.i : v.as.b;
    return true;
}

static Value number_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    int64_t i, j;
    bool a_int = as_int(a, &i), b_int = as_int(b, &j);
    if (a_int && b_int) return compare_answer(op, order_ints(i, j));
    if (a_int && b.tag == VAL_FLOAT)
        return compare_answer(op, order_int_double(i, b.as.f));
    if (a.tag == VAL_FLOAT && b_int) {
        int order = order_int_double(j, a.as.f);
        return compare_answer(op, order == ORDER_NONE ? order : -order);
    }
    if (a.tag == VAL_FLOAT && b.tag == VAL_FLOAT)
        return compare_answer(op, order_doubles(a.as.f, b.as.f));
    return (Value){.tag = VAL_NOT_IMPLEMENTED};
}

/* ---- text and conversions ---- */

static void bool_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_puts(out, v.as.b ? "True" : "False");
}

static void int_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_printf(out, "%" PRId64, v.as.i);
}

static void float_value_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    float_repr(out, v.as.f);
}

static bool number_to_double(Ctx *c, Value v, double *out) {
    (void)c;
    if (v.tag == VAL_FLOAT)
        *out = v.as.f;
    else
        *out = v.tag == VAL_INT ? (double)v.as.i : v.as.b;
    return true;
}

const TypeOps bool_ops = {
    .hash = int_hash,
    .compare = number_compare,
    .repr = bool_repr,
    .to_double = number_to_double,
};
const TypeOps int_ops = {
    .hash = int_hash,
    .compare = number_compare,
    .repr = int_repr,
    .to_double = number_to_double,
};
const TypeOps float_ops = {
    .hash = float_hash,
    .compare = number_compare,
    .repr = float_value_repr,
    .to_double = number_to_double,
};
