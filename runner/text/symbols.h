/* symbols: interned names, and the slots of global variables.
 *
 * One Symbols serves an interpreter: equal names (and string constants) are one Str,
 * so names compare by pointer, across cells and prelude modules.
 * One GlobalTable serves a module (the cells of a notebook are one module, each
 * prelude file is one): a name keeps its slot for good, so two cells that say `x`
 * mean one slot.  The values stand in an array of the environment's, in parallel;
 * it grows to `n` after each parse.
 *
 * Both own their Strs and give them back in *_close.  Failure is a pending
 * MemoryError and NULL, or -1.
 */
#ifndef RUNNER_SYMBOLS_H
#define RUNNER_SYMBOLS_H

#include "core/core.h"

typedef struct Symbols {
    Ctx *ctx;
    Str **table; /* open addressing, a power of two, NULL is free */
    size_t n, cap;
} Symbols;

void symbols_init(Symbols *s, Ctx *c);
void symbols_close(Symbols *s);
/* The one Str with these bytes (valid UTF-8), borrowed. */
Str *symbols_intern(Symbols *s, const char *bytes, size_t n);
Str *symbols_from(Symbols *s, const char *text);

typedef struct GlobalTable {
    Ctx *ctx;
    const Str **names; /* by slot; interned, borrowed from the Symbols */
    int32_t n, cap;
    int32_t *table; /* open addressing: slot + 1, 0 is free */
    size_t table_cap;
} GlobalTable;

void globals_init(GlobalTable *g, Ctx *c);
void globals_close(GlobalTable *g);
/* The slot of an interned name, a new one when it has none. */
int32_t globals_slot(GlobalTable *g, const Str *name);
/* -1 when the name has no slot. */
int32_t globals_find(const GlobalTable *g, const Str *name);

#endif
