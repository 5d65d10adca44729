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
 * three dimensions the sign of its rate can be seen, and nan is the last place, for a
 * gradient nowhere. */
static T NAME(clipped)(const GridSample *s, T place, int64_t n, T *rate) {
    const T last = (T)(n - 1);
    if (place > 0 && place < last) return place;
    if (place != place && s->dims == 3) return s->gradient ? place : last;
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

/* Fused where PyTorch's compiler fuses, here and below. */
static T NAME(cubic_near)(T x, T a) {
    return FMA(FMA(a + 2, x, -(a + 3)) * x, x, 1);
}
static T NAME(cubic_far)(T x, T a) {
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
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
        v.at[0] = index_of(s->dims == 3 ? round(place) : nearbyint(place), n);
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

/* The element that a point sees at j down and k across; 0 outside. */
static T NAME(seen_at)(const GridSample *s, const NAME(Axis) * axes, const T *x, int j,
                       int k) {
    int64_t row = axes[1].at[j], column = axes[2].at[k];
    return row < 0 || column < 0 ? 0 : x[row * s->in[2] + column];
}

/* Cubic interpolation of a plane: of rows, then of their results. */
static T NAME(cubic_value)(const GridSample *s, const NAME(Axis) * axes, const T *x) {
    const T *wy = axes[1].weight, *wx = axes[2].weight;
    T sum = 0;
    for (int j = 0; j < MOST_TAPS; j++) {
        T v[MOST_TAPS];
        for (int k = 0; k < MOST_TAPS; k++) v[k] = NAME(seen_at)(s, axes, x, j, k);
        T row = FMA(wx[0], v[0], wx[1] * v[1]) + wx[2] * v[2] + wx[3] * v[3];
        sum = j ? FMA(wy[j], row, sum) : wy[j] * row;
    }
    return sum;
}

static T NAME(value_of)(const GridSample *s, const NAME(Axis) * axes,
                        const NAME(Seen) * seen, int n, const T *x) {
    if (s->mode == GRID_CUBIC) return NAME(cubic_value)(s, axes, x);
    T sum = 0;
    for (int k = 0; k < n; k++) {
        /* In two dimensions nan coordinates show. */
        if (seen[k].at < 0 && s->dims == 3) continue;
        T value = seen[k].at < 0 ? 0 : x[seen[k].at];
        sum = s->dims == 3 || k == 0 ? sum + value * seen[k].weight
                                     : FMA(value, seen[k].weight, sum);
    }
    return sum;
}

static void NAME(sample)(const GridSample *s, const T *x, const T *grid, T *out) {
    const int64_t plane = s->in[0] * s->in[1] * s->in[2];
    NAME(Axis) axes[GRID_DIMS];
    NAME(Seen) seen[MOST_SEEN];
    for (int64_t i = 0; i < s->images; i++, x += s->channels * plane)
        for (int64_t p = 0; p < s->points; p++, grid += s->dims) {
            NAME(look)(s, grid, axes);
            int n = NAME(combine)(s, axes, seen);
            for (int64_t c = 0; c < s->channels; c++)
                out[(i * s->channels + c) * s->points + p] =
                    NAME(value_of)(s, axes, seen, n, x + c * plane);
        }
}

/* ---- backward ---- */

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

/* Points that PyTorch takes together in two dimensions: a vector of 32 bytes. Each
 * combination is added to x_grad for all of them before the next one. */
enum { NAME(TOGETHER) = 32 / sizeof(T) };
typedef struct {
    NAME(Axis) axes[GRID_DIMS];
    NAME(Seen) seen[MOST_SEEN];
    T slope[GRID_DIMS];
} NAME(Point);

/* One channel of m points, whose gradients are at g; n combinations each. */
static void NAME(spread)(NAME(Point) * points, int m, int n, const T *g, T *x_grad) {
    for (int k = 0; k < n; k++)
        for (int i = 0; i < m; i++) {
            const NAME(Seen) *seen = &points[i].seen[k];
            if (seen->at >= 0) x_grad[seen->at] += seen->weight * g[i];
        }
}

static void NAME(cubic_backward)(const GridSample *s, NAME(Point) * points, int m,
                                 const T *g, const T *x, T *x_grad) {
    for (int k = 0; k < MOST_TAPS; k++)
        for (int j = 0; j < MOST_TAPS; j++)
            for (int i = 0; i < m; i++) {
                NAME(Point) *p = &points[i];
                const NAME(Axis) *ay = &p->axes[1], *ax = &p->axes[2];
                if (x_grad && ay->at[j] >= 0 && ax->at[k] >= 0)
                    x_grad[ay->at[j] * s->in[2] + ax->at[k]] +=
                        g[i] * ax->weight[k] * ay->weight[j];
                T v = NAME(seen_at)(s, p->axes, x, j, k) * g[i];
                p->slope[2] = FMA(v * ax->slope[k], ay->weight[j], p->slope[2]);
                p->slope[1] = FMA(v * ay->slope[j], ax->weight[k], p->slope[1]);
            }
}

static void NAME(channel_backward)(const GridSample *s, NAME(Point) * points, int m,
                                   int n, const T *g, const T *x, T *x_grad) {
    if (s->mode == GRID_CUBIC) {
        NAME(cubic_backward)(s, points, m, g, x, x_grad);
        return;
    }
    if (x_grad) NAME(spread)(points, m, n, g, x_grad);
    for (int i = 0; i < m; i++) {
        NAME(Point) *p = &points[i];
        if (s->dims == 2 && s->mode == GRID_LINEAR)
            NAME(add_differences)(p->axes, p->seen, g[i], x, p->slope);
        else
            NAME(add_slopes)(p->seen, n, g[i], x, p->slope);
    }
}

static void NAME(sample_backward)(const GridSample *s, const T *grad, const T *x,
                                  const T *grid, T *x_grad, T *grid_grad) {
    const int64_t plane = s->in[0] * s->in[1] * s->in[2];
    const int together = s->dims == 2 ? NAME(TOGETHER) : 1;
    NAME(Point) points[NAME(TOGETHER)];
    for (int64_t i = 0; i < s->images; i++)
        for (int64_t from = 0; from < s->points; from += together) {
            int64_t left = s->points - from, first = i * s->points + from;
            int m = left < together ? (int)left : together, n = 0;
            for (int j = 0; j < m; j++) {
                NAME(Point) *p = &points[j];
                memset(p->slope, 0, sizeof p->slope);
                NAME(look)(s, grid + (first + j) * s->dims, p->axes);
                n = NAME(combine)(s, p->axes, p->seen);
            }
            for (int64_t c = i * s->channels; c < (i + 1) * s->channels; c++)
                NAME(channel_backward)
            (s, points, m, n, grad + c * s->points + from, x + c * plane,
             x_grad ? x_grad + c * plane : NULL);
            if (!grid_grad || s->mode == GRID_NEAREST) continue;
            for (int j = 0; j < m; j++)
                for (int d = 0; d < s->dims; d++)
                    grid_grad[(first + j) * s->dims + d] =
                        points[j].slope[GRID_DIMS - 1 - d] *
                        points[j].axes[GRID_DIMS - 1 - d].rate;
        }
}
#undef T
#undef FMA
#undef NAME
