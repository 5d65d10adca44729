/* See pointwise.h.  Rules and texts are those of PyTorch's TensorIterator (1.13).
 *
 * Two ways lead to the kernel.  Operands that are contiguous, of one shape and of the
 * right dtype, with 0-d operands among them, need one call of it and no iterator; this
 * is what small cells do all day.  Everything else is prepared operand by operand. */
#include "pointwise.h"

#include "kernel/copy.h"
#include "kernel/cpu.h"

_Static_assert((int)ITER_DIMS == (int)MAX_DIMS, "an iterator holds every shape");

/* ---- dtypes ---- */

typedef struct DTypes {
    DType dims, zero, wrapped; /* of operands with dimensions, 0-d ones, numbers */
} DTypes;

static DType promote_or(DType a, DType b) {
    if (a == DT_none) return b;
    return b == DT_none ? a : dtype_promote(a, b);
}

/* The lower rank counts only when its category is higher. */
static DType combine_ranks(DType higher, DType lower) {
    if (higher == DT_none || lower == DT_none) return promote_or(higher, lower);
    return dtype_category(lower) > dtype_category(higher) ? dtype_promote(higher, lower)
                                                          : higher;
}

DType result_type(const Ctx *c, int n, Tensor *const *in) {
    DTypes seen = {DT_none, DT_none, DT_none};
    for (int i = 0; i < n; i++) {
        DType d = (DType)in[i]->dtype;
        if (in[i]->wrapped_number) {
            if (dtype_is_floating(d)) d = c->default_dtype;
            seen.wrapped = promote_or(seen.wrapped, d);
        } else if (in[i]->ndim == 0) {
            seen.zero = promote_or(seen.zero, d);
        } else {
            seen.dims = promote_or(seen.dims, d);
        }
    }
    return combine_ranks(seen.dims, combine_ranks(seen.zero, seen.wrapped));
}

DType result_type_float(const Ctx *c, int n, Tensor *const *in) {
    DType d = result_type(c, n, in);
    return dtype_is_floating(d) ? d : c->default_dtype;
}

bool dtype_refused(Ctx *c, const char *name, unsigned refused, DType d) {
    if (!(refused >> d & 1)) return false;
    error_raise(c, RuntimeError, "\"%s\" not implemented for '%s'", name,
                dtype_scalar_name(d));
    return true;
}

static bool alpha_check(Ctx *c, DType d, Value alpha) {
    if (alpha.tag == VAL_BOOL && d != DT_bool)
        error_raise(c, RuntimeError,
                    "Boolean alpha only supported for Boolean results.");
    else if (!dtype_is_floating(d) && alpha.tag == VAL_FLOAT)
        error_raise(c, RuntimeError,
                    "For integral input tensors, argument alpha must not be a floating "
                    "point number.");
    else
        return scalar_fits(c, alpha, d);
    return false;
}

static bool can_run(Ctx *c, const Call *k, const Pointwise *p) {
    if (!value_is_null(p->alpha) && !alpha_check(c, p->compute, p->alpha)) return false;
    if (dtype_refused(c, p->name, p->refused, p->compute)) return false;
    for (int i = 0; p->scalars >> i; i++)
        if (p->scalars >> i & 1 && !scalar_fits(c, call_scalar(k, i), p->held))
            return false;
    return true;
}

static DType operand_dtype(const Pointwise *p, int i) {
    return i == 0 && p->first_is_raw ? (DType)p->in[0]->dtype : p->compute;
}

/* ---- operands that share memory with the target ---- */

typedef enum Overlap { OVERLAP_NONE, OVERLAP_SAME, OVERLAP_PART, OVERLAP_HARD } Overlap;

static Overlap overlap_of(const Tensor *target, const Tensor *t) {
    if (target->storage != t->storage) return OVERLAP_NONE;
    if (!target->numel || !t->numel) return OVERLAP_NONE;
    if (!tensor_is_dense(target) || !tensor_is_dense(t)) {
        bool same = target->offset == t->offset && target->dtype == t->dtype &&
                    tensor_same_sizes(target, t) &&
                    shape_equal(target->ndim, target->strides, t->ndim, t->strides);
        return same ? OVERLAP_SAME : OVERLAP_HARD;
    }
    const char *a = tensor_data(target), *b = tensor_data(t);
    const char *a_end = a + target->numel * (int64_t)dtype_size((DType)target->dtype);
    const char *b_end = b + t->numel * (int64_t)dtype_size((DType)t->dtype);
    if (a == b && a_end == b_end)
        return shape_equal(target->ndim, target->strides, t->ndim, t->strides)
                   ? OVERLAP_SAME
                   : OVERLAP_PART;
    return a < b_end && b < a_end ? OVERLAP_PART : OVERLAP_NONE;
}

static bool overlap_fails(Ctx *c) {
    error_raise(c, RuntimeError,
                "unsupported operation: some elements of the input tensor and the "
                "written-to tensor refer to a single memory location. Please clone() "
                "the tensor before performing the operation.");
    return false;
}

bool self_overlap_check(Ctx *c, const Tensor *t) {
    if (!shape_overlaps(t->ndim, t->sizes, t->strides)) return true;
    error_raise(c, RuntimeError,
                "unsupported operation: more than one element of the written-to tensor "
                "refers to a single memory location. Please clone() the tensor before "
                "performing the operation.");
    return false;
}

bool tensors_whole(Ctx *c, const Tensor *target, const Tensor *t) {
    return overlap_of(target, t) != OVERLAP_PART || overlap_fails(c);
}

bool call_apart(Ctx *c, const Call *k, const Tensor *t) {
    if (k->form == CALL_NEW || !k->target[0]) return true;
    Overlap o = overlap_of(k->target[0], t);
    return (o != OVERLAP_PART && o != OVERLAP_SAME) || overlap_fails(c);
}

/* Raises when elements of the target share memory, or an operand overlaps it in part.
 */
static bool overlap_check(Ctx *c, const Call *k, const Pointwise *p) {
    if (k->form == CALL_NEW || !k->target[0]) return true;
    bool any = k->op->def->traits & OP_EXPANDED_TARGET;
    if (!any && !self_overlap_check(c, k->target[0])) return false;
    for (int i = 0; i < p->n; i++)
        if (!tensors_whole(c, k->target[0], p->in[i])) return false;
    return true;
}

/* ---- the short way ---- */

/* Whether a result beside 0-d operands is contiguous, too: TensorIterator looks at the
 * strides, and dimensions of size 0 or 1 may have any. */
static bool has_usual_strides(const Tensor *t) {
    int64_t next = 1;
    for (int i = t->ndim - 1; t->ndim > 1 && i >= 0; i--) {
        if (t->strides[i] != next || t->sizes[i] == 0) return false;
        next *= t->sizes[i];
    }
    return true;
}

/* The operand whose shape and order all others share (0-d ones apart), or NULL. */
static const Tensor *linear_shape(const Call *k, const Pointwise *p) {
    const Tensor *big = p->in[0];
    bool mixed = false;
    for (int i = 1; i < p->n; i++)
        if (p->in[i]->ndim > big->ndim) big = p->in[i];
    for (int i = 0; i < p->n; i++) {
        const Tensor *t = p->in[i];
        if (k->form != CALL_NEW && i > 0 && t->storage == p->in[0]->storage)
            return NULL;
        mixed = mixed || t->ndim != big->ndim;
        if (t->ndim == 0) continue;
        if (!t->contiguous || (DType)t->dtype != operand_dtype(p, i)) return NULL;
        if (t != big && !tensor_same_sizes(t, big)) return NULL;
    }
    return mixed && !has_usual_strides(big) ? NULL : big;
}

static void run_linear(const Pointwise *p, Tensor *r) {
    _Alignas(8) char number[POINTWISE_OPERANDS][8];
    Iter it;
    char **data = it.data;
    int64_t *strides = it.strides[0];
    it.n_operands = p->n + 1;
    it.ndim = 1;
    it.sizes[0] = r->numel;
    data[0] = tensor_data(r);
    strides[0] = (int64_t)dtype_size(p->result);
    for (int i = 0; i < p->n; i++) {
        const Tensor *t = p->in[i];
        DType d = operand_dtype(p, i);
        data[i + 1] = tensor_data(t);
        strides[i + 1] = t->ndim ? (int64_t)dtype_size(d) : 0;
        if ((DType)t->dtype == d) continue;
        cast_element(d, number[i], (DType)t->dtype, data[i + 1]);
        data[i + 1] = number[i];
    }
    if (r->numel < PARALLEL_FROM)
        p->kernel(p->compute, data, strides, r->numel, p->arg);
    else
        iter_run_parallel(&it, p->kernel, p->compute, p->arg);
}

/* ---- the long way ---- */

static bool broadcast_all(Ctx *c, const Pointwise *p, Shape *shape) {
    shape_set(shape, p->in[0]->ndim, p->in[0]->sizes);
    for (int i = 1; i < p->n; i++) {
        Shape s = tensor_shape(p->in[i]);
        if (!shape_broadcast(c, shape, &s, shape)) return false;
    }
    return true;
}

/* Stride of operand t along dimension dim of the broadcast shape. */
static int64_t stride_along(const Tensor *t, const Shape *shape, int dim) {
    int at = dim - (shape->ndim - t->ndim);
    if (at < 0 || (t->sizes[at] == 1 && shape->dims[dim] != 1)) return 0;
    return t->strides[at] * (int64_t)dtype_size((DType)t->dtype);
}

/* Whether dimension a lies inside dimension b (-1), outside (1), or either (0). */
static int compare_dims(const Pointwise *p, const Shape *shape, int a, int b) {
    for (int i = 0; i < p->n; i++) {
        int64_t sa = stride_along(p->in[i], shape, a);
        int64_t sb = stride_along(p->in[i], shape, b);
        if (sa == 0 || sb == 0) continue;
        if (sa != sb) return sa < sb ? -1 : 1;
        if (shape->dims[a] > shape->dims[b]) return 1;
    }
    return 0;
}

/* The strides of a new result: dimensions ordered as in the operands. The insertion
 * sort with its undecided comparisons is TensorIterator's reorder_dimensions. False
 * where the order is the usual one, in which the result is contiguous. */
static bool result_strides(const Pointwise *p, const Shape *shape, int64_t *strides) {
    int order[MAX_DIMS], n = shape->ndim;
    for (int i = 0; i < n; i++) order[i] = n - 1 - i;
    for (int i = 1; i < n; i++) {
        int at = i;
        for (int j = i - 1; j >= 0; j--) {
            int side = compare_dims(p, shape, order[j], order[at]);
            if (side < 0) break;
            if (side == 0) continue;
            int swap = order[j];
            order[j] = order[at];
            order[at] = swap;
            at = j;
        }
    }
    int64_t next = 1;
    for (int i = 0; i < n; i++) {
        strides[order[i]] = next;
        next *= shape->dims[order[i]];
    }
    bool usual = true;
    for (int i = 0; i < n; i++) usual = usual && order[i] == n - 1 - i;
    return !usual;
}

/* All operands have the shape and strides of the first and no gaps. */
static bool all_alike(const Pointwise *p) {
    const Tensor *a = p->in[0];
    if (!tensor_is_dense(a)) return false;
    for (int i = 1; i < p->n; i++) {
        const Tensor *t = p->in[i];
        if (!tensor_same_sizes(a, t) ||
            !shape_equal(a->ndim, a->strides, t->ndim, t->strides))
            return false;
    }
    return true;
}

static bool all_contiguous(const Pointwise *p) {
    for (int i = 0; i < p->n; i++)
        if (!p->in[i]->contiguous || !tensor_same_sizes(p->in[0], p->in[i]))
            return false;
    return true;
}

/* Gives the new result r the memory order of the operands. */
static bool keep_order(Ctx *c, const Pointwise *p, const Shape *shape, Tensor *r) {
    int64_t strides[MAX_DIMS];
    Pointwise first = *p;
    first.n = 1;
    if (p->is_unary) p = &first;
    if (shape->ndim < 2 || p->is_contiguous || all_contiguous(p)) return true;
    if (all_alike(p))
        return tensor_set_geometry(c, r, r->ndim, r->sizes, p->in[0]->strides,
                                   r->offset);
    if (!result_strides(p, shape, strides)) return true;
    return tensor_set_geometry(c, r, r->ndim, r->sizes, strides, r->offset);
}

/* t as the kernel can read it: t itself, or a converted copy that the caller owns. */
static Tensor *prepared(Ctx *c, const Call *k, const Tensor *r, Tensor *t, DType d) {
    bool shared = k->form != CALL_NEW && overlap_of(r, t) == OVERLAP_HARD;
    if ((DType)t->dtype == d && !shared) return obj_retain(t);
    Tensor *copy = tensor_new(c, d, t->ndim, t->sizes);
    if (copy) tensor_copy(copy, t);
    return copy;
}

static bool run_general(Ctx *c, const Call *k, const Pointwise *p, Tensor *r) {
    Iter it;
    Tensor *in[POINTWISE_OPERANDS] = {NULL};
    bool ready = true;
    iter_begin(&it, r->ndim, r->sizes);
    iter_add(&it, tensor_data(r), p->result, r->ndim, r->sizes, r->strides);
    for (int i = 0; i < p->n && ready; i++) {
        DType d = operand_dtype(p, i);
        in[i] = prepared(c, k, r, p->in[i], d);
        ready = in[i];
        if (ready)
            iter_add(&it, tensor_data(in[i]), d, in[i]->ndim, in[i]->sizes,
                     in[i]->strides);
    }
    if (ready) iter_run_parallel(&it, p->kernel, p->compute, p->arg);
    for (int i = 0; i < p->n; i++) obj_release(c, in[i]);
    return ready;
}

/* Whether PyTorch computes into a tensor of its own that is copied to out=. */
static bool is_buffered(const Call *k, const Pointwise *p) {
    if (k->form != CALL_OUT || k->op->def->traits & OP_UNSTRUCTURED) return false;
    DType d = (DType)k->target[0]->dtype;
    return d != p->compute && !(d == DT_bool && p->result == DT_bool);
}

static bool has_shape(const Tensor *t, const Shape *s) {
    return shape_equal(t->ndim, t->sizes, s->ndim, s->dims);
}

/* False after raising: out= that is an operand, too, keeps its shape. */
static bool may_resize(Ctx *c, const Pointwise *p, const Tensor *t, const Shape *to) {
    for (int i = 0; i < p->n; i++) {
        if (p->in[i] != t) continue;
        raise_output_shape(c, t->ndim, t->sizes, to->ndim, to->dims);
        return false;
    }
    return true;
}

static Tensor *pointwise_general(Ctx *c, Call *k, const Pointwise *p) {
    Shape shape;
    if (!overlap_check(c, k, p) || !broadcast_all(c, p, &shape)) return NULL;
    bool resized = k->form == CALL_OUT && !has_shape(k->target[0], &shape);
    if (resized && !may_resize(c, p, k->target[0], &shape)) return NULL;
    Tensor *r = call_result(c, k, 0, p->result, shape.ndim, shape.dims);
    if (!r) return NULL;
    if (!can_run(c, k, p)) return NULL;
    if (k->form == CALL_NEW && !keep_order(c, p, &shape, r)) return NULL;
    if (resized && !keep_order(c, p, &shape, k->target[0])) return NULL;
    return run_general(c, k, p, r) ? r : NULL;
}

/* Strides of dimensions of size 1 can only be seen. */
static void keep_strides(const Pointwise *p, Tensor *r) {
    const Tensor *a = p->in[0];
    for (int i = 0; i < r->ndim && tensor_is_dense(a); i++)
        if (r->sizes[i] == 1 || r->numel == 0) r->strides[i] = a->strides[i];
}

static Tensor *pointwise_run(Ctx *c, Call *k, const Pointwise *p) {
    const Tensor *shape = linear_shape(k, p);
    if (!shape) return pointwise_general(c, k, p);
    Tensor *r = call_result(c, k, 0, p->result, shape->ndim, shape->sizes);
    if (!r || !can_run(c, k, p)) return NULL;
    if (!r->contiguous) return run_general(c, k, p, r) ? r : NULL;
    run_linear(p, r);
    return r;
}

Tensor *pointwise(Ctx *c, Call *k, const Pointwise *p) {
    if (ctx_failed(c)) return NULL;
    k->buffered = is_buffered(k, p);
    Tensor *r = pointwise_run(c, k, p);
    if (r && p->keeps_strides && k->form == CALL_NEW) keep_strides(p, r);
    return r;
}

/* ---- for forwards ---- */

Pointwise pointwise_args(const Ctx *c, const Call *k, int n, Kernel kernel) {
    Pointwise p;
    p.kernel = kernel;
    p.arg = NULL;
    p.name = NULL;
    p.refused = p.scalars = 0;
    p.alpha = value_null();
    p.first_is_raw = false;
    p.is_unary = p.is_contiguous = p.keeps_strides = false;
    p.n = n;
    for (int i = 0; i < n; i++) p.in[i] = call_tensor(k, i);
    bool same = n > 0 && !p.in[0]->wrapped_number;
    for (int i = 1; i < n; i++)
        same = same && p.in[i]->dtype == p.in[0]->dtype && !p.in[i]->wrapped_number;
    p.compute = p.result = same ? (DType)p.in[0]->dtype : result_type(c, n, p.in);
    return p;
}

bool pointwise_shape(Ctx *c, const Pointwise *p, Shape *shape) {
    return broadcast_all(c, p, shape);
}

KernelNumbers pointwise_number(DType d, Value v) {
    _Alignas(8) char element[8];
    element_store(d, element, v);
    Value r = element_load(d, element);
    if (r.tag == VAL_FLOAT) return (KernelNumbers){.f = {r.as.f}};
    int64_t i = r.tag == VAL_BOOL ? r.as.b : r.as.i;
    return (KernelNumbers){.f = {(double)i}, .i = {i}};
}

const VecMath *math_of(Ctx *c) {
    if (c->vecmath) return c->vecmath;
    VecMath *v = ctx_alloc(c, sizeof *v);
    if (!v || vecmath_open(v)) return c->vecmath = v;
    ctx_free(c, v, sizeof *v);
    return error_raise(c, RuntimeError, "%s",
                       cpu_has_fma()
                           ? "libsleef.so.3, which has the functions of mathematics, "
                             "is missing or too old (Debian: apt-get install libsleef3)"
                           : "the functions of mathematics need a processor with "
                             "fused multiply-add");
}

void math_close(Ctx *c) {
    if (!c->vecmath) return;
    vecmath_close(c->vecmath);
    ctx_free(c, c->vecmath, sizeof *c->vecmath);
    c->vecmath = NULL;
}

/* ---- forwards in one call ---- */

/* Whether b is one element that the result's dtype does not hang on. */
static bool is_number_beside(const Tensor *a, const Tensor *b) {
    return b->ndim == 0 && (a->ndim > 0 || b->wrapped_number) &&
           dtype_category((DType)b->dtype) <= dtype_category((DType)a->dtype);
}

/* Contiguous tensors of one dtype and shape, or one and a number. */
static bool are_plain(const Tensor *a, const Tensor *b) {
    if (!a->contiguous || a->wrapped_number) return false;
    if (is_number_beside(a, b)) return has_usual_strides(a);
    if (!b->contiguous || b->wrapped_number || a->dtype != b->dtype ||
        a->ndim != b->ndim)
        return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->sizes[i] != b->sizes[i]) return false;
    return true;
}

/* The whole work for a new result of one or two plain operands, too small for threads:
 * this is what small cells do all day. */
static Value run_plain(Ctx *c, Call *k, const PointwiseKernel *f, Tensor *a, Tensor *b,
                       DType result) {
    DType d = (DType)a->dtype;
    Tensor *r = call_result(c, k, 0, result, a->ndim, a->sizes);
    if (!r || (f->refused && dtype_refused(c, f->name, f->refused, d)))
        return value_null();
    int64_t size = (int64_t)dtype_size(d);
    _Alignas(8) char number[8];
    char *data[3] = {tensor_data(r), tensor_data(a), tensor_data(b)};
    const int64_t strides[3] = {(int64_t)dtype_size(result), size, b->ndim ? size : 0};
    if (b->dtype != a->dtype) {
        cast_element(d, number, (DType)b->dtype, data[2]);
        data[2] = number;
    }
    f->kernel(d, data, strides, r->numel, f->arg);
    return value_obj(r);
}

bool pointwise_add_to(Tensor *a, Tensor *b) {
    if (a->dtype != b->dtype || a->ndim != b->ndim || !are_plain(a, b)) return false;
    DType d = (DType)a->dtype;
    run_linear(
        &(Pointwise){
            .kernel = kernel_add, .in = {a, b}, .n = 2, .compute = d, .result = d},
        a);
    return true;
}

static Value run_named(Ctx *c, Call *k, const PointwiseKernel *f, Pointwise *p) {
    p->name = f->name;
    p->refused = f->refused;
    p->arg = f->arg;
    return value_obj(pointwise(c, k, p));
}

/* Operands 0 ... n - 1; the result of a test is bool. */
static Value run(Ctx *c, Call *k, const PointwiseKernel *f, int n, bool test) {
    Tensor *a = call_tensor(k, 0), *b = n > 1 ? call_tensor(k, 1) : a;
    if (k->form == CALL_NEW && a->numel < PARALLEL_FROM && are_plain(a, b))
        return run_plain(c, k, f, a, b, test ? DT_bool : (DType)a->dtype);
    Pointwise p = pointwise_args(c, k, n, f->kernel);
    if (test) p.result = DT_bool;
    return run_named(c, k, f, &p);
}

Value pointwise_unary(Ctx *c, Call *k, const PointwiseKernel *f) {
    return run(c, k, f, 1, false);
}

Value pointwise_float(Ctx *c, Call *k, const PointwiseKernel *f) {
    if (dtype_is_floating((DType)call_tensor(k, 0)->dtype))
        return run(c, k, f, 1, false);
    Pointwise p = pointwise_args(c, k, 1, f->kernel);
    p.compute = p.result = c->default_dtype;
    return run_named(c, k, f, &p);
}

Value pointwise_math(Ctx *c, Call *k, const MathFunction *f, const char *name) {
    return pointwise_float(c, k,
                           &(const PointwiseKernel){kernel_map1, name, DTYPES_HALF, f});
}

Value pointwise_binary(Ctx *c, Call *k, const PointwiseKernel *f) {
    return run(c, k, f, 2, false);
}

Value pointwise_test1(Ctx *c, Call *k, const PointwiseKernel *f) {
    return run(c, k, f, 1, true);
}

Value pointwise_test2(Ctx *c, Call *k, const PointwiseKernel *f) {
    return run(c, k, f, 2, true);
}
