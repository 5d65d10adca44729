/* The incomplete gamma functions, divided by the whole, in the type of the element,
 * with the C library's functions and fused where PyTorch's kernels are; see special.h.
 * bfloat16 and float16 are computed in float.
 *
 * Sources: Math.h; the Digital Library of Mathematical Functions, chapter 8; Cephes'
 * and SciPy's igam and igamc, Boost's Lanczos sum. */
#include "special.h"

#include "libm.h"
#include "loops.h"
#include "temme_table.h"

#include <math.h>

enum { MOST_STEPS = 2000, LANCZOS_TERMS = 13 };

/* Coefficients, that of x^12 first. */
static const double lanczos_above[LANCZOS_TERMS] = {
    0.006061842346248906525783753964555936883222,
    0.5098416655656676188125178644804694509993,
    19.51992788247617482847860966235652136208,
    449.9445569063168119446858607650988409623,
    6955.999602515376140356310115515198987526,
    75999.29304014542649875303443598909137092,
    601859.6171681098786670226533699352302507,
    3481712.15498064590882071018964774556468,
    14605578.08768506808414169982791359218571,
    43338889.32467613834773723740590533316085,
    86363131.28813859145546927288977868422342,
    103794043.1163445451906271053616070238554,
    56906521.91347156388090791033559122686859};
static const double lanczos_below[LANCZOS_TERMS] = {
    1,        66,        1925,      32670,     357423,   2637558, 13339535,
    45995730, 105258076, 150917976, 120543840, 39916800, 0};

/* a b + c, the product rounded to float. */
static double plus_product_float(float a, float b, double c) {
    const float product = a * b;
    return product + c;
}
static double plus_product_double(double a, double b, double c) {
    return fma(a, b, c);
}

#define T float
#define R(name) name##_float
#define C(name) name##f
#define L(name) libm_##name##f
#define EPSILON 5.9604644775390625E-8
#define BIG 16777216
#define MOST_EXP 88.72283905206835
#include "incomplete_gamma_body.h"
#undef T
#undef R
#undef C
#undef L
#undef EPSILON
#undef BIG
#undef MOST_EXP
#define T double
#define R(name) name##_double
#define C(name) name
#define L(name) libm_##name
#define EPSILON 1.11022302462515654042E-16
#define BIG 4503599627370496
#define MOST_EXP 7.09782712893383996843E2
#include "incomplete_gamma_body.h"
#undef T
#undef R
#undef C
#undef L
#undef EPSILON
#undef BIG
#undef MOST_EXP

#define OF(a, b, upper)                                                                \
    _Generic((a), float                                                                \
             : incomplete_gamma_float, double                                          \
             : incomplete_gamma_double)(a, b, upper)

KERNEL(kernel_igamma) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP2, OF(a, b, false))
        NO_OTHERS
    }
}

KERNEL(kernel_igammac) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP2, OF(a, b, true))
        NO_OTHERS
    }
}
