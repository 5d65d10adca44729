/* See softmax.h.  Source: SoftMaxKernel.cpp. */
#include "softmax.h"

#include "moments.h"

static double exp_of(DType in, const VecMath *math, double v) {
    return in == DT_float64 ? math->exp.block(v) : math->exp.block_float((float)v);
}
static double log_of(DType in, double v, const VecMath *math) {
    return in == DT_float64 ? math->log.one(v) : math->log.one_float((float)v);
}

/* The largest element of a row; nan wins. */
static double largest(DType d, const void *x, int64_t at, int64_t n) {
    double top = number_load(d, x, at);
    for (int64_t i = 1; i < n; i++) {
        double v = number_load(d, x, at + i);
        if (v > top || v != v) top = v;
    }
    return top;
}

/* exp(x - top) in float32 or float64, into a row of out that is as wide. */
static double sum_of_row(DType in, const void *row, int64_t at, int64_t n) {
    Products p = {.d = in, .a = row, .a_at = at};
    return kernel_sum_of_products(&p, n);
}

static void softmax_row(DType d, const VecMath *math, const void *x, int64_t at,
                        int64_t n, void *out) {
    DType in = moments_dtype(d);
    double top = largest(d, x, at, n);
    for (int64_t i = at; i < at + n; i++)
        number_store(d, out, i,
                     exp_of(in, math, number_rounded(in, number_load(d, x, i) - top)));
    double share = number_rounded(in, 1 / sum_of_row(d, out, at, n));
    for (int64_t i = at; i < at + n; i++)
        number_store(d, out, i, number_load(d, out, i) * share);
}

static void log_softmax_row(DType d, const VecMath *math, const void *x, int64_t at,
                            int64_t n, void *out) {
    DType in = moments_dtype(d);
    double top = largest(d, x, at, n);
    for (int64_t i = at; i < at + n; i++)
        number_store(d, out, i,
                     exp_of(in, math, number_rounded(in, number_load(d, x, i) - top)));
    double shift = log_of(in, sum_of_row(d, out, at, n), math);
    for (int64_t i = at; i < at + n; i++)
        number_store(d, out, i, number_rounded(in, number_load(d, x, i) - top) - shift);
}

void kernel_softmax(DType d, const VecMath *math, bool log, const void *x, int64_t rows,
                    int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++)
        (log ? log_softmax_row : softmax_row)(d, math, x, r * n, n, out);
}

void kernel_softmax_backward(DType d, const VecMath *math, bool log, const void *grad,
                             const void *y, int64_t rows, int64_t n, void *out) {
    DType in = moments_dtype(d);
    for (int64_t r = 0; r < rows; r++) {
        int64_t at = r * n;
        Products p = {.d = d, .a = grad, .b = log ? NULL : y, .a_at = at, .b_at = at};
        double sum = kernel_sum_of_products(&p, n);
        for (int64_t i = at; i < at + n; i++) {
            double g = number_load(d, grad, i), v = number_load(d, y, i);
            double of_log = log ? moments_fma(in, -exp_of(in, math, v), sum, g) : 0;
            number_store(d, out, i, log ? of_log : number_rounded(in, g - sum) * v);
        }
    }
}
