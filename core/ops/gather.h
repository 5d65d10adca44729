/* gather: what operators share that write along a dimension where an index says. */
#ifndef CORE_OPS_GATHER_H
#define CORE_OPS_GATHER_H

#include "core/iter.h"
#include "ops.h"

/* The checks of scatter, under the name `name`: index [...] of int64, not larger than
 * self but along dim, nor than src (NULL: a number). False after raising. */
bool scatter_check(Ctx *c, const char *name, const Tensor *self, const Tensor *index,
                   const Tensor *src, int dim);
/* Runs f, of advanced_index.h, with self's elements that index names along dim and
 * those of src in index's place. False after raising RuntimeError for an index out of
 * bounds. */
bool scatter_run(Ctx *c, Kernel f, Tensor *self, int dim, const Tensor *index,
                 const Tensor *src);

/* The checks of index_add and index_reduce: index [n] names parts of dim, source has n
 * of them. False after raising. */
bool index_parts_check(Ctx *c, const char *name, const Tensor *self,
                       const Tensor *index, const Tensor *source, int dim);
/* The next ones of both: parts of source may be parts of self by their dimensions. */
bool index_slices_check(Ctx *c, const Tensor *self, const Tensor *source);
/* index as int64, contiguous; NULL after raising IndexError where self has no such
 * part.
 */
int64_t *index_in_parts(Ctx *c, const Tensor *self, const Tensor *index, int dim);

#endif
