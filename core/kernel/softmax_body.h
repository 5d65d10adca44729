/* The text of softmax.c's loops over one row or a block of columns; included once for
 * each type with T, LANES (of a vector of 32 bytes), FMA (the C library's for T), D
 * (its DType), BLOCK (of MathFunction) and R(name) (the name for T) defined. */

/* The largest of n >= 1 numbers; with a nan among them it may be any, since the sum of
 * the exponentials then is nan, and so is all that it divides. Several vectors, since
 * each step waits for the one before it. */
INLINE T R(largest)(const T *x, int64_t n) {
    enum { WAYS = 4 * LANES };
    T top[WAYS];
    int64_t i = 0;
    for (int l = 0; l < WAYS; l++) top[l] = x[0];
    for (; i + WAYS <= n; i += WAYS)
        for (int l = 0; l < WAYS; l++) top[l] = x[i + l] > top[l] ? x[i + l] : top[l];
    for (; i < n; i++) top[0] = x[i] > top[0] ? x[i] : top[0];
    for (int l = 1; l < WAYS; l++) top[0] = top[l] > top[0] ? top[l] : top[0];
    return top[0];
}

/* The sum of the first 1 <= n <= 2 LANES lanes: see kernel_sum_of_products. */
INLINE T R(folded)(T *lane, int64_t n) {
    for (int64_t l = 0; l < n - LANES; l++) lane[l] += lane[LANES + l];
    if (n < LANES || LANES == 4) {
        for (int64_t l = 1; l < LANES && l < n; l++) lane[0] += lane[l];
        return lane[0];
    }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

/* The sum of a[i], or with b of the products, in this many lanes. */
INLINE T R(total)(const T *a, const T *b, int64_t n, int lanes) {
    T sum[2 * LANES] = {0};
    int64_t filled = n < lanes ? n : lanes, i = filled;
    for (int64_t l = 0; l < filled; l++) sum[l] = b ? a[l] * b[l] : a[l];
    for (; i + lanes <= n; i += lanes)
        for (int l = 0; l < lanes; l++)
            sum[l] = b ? FMA(a[i + l], b[i + l], sum[l]) : sum[l] + a[i + l];
    for (int l = 0; i < n; i++, l++)
        sum[l] = b ? FMA(a[i], b[i], sum[l]) : sum[l] + a[i];
    return R(folded)(sum, filled);
}

/* The total of a row, by vectors of the type it is stored in. */
INLINE T R(row_total)(const Softmax *s, const T *a, const T *b) {
    if (!s->narrow) return R(total)(a, b, s->n, LANES);
    return NARROW(R(total)(a, b, s->n, 2 * LANES));
}

/* x = exp(x) where it lies; the sum. */
INLINE T R(exponentials)(const Softmax *s, T *x) {
    if (!s->narrow || s->log) {
        map(D, &s->math->exp, x, s->n);
        return R(row_total)(s, x, NULL);
    }
    int64_t whole = s->n - s->n % LANES;
    map(D, &s->math->exp, x, whole);
    map(D, &c_math.exp, x + whole, s->n - whole);
    T sum = whole ? R(total)(x, NULL, whole, LANES) : 0;
    for (int64_t i = whole; i < s->n; i++) sum += x[i];
    return sum;
}

INLINE void R(forward)(const Softmax *s, const T *x, T *out) {
    const int64_t n = s->n;
    const T top = R(largest)(x, n);
    for (int64_t i = 0; i < n; i++) out[i] = x[i] - top;
    const T sum = R(exponentials)(s, out);
    if (s->log) {
        const T wide = s->math->log.BLOCK(sum), shift = s->narrow ? NARROW(wide) : wide;
        for (int64_t i = 0; i < n; i++) out[i] = x[i] - top - shift;
    } else {
        const T share = 1 / sum;
        for (int64_t i = 0; i < n; i++) out[i] *= share;
    }
}

INLINE void R(backward)(const Softmax *s, const T *grad, const T *y, T *out) {
    const int64_t n = s->n;
    const T sum = R(row_total)(s, grad, s->log ? NULL : y);
    if (s->log) {
        for (int64_t i = 0; i < n; i++) out[i] = y[i];
        map(D, &s->math->exp, out, n);
        for (int64_t i = 0; i < n; i++) out[i] = FMA(-out[i], sum, grad[i]);
    } else {
        for (int64_t i = 0; i < n; i++) out[i] = (grad[i] - sum) * y[i];
    }
}

/* ---- columns: `width` neighbours, at most COLUMNS ---- */

INLINE void R(columns_forward)(const Softmax *s, const MathFunction *exp, const T *x,
                               int width, T *out) {
    T top[COLUMNS], sum[COLUMNS] = {0};
    const int64_t end = s->n * s->inner;
    for (int w = 0; w < width; w++) top[w] = x[w];
    for (int64_t at = 0; at < end; at += s->inner)
        for (int w = 0; w < width; w++) {
            T v = x[at + w];
            top[w] = v > top[w] || v != v ? v : top[w];
        }
    /* In PyTorch the second half of a vector of bfloat16 gets the first one's. */
    for (int w = 0; w < width && s->log && s->narrow && exp != &c_math.exp; w++)
        top[w] = top[w & ~LANES];
    for (int64_t at = 0; at < end; at += s->inner) {
        for (int w = 0; w < width; w++) out[at + w] = x[at + w] - top[w];
        map(D, exp, out + at, width);
        for (int w = 0; w < width; w++) sum[w] += out[at + w];
    }
    if (s->log) map(D, &s->math->log, sum, width);
    const bool narrow = s->narrow && exp == &c_math.exp;
    for (int64_t at = 0; at < end; at += s->inner)
        for (int w = 0; w < width; w++)
            if (s->log)
                out[at + w] = x[at + w] - top[w] - sum[w];
            else
                out[at + w] = (narrow ? NARROW(out[at + w]) : out[at + w]) / sum[w];
}

INLINE void R(columns_backward)(const Softmax *s, const MathFunction *exp,
                                const T *grad, const T *y, int width, T *out) {
    T sum[COLUMNS] = {0};
    const int64_t end = s->n * s->inner;
    for (int64_t at = 0; at < end; at += s->inner)
        for (int w = 0; w < width; w++)
            sum[w] =
                s->log ? sum[w] + grad[at + w] : FMA(grad[at + w], y[at + w], sum[w]);
    for (int64_t at = 0; at < end; at += s->inner) {
        if (s->log) {
            for (int w = 0; w < width; w++) out[at + w] = y[at + w];
            map(D, exp, out + at, width);
        }
        for (int w = 0; w < width; w++)
            out[at + w] = s->log ? FMA(-out[at + w], sum[w], grad[at + w])
                                 : y[at + w] * (grad[at + w] - sum[w]);
    }
}

/* Part i of the work: a row, or block i % blocks of columns. grad: NULL for forward. */
INLINE void R(part)(const Work *k, int64_t i) {
    const Softmax *s = &k->s;
    int64_t outer = i / k->blocks, column = i % k->blocks * COLUMNS;
    int64_t at = outer * s->n * s->inner + column;
    const T *x = (const T *)k->x + at, *grad = k->grad ? (const T *)k->grad + at : NULL;
    T *out = (T *)k->out + at;
    if (!s->columns) {
        if (grad)
            R(backward)(s, grad, x, out);
        else
            R(forward)(s, x, out);
        return;
    }
    int64_t left = s->inner - column, vector = s->narrow ? 2 * LANES : LANES;
    int width = left < COLUMNS ? (int)left : COLUMNS;
    int whole = width - (int)(width % vector);
    for (int w = 0; w < width; w = whole) {
        int end = w < whole ? whole : width;
        const MathFunction *exp = w < whole ? &s->math->exp : &c_math.exp;
        if (grad)
            R(columns_backward)(s, exp, grad + w, x + w, end - w, out + w);
        else
            R(columns_forward)(s, exp, x + w, end - w, out + w);
        if (end == width) break;
    }
}
