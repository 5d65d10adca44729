/* Resampling in one type T; resample.c includes it once for float and for double. */

static void NAME(spread)(const Resample *r, const T *grad, T *out) {
    for (int64_t p = 0; p < r->planes; p++)
        for (int64_t i = 0; i < r->dims[0].to; i++)
            for (int64_t j = 0; j < r->dims[1].to; j++) {
                T *row = out + row_of(r, p, i, j);
                for (int64_t k = 0; k < r->dims[2].to; k++)
                    row[r->dims[2].at[k]] += *grad++;
            }
}

/* The sum within one row of x for place k of the result. */
static T NAME(blend_row)(const Taps *t, const T *row, int64_t k) {
    const int64_t *at = t->at + k * t->per_place;
    const double *weight = t->weight + k * t->per_place;
    T sum = row[at[0]] * (T)weight[0];
    for (int64_t n = 1; n < t->per_place && at[n] >= 0; n++)
        sum += row[at[n]] * (T)weight[n];
    return sum;
}

static T NAME(blend_slice)(const Resample *r, const T *slice, int64_t j, int64_t k) {
    const Taps *t = &r->dims[1];
    const int64_t *at = t->at + j * t->per_place;
    const double *weight = t->weight + j * t->per_place;
    const int64_t width = r->dims[2].from;
    T sum = NAME(blend_row)(&r->dims[2], slice + at[0] * width, k) * (T)weight[0];
    for (int64_t n = 1; n < t->per_place && at[n] >= 0; n++)
        sum += NAME(blend_row)(&r->dims[2], slice + at[n] * width, k) * (T)weight[n];
    return sum;
}

static T NAME(blend_plane)(const Resample *r, const T *plane, int64_t i, int64_t j,
                           int64_t k) {
    const Taps *t = &r->dims[0];
    const int64_t *at = t->at + i * t->per_place;
    const double *weight = t->weight + i * t->per_place;
    const int64_t size = r->dims[1].from * r->dims[2].from;
    T sum = NAME(blend_slice)(r, plane + at[0] * size, j, k) * (T)weight[0];
    for (int64_t n = 1; n < t->per_place && at[n] >= 0; n++)
        sum += NAME(blend_slice)(r, plane + at[n] * size, j, k) * (T)weight[n];
    return sum;
}

static void NAME(blend)(const Resample *r, const T *x, T *out) {
    for (int64_t p = 0; p < r->planes; p++, x += from_size(r))
        for (int64_t i = 0; i < r->dims[0].to; i++)
            for (int64_t j = 0; j < r->dims[1].to; j++)
                for (int64_t k = 0; k < r->dims[2].to; k++)
                    *out++ = NAME(blend_plane)(r, x, i, j, k);
}

/* Adds weight * grad to each place of a row that place k was blended from. */
static void NAME(spread_row)(const Taps *t, int64_t k, T weight, T grad, T *row) {
    const int64_t *at = t->at + k * t->per_place;
    for (int64_t n = 0; n < t->per_place && at[n] >= 0; n++)
        row[at[n]] += weight * (T)t->weight[k * t->per_place + n] * grad;
}

static void NAME(spread_plane)(const Resample *r, const int64_t *index, T grad,
                               T *plane) {
    const Taps *deep = &r->dims[0], *high = &r->dims[1], *wide = &r->dims[2];
    for (int64_t a = 0; a < deep->per_place; a++) {
        int64_t m = index[0] * deep->per_place + a;
        for (int64_t b = 0; b < high->per_place && deep->at[m] >= 0; b++) {
            int64_t n = index[1] * high->per_place + b;
            if (high->at[n] < 0) break;
            T *row = plane + (deep->at[m] * high->from + high->at[n]) * wide->from;
            T weight = (T)deep->weight[m] * (T)high->weight[n];
            NAME(spread_row)(wide, index[2], weight, grad, row);
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
#undef NAME
