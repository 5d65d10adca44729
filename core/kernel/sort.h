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

/* Whether a key of sort_items_from, not descending, is that of a nan; no key of an
 * integer is. */
static inline bool sort_key_is_nan(DType d, uint64_t key) {
    return dtype_is_floating(d) && key == UINT64_MAX;
}
/* items[i] = element i of x, which lie `stride` bytes apart. */
void sort_items_from(DType d, const void *x, int64_t stride, int64_t n, bool descending,
                     SortItem *items);
/* Sorts by key; equal keys keep their order. scratch: n items. */
void sort_items(SortItem *items, SortItem *scratch, int64_t n);
/* The same for few items, without scratch. */
void insertion_sort_items(SortItem *items, int64_t n);

/* The index of the item that sort_items would put at place k, 0 <= k < n, without
 * sorting; the items are used up. */
int64_t nth_index(SortItem *items, int64_t n, int64_t k);

/* ---- where equal elements may come in any order, the order PyTorch leaves them in
 * ----
 *
 * These follow step by step the algorithms that PyTorch 1.13 runs on the CPU, since the
 * indices it reports for equal elements depend on them. */

/* Introsort, as of GNU's std::sort: equal keys change places from 17 items on: sort
 * that need not be stable, mode. Keys beyond `last` come neither before nor behind any
 * other, which leaves the rest in an order that hangs on them. */
void introsort_items(SortItem *items, int64_t n, uint64_t last);
/* Item k gets the place it has in sorted order, smaller ones before it, larger ones
 * behind, by Hoare's quickselect: kthvalue. 0 <= k < n. */
void quickselect_item(SortItem *items, int64_t n, int64_t k);
/* The k first items of the order to the front, 1 <= k <= n; `sorted`: among themselves
 * too. A heap for few of many, else introselect: topk. */
void top_items(SortItem *items, int64_t n, int64_t k, bool sorted);

#endif
