/* See dense.h. */
#include "dense.h"

#include "ops.h"

#include <math.h>
#include <string.h>

DType dense_dtype(DType d) {
    return d == DT_float16 || d == DT_bfloat16 ? DT_float32 : d;
}

Tensor *dense_of(Ctx *c, Tensor *t, DType d) {
    return t_contiguous(c, t_to_dtype(c, t, d));
}

Tensor *dense_for(Ctx *c, Tensor *r, DType d) {
    if (!r || (r->contiguous && r->dtype == d)) return r;
    return tensor_make(c, d, r->ndim, r->sizes);
}

Tensor *dense_zeros_for(Ctx *c, Tensor *r, DType d) {
    Tensor *t = dense_for(c, r, d);
    if (t) memset(tensor_data(t), 0, (size_t)t->numel * dtype_size(d));
    return t;
}

Value dense_give(Tensor *r, const Tensor *dense) {
    if (r && dense && r != dense) tensor_copy(r, dense);
    return value_obj(dense ? r : NULL);
}

int dense_call_ints(Ctx *c, const Call *k, int i, int64_t *out, int max) {
    const int64_t large = (int64_t)1 << 40;
    int n = call_ints(c, k, i, out, max);
    for (int j = 0; j < n; j++) {
        if (-large < out[j] && out[j] < large) continue;
        error_raise(c, RuntimeError, "numel: integer multiplication overflow");
        return -1;
    }
    return n;
}

void *dense_scratch(Ctx *c, int64_t n, size_t size) {
    const int64_t sizes[2] = {n, (int64_t)size / 8};
    Tensor *t = tensor_make(c, DT_int64, 2, sizes);
    return t ? tensor_data(t) : NULL;
}

int64_t dense_planes(const Tensor *t, int n) {
    return shape_numel(t->ndim - n, t->sizes);
}

bool dense_is_finite(DType d, const void *elements, int64_t n) {
    bool finite = true;
    if (d == DT_float32)
        for (int64_t i = 0; i < n; i++)
            finite &= isfinite(((const float *)elements)[i]) != 0;
    if (d == DT_float64)
        for (int64_t i = 0; i < n; i++)
            finite &= isfinite(((const double *)elements)[i]) != 0;
    return finite;
}

bool dense_raise(Ctx *c, Buf *b) {
    error_raise(c, RuntimeError, "%s", text_take(c, b));
    return false;
}

bool dense_masked(const Call *k, int i, size_t j) {
    const Value *items;
    size_t n;
    return value_items(k->args[i], &items, &n) && j < n && items[j].as.b;
}
