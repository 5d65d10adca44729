/* See tensor.h. */
#include "tensor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- storage ---- */

/* The next block may begin where a struct without room ends. */
static void free_data(Ctx *c, Storage *s) {
    bool inside = s->inline_bytes && s->data == s->inline_data;
    if (!inside) ctx_free(c, s->data, s->nbytes);
}

static void storage_destroy(Ctx *c, Obj *o) {
    Storage *s = (Storage *)o;
    free_data(c, s);
    obj_free(c, s, sizeof *s + s->inline_bytes);
}
static const ObjType storage_type = {"torch.storage.UntypedStorage", OBJ_STORAGE,
                                     storage_destroy, NULL};

/* Uninitialised bytes; the caller owns it. */
static Storage *storage_new(Ctx *c, size_t nbytes) {
    bool small = nbytes <= STORAGE_INLINE;
    size_t inside = small ? (nbytes ? nbytes : 1) : 0;
    Storage *s = ctx_alloc(c, sizeof *s + inside);
    if (!s) return NULL;
    s->obj.u.refs = 1;
    s->obj.type = &storage_type;
    s->nbytes = nbytes;
    s->version = 0;
    s->zeros = false;
    s->inline_bytes = (uint32_t)inside;
    s->data = small ? s->inline_data : ctx_alloc(c, nbytes);
    if (!s->data) {
        ctx_free(c, s, sizeof *s + inside);
        return NULL;
    }
    return s;
}

static void version_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(VersionCounter));
}
static const ObjType version_type = {"VersionCounter", OBJ_STORAGE, version_destroy,
                                     NULL};

static void ref_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(TensorRef));
}
static const ObjType ref_type = {"TensorRef", OBJ_STORAGE, ref_destroy, NULL};

/* ---- making and ending ---- */

static void free_extra(Ctx *c, Tensor *t) {
    TensorExtra *x = t->extra;
    if (!x) return;
    obj_release(c, x->grad);
    obj_release(c, x->version);
    obj_release(c, x->hooks);
    obj_release(c, x->retained);
    value_release(c, x->attributes);
    if (x->weak) x->weak->t = NULL;
    obj_release(c, x->weak);
    ctx_free(c, x, sizeof *x);
    t->extra = NULL;
}

static void free_dims(Ctx *c, Tensor *t) {
    if (t->sizes != t->inline_dims)
        ctx_free(c, t->sizes, 2 * (size_t)t->ndim * sizeof *t->sizes);
}

static void tensor_destroy(Ctx *c, Obj *o) {
    Tensor *t = (Tensor *)o;
    free_extra(c, t);
    obj_release(c, t->storage);
    obj_release(c, t->grad_fn);
    obj_release(c, t->base);
    free_dims(c, t);
    obj_free(c, t, sizeof *t);
}
const ObjType tensor_type = {"Tensor", OBJ_TENSOR, tensor_destroy, NULL};

/* A tensor without storage, its dims unset. */
static Tensor *blank(Ctx *c, DType dtype, int ndim) {
    Tensor *t = ctx_alloc(c, sizeof *t);
    if (!t) return NULL;
    memset(t, 0, offsetof(Tensor, inline_dims));
    t->obj.u.refs = 1;
    t->obj.type = &tensor_type;
    t->dtype = (int8_t)dtype;
    t->ndim = (uint8_t)ndim;
    t->sizes = t->inline_dims;
    t->strides = t->inline_dims + INLINE_DIMS;
    t->inference = t->unversioned = c->inference;
    if (ndim <= INLINE_DIMS) return t;
    t->sizes = ctx_alloc(c, 2 * (size_t)ndim * sizeof *t->sizes);
    if (!t->sizes) {
        ctx_free(c, t, sizeof *t);
        return NULL;
    }
    t->strides = t->sizes + ndim;
    return t;
}

/* Bytes of a contiguous tensor of these sizes; false after raising. */
static bool count_bytes(Ctx *c, DType dtype, int ndim, const int64_t *sizes,
                        size_t *bytes) {
    if (!shape_ndim_check(c, ndim)) return false;
    for (int i = 0; i < ndim; i++) {
        if (sizes[i] < 0) {
            error_raise(c, RuntimeError,
                        "Trying to create tensor with negative dimension %" PRId64
                        ": %s",
                        sizes[i], dims_text(c, ndim, sizes));
            return false;
        }
    }
    if (shape_refused(ndim, sizes)) {
        error_raise(c, RuntimeError,
                    "Storage size calculation overflowed with sizes=%s",
                    dims_text(c, ndim, sizes));
        return false;
    }
    *bytes = dtype_size(dtype) * (size_t)shape_numel(ndim, sizes);
    return true;
}

Tensor *tensor_new(Ctx *c, DType dtype, int ndim, const int64_t *sizes) {
    size_t bytes;
    bool row = ndim == 1 && sizes[0] >= 0 && sizes[0] < INT32_MAX; /* nearly always */
    if (row)
        bytes = dtype_size(dtype) * (size_t)sizes[0];
    else if (!count_bytes(c, dtype, ndim, sizes, &bytes))
        return NULL;
    Tensor *t = blank(c, dtype, ndim);
    if (!t) return NULL;
    t->storage = storage_new(c, bytes);
    if (!t->storage) {
        obj_release(c, t);
        return NULL;
    }
    for (int i = 0; i < ndim; i++) t->sizes[i] = sizes[i];
    shape_contiguous_strides(ndim, t->sizes, t->strides);
    t->numel = (int64_t)(bytes / dtype_size(dtype));
    t->contiguous = true;
    return t;
}

Tensor *tensor_make(Ctx *c, DType dtype, int ndim, const int64_t *sizes) {
    return pool_add(c, tensor_new(c, dtype, ndim, sizes));
}

/* Bytes from the storage's beginning to the end of the last element; false when int64
 * does not hold them, or, for they are counted without a sign, a size is negative. What
 * is empty needs none, but must be as small but for its sizes below 1. */
static bool storage_need(DType dtype, int ndim, const int64_t *sizes,
                         const int64_t *strides, int64_t offset, int64_t *bytes) {
    const uint64_t longest = (uint64_t)1 << 56;
    uint64_t last = (uint64_t)offset + 1, step;
    bool empty = false;
    for (int i = 0; i < ndim; i++) empty |= sizes[i] == 0;
    for (int i = 0; i < ndim; i++) {
        uint64_t size = (uint64_t)(empty && sizes[i] < 1 ? 1 : sizes[i]);
        if ((uint64_t)strides[i] > longest ||
            __builtin_mul_overflow(size - 1, (uint64_t)strides[i], &step) ||
            __builtin_add_overflow(last, step, &last))
            return false;
    }
    bool counted = !__builtin_mul_overflow(last, dtype_size(dtype), bytes);
    if (empty) *bytes = 0;
    return counted;
}

static bool numel_check(Ctx *c, int ndim, const int64_t *sizes) {
    bool good = !shape_refused(ndim, sizes);
    if (!good) error_raise(c, RuntimeError, "numel: integer multiplication overflow");
    return good;
}

/* The extent an as_strided geometry needs must lie within the storage. */
static bool fits_storage(Ctx *c, const Tensor *t, int ndim, const int64_t *sizes,
                         const int64_t *strides, int64_t offset) {
    int64_t need = 0;
    if (!shape_ndim_check(c, ndim)) return false;
    bool counted = storage_need((DType)t->dtype, ndim, sizes, strides, offset, &need);
    if (counted && (uint64_t)need <= t->storage->nbytes)
        return numel_check(c, ndim, sizes);
    const char *a = dims_text(c, ndim, sizes), *b = dims_text(c, ndim, strides);
    if (counted)
        error_raise(c, RuntimeError,
                    "setStorage: sizes %s, strides %s, storage offset %" PRId64
                    ", and itemsize %zu requiring a storage size of %" PRId64
                    " are out of bounds for storage of size %zu",
                    a, b, offset, dtype_size((DType)t->dtype), need,
                    t->storage->nbytes);
    else
        error_raise(c, RuntimeError,
                    "Storage size calculation overflowed with sizes=%s and strides=%s",
                    a, b);
    return false;
}

Tensor *tensor_alias(Ctx *c, Tensor *t, int ndim, const int64_t *sizes,
                     const int64_t *strides, int64_t offset) {
    if (!fits_storage(c, t, ndim, sizes, strides, offset)) return NULL;
    Tensor *r = blank(c, (DType)t->dtype, ndim);
    if (!r) return NULL;
    r->storage = obj_retain(t->storage);
    r->offset = offset;
    r->inference = r->unversioned = t->inference;
    for (int i = 0; i < ndim; i++) {
        r->sizes[i] = sizes[i];
        r->strides[i] = strides[i];
    }
    r->numel = shape_numel(ndim, sizes);
    r->contiguous = shape_is_contiguous(ndim, sizes, strides);
    if (t->extra && t->extra->version) {
        TensorExtra *x = tensor_extra(c, r);
        if (!x) {
            obj_release(c, r);
            return NULL;
        }
        x->version = obj_retain(t->extra->version);
    }
    return pool_add(c, r);
}

Tensor *tensor_scalar(Ctx *c, DType dtype, Value v) {
    Tensor *t = tensor_make(c, dtype, 0, NULL);
    if (t) element_store(dtype, tensor_data(t), v);
    return t;
}

Tensor *tensor_wrap_number(Ctx *c, Value v) {
    DType d = v.tag == VAL_BOOL ? DT_bool : v.tag == VAL_INT ? DT_int64 : DT_float64;
    Tensor *t = tensor_scalar(c, d, v);
    if (t) t->wrapped_number = true;
    return t;
}

bool tensor_set_geometry(Ctx *c, Tensor *t, int ndim, const int64_t *sizes,
                         const int64_t *strides, int64_t offset) {
    int64_t own[2 * MAX_DIMS]; /* sizes and strides may be t's own */
    for (int i = 0; i < ndim; i++) own[i] = sizes[i];
    if (strides)
        for (int i = 0; i < ndim; i++) own[MAX_DIMS + i] = strides[i];
    else
        shape_contiguous_strides(ndim, own, own + MAX_DIMS);
    if (!fits_storage(c, t, ndim, own, own + MAX_DIMS, offset)) return false;
    if (ndim != t->ndim) {
        int64_t *block = t->inline_dims;
        if (ndim > INLINE_DIMS) {
            block = ctx_alloc(c, 2 * (size_t)ndim * sizeof *block);
            if (!block) return false;
        }
        free_dims(c, t);
        t->sizes = block;
        t->strides = block + (ndim > INLINE_DIMS ? ndim : INLINE_DIMS);
        t->ndim = (uint8_t)ndim;
    }
    for (int i = 0; i < ndim; i++) {
        t->sizes[i] = own[i];
        t->strides[i] = own[MAX_DIMS + i];
    }
    t->offset = offset;
    t->numel = shape_numel(ndim, t->sizes);
    t->contiguous = shape_is_contiguous(ndim, t->sizes, t->strides);
    return true;
}

bool tensor_resize(Ctx *c, Tensor *t, int ndim, const int64_t *sizes) {
    size_t bytes;
    for (int i = 0; i < ndim; i++)
        if (sizes[i] < 0)
            return error_raise(c, RuntimeError,
                               "numel: integer multiplication overflow");
    if (!count_bytes(c, (DType)t->dtype, ndim, sizes, &bytes)) return false;
    bytes += (size_t)t->offset * dtype_size((DType)t->dtype);
    Storage *s = t->storage;
    if (bytes > s->nbytes) {
        char *data = ctx_alloc(c, bytes);
        if (!data) return false;
        memcpy(data, s->data, s->nbytes);
        /* What is neither true nor false must not be read. */
        if (t->dtype == DT_bool) memset(data + s->nbytes, 0, bytes - s->nbytes);
        if (!s->inline_bytes) ctx_free(c, s->data, s->nbytes);
        s->data = data;
        s->nbytes = bytes;
    }
    return tensor_set_geometry(c, t, ndim, sizes, NULL, t->offset);
}

bool tensor_set_data(Ctx *c, Tensor *t, Tensor *src) {
    if (!tensor_own_version(c, t, tensor_version(t))) return false;
    Storage *old = t->storage;
    int8_t old_dtype = t->dtype;
    t->storage = obj_retain(src->storage);
    t->dtype = src->dtype;
    if (!tensor_set_geometry(c, t, src->ndim, src->sizes, src->strides, src->offset)) {
        obj_release(c, t->storage);
        t->storage = old;
        t->dtype = old_dtype;
        return false;
    }
    obj_release(c, old);
    return true;
}

/* ---- looking ---- */

Shape tensor_shape(const Tensor *t) {
    Shape s;
    shape_set(&s, t->ndim, t->sizes);
    return s;
}

uint32_t tensor_version(const Tensor *t) {
    return t->extra && t->extra->version ? t->extra->version->version
                                         : t->storage->version;
}

void tensor_bump_version(Tensor *t) {
    if (t->extra && t->extra->version)
        t->extra->version->version++;
    else
        t->storage->version++;
}

bool tensor_own_version(Ctx *c, Tensor *t, uint32_t version) {
    TensorExtra *x = tensor_extra(c, t);
    if (!x) return false;
    VersionCounter *own = obj_new(c, &version_type, sizeof *own);
    if (!own) return false;
    own->version = version;
    obj_release(c, x->version);
    x->version = own;
    t->unversioned = false;
    return true;
}

bool tensor_same_sizes(const Tensor *a, const Tensor *b) {
    return shape_equal(a->ndim, a->sizes, b->ndim, b->sizes);
}

bool tensor_is_dense(const Tensor *t) {
    if (t->contiguous) return true;
    int64_t extent = 1;
    for (int i = 0; i < t->ndim; i++) extent += (t->sizes[i] - 1) * t->strides[i];
    return extent == t->numel && !shape_overlaps(t->ndim, t->sizes, t->strides);
}

const char *tensor_type_text(const Tensor *t) {
    static const char *const texts[DTYPE_COUNT] = {
#define X(id, ctype, scalar, cpp, category) "torch." #scalar "Tensor",
        DTYPES(X)
#undef X
    };
    return texts[t->dtype];
}

const char *tensor_cpp_type(const Tensor *t) {
    if (t->dtype == DT_bool) return "CPUBoolType";
    return t->dtype == DT_bfloat16 ? "CPUBFloat16Type" : tensor_type_text(t);
}

Value element_load(DType d, const void *p) {
    switch (d) {
    case DT_uint8: return value_int(*(const uint8_t *)p);
    case DT_int8: return value_int(*(const int8_t *)p);
    case DT_int16: return value_int(*(const int16_t *)p);
    case DT_int32: return value_int(*(const int32_t *)p);
    case DT_int64: return value_int(*(const int64_t *)p);
    case DT_float16: return value_float((double)half_to_float(*(const Half *)p));
    case DT_bfloat16:
        return value_float((double)bfloat16_to_float(*(const BFloat16 *)p));
    case DT_float32: return value_float((double)*(const float *)p);
    case DT_float64: return value_float(*(const double *)p);
    case DT_bool: return value_bool(*(const bool *)p);
    case DTYPE_COUNT:
    case DT_none: break;
    }
    return value_null();
}

bool element_fits(DType d, Value v) {
    static const struct {
        double low, high;
    } ranges[DTYPE_COUNT] = {
        [DT_uint8] = {0, 255},
        [DT_int8] = {-128, 127},
        [DT_int16] = {-32768, 32767},
        [DT_int32] = {-2147483648.0, 2147483647},
        [DT_int64] = {-0x1p63, 0x1p63},
        [DT_float16] = {-65504, 65504},
        [DT_bfloat16] = {-0x1.fep127, 0x1.fep127},
        [DT_float32] = {-0x1.fffffep127, 0x1.fffffep127},
    };
    if (v.tag != VAL_INT && v.tag != VAL_FLOAT) return true;
    if (d == DT_bool || d == DT_float64) return true;
    double f = v.tag == VAL_FLOAT ? v.as.f : (double)v.as.i;
    if (dtype_is_floating(d) && !isfinite(f)) return true;
    /* An unsigned byte takes what wraps around from -255 on, of ints. */
    bool wraps = d == DT_uint8 && v.tag == VAL_INT;
    double low = wraps ? -255 : ranges[d].low;
    return f >= low && f <= ranges[d].high;
}

bool scalar_fits(Ctx *c, Value v, DType d) {
    if (element_fits(d, v)) return true;
    error_raise(c, RuntimeError,
                "value cannot be converted to type %s without overflow",
                dtype_cpp_name(d));
    return false;
}

/* As x86-64 converts: values that int64 cannot hold give its minimum. */
static int64_t double_to_int64(double f) {
    if (!(f >= -0x1p63 && f < 0x1p63)) return INT64_MIN;
    return (int64_t)f;
}

void element_store(DType d, void *p, Value v) {
    bool is_float = v.tag == VAL_FLOAT;
    double f = is_float ? v.as.f : v.tag == VAL_BOOL ? (double)v.as.b : (double)v.as.i;
    int64_t i = is_float ? double_to_int64(f) : v.tag == VAL_BOOL ? v.as.b : v.as.i;
    switch (d) {
    case DT_uint8: *(uint8_t *)p = (uint8_t)i; break;
    case DT_int8: *(int8_t *)p = (int8_t)i; break;
    case DT_int16: *(int16_t *)p = (int16_t)i; break;
    case DT_int32: *(int32_t *)p = (int32_t)i; break;
    case DT_int64: *(int64_t *)p = i; break;
    case DT_float16: *(Half *)p = half_from_double(f); break;
    case DT_bfloat16: *(BFloat16 *)p = bfloat16_from_float((float)f); break;
    case DT_float32: *(float *)p = (float)f; break;
    case DT_float64: *(double *)p = f; break;
    case DT_bool: *(bool *)p = is_float ? f != 0 : i != 0; break;
    case DTYPE_COUNT:
    case DT_none: break;
    }
}

Value tensor_item(Ctx *c, const Tensor *t) {
    if (t->numel != 1)
        return value_raise(c, ValueError,
                           "only one element tensors can be converted to Python "
                           "scalars");
    return element_load((DType)t->dtype, tensor_data(t));
}

void *tensor_at(const Tensor *t, const int64_t *index) {
    int64_t at = t->offset;
    for (int i = 0; i < t->ndim; i++) at += index[i] * t->strides[i];
    return t->storage->data + at * (int64_t)dtype_size((DType)t->dtype);
}

/* ---- keeping ---- */

TensorExtra *tensor_extra(Ctx *c, Tensor *t) {
    if (!t->extra) t->extra = ctx_alloc_zero(c, sizeof *t->extra);
    return t->extra;
}

TensorRef *tensor_weak(Ctx *c, Tensor *t) {
    TensorExtra *x = tensor_extra(c, t);
    if (!x) return NULL;
    if (!x->weak) x->weak = obj_new(c, &ref_type, sizeof *x->weak);
    if (x->weak) x->weak->t = t;
    return x->weak;
}

void tensor_set_grad(Ctx *c, Tensor *t, Tensor *grad) {
    if (!grad && !t->extra) return;
    TensorExtra *x = tensor_extra(c, t);
    if (!x) return;
    Tensor *old = x->grad;
    x->grad = obj_retain(grad);
    obj_release(c, old);
}

void tensor_set_history(Ctx *c, Tensor *t, struct Node *node, uint32_t nr) {
    struct Node *old = t->grad_fn;
    t->grad_fn = obj_retain(node);
    t->output_nr = nr;
    obj_release(c, old);
}
