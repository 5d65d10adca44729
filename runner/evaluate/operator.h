/* operator: operators of core as values: torch.sin, x.sin, torch.Tensor.sin.
 *
 * A call binds its arguments through core (bind.h); a call site in a cell remembers
 * which overload fitted.
 */
#ifndef RUNNER_OPERATOR_H
#define RUNNER_OPERATOR_H

#include "runner/evaluate/env.h"

typedef struct Operator {
    Obj obj;
    const OverloadSet *set;
    Value self;   /* the tensor of x.sin, owned; VAL_NULL: a function or unbound */
    bool unbound; /* torch.Tensor.sin: the first argument is self */
} Operator;

static inline Operator *value_operator(Value v) {
    return value_is_kind(v, OBJ_OPERATOR) ? (Operator *)v.as.obj : NULL;
}

/* Of the pool. */
Value operator_make(Ctx *c, const OverloadSet *set, Value self, bool unbound);
Value operator_call(Ctx *c, Value callee, const Args *args);
/* The overloads of a method, Tensor.<name>; NULL, without an error, when there are
 * none. */
const OverloadSet *tensor_overloads(Ctx *c, const Str *name);
/* torch.Tensor.<name>; VAL_NULL, without an error, when there is none. */
Value tensor_class_find(Ctx *c, const Str *name);
/* The cache of a call site, made in the arena of its program; NULL when memory is
 * short, without an error, and then the call goes without. */
BindCache *site_cache(const Frame *f, Cache *site);
/* Calls by a C string: for natives that pass their arguments on. */
Value operator_call_named(Ctx *c, unsigned form, const char *name, Value self,
                          const Args *args);

#endif
