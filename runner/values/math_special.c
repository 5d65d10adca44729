/* See math_special.h. */
#include "runner/values/math_special.h"

#include <math.h>

/* ---- gamma: Lanczos' approximation with g = 6.0246..., 13 terms, as a quotient of
 * polynomials; the error of x + g - 1/2 is carried along ---- */

enum { TERMS = 13 };
static const double g = 6.024680040776729583740234375;
static const double g_minus_half = 5.524680040776729583740234375;
static const double pi = 3.141592653589793238462643383279502884197;
static const double log_pi = 1.144729885849400174143427351353058711647;

static const double numerator[TERMS] = {
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
};
/* x (x + 1) ... (x + 11), multiplied out. */
static const double denominator[TERMS] = {
    0,       39916800, 120543840, 150917976, 105258076, 45995730, 13339535,
    2637558, 357423,   32670,     1925,      66,        1};

static double lanczos_sum(double x) {
    double above = 0, below = 0;
    if (x < 5) {
        for (int i = TERMS; i-- > 0;) {
            above = above * x + numerator[i];
            below = below * x + denominator[i];
        }
        return above / below;
    }
    /* From the other end, so that nothing overflows. */
    for (int i = 0; i < TERMS; i++) {
        above = above / x + numerator[i];
        below = below / x + denominator[i];
    }
    return above / below;
}

/* sin(pi x), exact in the reduction of x. */
static double sin_pi(double x) {
    double y = fmod(fabs(x), 2);
    double r;
    switch ((int)round(2 * y)) {
    case 0: r = sin(pi * y); break;
    case 1: r = cos(pi * (y - 0.5)); break;
    case 2: r = sin(pi * (1 - y)); break;
    case 3: r = -cos(pi * (y - 1.5)); break;
    default: r = sin(pi * (y - 2)); break;
    }
    return copysign(1, x) * r;
}

static double factorial_below(double x) {
    double product = 1;
    for (double i = 2; i < x; i++) product *= i;
    return product;
}

/* r * y^power, or r / it, in two steps where one would overflow. */
static double times_power(double r, double y, double x, bool divide) {
    double power = pow(y, x < 140 ? x - 0.5 : x / 2 - 0.25);
    r = divide ? r / power : r * power;
    if (x < 140) return r;
    return divide ? r / power : r * power;
}

double math_gamma(double x) {
    if (isnan(x) || x == HUGE_VAL) return x;
    if (isinf(x)) return NAN;
    if (x == 0) return copysign(HUGE_VAL, x);
    if (x == floor(x) && x < 0) return NAN;
    if (x == floor(x) && x <= 23) return factorial_below(x);
    double size = fabs(x);
    if (size < 1e-20) return 1 / x;
    if (size > 200) return x < 0 ? 0 / sin_pi(x) : HUGE_VAL;
    double y = size + g_minus_half;
    double lost =
        size > g_minus_half ? (y - size) - g_minus_half : (y - g_minus_half) - size;
    lost = lost * g / y;
    double r;
    if (x < 0) {
        r = -pi / sin_pi(size) / size * exp(y) / lanczos_sum(size);
        r -= lost * r;
    } else {
        r = lanczos_sum(size) / exp(y);
        r += lost * r;
    }
    return times_power(r, y, size, x < 0);
}

double math_lgamma(double x) {
    if (isnan(x)) return x;
    if (isinf(x)) return HUGE_VAL;
    if (x == floor(x) && x <= 2) return x <= 0 ? NAN : 0;
    double size = fabs(x);
    if (size < 1e-20) return -log(size);
    double r = log(lanczos_sum(size)) - g;
    r += (size - 0.5) * (log(size + g - 0.5) - 1);
    if (x < 0) r = log_pi - log(fabs(sin_pi(size))) - log(size) - r;
    return r;
}

/* ---- norm: squares in two halves each, summed with their rounding errors, and one
 * step of Newton's on the root ---- */

typedef struct Summed {
    double sum, errors[3];
} Summed;

static void add_part(Summed *s, double x, int which) {
    double old = s->sum;
    s->sum += x;
    s->errors[which] += (old - s->sum) + x;
}

static void split(double x, double *high, double *low) {
    double t = x * 134217729.0; /* 2^27 + 1 */
    *high = t - (t - x);
    *low = x - *high;
}

static double summed(const Summed *s) {
    return s->sum - 1 + (s->errors[0] + s->errors[1] + s->errors[2]);
}

static double scaled_norm(const double *x, size_t n, double scale) {
    Summed s = {.sum = 1};
    double high, low;
    for (size_t i = 0; i < n; i++) {
        split(x[i] * scale, &high, &low);
        add_part(&s, high * high, 0);
        add_part(&s, 2 * high * low, 1);
        s.errors[2] += low * low;
    }
    double root = sqrt(summed(&s));
    split(root, &high, &low);
    add_part(&s, -high * high, 0);
    add_part(&s, -2 * high * low, 1);
    add_part(&s, -low * low, 2);
    return (root + summed(&s) / (2 * root)) / scale;
}

/* Of subnormal numbers only, whose scale would be no float. */
static double tiny_norm(const double *x, size_t n, double largest) {
    Summed s = {.sum = 1};
    for (size_t i = 0; i < n; i++) add_part(&s, x[i] / largest * (x[i] / largest), 0);
    return largest * sqrt(s.sum - 1 + s.errors[0]);
}

double math_norm(double *x, size_t n) {
    double largest = 0;
    bool any_nan = false;
    for (size_t i = 0; i < n; i++) {
        x[i] = fabs(x[i]);
        any_nan = any_nan || isnan(x[i]);
        if (x[i] > largest) largest = x[i];
    }
    if (isinf(largest)) return largest;
    if (any_nan) return NAN;
    if (largest == 0 || n <= 1) return largest;
    int exponent;
    frexp(largest, &exponent);
    if (exponent < -1023) return tiny_norm(x, n, largest);
    return scaled_norm(x, n, ldexp(1, -exponent));
}

/* ---- exact sums ---- */

/* a + b as a float and what rounding took from it. */
static double two_sum(double a, double b, double *lost) {
    if (fabs(a) < fabs(b)) {
        double swapped = a;
        a = b;
        b = swapped;
    }
    double sum = a + b;
    *lost = b - (sum - a);
    return sum;
}

bool exact_sum_add(ExactSum *s, double x) {
    double given = x, lost;
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        x = two_sum(x, s->parts[i], &lost);
        if (lost != 0) s->parts[kept++] = lost;
    }
    s->n = kept;
    if (isfinite(x)) {
        /* Parts do not overlap, so that 2100 bits hold 40 of them at most. */
        if (x != 0 && s->n < EXACT_SUM_PARTS) s->parts[s->n++] = x;
        return true;
    }
    if (isfinite(given)) return false;
    if (isinf(given)) s->infinite += given;
    s->special += given;
    s->n = 0;
    return true;
}

double exact_sum_total(const ExactSum *s) {
    if (s->special != 0) return isnan(s->infinite) ? NAN : s->special;
    double total = 0, lost = 0;
    size_t n = s->n;
    if (n > 0) total = s->parts[--n];
    while (n > 0 && lost == 0) {
        double x = total, y = s->parts[--n];
        total = x + y;
        lost = y - (total - x);
    }
    /* Halfway between two floats, the parts below decide. */
    if (n > 0 &&
        ((lost < 0 && s->parts[n - 1] < 0) || (lost > 0 && s->parts[n - 1] > 0))) {
        double x = total + lost * 2;
        if (x - total == lost * 2) total = x;
    }
    return total;
}
