/* Looking elements up among others: searchsorted, bucketize, isin.
 *
 * Elements are compared by the keys of kernel/sort.h; nan is neither equal to anything
 * nor smaller or larger.  Sources: Bucketization.cpp, BucketizationUtils.h,
 * TensorCompare.cpp. */
#include "core/kernel/sort.h"
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- shared ---- */

/* The keys of t's elements in dtype d, to be freed by keys_free. */
static SortItem *keys_of(Ctx *c, Tensor *t, DType d) {
    t = t_contiguous(c, t_to_dtype(c, t, d));
    SortItem *items = t ? ctx_alloc(c, (size_t)t->numel * sizeof *items) : NULL;
    if (items)
        sort_items_from(d, tensor_data(t), (int64_t)dtype_size(d), t->numel, false,
                        items);
    return items;
}

static void keys_free(Ctx *c, SortItem *items, const Tensor *t) {
    ctx_free(c, items, (size_t)t->numel * sizeof *items);
}

/* ---- searchsorted ---- */

/* What is asked for, as searchsorted and bucketize have it. */
typedef struct Search {
    Tensor *boundaries, *input, *sorter; /* sorter may be NULL */
    bool int32, right;
    const char *side; /* NULL, "left", "right" */
} Search;

static bool side_check(Ctx *c, const Search *s) {
    if (!s->side) return true;
    bool left = strcmp(s->side, "left") == 0;
    if (!left && strcmp(s->side, "right") != 0) {
        error_raise(c, RuntimeError,
                    "torch.searchsorted(): side can only be 'left' or 'right' but got "
                    "%s",
                    s->side);
        return false;
    }
    if (!left || !s->right) return true;
    error_raise(c, RuntimeError,
                "torch.searchsorted(): side and right can't be set to opposites, got "
                "side of %s while right was True",
                s->side);
    return false;
}

static bool sorter_check(Ctx *c, const Search *s) {
    if (!s->sorter) return true;
    if (!tensor_same_sizes(s->sorter, s->boundaries)) {
        error_raise(c, RuntimeError,
                    "torch.searchsorted(): boundary and sorter must have the same "
                    "size, but got boundary tensor %sand got sorter tensor %s",
                    shape_text(c, s->boundaries), shape_text(c, s->sorter));
        return false;
    }
    if (s->sorter->dtype == DT_int64) return true;
    error_raise(c, RuntimeError,
                "torch.searchsorted(): sorter must be a tensor of long dtype but got "
                "dtype %s",
                dtype_scalar_name((DType)s->sorter->dtype));
    return false;
}

static bool search_shape_check(Ctx *c, const Search *s) {
    const Tensor *b = s->boundaries, *x = s->input;
    if (x->ndim == 0 && b->ndim != 1) {
        error_raise(c, RuntimeError,
                    "torch.searchsorted(): input value can be a scalar only when "
                    "boundaries tensor dimension is 1, but we got boundaries tensor "
                    "dim(%d) and input value's dim(0) numel(1)",
                    b->ndim);
        return false;
    }
    if (b->ndim == 0) {
        error_raise(c, RuntimeError,
                    "torch.searchsorted(): boundaries tensor should have positive "
                    "dimension, but got 0 dimension");
        return false;
    }
    if (b->ndim == 1 || (b->ndim == x->ndim &&
                         shape_equal(b->ndim - 1, b->sizes, x->ndim - 1, x->sizes)))
        return true;
    error_raise(c, RuntimeError,
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the "
                "first N-1 dimensions of boundaries tensor and input value tensor must "
                "match, but we got boundaries tensor %s and input value tensor %s",
                shape_text(c, b), shape_text(c, x));
    return false;
}

static bool search_out_check(Ctx *c, const Call *k, const Search *s) {
    if (k->form != CALL_OUT) return true;
    DType d = (DType)k->target[0]->dtype;
    if (d == (s->int32 ? DT_int32 : DT_int64)) return true;
    error_raise(c, RuntimeError,
                "torch.searchsorted(): output tensor's dtype is wrong, it can only be "
                "Int(int32) or Long(int64) depending on whether out_int32 flag is "
                "True, but we got output tensor's dtype %s and out_int32 flag is %s",
                dtype_scalar_name(d), s->int32 ? "True" : "False");
    return false;
}

/* One warning for each of the three, once. */
static void warn_scattered(Ctx *c, const Search *s) {
    static const char *const names[3] = {"input value", "boundary", "sorter"};
    const Tensor *t[3] = {s->input, s->boundaries, s->sorter};
    for (int i = 0; i < 3; i++)
        if (t[i] && !t[i]->contiguous)
            warn_once(c, &names[i], UserWarning,
                      "torch.searchsorted(): %s tensor is non-contiguous, this will "
                      "lower the performance due to extra data copy when converting "
                      "non-contiguous tensor to contiguous, please use contiguous %s "
                      "tensor if possible. This message will only appear once per "
                      "program.",
                      names[i], names[i]);
}

/* The first of n bounds that is not smaller than key; from the right: that is larger. A
 * comparison with nan never stops. order: places of the bounds, or NULL. */
static int64_t place_of(const SortItem *bounds, const int64_t *order, int64_t n,
                        uint64_t key, DType d, bool right) {
    int64_t low = 0, high = n;
    bool nan = sort_key_is_nan(d, key);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        uint64_t at = bounds[order ? order[middle] : middle].key;
        bool stop = !nan && !sort_key_is_nan(d, at) && (right ? at > key : at >= key);
        if (stop)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void search_rows(const Search *s, DType d, const SortItem *bounds,
                        const SortItem *keys, const int64_t *order, Tensor *places) {
    const Tensor *b = s->boundaries;
    int64_t *out = tensor_data(places), n = b->sizes[b->ndim - 1];
    int64_t width = s->input->ndim ? s->input->sizes[s->input->ndim - 1] : 1;
    bool right = s->right || (s->side && strcmp(s->side, "right") == 0);
    for (int64_t i = 0; i < places->numel; i++) {
        int64_t start = b->ndim == 1 ? 0 : i / width * n;
        out[i] = place_of(bounds + start, order ? order + start : NULL, n, keys[i].key,
                          d, right);
    }
}

/* Places out of reach would be read from beyond the boundaries. */
static bool order_check(Ctx *c, const Search *s, const int64_t *order) {
    int64_t n = s->boundaries->sizes[s->boundaries->ndim - 1];
    for (int64_t i = 0; order && i < s->sorter->numel; i++)
        if (order[i] < 0 || order[i] >= n) {
            error_raise(c, RuntimeError,
                        "torch.searchsorted(): sorter index %" PRId64
                        " is out of range",
                        order[i]);
            return false;
        }
    return true;
}

static Value search(Ctx *c, Call *k, const Search *s) {
    if (!side_check(c, s) || !sorter_check(c, s) || !search_shape_check(c, s) ||
        !search_out_check(c, k, s))
        return value_null();
    Tensor *x = s->input;
    Tensor *r = call_result(c, k, 0, s->int32 ? DT_int32 : DT_int64, x->ndim, x->sizes);
    if (!r || x->numel == 0) return value_obj(r);
    warn_scattered(c, s);
    DType d = s->boundaries->dtype == x->dtype
                  ? (DType)x->dtype
                  : result_type(c, 2, (Tensor *[]){s->boundaries, x});
    if (ctx_failed(c) || dtype_refused(c, "searchsorted_out_cpu", DTYPES_BOOL, d))
        return value_null();
    Tensor *sorter = s->sorter ? t_contiguous(c, s->sorter) : NULL;
    Tensor *places = tensor_make(c, DT_int64, x->ndim, x->sizes);
    const int64_t *order = sorter ? tensor_data(sorter) : NULL;
    SortItem *bounds = keys_of(c, s->boundaries, d), *keys = keys_of(c, x, d);
    if (places && !ctx_failed(c) && order_check(c, s, order))
        search_rows(s, d, bounds, keys, order, places);
    keys_free(c, bounds, s->boundaries);
    keys_free(c, keys, x);
    tensor_copy(r, places);
    return ctx_failed(c) ? value_null() : value_obj(r);
}

/* Argument i, a tensor or a number. */
static Tensor *tensor_or_number(Ctx *c, const Call *k, int i) {
    Tensor *t = call_tensor(k, i);
    return t ? t : tensor_wrap_number(c, call_scalar(k, i));
}

static Value searchsorted_forward(Ctx *c, Call *k) {
    Search s = {call_tensor(k, 0), tensor_or_number(c, k, 1), call_tensor(k, 5),
                call_bool(k, 2),   call_bool(k, 3),           call_string(k, 4)};
    return s.input ? search(c, k, &s) : value_null();
}
static const OpDef op_searchsorted = {
    .schema = "searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool "
              "out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) "
              "-> Tensor",
    .doc = "Where values would be inserted into sorted rows.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = searchsorted_forward,
    .example = "torch.searchsorted(m.sort()[0], m)",
};
static const OpDef op_searchsorted_scalar = {
    .schema = "searchsorted.Scalar(Tensor sorted_sequence, Scalar self, *, bool "
              "out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) "
              "-> Tensor",
    .doc = "Where a number would be inserted into a sorted row.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = searchsorted_forward,
    .example = "torch.searchsorted(torch.arange(4), 2)",
};

/* ---- bucketize ---- */

static Value bucketize_forward(Ctx *c, Call *k) {
    Search s = {.boundaries = call_tensor(k, 1),
                .input = tensor_or_number(c, k, 0),
                .int32 = call_bool(k, 2),
                .right = call_bool(k, 3)};
    if (s.boundaries->ndim != 1)
        return value_raise(c, RuntimeError,
                           "boundaries tensor must be 1 dimension, but got dim(%d)",
                           s.boundaries->ndim);
    return s.input ? search(c, k, &s) : value_null();
}
static const OpDef op_bucketize = {
    .schema = "bucketize.Tensor(Tensor self, Tensor boundaries, *, bool "
              "out_int32=False, bool right=False) -> Tensor",
    .doc = "The number of the interval between boundaries that each element lies in.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = bucketize_forward,
    .example = "torch.bucketize(m, torch.arange(4))",
};
static const OpDef op_bucketize_scalar = {
    .schema = "bucketize.Scalar(Scalar self, Tensor boundaries, *, bool "
              "out_int32=False, bool right=False) -> Tensor",
    .doc = "The number of the interval between boundaries that a number lies in.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = bucketize_forward,
    .example = "torch.bucketize(2, torch.arange(4))",
};

/* ---- isin ---- */

static bool isin_dtype_check(Ctx *c, DType d) {
    if (d != DT_bool && d != DT_bfloat16) return true;
    error_raise(c, RuntimeError, "Unsupported input type encountered for isin(): %s",
                dtype_scalar_name(d));
    return false;
}

/* out[i] = whether key i of n occurs among the m sorted tests, or not, if inverted. */
static void mark_members(const SortItem *keys, int64_t n, const SortItem *tests,
                         int64_t m, DType d, bool invert, bool *out) {
    for (int64_t i = 0; i < n; i++) {
        int64_t at = place_of(tests, NULL, m, keys[i].key, d, false);
        bool found = at < m && tests[at].key == keys[i].key;
        out[i] = (found && !sort_key_is_nan(d, keys[i].key)) != invert;
    }
}

/* The same by sorting all together and looking at neighbours, as PyTorch does when the
 * caller promises that neither side repeats itself; it shows when that is not true. */
static bool mark_neighbours(Ctx *c, const SortItem *keys, int64_t n,
                            const SortItem *tests, int64_t m, DType d, bool invert,
                            bool *out) {
    size_t bytes = 2 * (size_t)(n + m) * sizeof *keys;
    SortItem *all = ctx_alloc(c, bytes);
    if (!all) return false;
    for (int64_t i = 0; i < n + m; i++)
        all[i] = (SortItem){i < n ? keys[i].key : tests[i - n].key, i};
    sort_items(all, all + n + m, n + m);
    for (int64_t i = 0; i < n + m; i++) {
        bool same = i + 1 < n + m && all[i].key == all[i + 1].key &&
                    !sort_key_is_nan(d, all[i].key);
        if (all[i].index < n) out[all[i].index] = same != invert;
    }
    ctx_free(c, all, bytes);
    return true;
}

static Value members(Ctx *c, Call *k, Tensor *elements, Tensor *tests) {
    bool unique = call_bool(k, 2), invert = call_bool(k, 3);
    Tensor *r = call_result(c, k, 0, DT_bool, elements->ndim, elements->sizes);
    if (!r || elements->numel == 0) return value_obj(r);
    int64_t n = elements->numel, m = tests->numel;
    bool few = (double)m < 10 * pow((double)n, 0.145);
    DType d = result_type(c, 2, (Tensor *[]){elements, tests});
    if ((few || !unique) &&
        dtype_refused(c, few ? "isin_default_cpu" : "unique", DTYPES_HALF, d))
        return value_null();
    SortItem *keys = keys_of(c, elements, d), *others = keys_of(c, tests, d);
    if (!ctx_failed(c)) {
        if (unique && !few) {
            mark_neighbours(c, keys, n, others, m, d, invert, tensor_data(r));
        } else {
            introsort_items(others, m, UINT64_MAX);
            mark_members(keys, n, others, m, d, invert, tensor_data(r));
        }
    }
    keys_free(c, keys, elements);
    keys_free(c, others, tests);
    return ctx_failed(c) ? value_null() : value_obj(r);
}

/* Bool and bfloat16 are refused on both sides, of numbers too. */
static Value isin_forward(Ctx *c, Call *k) {
    Tensor *elements = tensor_or_number(c, k, 0), *tests = tensor_or_number(c, k, 1);
    if (!elements || !tests || !isin_dtype_check(c, (DType)elements->dtype) ||
        !isin_dtype_check(c, (DType)tests->dtype) || !out_dtype_check(c, k, 0, DT_bool))
        return value_null();
    return members(c, k, elements, tests);
}
static const OpDef op_isin = {
    .schema = "isin.Tensor_Tensor(Tensor elements, Tensor test_elements, *, bool "
              "assume_unique=False, bool invert=False) -> Tensor",
    .doc = "Whether each element is one of the test elements.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_EXACT,
    .forward = isin_forward,
};
static const OpDef op_isin_element = {
    .schema = "isin.Scalar_Tensor(Scalar element, Tensor test_elements, *, bool "
              "assume_unique=False, bool invert=False) -> Tensor",
    .doc = "Whether a number is one of the test elements.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_EXACT,
    .forward = isin_forward,
};

/* One test element: a comparison. */
static Value isin_test_forward(Ctx *c, Call *k) {
    Tensor *elements = call_tensor(k, 0), *test = tensor_or_number(c, k, 1);
    if (!test || !isin_dtype_check(c, (DType)elements->dtype) ||
        !isin_dtype_check(c, (DType)test->dtype) || !out_dtype_check(c, k, 0, DT_bool))
        return value_null();
    Tensor *r = call_result(c, k, 0, DT_bool, elements->ndim, elements->sizes);
    Tensor *same = call_bool(k, 3) ? t_ne(c, elements, test) : t_eq(c, elements, test);
    tensor_copy(r, same);
    return ctx_failed(c) ? value_null() : value_obj(r);
}
static const OpDef op_isin_test = {
    .schema = "isin.Tensor_Scalar(Tensor elements, Scalar test_element, *, bool "
              "assume_unique=False, bool invert=False) -> Tensor",
    .doc = "Whether each element is the test element.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_EXACT,
    .forward = isin_test_forward,
};

const OpDef *const search_ops[] = {
    &op_searchsorted, &op_searchsorted_scalar, &op_bucketize, &op_bucketize_scalar,
    &op_isin,         &op_isin_element,        &op_isin_test, NULL,
};
