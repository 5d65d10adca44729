/* activation: what the three files of activation functions share. */
#ifndef CORE_OPS_ACTIVATION_H
#define CORE_OPS_ACTIVATION_H

#include "core/kernel/activation.h"
#include "core/pointwise.h"

/* An activation kernel over the tensors in[0..n) -> result 0. RuntimeError "\"name\"
 * not implemented for 'Long'" for integers, bool and float16; with out= "Found dtype
 * Double but expected Float" when the dtypes differ. `numbers.math` is filled in. */
typedef struct ActivationCall {
    Kernel kernel;
    const char *name;
    Activation numbers;
    unsigned refused; /* dtypes besides those */
} ActivationCall;
Value activation_of(Ctx *c, Call *k, int n, Tensor *const *in, ActivationCall f);
/* The same over the call's own tensor arguments, which come first. */
Value activation(Ctx *c, Call *k, int n, ActivationCall f);

/* The gradient of a piecewise linear function's gradient with respect to its input. */
void zero_gradient(Ctx *c, Grad *g);

/* (a b) d */
Tensor *product3(Ctx *c, Tensor *a, Tensor *b, Tensor *d);

#endif
