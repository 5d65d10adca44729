/* sum: sums over some dimensions of a strided array, in the order in which PyTorch
 * adds.
 *
 * PyTorch's order depends on how the array lies in memory: it is that of its vectorised
 * kernel (SumKernel.cpp) for vectors of 32 bytes on one thread, in which rows are
 * summed in four lanes of vectors and in four levels, so that errors stay small.  Here
 * the order is the same on every machine, and so are the bits.
 */
#ifndef CORE_KERNEL_SUM_H
#define CORE_KERNEL_SUM_H

#include "core/iter.h"

typedef struct SumShape {
    int ndim;
    const int64_t *sizes, *strides; /* of x; strides count elements */
    const bool *reduced;            /* dimensions that are summed over */
    DType stored; /* of the sums in PyTorch: a half type rounds them for
                   * each plane that they gather */
} SumShape;

/* out = x summed over the reduced dimensions; out is contiguous over the others. d:
 * float32, float64 or int64, which wraps. */
void kernel_sum(DType d, SumShape shape, const void *x, void *out);

#endif
