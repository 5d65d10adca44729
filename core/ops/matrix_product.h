/* matrix_product: one product of matrices, summed in the order in which PyTorch's CPU
 * build sums it, so that the last bits are its bits.
 *
 * That build calls the reference BLAS for floats and doubles: a sum begins with what it
 * is added to, unless the second matrix lies column by column, where BLAS sums the
 * products first.  bfloat16 rounds each product and each sum, but for large products
 * and for a second matrix that lies column by column, which are summed as floats.
 */
#ifndef CORE_OPS_MATRIX_PRODUCT_H
#define CORE_OPS_MATRIX_PRODUCT_H

#include "ops.h"

/* False after raising: a b has no kernel of that name, or the dtypes differ. A product
 * without work to do is always good. */
bool product_check(Ctx *c, const char *kernel, const Tensor *a, const Tensor *b);

/* r = beta r + alpha a b; r [m, n], a [m, k], b [k, n]. beta 0: r is not read. */
bool product_into(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta, Value alpha);
/* The same for each of a batch: [batch, m, n] ... */
bool product_batch_into(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta,
                        Value alpha);
/* The same for vectors: r [m], a [m, k], v [k]. */
bool product_vector_into(Ctx *c, Tensor *r, Tensor *a, Tensor *v, Value beta,
                         Value alpha);
/* r [] = the sum of a [n] times b [n]. */
bool product_dot(Ctx *c, Tensor *r, Tensor *a, Tensor *b);

#endif
