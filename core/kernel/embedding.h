/* embedding: rows of a table, looked up, added up in bags, and their gradients.
 *
 * Tables are [rows, dim], contiguous, of a floating dtype d; indices are valid rows.
 */
#ifndef CORE_KERNEL_EMBEDDING_H
#define CORE_KERNEL_EMBEDDING_H

#include "core/dtype.h"

#include <stdbool.h>

/* out[index[i]] += grad[i], divided by how often index[i] occurs when `counts` [rows]
 * is given; index `padding` is left out. out [rows, dim], grad [n, dim]. */
typedef struct Lookup {
    int64_t n, dim, padding;
    const int64_t *index, *counts;
} Lookup;
void kernel_embedding_backward(DType d, const Lookup *l, const void *grad, void *out);

enum { BAG_SUM, BAG_MEAN, BAG_MAX };

/* Index i belongs to bag bag[i]; size [n_bags] counts those that are no padding. */
typedef struct Bags {
    int mode;
    int64_t n, n_bags, dim, padding;
    const int64_t *index, *bag, *size;
    const void *weight; /* of each index, or NULL; sums only */
} Bags;

/* out [n_bags, dim] of zeros; chosen [n_bags, dim] gets the rows that were largest.
 * Sums of float16 are rounded once with `wide`, else at every step. */
void kernel_bags(DType d, const Bags *b, bool wide, const void *table, void *out,
                 int64_t *chosen);
/* out [rows, dim] of zeros, from grad [n_bags, dim]; counts, by index, divide when
 * given. Sums and means. */
void kernel_bags_backward(DType d, const Bags *b, const int64_t *counts,
                          const void *grad, void *out);
/* The same for the largest. */
void kernel_bags_max_backward(DType d, const Bags *b, const int64_t *chosen,
                              const void *grad, void *out);
/* out[i] = grad[bag[i]] . table[index[i]], 0 for padding. */
void kernel_bags_weights_backward(DType d, const Bags *b, const void *grad,
                                  const void *table, void *out);

#endif
