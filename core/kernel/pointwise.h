/* pointwise: the inner loops of elementwise operators (see iter.h for their type).
 *
 * Operand 0 is the result, operands 1, 2, 3 are a, b, c; all are of dtype d, but the
 * result of a test is bool.  Integers wrap.  float16 and bfloat16 are computed in float
 * and rounded once, when stored.  A kernel takes every dtype that its group names; the
 * operator refuses the others before.
 */
#ifndef CORE_KERNEL_POINTWISE_H
#define CORE_KERNEL_POINTWISE_H

#include "core/iter.h"

/* What `arg` points to where a kernel takes numbers: each as float and as integer,
 * rounded to dtype d where that matters. */
typedef struct KernelNumbers {
    double f[2];
    int64_t i[2];
} KernelNumbers;

/* What `arg` points to where integers are divided; NULL: no divisor is zero. */
typedef struct DivisionCheck {
    bool *by_zero; /* set when one was */
} DivisionCheck;

/* What `arg` points to where an outer product is added; `math` as by_blocks.h has it.
 */
typedef struct AddrArgs {
    const struct VecMath *math;
    double beta, alpha;
} AddrArgs;

#define KERNEL(name)                                                                   \
    void name(DType d, char *const *p, const int64_t *s, int64_t n, const void *arg)

/* ---- arithmetic, all dtypes but where noted ---- */
KERNEL(kernel_add); /* bool: or */
KERNEL(kernel_sub); /* not bool */
KERNEL(kernel_mul); /* bool: and */
/* a + x b and a - x b, x the number 0; float16 and bfloat16 round x b too. */
KERNEL(kernel_add_scaled);
KERNEL(kernel_div);       /* floats: a / b */
KERNEL(kernel_div_trunc); /* not bool: towards zero; arg of this and the next three */
KERNEL(kernel_div_floor); /* not bool: Python's a // b   is NULL or a DivisionCheck */
KERNEL(kernel_remainder); /* not bool: Python's a % b, its sign is b's */
KERNEL(kernel_fmod);      /* not bool: C's a % b, its sign is a's */
KERNEL(kernel_pow);       /* integers; a negative power of anything but 1, -1 is 0 */
KERNEL(kernel_square);    /* not bool: a a */
KERNEL(kernel_cube);      /* not bool: a a a */
KERNEL(kernel_addcmul);   /* not bool: a + x b c, x the number 0 */
KERNEL(kernel_addcdiv);   /* not bool: a + x b / c */
KERNEL(kernel_addr);      /* float32, float64: beta a + alpha b c; arg: AddrArgs */
KERNEL(kernel_lerp);      /* floats: from a to b by c */
KERNEL(kernel_gcd);       /* integers */
KERNEL(kernel_lcm);
KERNEL(kernel_copysign);  /* floats */
KERNEL(kernel_heaviside); /* 0, 1, or b where a is 0 */

/* ---- of one operand ---- */
KERNEL(kernel_neg);
KERNEL(kernel_abs);
KERNEL(kernel_sign);  /* nan: 0 */
KERNEL(kernel_floor); /* floats, like the rest of this group */
KERNEL(kernel_ceil);
KERNEL(kernel_round); /* ties to even */
KERNEL(kernel_trunc);
KERNEL(kernel_frac);
KERNEL(kernel_reciprocal);
KERNEL(kernel_inverse_square); /* 1 / (a a) */
KERNEL(kernel_sqrt);
KERNEL(kernel_rsqrt);
KERNEL(kernel_round_decimals); /* number 0: a power of ten; integer 0: divide by it */

/* ---- functions of mathematics: floats; arg is a function of vecmath.h ---- */
KERNEL(kernel_map1);             /* a MathFunction of a */
KERNEL(kernel_map2);             /* a MathFunction2 of a and b */
KERNEL(kernel_pow_number);       /* a to the power of a number; arg: PowerArgs */
KERNEL(kernel_sigmoid);          /* 1 / (1 + exp(-a)); arg: exp */
KERNEL(kernel_sigmoid_backward); /* a (1 - b) b */
KERNEL(kernel_tanh_backward);    /* a (1 - b b) */

/* ---- tests, all dtypes; the result is bool ---- */
KERNEL(kernel_eq);
KERNEL(kernel_ne);
KERNEL(kernel_lt);
KERNEL(kernel_le);
KERNEL(kernel_gt);
KERNEL(kernel_ge);
KERNEL(kernel_logical_and);
KERNEL(kernel_logical_or);
KERNEL(kernel_logical_xor);
KERNEL(kernel_logical_not);
KERNEL(kernel_isnan);
KERNEL(kernel_isinf);
KERNEL(kernel_isfinite);
KERNEL(kernel_isposinf);
KERNEL(kernel_isneginf);
KERNEL(kernel_signbit);

/* ---- choosing ---- */
KERNEL(kernel_maximum); /* all; nan wins */
KERNEL(kernel_minimum);
KERNEL(kernel_fmax); /* all; a number wins over nan */
KERNEL(kernel_fmin);
KERNEL(kernel_clamp);         /* min(max(a, b), c), nan stays and wins */
KERNEL(kernel_clamp_numbers); /* the same with numbers 0 and 1 */
KERNEL(kernel_clamp_min_number);
KERNEL(kernel_clamp_max_number);
/* a ? b : c; a is bool or uint8, the rest of dtype d. */
KERNEL(kernel_where);

/* ---- bits: integers and bool ---- */
KERNEL(kernel_bitwise_and);
KERNEL(kernel_bitwise_or);
KERNEL(kernel_bitwise_xor);
KERNEL(kernel_bitwise_not);
KERNEL(kernel_shift_left); /* integers */
KERNEL(kernel_shift_right);

#endif
