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

/* self[items]. `bare`: written without a tuple, as x[i]. The result belongs to the
 * pool. IndexError "too many indices for tensor of dimension 2" and others. */
Tensor *tensor_getitem(Ctx *c, Tensor *self, const IndexItem *items, size_t n,
                       bool bare);
/* self[items] = value, a tensor of any dtype or a wrapped number. */
bool tensor_setitem(Ctx *c, Tensor *self, const IndexItem *items, size_t n, bool bare,
                    Tensor *value);

#endif
