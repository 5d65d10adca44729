/* random_fill: tensors filled from distributions, with PyTorch's checks.
 *
 * Each function checks its parameters and the dtype of t, in PyTorch's order, and fills
 * t in the order of its memory; false after raising.  Nothing is recorded and no
 * version changes: that is the dispatcher's work.
 */
#ifndef CORE_OPS_RANDOM_FILL_H
#define CORE_OPS_RANDOM_FILL_H

#include "core/kernel/random.h"
#include "core/op.h"

/* The generator of the context; that which argument i names, else the context's. */
Random *random_default(Ctx *c);
Random *call_random(Ctx *c, const Call *k, int i);

/* The backward of what is drawn: no input moves the result, all gradients are zero. */
void random_backward(Ctx *c, Grad *g);

/* [from, to); "uniform_ expects to return a [from, to) range, but found ..." */
bool fill_uniform(Ctx *c, Tensor *t, Random *r, double from, double to);
/* "normal expects std >= 0.0, but found std -1" */
bool fill_normal(Ctx *c, Tensor *t, Random *r, double mean, double deviation);
/* from .. to - 1; "random_ expects 'from' to be less than 'to', but got ..." */
bool fill_integers(Ctx *c, Tensor *t, Random *r, int64_t from, int64_t to);
/* from .. the largest whole number of t's dtype. */
bool fill_integers_from(Ctx *c, Tensor *t, Random *r, int64_t from);
/* 0 .. the largest whole number of t's dtype. */
bool fill_whole(Ctx *c, Tensor *t, Random *r);
/* "bernoulli_ expects p to be in [0, 1], but got p=1.5" */
bool fill_bernoulli(Ctx *c, Tensor *t, Random *r, double p);
/* p is expanded to t. "Expected p_in >= 0 && p_in <= 1 to be true, but got false. ..."
 * leaves t filled up to the offender. */
bool fill_bernoulli_each(Ctx *c, Tensor *t, Random *r, Tensor *p);
/* "exponential_ expects lambda >= 0.0, but found lambda=-1" */
bool fill_exponential(Ctx *c, Tensor *t, Random *r, double rate);
/* "geometric_ expects p to be in (0, 1), but got p=1" */
bool fill_geometric(Ctx *c, Tensor *t, Random *r, double p);
/* "log_normal_ expects std > 0.0, but found std=0" */
bool fill_log_normal(Ctx *c, Tensor *t, Random *r, double mean, double deviation);
bool fill_cauchy(Ctx *c, Tensor *t, Random *r, double median, double scale);
/* t gets a Poisson number for each rate, which has t's shape and dtype. */
bool fill_poisson(Ctx *c, Tensor *t, Random *r, Tensor *rate);

#endif
