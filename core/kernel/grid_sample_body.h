/* Sampling in one type T; grid_sample.c includes it once for float and for double. */

/* What a point sees along one dimension of n elements. */
typedef struct {
    int64_t at[MOST_TAPS]; /* -1: outside, where everything is 0 */
    T weight[MOST_TAPS];
    T slope[MOST_TAPS]; /* of the weight, as the place moves on */
    T rate;             /* of the place, as the coordinate grows */
} NAME(Axis);

/* ---- where a coordinate falls ---- */

/* The place of a coordinate before it is kept within the array. */
static T NAME(place_of)(const GridSample *s, T coordinate, int64_t n, T *rate) {
    const T half = (T)(s->align_corners ? n - 1 : n) / 2;
    *rate = half;
    return s->align_corners ? (coordinate + 1) * half
           : s->dims == 2   ? FMA(coordinate + 1, half, (T)-0.5)
                            : ((coordinate + 1) * (T)n - 1) / 2;
}

/* Kept within [0, n - 1]; at the ends and beyond, and for nan, it stands still; in
 * three dimensions the sign of its rate can be seen. */
static T NAME(clipped)(const GridSample *s, T place, int64_t n, T *rate) {
    const T last = (T)(n - 1);
    if (place > 0 && place < last) return place;
    *rate = s->dims == 3 ? 0 * *rate : 0;
    return place >= last ? last : 0;
}

/* Mirrored at the borders: at their outermost centers, or half an element further. */
static T NAME(reflected)(const GridSample *s, T place, int64_t n, T *rate) {
    const T low = s->align_corners ? 0 : (T)-0.5;
    const T twice = 2 * (T)(s->align_corners ? n - 1 : n);
    if (twice <= 0) {
        *rate = 0;
        return 0;
    }
    T from = place - low, distance = (T)fabs(from);
    T there = FMA(-(T)trunc(distance / twice), twice, distance), back = twice - there;
    if ((there > back) != (from < 0)) *rate = -*rate;
    return (there > back ? back : there) + low;
}

static T NAME(padded)(const GridSample *s, T place, int64_t n, T *rate) {
    switch (s->padding) {
    case GRID_BORDER: return NAME(clipped)(s, place, n, rate);
    case GRID_REFLECTION:
        return NAME(clipped)(s, NAME(reflected)(s, place, n, rate), n, rate);
    default: return place;
    }
}

/* ---- what it sees there ---- */

static T NAME(cubic_near)(T x, T a) {
    return FMA(FMA(a + 2, x, -(a + 3)) * x, x, 1);
}
static T NAME(cubic_far)(T x, T a) {
    return FMA(FMA(FMA(a, x, -5 * a), x, 8 * a), x, -4 * a);
}

static void NAME(see_cubic)(const GridSample *s, T place, int64_t n, NAME(Axis) * v) {
    const T a = (T)-0.75, first = (T)floor(place), t = place - first;
    T unused = 1;
    for (int k = 0; k < 4; k++)
        v->at[k] = index_of(NAME(padded)(s, first - 1 + (T)k, n, &unused), n);
    v->weight[0] = NAME(cubic_far)(t + 1, a);
    v->weight[1] = NAME(cubic_near)(t, a);
    v->weight[2] = NAME(cubic_near)(1 - t, a);
    v->weight[3] = NAME(cubic_far)(2 - t, a);
    T x = t + 1;
    v->slope[0] = (3 * a * x - 10 * a) * x + 8 * a;
    v->slope[1] = (3 * (a + 2) * t - 2 * (a + 3)) * t;
    x = 1 - t;
    v->slope[2] = -((3 * (a + 2) * x - 2 * (a + 3)) * x);
    x = 2 - t;
    v->slope[3] = -((3 * a * x - 10 * a) * x + 8 * a);
}

static NAME(Axis) NAME(see)(const GridSample *s, T coordinate, int64_t n) {
    NAME(Axis) v = {.rate = 0};
    T place = NAME(place_of)(s, coordinate, n, &v.rate);
    if (s->mode == GRID_CUBIC) {
        NAME(see_cubic)(s, place, n, &v);
        return v;
    }
    place = NAME(padded)(s, place, n, &v.rate);
    if (s->mode == GRID_NEAREST) {
        v.at[0] = index_of(nearbyint(place), n);
        v.weight[0] = 1;
        return v;
    }
    T first = (T)floor(place), t = place - first;
    for (int k = 0; k < 2; k++) v.at[k] = index_of(first + (T)k, n);
    v.weight[0] = 1 - t;
    v.weight[1] = t;
    v.slope[0] = -1;
    v.slope[1] = 1;
    return v;
}

/* The three axes of a point: depth, height, width. */
static void NAME(look)(const GridSample *s, const T *point, NAME(Axis) * axes) {
    axes[0] = (NAME(Axis)){.at = {0}, .weight = {1}};
    for (int i = 0; i < s->dims; i++)
        axes[GRID_DIMS - 1 - i] = NAME(see)(s, point[i], s->in[GRID_DIMS - 1 - i]);
}

/* One of the combinations that a point sees. */
typedef struct {
    int64_t at;         /* in the plane; -1: outside */
    T weight;           /* the product of those of the axes */
    T slope[GRID_DIMS]; /* the same with one axis' slope instead */
} NAME(Seen);

static int NAME(combine)(const GridSample *s, const NAME(Axis) * axes,
                         NAME(Seen) * seen) {
    const int n = taps_of(s->mode), deep = s->dims == 3 ? n : 1;
    const NAME(Axis) *z = &axes[0], *y = &axes[1], *x = &axes[2];
    int count = 0;
    for (int i = 0; i < deep; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++) {
                bool inside = z->at[i] >= 0 && y->at[j] >= 0 && x->at[k] >= 0;
                seen[count++] = (NAME(Seen)){
                    inside ? (z->at[i] * s->in[1] + y->at[j]) * s->in[2] + x->at[k]
                           : -1,
                    x->weight[k] * y->weight[j] * z->weight[i],
                    {x->weight[k] * y->weight[j] * z->slope[i],
                     x->weight[k] * y->slope[j] * z->weight[i],
                     x->slope[k] * y->weight[j] * z->weight[i]}};
            }
    return count;
}

static void NAME(sample)(const GridSample *s, const T *x, const T *grid, T *out) {
    const int64_t plane = s->in[0] * s->in[1] * s->in[2];
    NAME(Axis) axes[GRID_DIMS];
    NAME(Seen) seen[MOST_SEEN];
    for (int64_t i = 0; i < s->images; i++, x += s->channels * plane)
        for (int64_t p = 0; p < s->points; p++, grid += s->dims) {
            NAME(look)(s, grid, axes);
            int n = NAME(combine)(s, axes, seen);
            for (int64_t c = 0; c < s->channels; c++) {
                T sum = 0;
                for (int k = 0; k < n; k++) {
                    /* In two dimensions nan coordinates show. */
                    if (seen[k].at < 0 && s->dims == 3) continue;
                    T value = seen[k].at < 0 ? 0 : x[c * plane + seen[k].at];
                    sum = s->dims == 3 || k == 0 ? sum + value * seen[k].weight
                                                 : FMA(value, seen[k].weight, sum);
                }
                out[(i * s->channels + c) * s->points + p] = sum;
            }
        }
}

/* ---- backward ---- */

static void NAME(spread_value)(const NAME(Seen) * seen, int n, T g, T *x_grad) {
    for (int k = 0; k < n; k++)
        if (seen[k].at >= 0) x_grad[seen[k].at] += seen[k].weight * g;
}

/* Adds to the slopes what one element that a point sees gives to them. */
static void NAME(add_slopes)(const NAME(Seen) * seen, int n, T g, const T *x,
                             T *slope) {
    for (int k = 0; k < n; k++)
        for (int d = 0; seen[k].at >= 0 && d < GRID_DIMS; d++)
            slope[d] += x[seen[k].at] * seen[k].slope[d] * g;
}

/* The same for linear interpolation in two dimensions, by differences of neighbours,
 * which rounds as PyTorch does. */
static void NAME(add_differences)(const NAME(Axis) * axes, const NAME(Seen) * seen, T g,
                                  const T *x, T *slope) {
    const T *wy = axes[1].weight, *wx = axes[2].weight;
    T v[4];
    for (int k = 0; k < 4; k++) v[k] = seen[k].at < 0 ? 0 : x[seen[k].at];
    T across = FMA(v[3] - v[2], wy[1], (v[1] - v[0]) * wy[0]);
    T down = FMA(v[3] - v[1], wx[1], (v[2] - v[0]) * wx[0]);
    slope[2] = FMA(across, g, slope[2]);
    slope[1] = FMA(down, g, slope[1]);
}

static void NAME(sample_backward)(const GridSample *s, const T *grad, const T *x,
                                  const T *grid, T *x_grad, T *grid_grad) {
    const int64_t plane = s->in[0] * s->in[1] * s->in[2];
    NAME(Axis) axes[GRID_DIMS];
    NAME(Seen) seen[MOST_SEEN];
    for (int64_t i = 0; i < s->images; i++)
        for (int64_t p = 0; p < s->points; p++) {
            const int64_t point = (i * s->points + p) * s->dims;
            T slope[GRID_DIMS] = {0};
            NAME(look)(s, grid + point, axes);
            int n = NAME(combine)(s, axes, seen);
            for (int64_t c = i * s->channels; c < (i + 1) * s->channels; c++) {
                T g = grad[c * s->points + p];
                if (x_grad) NAME(spread_value)(seen, n, g, x_grad + c * plane);
                if (s->dims == 2 && s->mode == GRID_LINEAR)
                    NAME(add_differences)(axes, seen, g, x + c * plane, slope);
                else
                    NAME(add_slopes)(seen, n, g, x + c * plane, slope);
            }
            for (int d = 0; grid_grad && s->mode != GRID_NEAREST && d < s->dims; d++)
                grid_grad[point + d] =
                    slope[GRID_DIMS - 1 - d] * axes[GRID_DIMS - 1 - d].rate;
        }
}
#undef T
#undef FMA
#undef NAME
