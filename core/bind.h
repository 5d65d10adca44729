/* bind: from the arguments of a Python call to those of one overload.
 *
 * Overloads are tried in order, each as PyTorch's argument parser tries them; the first
 * that fits wins.  When none does, TypeError with PyTorch's own text: the message of
 * the one plausible overload, or the list of all.
 */
#ifndef CORE_BIND_H
#define CORE_BIND_H

#include "op.h"

typedef struct Bound {
    const Op *op;
    Value args[MAX_PARAMS]; /* schema order, defaults filled in; borrowed or pool */
    Tensor *out[MAX_RESULTS];
    int n_out;          /* > 0: called with out= */
    bool requires_grad; /* factories */
} Bound;

/* Binds one call. `self` is the tensor before the dot for methods, VAL_NULL for
 * functions. A variadic int list takes its ints one by one (x.view(2, 3)). Where a
 * Tensor may be a Python number, the number becomes a wrapped 0-d tensor. */
bool bind_call(Ctx *c, const OverloadSet *set, Value self, const Args *a, Bound *out);

/* bind_call, then the dispatcher in the right form (out=, in place), then
 * requires_grad. What torch.X(...) and x.X(...) do. */
Value bind_and_call(Ctx *c, const OverloadSet *set, Value self, const Args *a);

/* A call site that remembers which overload fitted last, so that a call with the same
 * kinds of arguments skips the search. Zero-initialised by its owner; it owns nothing.
 * What it remembers is checked against the values of each call. */
enum { BIND_CACHED_ARGS = 8 };
typedef struct BindCache {
    const OverloadSet *set;
    const Op *op;
    uint64_t kinds; /* digest of the argument kinds that op fitted */
    int8_t self;    /* parameter that takes the tensor before the dot, -1 for none */
    bool varargs;   /* the positional arguments are the items of one list of ints */
    uint8_t n, n_named; /* arguments; n is not compared when they are varargs */
    uint8_t kind;       /* that of an only argument that is no list, else 0 */
    int8_t slots[BIND_CACHED_ARGS]; /* where each argument goes */
} BindCache;
Value bind_and_call_cached(Ctx *c, BindCache *cache, const OverloadSet *set, Value self,
                           const Args *a);

/* "(Tensor input, int dim, *, Tensor out)": how messages and `autocell ops` list it. */
void bind_signature(Buf *out, const Op *op, unsigned form);

#endif
