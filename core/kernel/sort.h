/* sort: order of elements of any dtype.
 *
 * Elements become (key, index) items, the keys being unsigned integers that compare as
 * the elements do: -0.0 equals 0.0, nan is equal to nan and larger than everything.
 * For descending order the keys are inverted, so that nan comes first and equal
 * elements keep their order in both directions.
 *
 * Nothing here allocates; scratch space comes from the caller.
 */
#ifndef CORE_KERNEL_SORT_H
#define CORE_KERNEL_SORT_H

#include "core/dtype.h"

typedef struct SortItem {
    uint64_t key;
    int64_t index;
} SortItem;

/* items[i] = element i of x, which lie `stride` bytes apart. */
void sort_items_from(DType d, const void *x, int64_t stride, int64_t n, bool descending,
                     SortItem *items);
/* Sorts by key; equal keys keep their order. scratch: n items. */
void sort_items(SortItem *items, SortItem *scratch, int64_t n);
/* Moves the k first items of the order by (key, index) to the front, unsorted. */
void select_items(SortItem *items, int64_t n, int64_t k);

#endif
