/* bigint: ints of any size.
 *
 * An int Value is VAL_INT whenever it fits 64 bits, and an object of kind OBJ_BIGINT
 * only beyond: every function here keeps that. Functions take ints (bool, VAL_INT or
 * BigInt) and give one that is borrowed or the pool's; VAL_NULL with an error pending.
 * Work beyond 64 bits is libtommath's, on numbers that live for one call; what it gets
 * from malloc is bounded by BIGINT_MAX_BITS.
 *
 * Results beyond BIGINT_MAX_BITS raise MemoryError.
 */
#ifndef RUNNER_BIGINT_H
#define RUNNER_BIGINT_H

#include "runner/language/ast.h" /* BinaryOp, UnaryOp */
#include "runner/values/kinds.h"

enum { BIGINT_MAX_BITS = 1 << 23, BIGINT_MAX_DIGITS = 4300 };

/* Magnitude in digits of MP_DIGIT_BIT bits, the lowest first. */
typedef struct BigInt {
    Obj obj;
    bool negative;
    int n;
    uint64_t digits[];
} BigInt;

static inline BigInt *value_bigint(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_BIGINT) ? (BigInt *)v.as.obj : NULL;
}
static inline bool value_is_int(Value v) {
    return v.tag == VAL_INT || v.tag == VAL_BOOL || value_is_kind(v, OBJ_BIGINT);
}

/* a OP b for every operator but @. `/` gives a float, correctly rounded, and so does
 * `**` with a negative exponent. NotImplemented for @. ZeroDivisionError "integer
 * division or modulo by zero", "integer modulo by zero", "division by zero";
 * ValueError "negative shift count". */
Value bigint_binary(Ctx *c, BinaryOp op, Value a, Value b);
Value bigint_unary(Ctx *c, UnaryOp op, Value v); /* - + ~ */
Value bigint_abs(Ctx *c, Value v);
/* a // b and a % b. */
bool bigint_divmod(Ctx *c, Value a, Value b, Value *quotient, Value *rest);
/* pow(base, exponent, modulus). */
Value bigint_pow_mod(Ctx *c, Value base, Value exponent, Value modulus);

int bigint_sign(Value v);                   /* -1, 0, 1 */
int bigint_order(Value a, Value b);         /* -1, 0, 1 */
int bigint_order_double(Value a, double b); /* exact; ORDER_NONE for a nan */
uint64_t bigint_hash(Value v);              /* Python's */
int64_t bigint_bits(Value v);               /* v.bit_length() */
int64_t bigint_ones(Value v);               /* v.bit_count() */

/* Round to nearest even. OverflowError "int too large to convert to float". */
bool bigint_to_double(Ctx *c, Value v, double *out);
/* m * 2**e for v > 0: m in [0.5, 1), rounded; never overflows. */
double bigint_frexp(Value v, int64_t *exponent);
/* a / b, correctly rounded. OverflowError "integer division result too large for a
 * float". */
bool bigint_ratio(Ctx *c, Value a, Value b, double *out);
/* int(x). ValueError "cannot convert float NaN to integer", OverflowError "cannot
 * convert float infinity to integer". */
Value bigint_from_double(Ctx *c, double x);

/* int(text, base), base 0 or 2 to 36: blanks around, sign, prefix, underscores. */
Value bigint_parse(Ctx *c, const Str *text, int base);
/* Digits of a literal: no sign, prefix, underscore; at least one, all valid. */
Value bigint_from_digits(Ctx *c, const char *digits, size_t n, int base);
Value bigint_from_u64(Ctx *c, uint64_t u);
/* The digits of |v| in base 2, 8, 10 or 16, lower case. ValueError "Exceeds the limit
 * (4300 digits) for integer string conversion; ..." in base 10. */
void bigint_put_digits(Ctx *c, Buf *out, Value v, int base);
void bigint_repr(Ctx *c, Buf *out, Value v);

/* ---- of the math module; arguments are ints ---- */
/* ValueError "isqrt() argument must be nonnegative". */
Value bigint_isqrt(Ctx *c, Value v);
Value bigint_gcd(Ctx *c, Value a, Value b);
/* n! for 0 <= n. */
Value bigint_factorial(Ctx *c, int64_t n);
/* n * (n-1) * ... of k factors, divided by k! when `unordered`. 0 <= k. */
Value bigint_choose(Ctx *c, Value n, int64_t k, bool unordered);

#endif
