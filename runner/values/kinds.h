/* kinds: the runner's kinds of objects, after those of core (core/value.h).
 *
 * A kind says how an object is laid out and which row of the table of types
 * (protocol.c) serves it. Several ObjTypes may share a kind: set and frozenset, the
 * three views of a dict, every iterator.
 */
#ifndef RUNNER_KINDS_H
#define RUNNER_KINDS_H

#include "core/core.h"

enum RunnerKind {
    OBJ_DICT = OBJ_HOST, /* dict.h */
    OBJ_SET,             /* set.h: set and frozenset */
    OBJ_DICT_VIEW,       /* dict_view.h: dict_keys, dict_values, dict_items */
    OBJ_RANGE,           /* range.h */
    OBJ_SLICE,           /* slice.h */
    OBJ_BIGINT,          /* bigint.h: an int beyond 64 bits */
    OBJ_COMPLEX,         /* complex.h */
    OBJ_ITERATOR,        /* iterator.h */
    OBJ_FUNCTION,        /* def and lambda */
    OBJ_BUILTIN,         /* a native function */
    OBJ_BOUND,           /* a method together with its self */
    OBJ_CLASS,
    OBJ_INSTANCE,
    OBJ_MODULE,
    OBJ_CELL, /* a variable that closures share */
    OBJ_EXCEPTION,
    OBJ_PROPERTY,
    OBJ_WRAPPED, /* staticmethod, classmethod */
    OBJ_SUPER,
    OBJ_GENERATOR_EXP, /* eval_comp.c */
    OBJ_ITEM_ITERATOR, /* item_iterator.c */
    OBJ_COMBINER,      /* combine.h: zip, map, filter, enumerate */
    OBJ_OPERATOR,      /* operator.h: an operator of core as a value */
    OBJ_HANDLE,        /* torch_values.h: what register_hook returns */
    OBJ_KIND_COUNT
};

#endif
