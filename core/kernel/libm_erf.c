/* erf and erfc; see libm.h.
 *
 * Quotients of polynomials in three ranges of |x|: below 0.84375 erf(x) = x + x R(x^2);
 * to 1.25 erf(x) = 0.845 + R(|x| - 1); beyond, erfc(x) = e^(-x^2 - 0.5625 + R(1 / x^2))
 * / x, with one R up to 1 / 0.35 and another behind it.
 */
#include "libm.h"
#include "libm_parts.h"

#include <math.h>

static const double erf_slope = 1.28379167095512586316e-01; /* 2 / sqrt(pi) - 1 */
static const double erf_of_one = 8.45062911510467529297e-01;

/* The tables are numerators and denominators, lowest term first. */
static const double below_one[] = {
    1.28379167095512558561e-01, -3.25042107247001499370e-01,
    -2.84817495755985104766e-02, -5.77027029648944159157e-03,
    -2.37630166566501626084e-05};
static const double below_one_over[] = {1,
                                        3.97917223959155352819e-01,
                                        6.50222499887672944485e-02,
                                        5.08130628187576562776e-03,
                                        1.32494738004321644526e-04,
                                        -3.96022827877536812320e-06};

static const double near_one[] = {
    -2.36211856075265944077e-03, 4.14856118683748331666e-01,
    -3.72207876035701323847e-01, 3.18346619901161753674e-01,
    -1.10894694282396677476e-01, 3.54783043256182359371e-02,
    -2.16637559486879084300e-03};
static const double near_one_over[] = {1,
                                       1.06420880400844228286e-01,
                                       5.40397917702171048937e-01,
                                       7.18286544141962662868e-02,
                                       1.26171219808761642112e-01,
                                       1.36370839120290507362e-02,
                                       1.19844998467991074170e-02};

static const double middle[] = {
    -9.86494403484714822705e-03, -6.93858572707181764372e-01,
    -1.05586262253232909814e+01, -6.23753324503260060396e+01,
    -1.62396669462573470355e+02, -1.84605092906711035994e+02,
    -8.12874355063065934246e+01, -9.81432934416914548592e+00};
static const double middle_over[] = {1,
                                     1.96512716674392571292e+01,
                                     1.37657754143519042600e+02,
                                     4.34565877475229228821e+02,
                                     6.45387271733267880336e+02,
                                     4.29008140027567833386e+02,
                                     1.08635005541779435134e+02,
                                     6.57024977031928170135e+00,
                                     -6.04244152148580987438e-02};

static const double far_out[] = {
    -9.86494292470009928597e-03, -7.99283237680523006574e-01,
    -1.77579549177547519889e+01, -1.60636384855821916062e+02,
    -6.37566443368389627722e+02, -1.02509513161107724954e+03,
    -4.83519191608651397019e+02};
static const double far_out_over[] = {1,
                                      3.03380607434824582924e+01,
                                      3.25792512996573918826e+02,
                                      1.53672958608443695994e+03,
                                      3.19985821950859553908e+03,
                                      2.55305040643316442583e+03,
                                      4.74528541206955367215e+02,
                                      -2.24409524465858183362e+01};

/* The polynomial of n > 4 terms, in pairs of terms that do not wait for one another. */
static inline double in_pairs(const double *c, int n, double x) {
    double x2 = x * x, x4 = x2 * x2;
    double sum = c[0] + x * c[1] + x2 * (c[2] + x * c[3]);
    sum += x4 * (n > 5 ? c[4] + x * c[5] : c[4]);
    if (n > 6) sum += x4 * x2 * (n > 7 ? c[6] + x * c[7] : c[6]);
    if (n > 8) sum += x4 * x4 * c[8];
    return sum;
}

#define QUOTIENT(c, x) (SUM(c, COUNT(c), x) / SUM(c##_over, COUNT(c##_over), x))
#define T double
#define F(name) name
#define SUM in_pairs
#define TINY 0x1p-1015
#define FAR_OUT 0x1.6db6ep1
#define FAR_OUT_OF_ERFC 0x1.6db6dp1
#define CUT(x) double_of(double_bits(x) & ~0xffffffffull)
#define CUT_OF_ERFC(x) CUT(x)
#include "libm_erf_body.h"
#undef T
#undef F
#undef SUM
#undef TINY
#undef FAR_OUT
#undef FAR_OUT_OF_ERFC
#undef CUT
#undef CUT_OF_ERFC
#define T float
#define F(name) name##f
#define SUM hornerf
#define TINY 0x1p-119f
#define FAR_OUT 0x1.6db6dcp1f
#define FAR_OUT_OF_ERFC 0x1.6db6dap1f
#define CUT(x) from_bits(to_bits(x) & ~0xfffu)
#define CUT_OF_ERFC(x) from_bits(to_bits(x) & ~0x1fffu)
#include "libm_erf_body.h"
