/* pool_shape: the arguments that pooling with sliding windows has in common: read,
 * checked in PyTorch's order, and made into the windows of a kernel.
 *
 * Arrays count dimensions from depth to width; with two spatial dimensions the first
 * entry stands for a depth of 1.
 */
#ifndef CORE_OPS_POOL_SHAPE_H
#define CORE_OPS_POOL_SHAPE_H

#include "core/kernel/pooling.h"
#include "core/op.h"

/* How an operator's messages go. */
typedef struct PoolWords {
    int dims; /* 2 or 3 */
    const char *name;
    const char *kernel, *stride, *padding, *dilation; /* "must either be" ... */
    const char *checker;                              /* who refuses empty volumes */
    bool fits_unpadded; /* refuses volumes smaller than the window */
} PoolWords;

typedef struct PoolShape {
    int dims;
    int64_t kernel[POOL_DIMS], stride[POOL_DIMS], pad[POOL_DIMS], dilation[POOL_DIMS];
    int64_t in[POOL_DIMS], out[POOL_DIMS];
} PoolShape;

/* Windows of one element each. */
PoolShape pool_shape_of_one(int dims);
/* Arguments i (kernel_size), i + 1 (stride), i + 2 (padding) and, when words->dilation,
 * i + 3 (dilation): one int for all dimensions, or one each. */
bool pool_read(Ctx *c, const Call *k, int i, const PoolWords *words, PoolShape *s);
/* Takes the sizes of self and computes those of the result. */
bool pool_sizes(Ctx *c, const Tensor *self, bool ceil_mode, PoolShape *s);
/* Refuses what makes no sense: kernels below 1, volumes without elements ... */
bool pool_check(Ctx *c, const Tensor *self, const PoolWords *words, const PoolShape *s);
/* The windows over self. count_pad: padding counts in means. */
bool pool_windows(Ctx *c, const Tensor *self, const PoolShape *s, bool count_pad,
                  Pooling *p);
/* The sizes of a result: self's but for the last ones, which are s->out. */
void pool_result_sizes(const Tensor *self, const PoolShape *s, int64_t *sizes);
/* Whether grad has the sizes of self but for the last `dims`; see saved_check. */
bool pool_grad_check(Ctx *c, const Tensor *grad, const Tensor *self, int dims);
/* Result nr, of those sizes. */
Tensor *pool_result(Ctx *c, Call *k, int nr, DType d, const Tensor *self,
                    const PoolShape *s);
/* "Expected 2 to 3 dimensions, but got 4-dimensional tensor for argument #1 'self'
 * (while checking arguments for avg_pool1d)" */
bool pool_dims_1d(Ctx *c, const Tensor *self, const char *name);
/* Argument i, a list of one int: "avg_pool1d() argument 'stride' should contain one int
 * (got 2)". fallback: what an empty list stands for; NULL: it is refused. */
bool pool_one_int(Ctx *c, const Call *k, int i, const char *name, const char *argument,
                  const int64_t *fallback, int64_t *out);
/* (one, n): an argument for the operator of two dimensions. */
Value pool_beside(Ctx *c, int64_t one, int64_t n);

#endif
