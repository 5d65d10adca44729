/* The text of moments.c's moments; included once for each type that is computed in,
 * with T and R(name) (the name for T) defined. A dtype d narrower than T has every step
 * rounded to it. */
#define ROUNDED(v) (T) number_rounded(d, (T)(v))
#define PRODUCT(a, b) ROUNDED((a) * (b))

/* Of n elements in each lane: the mean, and the sum of squared distances from it. */
typedef struct R(Lanes) {
    int64_t n;
    T mean[LANES], square[LANES];
} R(Lanes);

/* Joins b to a, in as many lanes. */
INLINE void R(join)(DType d, int lanes, R(Lanes) * a, const R(Lanes) * b) {
    int64_t n = a->n + b->n;
    T whole = ROUNDED(n), part = ROUNDED(b->n);
    T share = n ? ROUNDED(part / whole) : 0;
    T before = ROUNDED(a->n);
    for (int l = 0; l < lanes; l++) {
        T delta = ROUNDED(b->mean[l] - a->mean[l]);
        T far = PRODUCT(PRODUCT(delta, delta), share);
        far = PRODUCT(far, before);
        a->mean[l] = ROUNDED(a->mean[l] + PRODUCT(share, delta));
        a->square[l] = ROUNDED(a->square[l] + ROUNDED(b->square[l] + far));
    }
    a->n = n;
}

/* Takes v into a lane, by this share of its distance from the mean. */
INLINE void R(take)(DType d, T *mean, T *square, T v, T delta, T step) {
    *mean = ROUNDED(*mean + step);
    T far = PRODUCT(delta, ROUNDED(v - *mean));
    *square = ROUNDED(*square + far);
}

/* The lanes of `vectors` vectors from element `at` on. */
INLINE void R(take_chunk)(DType d, int lanes, const void *x, int64_t at,
                          int64_t vectors, R(Lanes) * p) {
    T mean[LANES] = {0}, square[LANES] = {0};
    for (int64_t j = 0; j < vectors; j++) {
        T share = ROUNDED(1 / (T)(j + 1));
        for (int l = 0; l < lanes; l++) {
            T v = (T)number_load(d, x, at + j * lanes + l);
            T delta = ROUNDED(v - mean[l]);
            R(take)(d, &mean[l], &square[l], v, delta, PRODUCT(delta, share));
        }
    }
    p->n = vectors;
    for (int l = 0; l < lanes; l++) p->mean[l] = mean[l], p->square[l] = square[l];
}

/* All n / lanes vectors: chunks of vectors, joined as a binary counter carries. */
INLINE void R(take_vectors)(DType d, int lanes, const void *x, int64_t at,
                            int64_t vectors, R(Lanes) * stack) {
    int64_t chunks = (vectors + CHUNK - 1) / CHUNK;
    int depth = ceil_log2(chunks);
    for (int j = 0; j == 0 || j < depth; j++) stack[j] = (R(Lanes)){0};
    for (int64_t i = 0; i < chunks; i++) {
        int64_t left = vectors - i * CHUNK, first = i * CHUNK * lanes;
        R(Lanes) p;
        R(take_chunk)(d, lanes, x, at + first, left < CHUNK ? left : CHUNK, &p);
        R(join)(d, lanes, &stack[0], &p);
        int64_t carry = i + 1;
        for (int j = 1; j < depth && !(carry & 1); j++, carry >>= 1) {
            R(join)(d, lanes, &stack[j], &stack[j - 1]);
            stack[j - 1] = (R(Lanes)){0};
        }
    }
    for (int j = 1; j < depth; j++) R(join)(d, lanes, &stack[0], &stack[j]);
}

INLINE Moments R(moments_of)(DType d, const void *x, int64_t at, int64_t n) {
    const int lanes = lanes_of(d);
    int64_t vectors = n / lanes;
    R(Lanes) p = {0}, stack[DEPTH];
    for (int64_t i = at + vectors * lanes; i < at + n; i++) {
        T v = (T)number_load(d, x, i), delta = ROUNDED(v - p.mean[0]);
        T step = ROUNDED(delta / (T)++p.n);
        R(take)(d, &p.mean[0], &p.square[0], v, delta, step);
    }
    if (vectors) R(take_vectors)(d, lanes, x, at, vectors, stack);
    for (int l = 0; l < lanes && vectors; l++) {
        R(Lanes)
        q = {.n = vectors, .mean = {stack->mean[l]}, .square = {stack->square[l]}};
        R(join)(d, 1, &p, &q);
    }
    T variance = p.square[0] / ROUNDED(n);
    return (Moments){p.mean[0], ROUNDED(variance)};
}

#undef ROUNDED
#undef PRODUCT
