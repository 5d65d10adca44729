/* op_plan: how the `saves` string of an OpDef is kept once it has been read. */
#ifndef CORE_OP_PLAN_H
#define CORE_OP_PLAN_H

#include <stdint.h>

typedef enum SaveKind { SAVE_ARG, SAVE_SIZES, SAVE_GEOMETRY, SAVE_RESULT } SaveKind;

typedef struct SaveEntry {
    uint8_t kind;     /* SaveKind */
    int8_t param;     /* index of the parameter, or of the result */
    int8_t only_if;   /* save only when this parameter requires grad; -1: always */
    int8_t edge;      /* its edge; -1 where that hangs on the length of a list */
    const char *name; /* "self", in the string; for grad_fn._saved_self */
    const char *const *shown; /* of sizes and geometry: what follows name there; two */
    uint8_t name_len;
} SaveEntry;

typedef struct SavePlan {
    SaveEntry entries[16];
} SavePlan;

#endif
