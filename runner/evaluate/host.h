/* host: what core asks of the runner (calls, warnings), and the settings of core that a
 * notebook starts with. */
#ifndef RUNNER_HOST_H
#define RUNNER_HOST_H

#include "runner/evaluate/state.h"

/* Sets c->host. */
void host_install(Ctx *c);
/* Gradients on, default dtype and print options, the generator seeded. */
void host_reset(Ctx *c, uint64_t seed);
/* Each cell starts with the default warning filters. */
void host_begin_cell(Ctx *c);
/* A warning of this class: printed, or raised, or dropped, as the filters say. */
void host_warn_class(Ctx *c, Class *category, Value message);

/* What prelude/warnings.py needs: install(), show(message, category). */
extern const Native warnings_natives[];

#endif
