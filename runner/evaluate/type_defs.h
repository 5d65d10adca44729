/* type_defs: the table of built-in types that cells can name or meet. */
#ifndef RUNNER_TYPE_DEFS_H
#define RUNNER_TYPE_DEFS_H

#include "runner/evaluate/classes.h"

extern const TypeDef *const type_def_object;
extern const TypeDef *const type_def_exception; /* of every built-in exception */

/* NULL when there is none of that name; "torch." is part of the name of torch's. */
const TypeDef *type_def_named(const char *name, size_t len);
/* The row of v's type, NULL when none describes it; *key identifies the type. */
const TypeDef *type_def_of(Value v, const void **key);
/* The attribute that the row gives its class: a method, a slot as __len__, a static;
 * kept in cls->attrs. VAL_NULL, without an error, when there is none. */
Value type_def_attribute(Interp *in, Class *cls, Str *name);
/* Whether self may be the first argument of def's methods. */
bool type_def_fits(Interp *in, const TypeDef *def, Value self);
/* list, dict, set: made empty by __new__, filled by __init__. */
bool type_def_is_mutable(const TypeDef *def);

#endif
