/* The text of distance.h's kernels for one type; included with T (float, double), its
 * names NAME(x), LANES (elements of 32 bytes), FMA and POW(math) defined. */

typedef T NAME(Pow)(T, T);

/* What a difference adds up to, and what the sum becomes. */
static T NAME(add)(T sum, T diff, double p, NAME(Pow) * power) {
    if (p == 2) return FMA(diff, diff, sum);
    if (p == 1) return sum + diff;
    if (p == 0) return sum + (T)(diff != 0);
    if (isinf(p)) return isnan(diff) || diff > sum ? diff : sum;
    return sum + power(diff, (T)p);
}
static T NAME(finish)(T sum, double p) {
    if (p == 2) return (T)sqrt(sum);
    if (p == 0 || p == 1 || isinf(p)) return sum;
    return (T)pow((double)sum, 1 / (double)(T)p); /* in double, as PyTorch */
}

static T NAME(distance)(const T *a, const T *b, int64_t m, double p) {
    T sum = 0;
    /* Of whole vectors of 16 bytes the squares are rounded before they are added. */
    int64_t whole = p == 2 ? m - m % (LANES / 2) : 0;
    for (int64_t i = 0; i < whole; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    for (int64_t i = whole; i < m; i++)
        sum = NAME(add)(sum, NAME(c_abs)(a[i] - b[i]), p, NAME(c_pow));
    return NAME(finish)(sum, p);
}

/* d dist / d a of one element. */
static T NAME(slope)(T diff, T grad, T dist, double p, NAME(Pow) * power) {
    T sign = (T)((diff > 0) - (diff < 0));
    if (p == 1) return grad * sign;
    if (isinf(p)) {
        T off = NAME(c_ceil)(NAME(c_abs)(NAME(c_abs)(diff) - dist));
        return grad * sign * (1 - (off > 1 ? 1 : off));
    }
    if (dist == 0) return 0;
    if (p == 2) return grad * diff / dist;
    if (diff == 0 && p < 1) return 0;
    T size = NAME(c_abs)(diff), q = (T)p;
    if (p < 2) return sign * power(size, q - 1) * grad / power(dist, q - 1);
    return diff * power(size, q - 2) * grad / power(dist, q - 1);
}

static void NAME(cdist)(const DistanceRows *s, const T *a, int64_t n, const T *b,
                        int64_t k, T *out) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < k; j++)
            *out++ = NAME(distance)(a + i * s->m, b + j * s->m, s->m, s->p);
}

static void NAME(cdist_backward)(const DistanceRows *s, const T *a, int64_t n,
                                 const T *b, int64_t k, const T *grad, const T *dist,
                                 T *grad_a) {
    NAME(Pow) *power = POW(s->math);
    for (int64_t i = 0; i < n; i++)
        for (int64_t e = 0; e < s->m; e++) {
            T sum = 0;
            for (int64_t j = 0; s->p != 0 && j < k; j++)
                sum += NAME(slope)(a[i * s->m + e] - b[j * s->m + e], grad[i * k + j],
                                   dist[i * k + j], s->p, power);
            grad_a[i * s->m + e] = sum;
        }
}

/* The two of a pair, as vectors that are reduced lane by lane, which in the end are
 * joined one by one, or for float by halves. */
static T NAME(join)(T a, T b, double p) {
    if (!isinf(p)) return a + b;
    return isnan(a) || a > b ? a : b;
}
static T NAME(lane_distance)(const DistanceRows *s, const T *a, const T *b,
                             NAME(Pow) * power) {
    T lane[LANES] = {0};
    int64_t used = s->m < LANES ? s->m : LANES;
    for (int64_t i = 0; i < used; i++)
        lane[i] = NAME(add)(0, NAME(c_abs)(a[i] - b[i]), s->p, power);
    for (int64_t i = used; i < s->m; i++)
        lane[i % LANES] =
            NAME(add)(lane[i % LANES], NAME(c_abs)(a[i] - b[i]), s->p, power);
    if (used == LANES && sizeof(T) == sizeof(float)) {
        for (int64_t half = LANES / 2; half; half /= 2)
            for (int64_t i = 0; i < half; i++)
                lane[i] = NAME(join)(lane[i], lane[i + half], s->p);
    } else {
        for (int64_t i = 1; i < used; i++) lane[0] = NAME(join)(lane[0], lane[i], s->p);
    }
    return NAME(finish)(lane[0], s->p);
}

static void NAME(pdist)(const DistanceRows *s, const T *x, int64_t n, T *out) {
    NAME(Pow) *power = POW(s->math);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++)
            *out++ = NAME(lane_distance)(s, x + i * s->m, x + j * s->m, power);
}

static void NAME(pdist_backward)(const DistanceRows *s, const T *x, int64_t n,
                                 const T *grad, const T *dist, T *grad_x) {
    NAME(Pow) *power = POW(s->math);
    for (int64_t i = 0; i < n * s->m; i++) grad_x[i] = 0;
    for (int64_t i = 0; s->p != 0 && i < n; i++)
        for (int64_t j = i + 1; j < n; j++, grad++, dist++)
            for (int64_t e = 0; e < s->m; e++) {
                T r = NAME(slope)(x[i * s->m + e] - x[j * s->m + e], *grad, *dist, s->p,
                                  power);
                grad_x[i * s->m + e] += r;
                grad_x[j * s->m + e] -= r;
            }
}
