/* progress: the line below the report of a terminal while cells run:
 *
 *     1240/10000 cells, 3 failed, cells/backward, about 12 s left
 *
 * It comes once a run has lasted for half a second and goes with its end.
 */
#ifndef RUNNER_PROGRESS_H
#define RUNNER_PROGRESS_H

#include "runner/report/term.h"

/* From the arena, NULL when memory is short. */
Report *progress_open(Arena *a, Term *term);

#endif
