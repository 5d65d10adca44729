/* overrides: __torch_function__, which decides what operators give that are called with
 * tensors of derived classes, or with any object that has it.
 *
 * Every such class is asked in turn, derived classes before their bases, with
 * (func, types, args, kwargs). torch.Tensor's own answer calls func with nobody being
 * asked and makes tensors of the class of what it gives. Parameters leave operators
 * alone. Ctx.overriding says whether there are such classes; without it nothing here
 * runs.
 */
#ifndef RUNNER_OVERRIDES_H
#define RUNNER_OVERRIDES_H

#include "runner/evaluate/classes.h"

/* A class was made: operators are to look at their arguments when it takes part. */
void overrides_class_made(Interp *in, const Class *cls);
/* Whether an argument of the call takes part; then *out is what the call gives. */
bool override_operator(Ctx *c, const OverloadSet *set, Value self, const Args *a,
                       Value *out);
/* The same for x.<name>(...), a method that is no operator; for repr(x). */
bool override_method(Ctx *c, const char *name, Value self, const Args *a, Value *out);
bool override_repr(Ctx *c, Value v, Value *out);
/* v with its tensors made of class cls, by an alias of theirs. */
Value override_convert(Ctx *c, Value v, Class *cls);
/* The class of t that operators keep; NULL when they give plain tensors. */
Class *override_class(Ctx *c, const Tensor *t);
/* What torch.Tensor has under that name besides its operators: __torch_function__. */
Value override_find(Ctx *c, const Str *name);

#endif
