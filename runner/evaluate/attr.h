/* attr: attributes of any value: v.name, v.name = x, del v.name.
 *
 * Attributes are looked up as Python does: data descriptors of the class, then the
 * value's own, then what else the class has, then __getattr__.
 */
#ifndef RUNNER_ATTR_H
#define RUNNER_ATTR_H

#include "runner/evaluate/classes.h"

/* AttributeError "'int' object has no attribute 'x'" and VAL_NULL when absent. */
Value attr_get(Ctx *c, Value v, Str *name);
/* The same, but an absent attribute is VAL_NULL without an error. */
Value attr_find(Ctx *c, Value v, Str *name);
/* VAL_NULL as x deletes. */
bool attr_set(Ctx *c, Value v, Str *name, Value x);
/* For a C string as the name. */
Value attr_get_text(Ctx *c, Value v, const char *name);

/* What a class attribute gives when looked up through an instance (self) or its class
 * (self VAL_NULL): functions bind, properties compute. */
Value attr_bind(Ctx *c, Value attribute, Value self, Class *cls);

/* object.__getattribute__ and object.__setattr__ for instances. */
Value instance_attr(Ctx *c, Value v, Str *name);
bool instance_set_attr(Ctx *c, Value v, Str *name, Value x);

/* A method looked up for a call, without making a bound method: a native to be called
 * with v as self; else the function, with `bound` saying that v goes before the
 * arguments. Neither: an error is pending. The cache is that of the call site. */
typedef struct Method {
    const Native *native;
    const OverloadSet *set; /* of an operator, with v as the tensor before the dot */
    Value function;
    bool bound;
} Method;
Method attr_method(Ctx *c, Value v, Str *name, Cache *cache);
/* attr_get with the cache of its place. */
Value attr_get_cached(Ctx *c, Value v, Str *name, Cache *cache);

#endif
