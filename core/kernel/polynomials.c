/* See polynomials.h.  In the type of the element, with the C library's functions and
 * fused where PyTorch's kernels are.
 *
 * Source: Math.h. */
#include "polynomials.h"

#include "libm.h"
#include "loops.h"

#include <math.h>

/* What a number counts as; one that no int64 holds is less than all. */
static int64_t whole_number(double n) {
    return n >= -0x1p63 && n < 0x1p63 ? (int64_t)n : INT64_MIN;
}

/* 2 n + 1, around the end of the numbers as PyTorch's. */
static int64_t odd_number(int64_t n) {
    return (int64_t)(2 * (uint64_t)n + 1);
}

#define T float
#define R(name) name##_float
#define C(name) name##f
#define ACOS libm_acosf
#include "polynomials_body.h"
#undef T
#undef R
#undef C
#undef ACOS
#define T double
#define R(name) name##_double
#define C(name) name
#define ACOS acos
#include "polynomials_body.h"
#undef T
#undef R
#undef C
#undef ACOS

#define OF_TYPE(name, a, b, q)                                                         \
    _Generic((a), float : name##_float, double : name##_double)(a, b, q)
KERNEL(kernel_polynomial) {
    const PolynomialArgs *q = arg;
    switch (d) {
        FULL_FLOATING(LOOP2, OF_TYPE(polynomial, a, whole_number((double)b), q))
        NO_OTHERS
    }
}
