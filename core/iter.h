/* iter: walks up to four strided arrays in step and runs an inner loop over them.
 *
 * Operand 0 is the result and gives the shape; the others broadcast to it (aligned at
 * the last dimension, stride 0 where they have size 1 or no such dimension).  Before
 * running, dimensions of size 1 are dropped, the rest ordered by the strides of the
 * result and merged where every operand allows it: arrays of one shape that are all
 * contiguous take exactly one call of the inner loop.
 *
 * Sizes and strides given to iter_add count elements, those an inner loop sees count
 * bytes.  Nothing here allocates or fails.
 */
#ifndef CORE_ITER_H
#define CORE_ITER_H

#include "dtype.h"
#include "parallel.h"

enum { ITER_OPERANDS = 4, ITER_DIMS = 128 };

/* An inner loop: n elements, operand j starting at p[j] with strides[j] bytes from one
 * element to the next. d is the dtype it computes in. */
typedef void (*Kernel)(DType d, char *const *p, const int64_t *strides, int64_t n,
                       const void *arg);

typedef struct Iter {
    int n_operands;
    int ndim;
    char *data[ITER_OPERANDS];
    int64_t sizes[ITER_DIMS];                  /* innermost first */
    int64_t strides[ITER_DIMS][ITER_OPERANDS]; /* bytes */
} Iter;

/* Starts with no operands and this shape. */
void iter_begin(Iter *it, int ndim, const int64_t *sizes);
/* The next operand; its shape must broadcast to that of the iterator. */
void iter_add(Iter *it, void *data, DType d, int ndim, const int64_t *sizes,
              const int64_t *strides);
/* An operand that is one value for all elements. */
void iter_add_scalar(Iter *it, void *data);
/* Runs f over everything, one call after the other. The iterator is used up. */
void iter_run(Iter *it, Kernel f, DType d, const void *arg);
/* The same, on several threads where it pays (parallel.h): for inner loops whose result
 * for an element depends on nothing but the operands' elements, and on whether it lies
 * behind the last whole MATH_BLOCK of contiguous ones (kernel/vecmath.h). */
void iter_run_parallel(Iter *it, Kernel f, DType d, const void *arg);

/* For loops of other kinds.  iter_plan drops, orders and merges dimensions; false when
 * there is nothing to do.  Then it->data is the first position, and iter_next steps to
 * the next one of the dimensions from `first` on; index, zeros at the start, is its
 * memory.  False at the end. */
bool iter_plan(Iter *it);
bool iter_next(Iter *it, int first, int64_t *index);

#endif
