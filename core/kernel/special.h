/* special: kernels of special functions, element by element (see iter.h for their
 * type).
 *
 * All are of floats; `arg` points to a SpecialArgs.  They are computed in double, or in
 * steps rounded to the dtype where PyTorch's are.
 */
#ifndef CORE_KERNEL_SPECIAL_H
#define CORE_KERNEL_SPECIAL_H

#include "core/kernel/pointwise.h"
#include "core/kernel/vecmath.h"

typedef struct SpecialArgs {
    const VecMath *math;
    double numbers[3];
} SpecialArgs;

KERNEL(kernel_digamma);    /* the derivative of lgamma */
KERNEL(kernel_polygamma);  /* derivative number 0 of digamma, a whole number >= 1 */
KERNEL(kernel_erfinv);     /* inverse of erf */
KERNEL(kernel_sinc);       /* sin(pi a) / (pi a) */
KERNEL(kernel_logit);      /* log(a / (1 - a)); a kept within number 0, 1 - number 0 */
KERNEL(kernel_nan_to_num); /* numbers 0, 1, 2 for nan, inf, -inf */
KERNEL(kernel_angle);      /* pi where a is negative, else 0; nan stays */

KERNEL(kernel_i0);  /* the modified Bessel function of the first kind, order 0 */
KERNEL(kernel_i0e); /* e^-|a| times it */
KERNEL(kernel_i1);  /* the same of order 1; not float16 and bfloat16 */
KERNEL(kernel_i1e);
/* Of floats and doubles: Bessel functions of the first and second kind, the modified
 * ones, times e^a, the spherical one; Airy's. */
KERNEL(kernel_bessel_j0);
KERNEL(kernel_bessel_j1);
KERNEL(kernel_bessel_y0);
KERNEL(kernel_bessel_y1);
KERNEL(kernel_modified_bessel_i1);
KERNEL(kernel_modified_bessel_k0);
KERNEL(kernel_modified_bessel_k1);
KERNEL(kernel_scaled_modified_bessel_k0);
KERNEL(kernel_scaled_modified_bessel_k1);
KERNEL(kernel_spherical_bessel_j0);
KERNEL(kernel_airy_ai);
KERNEL(kernel_entr);     /* -a log(a), 0 at 0, -inf below */
KERNEL(kernel_erfcx);    /* e^(a^2) erfc(a); floats and doubles, like the next two */
KERNEL(kernel_log_ndtr); /* log of the share of the normal distribution below a */
KERNEL(kernel_ndtri);    /* below which the share a of it lies */

/* ---- of two operands ---- */
KERNEL(kernel_igamma);  /* the share of gamma(a) that is integrated from 0 to b */
KERNEL(kernel_igammac); /* ... from b on */
KERNEL(kernel_zeta);    /* Hurwitz's: the sum of (b + k)^-a; floats and doubles */
KERNEL(kernel_xlogy);   /* a log(b), 0 where a is 0 and b not nan */
KERNEL(kernel_xlog1py); /* a log(1 + b), the same */
KERNEL(kernel_logaddexp);
KERNEL(kernel_logaddexp2);
KERNEL(kernel_nextafter);

#endif
