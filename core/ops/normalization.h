/* normalization: what batch, layer and group normalization share: the three gradients
 * of their backward operators, and the formulas of their second derivatives.
 */
#ifndef CORE_OPS_NORMALIZATION_H
#define CORE_OPS_NORMALIZATION_H

#include "core/kernel/normalize.h"
#include "core/op.h"

/* ---- the gradients of input, weight and bias ---- */

typedef struct NormGrads {
    Tensor *t[3]; /* NULL: not asked for */
} NormGrads;

/* Those that argument `at`, a bool[3], asks for: like x; and of dtype p, [channels],
 * zeros. False after raising. */
bool norm_grads(Ctx *c, const Call *k, int at, const Tensor *x, DType p,
                const int64_t *channels, NormGrads *out);
BatchGrads norm_grads_data(const NormGrads *g);
Value norm_grads_tuple(Ctx *c, const NormGrads *g);
/* A bool[3]: which of the first three inputs of g want a gradient. */
Value norm_mask(Ctx *c, const Grad *g);
/* Gives the gradients of a tuple, where they are, to the first three inputs. */
void norm_set_all(Grad *g, Value tuple);

/* ---- second derivatives ---- */

/* What the formulas are made of, all of them recorded. A gradient of a gradient that is
 * not there is NULL. */
typedef struct NormSecond {
    Tensor *(*sum)(Ctx *c, Tensor *t); /* over what is normalized, kept as size 1 */
    int64_t count;                     /* elements that are summed */
    Tensor *grad, *ggx, *ggw, *ggb;    /* gg: the gradients that came in, expanded */
    Tensor *weight, *centred, *invstd; /* centred: input - mean */
} NormSecond;

/* What first backward's gradient of the input is for this grad and weight. */
Tensor *norm_first_gradient(Ctx *c, const NormSecond *s, Tensor *grad, Tensor *weight);
/* The gradient of the input through ggx, to be multiplied by the weight: grad is the
 * gradient of the result, or of the normalized input. */
Tensor *norm_second_input(Ctx *c, const NormSecond *s, Tensor *grad);
/* grad less its mean and what of it lies along the normalized input, times invstd. */
Tensor *norm_second_weight_term(Ctx *c, const NormSecond *s, Tensor *grad);
/* t, which may be NULL, plus what ggw and ggb give to the gradient of grad. */
Tensor *norm_second_grad_terms(Ctx *c, const NormSecond *s, Tensor *t);

#endif
