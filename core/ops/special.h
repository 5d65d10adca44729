/* special: what the families of special functions share. */
#ifndef CORE_OPS_SPECIAL_H
#define CORE_OPS_SPECIAL_H

#include "core/pointwise.h"

/* A kernel of two operands, one of which may be a number, then a 0-d tensor: operands
 * [...] that broadcast -> [...], of their common dtype, integers and bool of the
 * default float dtype.  RuntimeError, with the kernel's name, for the dtypes refused.
 */
Value special_pair(Ctx *c, Call *k, const PointwiseKernel *f);

#endif
