/* special_attrs: the attributes that values have by virtue of what they are:
 * __class__, __dict__, __name__, __doc__, an exception's args ... */
#ifndef RUNNER_SPECIAL_ATTRS_H
#define RUNNER_SPECIAL_ATTRS_H

#include "runner/evaluate/classes.h"

/* VAL_NULL, without an error, when v has none of that name. */
Value special_attr(Ctx *c, Value v, Str *name);
Value special_attr_of_class(Ctx *c, Class *cls, Str *name);
/* 1 set, 0 error, -1 not one of these. VAL_NULL as x deletes. */
int special_attr_set(Ctx *c, Value v, Str *name, Value x);
/* " 'area'" or "": how messages name a property; of the pool. */
const char *property_shown_name(Ctx *c, const Property *p);
/* The dict of an instance's attributes, NULL when it has none yet. */
Dict *object_attrs(Value v);

#endif
