/* advanced_index: kernels that move elements to and from computed places.
 *
 * One operand is the indexed array, its strides 0 along the indexed dimensions; another
 * holds, for each step, the bytes to add to its address.  Where these are the same for
 * all steps, the elements move as one part.
 */
#ifndef CORE_KERNEL_ADVANCED_INDEX_H
#define CORE_KERNEL_ADVANCED_INDEX_H

#include "core/iter.h"

/* operand 0 = operand 1 at the offset in operand 2 (int64). */
void kernel_index_get(DType d, char *const *p, const int64_t *s, int64_t n,
                      const void *arg);
/* operand 0 at the offset in operand 2 = operand 1; the last one written stays. */
void kernel_index_put(DType d, char *const *p, const int64_t *s, int64_t n,
                      const void *arg);
/* operand 0 at the offset in operand 2 += operand 1, in order; bool: or. */
void kernel_index_accumulate(DType d, char *const *p, const int64_t *s, int64_t n,
                             const void *arg);
/* The same of operand 1 times the number 0 (KernelNumbers) that arg points to. */
void kernel_index_accumulate_scaled(DType d, char *const *p, const int64_t *s,
                                    int64_t n, const void *arg);
/* operand 0 at the offset in operand 2 *= operand 1, in order; bool: and. */
void kernel_index_multiply(DType d, char *const *p, const int64_t *s, int64_t n,
                           const void *arg);
/* operand 0 at the offset in operand 2 = the larger (smaller) of it and operand 1; nan
 * wins. */
void kernel_index_maximum(DType d, char *const *p, const int64_t *s, int64_t n,
                          const void *arg);
void kernel_index_minimum(DType d, char *const *p, const int64_t *s, int64_t n,
                          const void *arg);

#endif
