/* reduce: kernels that turn rows of n elements into one value each.
 *
 * x holds `rows` rows of n elements, one after another.  Sums are in sum.h.
 */
#ifndef CORE_KERNEL_REDUCE_H
#define CORE_KERNEL_REDUCE_H

#include "core/dtype.h"

/* out[row] = the product of its elements, in dtype d: float64, float32 or int64.
 * together: the rows lay so in memory, on which PyTorch's order depends. */
void kernel_prod(DType d, const void *x, int64_t rows, int64_t n, bool together,
                 void *out);
/* The largest (smallest) element and the index of its first occurrence; nan wins. Any
 * dtype; n >= 1; either output may be NULL. */
void kernel_max(DType d, const void *x, int64_t rows, int64_t n, void *out,
                int64_t *index);
void kernel_min(DType d, const void *x, int64_t rows, int64_t n, void *out,
                int64_t *index);
/* Whether any (all) of the bools is true. */
void kernel_any(const bool *x, int64_t rows, int64_t n, bool *out);
void kernel_all(const bool *x, int64_t rows, int64_t n, bool *out);

/* ---- scans: out[row][i] from elements 0 ... i of the row ---- */

/* float64, float32 or int64. */
void kernel_cumsum(DType d, const void *x, int64_t rows, int64_t n, void *out);
void kernel_cumprod(DType d, const void *x, int64_t rows, int64_t n, void *out);
/* The largest (smallest) so far and where it last occurred; nan stays. Any dtype. */
void kernel_cummax(DType d, const void *x, int64_t rows, int64_t n, void *out,
                   int64_t *index);
void kernel_cummin(DType d, const void *x, int64_t rows, int64_t n, void *out,
                   int64_t *index);

#endif
