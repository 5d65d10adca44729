/* op_source: where an operator is declared, and the formula of its derivative as it
 * stands in the source.  The table is made from core/ops/ when autocell is built
 * (core/ops/sources.awk). */
#ifndef RUNNER_OP_SOURCE_H
#define RUNNER_OP_SOURCE_H

#include "core/core.h"

typedef struct OpPlace {
    const char *name;     /* in the schema, with the overload */
    const char *file;     /* core/ops/trig.c */
    int line;             /* of the OpDef block; 0 where a macro makes it */
    const char *gradient; /* lines of the backward function; "" without one */
} OpPlace;

OpPlace op_place(const OpDef *def);

#endif
