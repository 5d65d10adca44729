/* See call.h. */
#include "call.h"

#include "op.h"
#include "ops/ops.h"
#include "pointwise.h"

/* ---- arguments ---- */

static int64_t int_of(Value v) {
    const Tensor *t = value_tensor(v);
    if (t) v = element_load((DType)t->dtype, tensor_data(t));
    if (v.tag == VAL_FLOAT) return (int64_t)v.as.f;
    return v.tag == VAL_BOOL ? v.as.b : v.as.i;
}
int64_t call_int(const Call *k, int i) {
    return int_of(k->args[i]);
}

double call_float(const Call *k, int i) {
    Value v = call_scalar(k, i);
    return v.tag == VAL_FLOAT ? v.as.f : (double)int_of(v);
}

bool call_bool(const Call *k, int i) {
    return int_of(k->args[i]) != 0;
}

Value call_scalar(const Call *k, int i) {
    Value v = k->args[i];
    const Tensor *t = value_tensor(v);
    return t ? element_load((DType)t->dtype, tensor_data(t)) : v;
}

const char *call_string(const Call *k, int i) {
    const Str *s = value_str(k->args[i]);
    return s ? s->data : NULL;
}

DType call_dtype(const Call *k, int i, DType fallback) {
    return k->args[i].tag == VAL_DTYPE ? k->args[i].as.dtype : fallback;
}

int call_ints(Ctx *c, const Call *k, int i, int64_t *out, int max) {
    Value v = k->args[i];
    if (value_is_none(v)) return 0;
    const Value *items;
    size_t n;
    if (!value_items(v, &items, &n)) {
        int size = k->op->schema.params[i].list_size;
        if (size < 1) size = 1;
        for (int j = 0; j < size && j < max; j++) out[j] = int_of(v);
        return size;
    }
    if (n > (size_t)max) {
        error_raise(c, RuntimeError,
                    "a list of %zu ints where at most %d are supported", n, max);
        return -1;
    }
    for (size_t j = 0; j < n; j++) out[j] = int_of(items[j]);
    return (int)n;
}

size_t call_list_len(const Call *k, int i) {
    const Value *items;
    size_t n;
    return value_items(k->args[i], &items, &n) ? n : 0;
}

Tensor *call_list_tensor(const Call *k, int i, size_t j) {
    const Value *items;
    size_t n;
    return value_items(k->args[i], &items, &n) && j < n ? value_tensor(items[j]) : NULL;
}

Value arg_ints(Ctx *c, int n, const int64_t *ints) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, (size_t)n, NULL));
    for (int i = 0; t && i < n; i++) t->items[i] = value_int(ints[i]);
    return value_obj(t);
}

/* ---- results ---- */

void raise_output_shape(Ctx *c, int own, const int64_t *own_sizes, int ndim,
                        const int64_t *sizes) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "output with shape ");
    buf_dims(&b, own, own_sizes);
    buf_puts(&b, " doesn't match the broadcast shape ");
    buf_dims(&b, ndim, sizes);
    error_raise(c, RuntimeError, "%s", buf_text(&b));
    buf_free(&b);
}

void warn_resized(Ctx *c, int from, const int64_t *from_sizes, int ndim,
                  const int64_t *sizes) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "An output with one or more elements was resized since it had shape ");
    buf_dims(&b, from, from_sizes);
    buf_puts(&b, ", which does not match the required output shape ");
    buf_dims(&b, ndim, sizes);
    warn(c, UserWarning,
         "%s. This behavior is deprecated, and in a future PyTorch release outputs "
         "will not be resized unless they have zero elements. You can explicitly "
         "reuse an out tensor t by resizing it, inplace, to zero elements with "
         "t.resize_(0).",
         buf_text(&b));
    buf_free(&b);
}

bool out_resize(Ctx *c, const Call *k, int nr, int ndim, const int64_t *sizes) {
    Tensor *t = k->target[nr];
    if (shape_equal(ndim, sizes, t->ndim, t->sizes)) return true;
    int warnings = !t->numel || k->op->def->traits & OP_OUT_QUIET ? 0 : 1 + k->buffered;
    for (int i = 0; i < warnings; i++) warn_resized(c, t->ndim, t->sizes, ndim, sizes);
    if (ctx_failed(c)) return false;
    return tensor_resize(c, t, ndim, sizes);
}

void warn_expanded(Ctx *c, const Tensor *t, const char *name, const char *instead) {
    if (shape_overlaps(t->ndim, t->sizes, t->strides))
        warn(c, UserWarning,
             "Use of %s on expanded tensors is deprecated. Please clone() the tensor "
             "before performing this operation. This also applies to advanced indexing "
             "e.g. %s",
             name, instead);
}

bool out_dtype_check(Ctx *c, const Call *k, int nr, DType d) {
    if (k->form != CALL_OUT || (DType)k->target[nr]->dtype == d) return true;
    error_raise(c, RuntimeError,
                "Expected out tensor to have dtype %s, but got %s instead",
                dtype_type_name(d), dtype_type_name((DType)k->target[nr]->dtype));
    return false;
}

bool out_is_exact(Ctx *c, const Call *k, int nr, DType d) {
    unsigned traits = k->op->def->traits;
    if (k->form != CALL_OUT || (DType)k->target[nr]->dtype == d) return true;
    if (traits & OP_OUT_EXACT) return out_dtype_check(c, k, nr, d);
    return !(traits & OP_OUT_SAME) ||
           found_dtype_check(c, (DType)k->target[nr]->dtype, d);
}

/* Whether result nr may be written to its target, which out= resizes. */
static bool target_fits(Ctx *c, const Call *k, int nr, DType dtype, int ndim,
                        const int64_t *sizes) {
    Tensor *t = k->target[nr];
    if (!out_is_exact(c, k, nr, dtype)) return false;
    unsigned traits = k->op->def->traits;
    bool same = shape_equal(ndim, sizes, t->ndim, t->sizes);
    if (!(traits & OP_EXPANDED_TARGET) && !self_overlap_check(c, t)) return false;
    if (!same && k->form == CALL_INPLACE) {
        raise_output_shape(c, t->ndim, t->sizes, ndim, sizes);
        return false;
    }
    if (!cast_check(c, dtype, (DType)t->dtype)) return false;
    return same ? !ctx_failed(c) : out_resize(c, k, nr, ndim, sizes);
}

bool out_prepare(Ctx *c, Call *k, int nr, DType dtype, int ndim, const int64_t *sizes) {
    if (k->form != CALL_OUT || nr >= k->n_targets) return !ctx_failed(c);
    return target_fits(c, k, nr, dtype, ndim, sizes);
}

Tensor *call_result(Ctx *c, Call *k, int nr, DType dtype, int ndim,
                    const int64_t *sizes) {
    if (ctx_failed(c)) return NULL;
    Tensor *t = nr < k->n_targets ? k->target[nr] : NULL;
    if (!t) return k->result[nr] = tensor_make(c, dtype, ndim, sizes);
    if (!target_fits(c, k, nr, dtype, ndim, sizes)) return NULL;
    bool direct = dtype == (DType)t->dtype && (k->op->def->traits & OP_POINTWISE);
    return k->result[nr] = direct ? t : tensor_make(c, dtype, ndim, sizes);
}

/* ---- the call made of another operator ---- */

Value call_as(Ctx *c, Call *k, const OpDef *def) {
    switch (k->form) {
    case CALL_INPLACE: return op_call_inplace(c, def, k->args);
    case CALL_OUT: return op_call_out(c, def, k->args, k->target, k->n_targets);
    case CALL_NEW: break;
    }
    return op_call(c, def, k->args);
}

Value call_wider(Ctx *c, const Call *k, const OpDef *def, const Value *args, int n,
                 DType d) {
    if (k->form != CALL_OUT) return op_call(c, def, args);
    const int64_t none = 0;
    Tensor *out[MAX_RESULTS];
    for (int i = 0; i < n; i++)
        out[i] = i < k->n_targets ? k->target[i] : tensor_make(c, d, 1, &none);
    return op_call_out(c, def, args, out, n);
}

Value first_result(Value results) {
    const Tuple *t = value_tuple(results);
    return t ? t->items[0] : value_null();
}

/* The arguments of k as its alias has them, by their names. */
static Value call_renamed(Ctx *c, Call *k, const OpDef *def) {
    const Op *op = op_get(c, def);
    if (!op) return value_null();
    Value args[MAX_PARAMS];
    for (int i = 0; i < op->schema.n; i++) {
        const Param *p = &op->schema.params[i];
        int own = schema_find(&k->op->schema, p->name, p->name_len);
        args[i] = own < 0 ? p->default_value : k->args[own];
    }
    Call renamed = *k;
    renamed.args = args;
    return call_as(c, &renamed, def);
}

Value call_alias(Ctx *c, Call *k) {
    const OpDef *def = k->op->def;
    return def->traits & OP_HIDDEN ? call_renamed(c, k, def->alias)
                                   : call_as(c, k, def->alias);
}
