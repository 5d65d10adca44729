/* See tensor_data.h. Source: torch/csrc/utils/tensor_new.cpp, PyTorch 1.13. */
#include "runner/torch/tensor_data.h"

#include "runner/values/bigint.h"
#include "runner/values/complex.h"
#include "runner/values/number.h"

#include <inttypes.h>
#include <math.h>

/* ---- sequences ---- */

static bool is_sequence(Value v) {
    if (v.tag != VAL_OBJ || value_tensor(v)) return false;
    int kind = v.as.obj->type->kind;
    return kind == OBJ_LIST || kind == OBJ_TUPLE || kind == OBJ_RANGE ||
           kind == OBJ_STR;
}

static Value item_of(Ctx *c, Value v, int64_t i) {
    const Value *items;
    size_t n;
    if (value_items(v, &items, &n)) return (size_t)i < n ? items[i] : value_none();
    return value_get_item(c, v, value_int(i));
}

/* ---- dtype ---- */

static bool is_int(Value v) {
    return v.tag == VAL_INT || value_is_kind(v, OBJ_BIGINT);
}

/* Lists are walked with a counter of their depth: one that holds itself is refused. */
static DType infer(Ctx *c, Value v, int depth) {
    if (v.tag == VAL_FLOAT) return c->default_dtype;
    if (is_int(v)) return DT_int64;
    if (v.tag == VAL_BOOL) return DT_bool;
    if (value_tensor(v)) return (DType)value_tensor(v)->dtype;
    if (value_str(v)) {
        error_raise(c, TypeError, "new(): invalid data type 'str'");
        return DT_none;
    }
    if (value_complex(v)) {
        error_raise(c, NotImplementedError,
                    "complex tensors are not available in a cell");
        return DT_none;
    }
    if (!is_sequence(v)) {
        error_raise(c, RuntimeError, "Could not infer dtype of %s", type_name(v));
        return DT_none;
    }
    int64_t n = value_length(c, v);
    if (n == 0) return c->default_dtype;
    DType d = DT_none;
    for (int64_t i = 0; i < n; i++) {
        Value item = item_of(c, v, i);
        if (ctx_failed(c)) return DT_none;
        if (depth > 128 || (item.tag == VAL_OBJ && item.as.obj == v.as.obj)) {
            error_raise(c, TypeError, "new(): self-referential lists are incompatible");
            return DT_none;
        }
        DType next = infer(c, item, depth + 1);
        if (next == DT_none) return DT_none;
        d = d == DT_none ? next : dtype_promote(d, next);
    }
    return d;
}

DType data_infer_dtype(Ctx *c, Value v) {
    return infer(c, v, 0);
}

/* ---- shape ---- */

/* The lengths along the first items, level by level. */
static bool measure(Ctx *c, Value v, Shape *s) {
    *s = (Shape){0};
    while (is_sequence(v)) {
        int64_t n = value_length(c, v);
        if (n < 0) return false;
        if (s->ndim == MAX_DIMS || value_str(v)) {
            error_raise(c, ValueError, "too many dimensions '%s'", type_name(v));
            return false;
        }
        s->dims[s->ndim++] = n;
        if (n == 0) break;
        v = item_of(c, v, 0);
        if (ctx_failed(c)) return false;
    }
    return true;
}

/* ---- elements ---- */

static bool store_integer(Ctx *c, DType d, void *at, Value v) {
    if (value_is_kind(v, OBJ_BIGINT)) {
        error_raise(c, RuntimeError, "Overflow when unpacking long");
        return false;
    }
    if (v.tag != VAL_INT && v.tag != VAL_FLOAT && v.tag != VAL_BOOL) {
        error_raise(c, TypeError, "'%s' object cannot be interpreted as an integer",
                    type_name(v));
        return false;
    }
    if (!element_fits(d, v)) {
        error_raise(c, RuntimeError,
                    "value cannot be converted to type %s without overflow",
                    dtype_name(d));
        return false;
    }
    element_store(d, at, v);
    return true;
}

static bool store_bool(Ctx *c, void *at, Value v) {
    if (is_sequence(v) || value_is_none(v)) {
        error_raise(c, TypeError, "'%s' object cannot be interpreted as an integer",
                    type_name(v));
        return false;
    }
    int truth = value_truth(c, v);
    *(bool *)at = truth == 1;
    return truth >= 0;
}

static bool store_element(Ctx *c, DType d, void *at, Value v) {
    const Tensor *t = value_tensor(v);
    if (t) v = tensor_item(c, t);
    if (ctx_failed(c)) return false;
    if (d == DT_bool) return store_bool(c, at, v);
    if (dtype_is_integral(d, false)) return store_integer(c, d, at, v);
    double f;
    if (v.tag == VAL_FLOAT || v.tag == VAL_INT || v.tag == VAL_BOOL) {
        element_store(d, at, v);
        return true;
    }
    if (value_is_kind(v, OBJ_BIGINT)) {
        if (!value_to_double(c, v, &f)) return false;
        element_store(d, at, value_float(f));
        return true;
    }
    error_raise(c, TypeError, "must be real number, not %s", type_name(v));
    return false;
}

/* Stores the items of one level; levels are at most MAX_DIMS. */
static bool store_level(Ctx *c, Tensor *t, int dim, int64_t offset, Value v) {
    size_t size = dtype_size((DType)t->dtype);
    if (dim == t->ndim)
        return store_element(c, (DType)t->dtype,
                             t->storage->data + offset * (int64_t)size, v);
    if (!is_sequence(v)) {
        error_raise(c, TypeError, "not a sequence");
        return false;
    }
    int64_t n = value_length(c, v);
    if (n != t->sizes[dim]) {
        error_raise(c, ValueError,
                    "expected sequence of length %" PRId64 " at dim %d (got %" PRId64
                    ")",
                    t->sizes[dim], dim, n);
        return false;
    }
    for (int64_t i = 0; i < n; i++) {
        /* Held, for an object's __bool__ may take it out of the list. */
        Value item = value_retain(item_of(c, v, i));
        bool stored = !ctx_failed(c) &&
                      store_level(c, t, dim + 1, offset + i * t->strides[dim], item);
        value_release(c, item);
        if (!stored) return false;
    }
    return true;
}

static Tensor *copy_of(Ctx *c, Tensor *t, DType dtype) {
    Tensor *r =
        tensor_make(c, dtype == DT_none ? (DType)t->dtype : dtype, t->ndim, t->sizes);
    if (r) tensor_copy(r, t);
    return r;
}

Tensor *tensor_from_data(Ctx *c, Value v, DType dtype) {
    if (ctx_failed(c)) return NULL;
    if (value_str(v))
        return error_raise(c, TypeError, "new(): invalid data type 'str'");
    if (value_tensor(v)) return copy_of(c, value_tensor(v), dtype);
    Shape s;
    if (!measure(c, v, &s)) return NULL;
    if (dtype == DT_none) dtype = data_infer_dtype(c, v);
    if (dtype == DT_none) return NULL;
    Tensor *t = tensor_make(c, dtype, s.ndim, s.dims);
    /* Without elements nobody looks further: torch.tensor([[], [1, 2]]). */
    return t && (t->numel == 0 || store_level(c, t, 0, 0, v)) ? t : NULL;
}

void tensor_warn_of_copy(Ctx *c, const char *maker) {
    warn(c, UserWarning,
         "To copy construct from a tensor, it is recommended to use "
         "sourceTensor.clone().detach() or "
         "sourceTensor.clone().detach().requires_grad_(True), rather than "
         "%s(sourceTensor).",
         maker);
}
