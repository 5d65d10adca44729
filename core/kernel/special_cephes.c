/* Special functions as the Cephes library has them, in the type of the element, with
 * the C library's functions and fused where PyTorch's kernels are; see special.h.
 * bfloat16 and float16 are computed in float.
 *
 * Sources: Math.h; S. Moshier's Cephes library (Bessel, Airy, ndtri, digamma), S. G.
 * Johnson's Faddeeva package (erfcx). */
#include "special.h"

#include "bessel_tables.h"
#include "by_blocks.h"
#include "cephes_tables.h"
#include "libm.h"
#include "loops.h"

#include <float.h>
#include <math.h>

#define SERIES(table) table, (int)(sizeof table / sizeof table[0])

#define T float
#define R(name) name##_float
#define C(name) name##f
#define L(name) libm_##name##f
#define FEWER(table) SERIES(table##_float)
#include "special_cephes_body.h"
#undef T
#undef R
#undef C
#undef L
#undef FEWER
#define T double
#define R(name) name##_double
#define C(name) name
#define L(name) libm_##name
#define FEWER(table) SERIES(table)
#include "special_cephes_body.h"
#undef T
#undef R
#undef C
#undef L
#undef FEWER

#define OF(name, a) _Generic((a), float : name##_float, double : name##_double)(a)
#define CEPHES_KERNEL(name)                                                            \
    KERNEL(kernel_##name) {                                                            \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            FLOATING(LOOP1, OF(name, a))                                               \
            NO_OTHERS                                                                  \
        }                                                                              \
    }
CEPHES_KERNEL(digamma)
CEPHES_KERNEL(i0)
CEPHES_KERNEL(i1)
CEPHES_KERNEL(i1e)
CEPHES_KERNEL(erfcx)
CEPHES_KERNEL(log_ndtr)
CEPHES_KERNEL(ndtri)
CEPHES_KERNEL(bessel_j0)
CEPHES_KERNEL(bessel_j1)
CEPHES_KERNEL(bessel_y0)
CEPHES_KERNEL(bessel_y1)
CEPHES_KERNEL(modified_bessel_i1)
CEPHES_KERNEL(modified_bessel_k0)
CEPHES_KERNEL(modified_bessel_k1)
CEPHES_KERNEL(scaled_modified_bessel_k0)
CEPHES_KERNEL(scaled_modified_bessel_k1)
CEPHES_KERNEL(spherical_bessel_j0)
CEPHES_KERNEL(airy_ai)

/* i0e of bfloat16 behind whole blocks: every step is rounded. */
static float i0e_stepwise(float v) {
    float (*const r)(float) = bfloat16_rounded;
    const float x = fabsf(v);
    const bool near = x <= 8;
    const double *c = near ? i0e_near : i0e_far;
    const int n = (int)((near ? sizeof i0e_near : sizeof i0e_far) / sizeof c[0]);
    const float y = r(r(near ? x / 2 : 32 / x) - 2);
    float b0 = r((float)c[0]), b1 = 0, b2 = 0;
    for (int i = 1; i < n; i++) {
        b2 = b1;
        b1 = b0;
        b0 = r(r(r(y * b1) - b2) + r((float)c[i]));
    }
    b0 = r(0.5F * r(b0 - b2));
    return near ? b0 : (float)(b0 / sqrt(x));
}
BLOCK_KERNEL(kernel_i0e, SpecialArgs, 2,
             FULL_FLOATING(LOOP1, OF(i0e, a))
                 BFLOAT16(LOOP1, IN_BLOCK ? i0e_float(a) : i0e_stepwise(a)))
