/* special: what the families of special functions share. */
#ifndef CORE_OPS_SPECIAL_H
#define CORE_OPS_SPECIAL_H

#include "core/kernel/special.h"
#include "core/pointwise.h"

/* The forward of a function of one operand, whose kernel takes a SpecialArgs: integers
 * and bool give the default float dtype. name, refused: see Pointwise. */
static inline Value special_float(Ctx *c, Call *k, Kernel kernel, const char *name,
                                  unsigned refused) {
    SpecialArgs args = {.math = math_of(c)};
    if (!args.math) return value_null();
    return pointwise_float(c, k, &(PointwiseKernel){kernel, name, refused, &args});
}

/* A kernel of two operands, one of which may be a number, then a 0-d tensor: operands
 * [...] that broadcast -> [...], of their common dtype, integers and bool of the
 * default float dtype.  RuntimeError, with the kernel's name, for the dtypes refused.
 */
Value special_pair(Ctx *c, Call *k, const PointwiseKernel *f);

#endif
