/* indexing: x[...] and x[...] = value, after the host has sorted out its own values.
 *
 * The rules are those of PyTorch's python_variable_indexing.cpp: ints select, slices
 * slice, None adds a dimension, `...` skips dimensions, bools and tensors index.
 */
#ifndef CORE_INDEXING_H
#define CORE_INDEXING_H

#include "op.h"

typedef enum IndexKind {
    INDEX_INT,
    INDEX_SLICE,
    INDEX_NONE,
    INDEX_ELLIPSIS,
    INDEX_BOOL,
    INDEX_TENSOR
} IndexKind;

typedef struct IndexItem {
    IndexKind kind;
    int64_t start; /* INT: the index; BOOL: 0 or 1 */
    int64_t stop;  /* SLICE: INT64_MAX where it was left out */
    int64_t step;
    Tensor *tensor;
} IndexItem;

/* The indices of one x[...]. What item i is, is asked for when those before it have
 * been applied: which of several errors is raised hangs on it. */
typedef struct IndexKey {
    size_t n;
    bool bare; /* written without a tuple, as x[i] */
    int dims;  /* how many dimensions of the tensor the items take; 0 when that is not
                * to be looked at first, as for a bare int or slice */
    bool (*item)(Ctx *c, const void *from, size_t i, IndexItem *out);
    const void *from;
} IndexKey;

/* How many dimensions an index tensor takes: a mask as many as it has. */
int index_tensor_dims(const Tensor *t);

/* self[key]. The result belongs to the pool. IndexError "too many indices for tensor of
 * dimension 2" and others. */
Tensor *tensor_getitem(Ctx *c, Tensor *self, const IndexKey *key);
/* self[key] = value, a tensor of any dtype or a wrapped number. */
bool tensor_setitem(Ctx *c, Tensor *self, const IndexKey *key, Tensor *value);

#endif
