/* Resampling in one type T, each step rounded by R; resample.c includes it once for
 * each. With BLEND_ONLY defined there are only the weighted sums. */

#ifndef BLEND_ONLY
static void NAME(spread)(const Resample *r, const T *grad, T *out) {
    for (int64_t p = 0; p < r->planes; p++)
        for (int64_t i = 0; i < r->dims[0].to; i++)
            for (int64_t j = 0; j < r->dims[1].to; j++) {
                T *row = out + row_of(r, p, i, j);
                for (int64_t k = 0; k < r->dims[2].to; k++)
                    row[r->dims[2].at[k]] += *grad++;
            }
}
#endif

/* The weighted sum over dimension `dim` and those after it, for one place of the
 * result; at most RESAMPLE_DIMS deep.  Products are fused with sums as PyTorch's build
 * does. */
static T NAME(blend_from)(const Resample *r, int dim, const T *x,
                          const int64_t *place) {
    if (dim == RESAMPLE_DIMS) return *x;
    const Taps *t = &r->dims[dim];
    const int64_t *at = t->at + place[dim] * t->per_place;
    const double *weight = t->weight + place[dim] * t->per_place;
    const int64_t step = step_of(r, dim);
    T first = NAME(blend_from)(r, dim + 1, x + at[0] * step, place);
    if (t->per_place == 1 || at[1] < 0) return R(first * (T)weight[0]);
    T second = NAME(blend_from)(r, dim + 1, x + at[1] * step, place);
    T sum = r->in_order ? FMA(second, (T)weight[1], R(first * (T)weight[0]))
                        : FMA(first, (T)weight[0], R(second * (T)weight[1]));
    for (int64_t n = 2; n < t->per_place && at[n] >= 0; n++) {
        T next = NAME(blend_from)(r, dim + 1, x + at[n] * step, place);
        sum = FMA(next, (T)weight[n], sum);
    }
    return sum;
}

/* The same in double, or for bfloat16 in float32, with the weights of all dimensions
 * multiplied first: two places in each. */
static T NAME(blend_corners)(const Resample *r, const T *x, const int64_t *place) {
    const Taps *deep = &r->dims[0], *high = &r->dims[1], *wide = &r->dims[2];
    const double *wd = deep->weight + place[0] * deep->per_place;
    const double *wh = high->weight + place[1] * 2, *ww = wide->weight + place[2] * 2;
    WIDE value[8] = {0}, weight[8] = {0}, sum;
    int n = 0;
    for (int64_t i = 0; i < deep->per_place; i++)
        for (int64_t j = 0; j < 2; j++)
            for (int64_t k = 0; k < 2; k++, n++) {
                int64_t row = deep->at[place[0] * deep->per_place + i] * high->from +
                              high->at[place[1] * 2 + j];
                value[n] = x[row * wide->from + wide->at[place[2] * 2 + k]];
                weight[n] = R(R((T)wd[i] * (T)wh[j]) * (T)ww[k]);
            }
    sum = (WIDE)fma(weight[0], value[0], weight[1] * value[1]);
    for (int i = 2; i < n; i++) sum = (WIDE)fma(weight[i], value[i], sum);
    return R((T)sum);
}

static void NAME(blend)(const Resample *r, const T *x, T *out) {
    int64_t at[RESAMPLE_DIMS];
    for (int64_t p = 0; p < r->planes; p++, x += from_size(r))
        for (at[0] = 0; at[0] < r->dims[0].to; at[0]++)
            for (at[1] = 0; at[1] < r->dims[1].to; at[1]++)
                for (at[2] = 0; at[2] < r->dims[2].to; at[2]++)
                    *out++ = r->corners ? NAME(blend_corners)(r, x, at)
                                        : NAME(blend_from)(r, 0, x, at);
}

/* Adds weight * grad to each place of a row that place k was blended from. */
static void NAME(spread_row)(const Resample *r, int64_t k, const T *weights, T grad,
                             T *row) {
    const Taps *t = &r->dims[2];
    const int64_t *at = t->at + k * t->per_place;
    for (int64_t n = 0; n < t->per_place && at[n] >= 0; n++) {
        T own = (T)t->weight[k * t->per_place + n];
        row[at[n]] = FMA(R(R(weights[0] * weights[1]) * own), grad, row[at[n]]);
    }
}

/* The same where nothing is fused, column by column. */
static void NAME(spread_columns)(const Resample *r, const int64_t *index, T grad,
                                 T *plane) {
    const Taps *high = &r->dims[1], *wide = &r->dims[2];
    const int64_t row = index[1] * high->per_place, column = index[2] * wide->per_place;
    for (int64_t n = column; n < column + wide->per_place; n++)
        for (int64_t m = row; m < row + high->per_place; m++) {
            T *to = plane + high->at[m] * wide->from + wide->at[n];
            *to = R(*to + R(R(grad * (T)high->weight[m]) * (T)wide->weight[n]));
        }
}

static void NAME(spread_plane)(const Resample *r, const int64_t *index, T grad,
                               T *plane) {
    const Taps *deep = &r->dims[0], *high = &r->dims[1];
    if (r->plain_gradient) {
        NAME(spread_columns)(r, index, grad, plane);
        return;
    }
    for (int64_t a = 0; a < deep->per_place; a++) {
        int64_t m = index[0] * deep->per_place + a;
        for (int64_t b = 0; b < high->per_place && deep->at[m] >= 0; b++) {
            int64_t n = index[1] * high->per_place + b;
            if (high->at[n] < 0) break;
            int64_t row = deep->at[m] * high->from + high->at[n];
            const T weights[2] = {(T)deep->weight[m], (T)high->weight[n]};
            NAME(spread_row)(r, index[2], weights, grad, plane + row * r->dims[2].from);
        }
    }
}

static void NAME(spread_blend)(const Resample *r, const T *grad, T *out) {
    int64_t at[RESAMPLE_DIMS];
    for (int64_t p = 0; p < r->planes; p++, out += from_size(r))
        for (at[0] = 0; at[0] < r->dims[0].to; at[0]++)
            for (at[1] = 0; at[1] < r->dims[1].to; at[1]++)
                for (at[2] = 0; at[2] < r->dims[2].to; at[2]++)
                    NAME(spread_plane)(r, at, *grad++, out);
}
#undef T
#undef R
#undef BLEND_ONLY
#undef WIDE
#undef FMA
#undef NAME
