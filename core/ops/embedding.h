/* embedding: what embedding and embedding_bag share. */
#ifndef CORE_OPS_EMBEDDING_H
#define CORE_OPS_EMBEDDING_H

#include "core/op.h"

/* RuntimeError unless argument #at of function fn holds int64 or int32. */
bool embedding_check_indices(Ctx *c, const char *fn, int at, const char *name,
                             const Tensor *t);
/* IndexError unless all of index, contiguous int64, are rows. */
bool embedding_in_range(Ctx *c, const Tensor *index, int64_t rows);
/* index as contiguous int64. */
Tensor *embedding_indices(Ctx *c, Tensor *index);
/* How often each of the rows occurs in index; the pool's. */
int64_t *embedding_counts(Ctx *c, int64_t rows, const Tensor *index);
/* Raises: there are no sparse tensors. */
bool embedding_refuse_sparse(Ctx *c);

#endif
