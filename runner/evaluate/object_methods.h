/* object_methods: the methods that object, type and exceptions have in Python's own
 * terms, and the special methods of built-in types (list.__len__), which answer by the
 * slots of TypeOps. */
#ifndef RUNNER_OBJECT_METHODS_H
#define RUNNER_OBJECT_METHODS_H

#include "runner/evaluate/classes.h"

extern const Native object_methods[], object_statics[], type_methods[],
    exception_methods[], dict_statics[];

/* The special method of that name, when def has the slot behind it; else NULL. */
const Native *slot_method(const TypeDef *def, const Str *name);

#endif
