/* multinomial: indices drawn with given weights.
 *
 * With replacement, each draw looks a uniform number up among the running sums of the
 * weights.  Without, the k largest of weight / e are taken, e being exponential numbers
 * of rate 1.  Sources: Distributions.cpp, MultinomialKernel.cpp. */
#include "ops.h"

#include "core/kernel/sort.h"
#include "random_fill.h"

#include <math.h>

/* Rows of weights and of picks. */
typedef struct Rows {
    Tensor *weights; /* [length] or [n, length] */
    Tensor *picks;   /* int64, contiguous, [n, count] */
    int64_t n, length, count;
} Rows;

static const char *row_of(const Tensor *t, int64_t i) {
    int64_t step =
        t->ndim > 1 ? t->strides[0] * (int64_t)dtype_size((DType)t->dtype) : 0;
    return (const char *)tensor_data(t) + i * step;
}

static int64_t step_of(const Tensor *t) { /* bytes, along the last dimension */
    return t->strides[t->ndim - 1] * (int64_t)dtype_size((DType)t->dtype);
}

/* ---- with replacement ---- */

static bool raise_picks(Ctx *c, PicksError e) {
    static const char *const reasons[] = {
        [PICKS_NEGATIVE] = "encountering probability entry < 0",
        [PICKS_NOT_FINITE] = "encountering probability entry = infinity or NaN",
        [PICKS_NO_WEIGHT] = "sum of probabilities <= 0",
    };
    error_raise(c, RuntimeError, "invalid multinomial distribution (%s)", reasons[e]);
    return false;
}

static bool with_replacement(Ctx *c, const Rows *rows, Random *r) {
    size_t size = (size_t)rows->length * sizeof(double);
    double *sums = ctx_alloc(c, size);
    if (!sums) return false;
    int64_t *picks = tensor_data(rows->picks);
    PicksError e = PICKS_FINE;
    for (int64_t i = 0; i < rows->n && e == PICKS_FINE; i++)
        e = random_picks(r, (DType)rows->weights->dtype, row_of(rows->weights, i),
                         step_of(rows->weights), rows->length, sums,
                         picks + i * rows->count, rows->count);
    ctx_free(c, sums, size);
    return e == PICKS_FINE || raise_picks(c, e);
}

/* ---- without replacement ---- */

/* Every weight is a number, and no row is all zeros. */
static bool weights_check(Ctx *c, const Rows *rows) {
    const Tensor *w = rows->weights;
    bool numbers = true, positive = true;
    for (int64_t i = 0; i < rows->n; i++) {
        bool any = false;
        for (int64_t j = 0; j < rows->length; j++) {
            const char *at = row_of(w, i) + j * step_of(w);
            double x = element_load((DType)w->dtype, at).as.f;
            numbers = numbers && x >= 0 && !isinf(x);
            any = any || x > 0;
        }
        positive = positive && any;
    }
    if (!numbers)
        error_raise(c, RuntimeError,
                    "probability tensor contains either `inf`, `nan` or element < 0");
    else if (!positive)
        raise_picks(c, PICKS_NO_WEIGHT);
    return numbers && positive;
}

/* The largest `count` of a row of scores; one alone is the first of equal ones. */
static void pick_largest(const Rows *rows, const Tensor *scores, int64_t i,
                         SortItem *items) {
    int64_t *picks = (int64_t *)tensor_data(rows->picks) + i * rows->count;
    sort_items_from((DType)scores->dtype, row_of(scores, i), step_of(scores),
                    rows->length, true, items);
    if (rows->count == 1) {
        picks[0] = nth_index(items, rows->length, 0);
        return;
    }
    top_items(items, rows->length, rows->count, true);
    for (int64_t j = 0; j < rows->count; j++) picks[j] = items[j].index;
}

static bool without_replacement(Ctx *c, const Rows *rows, Random *r) {
    if (!weights_check(c, rows)) return false;
    Tensor *scores = t_empty_like(c, rows->weights);
    if (!scores || !fill_exponential(c, scores, r, 1)) return false;
    scores = t_div(c, rows->weights, scores);
    size_t size = (size_t)rows->length * sizeof(SortItem);
    SortItem *items = scores ? ctx_alloc(c, size) : NULL;
    if (!items) return false;
    for (int64_t i = 0; i < rows->n; i++) pick_largest(rows, scores, i, items);
    ctx_free(c, items, size);
    return true;
}

/* ---- multinomial ---- */

static bool multinomial_check(Ctx *c, const Call *k) {
    const Tensor *self = call_tensor(k, 0), *out = k->target[0];
    int64_t count = call_int(k, 1);
    DType d = (DType)self->dtype;
    if (self->ndim < 1 || self->ndim > 2)
        error_raise(c, RuntimeError, "prob_dist must be 1 or 2 dim");
    else if (!dtype_is_floating(d))
        error_raise(
            c, RuntimeError,
            "multinomial only supports floating-point dtypes for input, got: %s",
            dtype_scalar_name(d));
    else if (k->form == CALL_OUT && out->dtype != DT_int64)
        error_raise(c, RuntimeError, "multinomial expects Long tensor out, got: %s",
                    dtype_scalar_name((DType)out->dtype));
    else if (count <= 0)
        error_raise(c, RuntimeError, "cannot sample n_sample <= 0 samples");
    else if (!call_bool(k, 2) && count > self->sizes[self->ndim - 1])
        error_raise(c, RuntimeError,
                    "cannot sample n_sample > prob_dist.size(-1) samples without "
                    "replacement");
    else if (self->sizes[self->ndim - 1] > 1 << 24)
        error_raise(c, RuntimeError, "number of categories cannot exceed 2^24");
    return !ctx_failed(c);
}

/* self [length] -> [num_samples], self [n, length] -> [n, num_samples]; int64. */
static Value multinomial_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (!multinomial_check(c, k)) return value_null();
    bool matrix = self->ndim == 2;
    int64_t sizes[2] = {matrix ? self->sizes[0] : 1, call_int(k, 1)};
    Tensor *picks =
        call_result(c, k, 0, DT_int64, self->ndim, matrix ? sizes : sizes + 1);
    if (!picks) return value_null();
    if (picks->numel == 0) return value_obj(picks);
    if (self->dtype == DT_float16)
        return value_raise(c, RuntimeError,
                           "multinomial is not implemented for half on CPU");
    const Rows rows = {self, picks, sizes[0], self->sizes[self->ndim - 1], sizes[1]};
    Random *r = call_random(c, k, 3);
    bool ok = call_bool(k, 2) ? with_replacement(c, &rows, r)
                              : without_replacement(c, &rows, r);
    return ok ? value_obj(picks) : value_null();
}
static const OpDef op_multinomial = {
    .schema = "multinomial(Tensor self, int num_samples, bool replacement=False, *, "
              "Generator? generator=None) -> Tensor",
    .doc = "Indices of self, drawn with its elements as weights.",
    .forms = OP_USUAL,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = multinomial_forward,
    .example = "torch.multinomial(v, 1)",
};

const OpDef *const multinomial_ops[] = {&op_multinomial, NULL};
