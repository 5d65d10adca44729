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
/* r[j][i] = x[i][j] for i < n and j < m, in tiles: the rows of r lie r_step bytes
 * apart, those of x x_step; along a row elements are neighbours. */
void kernel_transpose(DType d, char *r, int64_t r_step, const char *x, int64_t x_step,
                      int64_t n, int64_t m);
/* Converts one element. */
void cast_element(DType to, void *r, DType from, const void *x);

#endif
