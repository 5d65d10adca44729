/* x[...] and x[...] = value: from Python's indices to those of core/indexing.h.
 * Source: torch/csrc/autograd/python_variable_indexing.cpp, PyTorch 1.13. */
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_data.h"
#include "runner/torch/tensor_ops.h"
#include "runner/values/complex.h"
#include "runner/values/slice.h"

enum { MAX_ITEMS = 64 };

/* ---- one index ---- */

static bool slice_item(Ctx *c, const Slice *s, IndexItem *out) {
    int64_t step = 1, start = 0, stop = INT64_MAX;
    if (!slice_bound(c, s->step, &step)) return false;
    if (step == 0) {
        error_raise(c, ValueError, "slice step cannot be zero");
        return false;
    }
    if (step < 0) {
        start = INT64_MAX;
        stop = INT64_MIN;
    }
    if (!slice_bound(c, s->start, &start) || !slice_bound(c, s->stop, &stop))
        return false;
    *out = (IndexItem){.kind = INDEX_SLICE, .start = start, .stop = stop, .step = step};
    return true;
}

/* A list as an index: int64 positions, or a mask when it holds bools. */
static bool list_item(Ctx *c, Value v, IndexItem *out) {
    DType d = data_infer_dtype(c, v);
    if (d == DT_none) return false;
    Tensor *t = tensor_from_data(c, v, d == DT_bool || d == DT_uint8 ? d : DT_int64);
    *out = (IndexItem){.kind = INDEX_TENSOR, .tensor = t};
    return t;
}

static bool one_item(Ctx *c, Value v, IndexItem *out) {
    switch (v.tag) {
    case VAL_INT: *out = (IndexItem){.kind = INDEX_INT, .start = v.as.i}; return true;
    case VAL_BOOL: *out = (IndexItem){.kind = INDEX_BOOL, .start = v.as.b}; return true;
    case VAL_NONE: *out = (IndexItem){.kind = INDEX_NONE}; return true;
    case VAL_ELLIPSIS: *out = (IndexItem){.kind = INDEX_ELLIPSIS}; return true;
    default: break;
    }
    Tensor *t = value_tensor(v);
    if (t) {
        *out = (IndexItem){.kind = INDEX_TENSOR, .tensor = t};
        return true;
    }
    if (value_slice(v)) return slice_item(c, value_slice(v), out);
    if (value_is_kind(v, OBJ_BIGINT)) {
        error_raise(c, RuntimeError, "Overflow when unpacking long");
        return false;
    }
    if (value_list(v) || value_tuple(v) || value_is_kind(v, OBJ_RANGE))
        return list_item(c, v, out);
    if (value_str(v)) {
        error_raise(c, TypeError, "new(): invalid data type 'str'");
        return false;
    }
    error_raise(c, IndexError,
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte "
                "Variables are valid indices (got %s)",
                type_name(v));
    return false;
}

/* ---- all of them ---- */

/* A list stands for a tuple when it is short and holds more than numbers. */
static bool list_is_tuple(const List *l) {
    if (l->n >= 32) return false;
    for (size_t i = 0; i < l->n; i++) {
        Value v = l->items[i];
        if (value_is_none(v) || v.tag == VAL_ELLIPSIS || value_tensor(v) ||
            value_list(v) || value_tuple(v) || value_str(v) || value_slice(v))
            return true;
    }
    return false;
}

static int dims_taken(Value v) {
    const Tensor *t = value_tensor(v);
    if (t) return index_tensor_dims(t);
    return v.tag != VAL_NONE && v.tag != VAL_ELLIPSIS && v.tag != VAL_BOOL;
}

static bool item_of(Ctx *c, const void *from, size_t i, IndexItem *out) {
    return one_item(c, ((const Value *)from)[i], out);
}

static bool read_key(Ctx *c, const Value *key, IndexKey *out) {
    const Value *values = key;
    Value whole = *key;
    const List *l = value_list(whole);
    *out = (IndexKey){.n = 1, .bare = true, .item = item_of};
    /* The __index__ of an object in a slice may change the list. */
    if (l && list_is_tuple(l)) whole = tuple_of(c, l->n, l->items);
    if (value_is_null(whole)) return false;
    if (value_tuple(whole)) {
        value_items(whole, &values, &out->n);
        out->bare = false;
    }
    out->from = values;
    if (out->n > MAX_ITEMS) {
        error_raise(c, IndexError, "too many indices");
        return false;
    }
    if (out->bare &&
        (key->tag == VAL_INT || value_is_kind(*key, OBJ_BIGINT) || value_slice(*key)))
        return true;
    for (size_t i = 0; i < out->n; i++) out->dims += dims_taken(values[i]);
    return true;
}

Value tensor_get_item(Ctx *c, Value v, Value key) {
    IndexKey k;
    Value r;
    if (override_method(c, "__getitem__", v, &(Args){&key, 1, NULL, 0}, &r)) return r;
    if (!read_key(c, &key, &k)) return value_null();
    return value_obj(tensor_getitem(c, value_tensor(v), &k));
}

/* What is stored of a complex number; one with an imaginary part has no place. */
static bool real_part(Ctx *c, const Tensor *self, Value *v) {
    const Complex *z = value_complex(*v);
    *v = value_float(z->real);
    return z->imag == 0 ||
           error_raise(c, RuntimeError,
                       "value cannot be converted to type %s without overflow",
                       dtype_cpp_name((DType)self->dtype));
}

bool tensor_set_item(Ctx *c, Value v, Value key, Value value) {
    IndexKey k;
    Tensor *self = value_tensor(v), *t = value_tensor(value);
    if (value_is_null(value)) {
        error_raise(c, TypeError, "Tensor does not support deleting items");
        return false;
    }
    Value r;
    if (override_method(c, "__setitem__", v, &(Args){(Value[]){key, value}, 2, NULL, 0},
                        &r))
        return !value_is_null(r);
    if (value_complex(value) && !real_part(c, self, &value)) return false;
    if (!t && (value.tag == VAL_INT || value.tag == VAL_FLOAT || value.tag == VAL_BOOL))
        t = tensor_wrap_number(c, value);
    if (value_is_kind(value, OBJ_BIGINT)) {
        error_raise(c, RuntimeError, "Overflow when unpacking long");
        return false;
    }
    if (!t) {
        error_raise(c, TypeError, "can't assign a %s to a %s", type_name(value),
                    tensor_cpp_type(self));
        return false;
    }
    return read_key(c, &key, &k) && tensor_setitem(c, self, &k, t);
}
