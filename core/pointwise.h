/* pointwise: what nearly every elementwise operator's forward calls.
 *
 * Broadcasts the operands, promotes their dtypes, gets the result from call_result and
 * runs a kernel (kernel/pointwise.h) over everything.  Operands of another dtype than
 * the kernel computes in are converted first; 0-d ones on the stack.  A new result
 * takes over the memory order of its operands, as PyTorch's does: transposed +
 * transposed is transposed.
 *
 * Operands a, b, c: [...] each, broadcast together -> [...].
 */
#ifndef CORE_POINTWISE_H
#define CORE_POINTWISE_H

#include "iter.h"
#include "kernel/pointwise.h"
#include "kernel/vecmath.h"
#include "op.h"

enum { POINTWISE_OPERANDS = ITER_OPERANDS - 1 };

/* Sets of dtypes. */
enum {
    DTYPES_BOOL = 1 << DT_bool,
    DTYPES_INTEGER =
        1 << DT_uint8 | 1 << DT_int8 | 1 << DT_int16 | 1 << DT_int32 | 1 << DT_int64,
    DTYPES_HALF = 1 << DT_float16,
    DTYPES_BFLOAT16 = 1 << DT_bfloat16,
    DTYPES_FLOATING =
        1 << DT_float16 | 1 << DT_bfloat16 | 1 << DT_float32 | 1 << DT_float64,
    DTYPES_INTEGRAL = DTYPES_INTEGER | DTYPES_BOOL,
};

typedef struct Pointwise {
    Kernel kernel;
    const void *arg;  /* for the kernel */
    DType compute;    /* what operands are converted to */
    DType result;     /* what the kernel writes: compute, or bool for tests */
    const char *name; /* PyTorch's name of its kernel, for messages */
    unsigned refused; /* set of compute dtypes: "\"abs_cpu\" not implemented for ..." */
    unsigned scalars; /* set of arguments: numbers that `held` must have room for */
    DType held;
    Value alpha;        /* VAL_NULL, or a factor that must be a number of the dtype */
    bool first_is_raw;  /* operand a keeps its dtype (the condition of where) */
    bool is_unary;      /* the memory order of a new result is that of operand a */
    bool is_contiguous; /* a new result is contiguous, whatever the operands are */
    bool keeps_strides; /* a new result has operand a's strides where its size is 1 */
    int n;
    Tensor *in[POINTWISE_OPERANDS];
} Pointwise;

/* Result 0 of the call k; NULL after raising. Errors, in this order: an operand that
 * overlaps the target in part, shapes that do not broadcast, those of call_result, a
 * "For integral input tensors, argument alpha must not be a floating
 * point number.", a refused dtype, a number without room. */
Tensor *pointwise(Ctx *c, Call *k, const Pointwise *p);

/* torch.result_type of n tensors: operands with dimensions decide, then 0-d tensors,
 * then Python numbers, each only when its category is higher. */
DType result_type(const Ctx *c, int n, Tensor *const *in);
/* The same for division and functions like exp: integers and bool become the default
 * dtype. */
DType result_type_float(const Ctx *c, int n, Tensor *const *in);

/* The first n tensor arguments of k as operands, promoted; the result is of the same
 * dtype. */
Pointwise pointwise_args(const Ctx *c, const Call *k, int n, Kernel kernel);
/* The shape that operands broadcast to; false after raising. */
bool pointwise_shape(Ctx *c, const Pointwise *p, Shape *shape);
/* v as a kernel takes it that computes in d. */
KernelNumbers pointwise_number(DType d, Value v);
/* The functions of mathematics, opened at first use; NULL when memory is short. */
const VecMath *math_of(Ctx *c);
void math_close(Ctx *c);

/* Forwards in one call: the tensor arguments from 0 on are the operands. `refused`: see
 * Pointwise; name may be NULL when it is 0. */
typedef struct PointwiseKernel {
    Kernel kernel;
    const char *name;
    unsigned refused;
    const void *arg;
} PointwiseKernel;
Value pointwise_unary(Ctx *c, Call *k,
                      const PointwiseKernel *f); /* x -> its own dtype */
Value pointwise_float(Ctx *c, Call *k, const PointwiseKernel *f); /* x -> float dtype */
/* The same by a function of mathematics, which PyTorch has not for float16. */
Value pointwise_math(Ctx *c, Call *k, const MathFunction *f, const char *name);
Value pointwise_binary(Ctx *c, Call *k,
                       const PointwiseKernel *f);                 /* x, y -> promoted */
Value pointwise_test1(Ctx *c, Call *k, const PointwiseKernel *f); /* x -> bool */
Value pointwise_test2(Ctx *c, Call *k, const PointwiseKernel *f); /* x, y -> bool */

/* a += b where both are contiguous, of one shape and dtype; false, and nothing happens,
 * where they are not. */
bool pointwise_add_to(Tensor *a, Tensor *b);

/* False after raising when elements of t, which is to be written, share memory. */
bool self_overlap_check(Ctx *c, const Tensor *t);
/* False after raising when t and target share a part of their memory, not all of it. */
bool tensors_whole(Ctx *c, const Tensor *target, const Tensor *t);
/* False after raising when t and the target of k share memory, whole or in part: for
 * operators that do not read before they write. */
bool call_apart(Ctx *c, const Call *k, const Tensor *t);
/* RuntimeError "\"name\" not implemented for 'Half'" when d is in `refused`. */
bool dtype_refused(Ctx *c, const char *name, unsigned refused, DType d);

#endif
