/* The text of softmax.c's loops over one row; included once for each type with T, LANES
 * (of a vector of 32 bytes), FMA (the C library's for T), EXPONENTIALS(math, x, n), LOG
 * (of VecMath) and R(name) (the name for T) defined. */

/* The largest of n >= 1 numbers; nan wins. */
INLINE T R(largest)(const T *x, int64_t n) {
    T top[LANES];
    for (int l = 0; l < LANES; l++) top[l] = x[0];
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            T v = x[i + l];
            top[l] = v > top[l] || v != v ? v : top[l];
        }
    for (int l = 0; i < n; i++, l++)
        top[l] = x[i] > top[l] || x[i] != x[i] ? x[i] : top[l];
    for (int l = 1; l < LANES; l++)
        if (top[l] > top[0] || top[l] != top[l]) top[0] = top[l];
    return top[0];
}

/* The sum of a[i], or with b of the products, in the order of moments.h. */
INLINE T R(total)(const T *a, const T *b, int64_t n) {
    T sum[LANES];
    if (n < LANES) {
        T few = 0;
        for (int64_t i = 0; i < n; i++) {
            T term = b ? a[i] * b[i] : a[i];
            few = i ? few + term : term;
        }
        return few;
    }
    for (int l = 0; l < LANES; l++) sum[l] = b ? a[l] * b[l] : a[l];
    int64_t i = LANES;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum[l] = b ? FMA(a[i + l], b[i + l], sum[l]) : sum[l] + a[i + l];
    for (int l = 0; i < n; i++, l++)
        sum[l] = b ? FMA(a[i], b[i], sum[l]) : sum[l] + a[i];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) sum[l] += sum[l + half];
    return sum[0];
}

INLINE void R(forward)(const VecMath *math, bool log, const T *x, int64_t n, T *out) {
    const T top = R(largest)(x, n);
    for (int64_t i = 0; i < n; i++) out[i] = x[i] - top;
    EXPONENTIALS(math, out, n);
    const T sum = R(total)(out, NULL, n);
    if (log) {
        const T shift = math->LOG(sum);
        for (int64_t i = 0; i < n; i++) out[i] = x[i] - top - shift;
    } else {
        const T share = 1 / sum;
        for (int64_t i = 0; i < n; i++) out[i] *= share;
    }
}

INLINE void R(backward)(const VecMath *math, bool log, const T *grad, const T *y,
                        int64_t n, T *out) {
    if (log) {
        const T sum = R(total)(grad, NULL, n);
        for (int64_t i = 0; i < n; i++) out[i] = y[i];
        EXPONENTIALS(math, out, n);
        for (int64_t i = 0; i < n; i++) out[i] = FMA(-out[i], sum, grad[i]);
    } else {
        const T sum = R(total)(grad, y, n);
        for (int64_t i = 0; i < n; i++) out[i] = (grad[i] - sum) * y[i];
    }
}
