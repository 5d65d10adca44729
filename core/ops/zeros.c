/* See zeros.h. */
#include "zeros.h"

#include "ops.h"

#include <math.h>

Tensor *zeros_make(Ctx *c, DType dtype, int ndim, const int64_t *sizes) {
    Tensor *t = t_zeros(c, ndim, sizes, dtype);
    if (t) t->storage->zeros = true;
    return t;
}

Value zeros_product(Ctx *c, const Pointwise *p) {
    Shape s;
    if (!pointwise_shape(c, p, &s)) return value_null();
    return value_obj(zeros_make(c, p->result, s.ndim, s.dims));
}

/* 0 / 0 is nan everywhere, what is divided by 0 infinite, whatever its sign. */
Value zeros_quotient(Ctx *c, const Pointwise *p) {
    Shape s;
    if (!zeros_is(p->in[1])) return zeros_product(c, p);
    if (!pointwise_shape(c, p, &s)) return value_null();
    double number = zeros_is(p->in[0]) ? (double)NAN : (double)INFINITY;
    Tensor *t = t_zeros(c, s.ndim, s.dims, p->result);
    return value_obj(t_fill_(c, t, tensor_scalar(c, p->result, value_float(number))));
}

Value zeros_sum(Ctx *c, const Pointwise *p, Value alpha) {
    Shape s;
    bool first = zeros_is(p->in[0]);
    if (first && zeros_is(p->in[1])) return zeros_product(c, p);
    if (!pointwise_shape(c, p, &s)) return value_null();
    Tensor *t = t_expand(c, p->in[first ? 1 : 0], s.ndim, s.dims);
    t = t_clone(c, t_to_dtype(c, t, p->result));
    return value_obj(first ? t_maybe_multiply(c, t, alpha) : t);
}
