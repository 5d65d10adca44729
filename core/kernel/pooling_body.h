/* Pooling in one type T, each step rounded by R; pooling.c includes it once for each.
 * With MEANS_ONLY defined there are only the means, with FORWARD_MEANS_ONLY not even
 * their gradients. */

/* total divided by what a window of b counts. */
static T NAME(share)(const Pooling *p, const Block *b, T total) {
    if (p->divisor) return R(total / R((T)p->divisor));
    if (!p->divide_by_dimension)
        return R(total / R((T)(b->d->count * b->h->count * b->w->count)));
    total = R(total / R((T)b->d->count));
    total = R(total / R((T)b->h->count));
    return R(total / R((T)b->w->count));
}

static T NAME(mean)(const Pooling *p, const Block *b, const T *x) {
    T sum = 0;
    for (int64_t i = b->d->begin; i < b->d->end; i += b->d->step)
        for (int64_t j = b->h->begin; j < b->h->end; j += b->h->step) {
            const T *row = x + (i * p->in[1] + j) * p->in[2];
            for (int64_t k = b->w->begin; k < b->w->end; k += b->w->step)
                sum = R(sum + row[k]);
        }
    /* The sum with 0 makes -0 a 0, as in PyTorch. */
    return is_empty(b) ? 0 : 0 + NAME(share)(p, b, sum);
}

/* Runs `action` for every place of the result, with its block b. */
#define EACH_PLACE(p, action)                                                          \
    for (int64_t i = 0; i < (p)->out[0]; i++)                                          \
        for (int64_t j = 0; j < (p)->out[1]; j++)                                      \
            for (int64_t k = 0; k < (p)->out[2]; k++) {                                \
                const Block b = {(p)->windows[0] + i, (p)->windows[1] + j,             \
                                 (p)->windows[2] + k};                                 \
                action;                                                                \
            }

static void NAME(avg_pool)(const Pooling *p, const T *x, T *out) {
    const int64_t size = p->in[0] * p->in[1] * p->in[2];
    for (int64_t n = 0; n < p->planes; n++, x += size)
        EACH_PLACE(p, *out++ = NAME(mean)(p, &b, x))
}

#ifndef FORWARD_MEANS_ONLY
static void NAME(add_to_block)(const Pooling *p, const Block *b, T delta, T *out) {
    for (int64_t i = b->d->begin; i < b->d->end; i += b->d->step)
        for (int64_t j = b->h->begin; j < b->h->end; j += b->h->step) {
            T *row = out + (i * p->in[1] + j) * p->in[2];
            for (int64_t k = b->w->begin; k < b->w->end; k += b->w->step)
                row[k] = R(row[k] + delta);
        }
}

static void NAME(avg_spread)(const Pooling *p, const T *grad, T *out) {
    const int64_t size = p->in[0] * p->in[1] * p->in[2];
    for (int64_t n = 0; n < p->planes; n++, out += size)
        EACH_PLACE(p, NAME(add_to_block)(p, &b, NAME(share)(p, &b, *grad++), out))
}

#ifndef MEANS_ONLY
static T NAME(largest)(const Pooling *p, const Block *b, const T *x, int64_t *index) {
    T best = (T)-INFINITY;
    *index = (b->d->begin * p->in[1] + b->h->begin) * p->in[2] + b->w->begin;
    for (int64_t i = b->d->begin; i < b->d->end; i += b->d->step)
        for (int64_t j = b->h->begin; j < b->h->end; j += b->h->step) {
            int64_t row = (i * p->in[1] + j) * p->in[2];
            for (int64_t k = b->w->begin; k < b->w->end; k += b->w->step)
                if (x[row + k] > best || isnan(x[row + k])) {
                    best = x[row + k];
                    *index = row + k;
                }
        }
    return best;
}

static void NAME(max_pool)(const Pooling *p, const T *x, T *out, int64_t *index) {
    const int64_t size = p->in[0] * p->in[1] * p->in[2];
    int64_t unused;
    for (int64_t n = 0; n < p->planes; n++, x += size)
        EACH_PLACE(p, *out++ = NAME(largest)(p, &b, x, index ? index++ : &unused))
}
#endif
#endif

#undef EACH_PLACE
#undef T
#undef R
#undef NAME
#undef MEANS_ONLY
#undef FORWARD_MEANS_ONLY
