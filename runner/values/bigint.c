/* See bigint.h. Every operator tries 64 bits first. */
#include "runner/values/bigint.h"

#include "runner/values/bigint_mp.h"
#include "runner/values/types.h"

#include <math.h>
#include <string.h>

/* ---- the object ---- */

static size_t object_size(int n) {
    return sizeof(BigInt) + (size_t)n * sizeof(uint64_t);
}

static void destroy(Ctx *c, Obj *o) {
    obj_free(c, o, object_size(((BigInt *)o)->n));
}
static const ObjType bigint_type = {"int", OBJ_BIGINT, destroy, NULL};

_Static_assert(sizeof(mp_digit) == sizeof(uint64_t), "BigInt keeps mp_digits");

/* ---- to and from libtommath ---- */

const mp_int *mp_view(MpView *out, Value v) {
    const BigInt *big = value_bigint(v);
    if (big) {
        out->mp = (mp_int){.used = big->n,
                           .alloc = big->n,
                           .sign = big->negative ? MP_NEG : MP_ZPOS,
                           .dp = (mp_digit *)(uintptr_t)big->digits};
        return &out->mp;
    }
    int64_t i = int_small(v);
    uint64_t magnitude = i < 0 ? UINT64_C(0) - (uint64_t)i : (uint64_t)i;
    int n = 0;
    for (; magnitude; magnitude >>= MP_DIGIT_BIT) out->small[n++] = magnitude & MP_MASK;
    out->mp = (mp_int){.used = n,
                       .alloc = (int)(sizeof out->small / sizeof *out->small),
                       .sign = i < 0 ? MP_NEG : MP_ZPOS,
                       .dp = out->small};
    return &out->mp;
}

bool mp_start(Ctx *c, mp_int *r) {
    if (mp_init(r) == MP_OKAY) return true;
    error_raise(c, MemoryError, "%s", "");
    return false;
}

bool mp_refuses(Ctx *c, int64_t bits) {
    if (bits <= BIGINT_MAX_BITS) return false;
    error_raise(c, MemoryError, "%s", "");
    return true;
}

static bool fits_int64(const mp_int *r) {
    int bits = mp_count_bits(r);
    if (bits < 64) return true;
    return bits == 64 && r->sign == MP_NEG && mp_get_mag_u64(r) == UINT64_C(1) << 63;
}

static Value value_of(Ctx *c, const mp_int *r) {
    if (fits_int64(r)) return value_int(mp_get_i64(r));
    if (mp_refuses(c, mp_count_bits(r))) return value_null();
    BigInt *big = obj_new(c, &bigint_type, object_size(r->used));
    if (!big) return value_null();
    big->negative = r->sign == MP_NEG;
    big->n = r->used;
    memcpy(big->digits, r->dp, (size_t)r->used * sizeof *big->digits);
    return pool_value(c, value_obj(big));
}

Value mp_take(Ctx *c, mp_int *r, mp_err err) {
    Value v = err == MP_OKAY ? value_of(c, r) : value_raise(c, MemoryError, "%s", "");
    mp_clear(r);
    return v;
}

/* ---- size, sign, order ---- */

int bigint_sign(Value v) {
    const BigInt *big = value_bigint(v);
    if (big) return big->negative ? -1 : 1;
    int64_t i = int_small(v);
    return (i > 0) - (i < 0);
}

int64_t bigint_bits(Value v) {
    MpView view;
    return mp_count_bits(mp_view(&view, v));
}

static int64_t ones(uint64_t word) {
    int64_t n = 0;
    for (; word; word &= word - 1) n++;
    return n;
}

int64_t bigint_ones(Value v) {
    MpView view;
    const mp_int *m = mp_view(&view, v);
    int64_t n = 0;
    for (int i = 0; i < m->used; i++) n += ones(m->dp[i]);
    return n;
}

int bigint_order(Value a, Value b) {
    if (int_is_small(a) && int_is_small(b))
        return (int_small(a) > int_small(b)) - (int_small(a) < int_small(b));
    MpView x, y;
    return mp_cmp(mp_view(&x, a), mp_view(&y, b));
}

/* Modulo 2^61 - 1, a digit at a time from the top. */
uint64_t bigint_hash(Value v) {
    const uint64_t prime = (UINT64_C(1) << 61) - 1;
    MpView view;
    const mp_int *m = mp_view(&view, v);
    uint64_t h = 0;
    for (int i = m->used; i-- > 0;) {
        h = ((h << MP_DIGIT_BIT) & prime) | h >> (61 - MP_DIGIT_BIT);
        h += m->dp[i];
        if (h >= prime) h -= prime;
    }
    if (m->sign == MP_NEG) h = UINT64_C(0) - h;
    return h == UINT64_MAX ? UINT64_MAX - 1 : h;
}

/* ---- arithmetic beyond 64 bits ---- */

typedef mp_err (*MpBinary)(const mp_int *a, const mp_int *b, mp_int *r);

static Value through_mp(Ctx *c, MpBinary f, Value a, Value b) {
    MpView x, y;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, f(mp_view(&x, a), mp_view(&y, b), &r));
}

static Value multiply(Ctx *c, Value a, Value b) {
    if (mp_refuses(c, bigint_bits(a) + bigint_bits(b) - 1)) return value_null();
    return through_mp(c, mp_mul, a, b);
}

static Value add_values(Ctx *c, Value a, Value b) {
    int64_t sum;
    if (int_is_small(a) && int_is_small(b) &&
        !__builtin_add_overflow(int_small(a), int_small(b), &sum))
        return value_int(sum);
    return through_mp(c, mp_add, a, b);
}

static Value subtract_values(Ctx *c, Value a, Value b) {
    int64_t difference;
    if (int_is_small(a) && int_is_small(b) &&
        !__builtin_sub_overflow(int_small(a), int_small(b), &difference))
        return value_int(difference);
    return through_mp(c, mp_sub, a, b);
}

static Value multiply_values(Ctx *c, Value a, Value b) {
    int64_t product;
    if (int_is_small(a) && int_is_small(b) &&
        !__builtin_mul_overflow(int_small(a), int_small(b), &product))
        return value_int(product);
    return multiply(c, a, b);
}

/* ---- division: the quotient is rounded down, the rest has b's sign ---- */

static void divide_small(int64_t a, int64_t b, int64_t *q, int64_t *r) {
    *q = a / b;
    *r = a % b;
    if (*r != 0 && (*r < 0) != (b < 0)) {
        *q -= 1;
        *r += b;
    }
}

static bool divide_big(Ctx *c, Value a, Value b, Value *q, Value *r) {
    MpView x, y;
    const mp_int *over = mp_view(&x, a), *under = mp_view(&y, b);
    mp_int quotient, rest;
    if (!mp_start(c, &quotient)) return false;
    if (!mp_start(c, &rest)) {
        mp_clear(&quotient);
        return false;
    }
    mp_err err = mp_div(over, under, &quotient, &rest);
    if (err == MP_OKAY && rest.used > 0 && rest.sign != under->sign) {
        err = mp_sub_d(&quotient, 1, &quotient);
        if (err == MP_OKAY) err = mp_add(&rest, under, &rest);
    }
    *q = mp_take(c, &quotient, err);
    *r = mp_take(c, &rest, err);
    return !ctx_failed(c);
}

bool bigint_divmod(Ctx *c, Value a, Value b, Value *quotient, Value *rest) {
    if (bigint_sign(b) == 0)
        return error_raise(c, ZeroDivisionError, "integer division or modulo by zero");
    bool overflows = int_is_small(a) && int_small(a) == INT64_MIN && int_is_small(b) &&
                     int_small(b) == -1;
    if (!int_is_small(a) || !int_is_small(b) || overflows)
        return divide_big(c, a, b, quotient, rest);
    int64_t q, r;
    divide_small(int_small(a), int_small(b), &q, &r);
    *quotient = value_int(q);
    *rest = value_int(r);
    return true;
}

static Value floor_divide(Ctx *c, Value a, Value b) {
    Value q, r;
    return bigint_divmod(c, a, b, &q, &r) ? q : value_null();
}

static Value modulo(Ctx *c, Value a, Value b) {
    if (bigint_sign(b) == 0)
        return value_raise(c, ZeroDivisionError, "integer modulo by zero");
    Value q, r;
    return bigint_divmod(c, a, b, &q, &r) ? r : value_null();
}

/* ---- shifts and bits ---- */

static Value shift_left(Ctx *c, Value a, Value by) {
    if (bigint_sign(by) < 0) return value_raise(c, ValueError, "negative shift count");
    if (bigint_sign(a) == 0) return value_int(0);
    if (!int_is_small(by))
        return value_raise(c, OverflowError, "too many digits in integer");
    if (int_small(by) > BIGINT_MAX_BITS ||
        mp_refuses(c, bigint_bits(a) + int_small(by)))
        return value_raise(c, MemoryError, "%s", "");
    MpView x;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, mp_mul_2d(mp_view(&x, a), (int)int_small(by), &r));
}

static Value shift_right(Ctx *c, Value a, Value by) {
    if (bigint_sign(by) < 0) return value_raise(c, ValueError, "negative shift count");
    if (!int_is_small(by) || int_small(by) >= BIGINT_MAX_BITS)
        return value_int(bigint_sign(a) < 0 ? -1 : 0);
    int64_t n = int_small(by);
    if (int_is_small(a)) {
        int64_t i = int_small(a);
        int64_t down = n > 63 ? 63 : n;
        return value_int(i < 0 ? ~(~i >> down) : i >> down);
    }
    MpView x;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, mp_signed_rsh(mp_view(&x, a), (int)n, &r));
}

static Value bits_and(Ctx *c, Value a, Value b) {
    if (int_is_small(a) && int_is_small(b))
        return value_int(int_small(a) & int_small(b));
    return through_mp(c, mp_and, a, b);
}
static Value bits_or(Ctx *c, Value a, Value b) {
    if (int_is_small(a) && int_is_small(b))
        return value_int(int_small(a) | int_small(b));
    return through_mp(c, mp_or, a, b);
}
static Value bits_xor(Ctx *c, Value a, Value b) {
    if (int_is_small(a) && int_is_small(b))
        return value_int(int_small(a) ^ int_small(b));
    return through_mp(c, mp_xor, a, b);
}

/* ---- powers ---- */

static bool small_power(int64_t base, int64_t exponent, int64_t *out) {
    int64_t power = 1;
    for (;;) {
        if (exponent & 1 && __builtin_mul_overflow(power, base, &power)) return false;
        exponent >>= 1;
        if (!exponent) break;
        if (__builtin_mul_overflow(base, base, &base)) return false;
    }
    *out = power;
    return true;
}

static Value negative_power(Ctx *c, Value a, Value b) {
    double x, y;
    if (bigint_sign(a) == 0)
        return value_raise(c, ZeroDivisionError,
                           "0.0 cannot be raised to a negative power");
    if (!bigint_to_double(c, a, &x) || !bigint_to_double(c, b, &y)) return value_null();
    return value_float(pow(x, y));
}

/* 0, 1 and -1, for which the exponent may be of any size. */
static Value unit_power(int64_t base, Value exponent) {
    if (base >= 0 || bigint_sign(exponent) == 0)
        return value_int(bigint_sign(exponent) == 0 ? 1 : base);
    MpView view;
    return value_int(mp_isodd(mp_view(&view, exponent)) ? -1 : 1);
}

static Value power(Ctx *c, Value a, Value b) {
    if (bigint_sign(b) < 0) return negative_power(c, a, b);
    if (int_is_small(a) && int_small(a) >= -1 && int_small(a) <= 1)
        return unit_power(int_small(a), b);
    int64_t result;
    if (int_is_small(a) && int_is_small(b) &&
        small_power(int_small(a), int_small(b), &result))
        return value_int(result);
    if (!int_is_small(b) || int_small(b) > BIGINT_MAX_BITS ||
        mp_refuses(c, (bigint_bits(a) - 1) * int_small(b)))
        return value_raise(c, MemoryError, "%s", "");
    MpView x;
    mp_int r;
    if (!mp_start(c, &r)) return value_null();
    return mp_take(c, &r, mp_expt_u32(mp_view(&x, a), (uint32_t)int_small(b), &r));
}

static Value true_divide(Ctx *c, Value a, Value b) {
    double ratio;
    return bigint_ratio(c, a, b, &ratio) ? value_float(ratio) : value_null();
}

Value bigint_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    static Value (*const operators[BINARY_OP_COUNT])(Ctx *, Value, Value) = {
        [BINARY_ADD] = add_values,
        [BINARY_SUB] = subtract_values,
        [BINARY_MUL] = multiply_values,
        [BINARY_DIV] = true_divide,
        [BINARY_FLOORDIV] = floor_divide,
        [BINARY_MOD] = modulo,
        [BINARY_POW] = power,
        [BINARY_LSHIFT] = shift_left,
        [BINARY_RSHIFT] = shift_right,
        [BINARY_AND] = bits_and,
        [BINARY_OR] = bits_or,
        [BINARY_XOR] = bits_xor,
    };
    if (!operators[op]) return value_not_implemented();
    return operators[op](c, a, b);
}

Value bigint_unary(Ctx *c, UnaryOp op, Value v) {
    if (op == UNARY_NEG) return subtract_values(c, value_int(0), v);
    if (op == UNARY_INVERT) return subtract_values(c, value_int(-1), v);
    return int_is_small(v) ? value_int(int_small(v)) : v;
}

Value bigint_abs(Ctx *c, Value v) {
    return bigint_unary(c, bigint_sign(v) < 0 ? UNARY_NEG : UNARY_POS, v);
}
