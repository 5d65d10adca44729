/* core.h: the engine as the runner sees it; the only header of core/ it includes. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "bind.h"
#include "custom.h"
#include "device.h"
#include "engine.h"
#include "indexing.h"
#include "inplace.h"
#include "kernel/lapack.h"
#include "kernel/libm.h"
#include "kernel/vecmath.h"
#include "pointwise.h"
#include "print.h"
#include "rng.h"

/* Opens a context with all its parts: ctx_open, the default generator seeded with 0.
 * False when memory is short; then nothing is left to close. */
bool core_open(Ctx *c);
/* Closes everything core_open and later calls made. Afterwards c->mem.live_blocks
 * counts what callers still hold. */
void core_close(Ctx *c);

#endif
