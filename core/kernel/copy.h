/* copy: kernels that move elements and change their dtype. */
#ifndef CORE_KERNEL_COPY_H
#define CORE_KERNEL_COPY_H

#include "core/iter.h"

/* Operand 0 = operand 1, whose dtype is `from`; arg points to the DType of operand 0.
 * Floats become integers as on x86-64: truncated; what does not fit gives the smallest
 * int64 or int32, of which narrower types keep the low bits. Anything but 0 becomes
 * true. */
void kernel_cast(DType from, char *const *p, const int64_t *s, int64_t n,
                 const void *arg);
/* Operand 0 = operand 1, both of dtype d. */
void kernel_copy(DType d, char *const *p, const int64_t *s, int64_t n, const void *arg);
/* Operand 0 = the element that arg points to, of dtype d. */
void kernel_fill(DType d, char *const *p, const int64_t *s, int64_t n, const void *arg);
/* Converts one element. */
void cast_element(DType to, void *r, DType from, const void *x);

#endif
