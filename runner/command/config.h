/* config: autocell.yaml, the flags that a project always runs with.
 *
 * A mapping from long flags to their values: `true` for a flag that takes none.  Flags
 * that the verb does not know are for other verbs.  A file or directory is seen from
 * where autocell.yaml is.
 */
#ifndef RUNNER_CONFIG_H
#define RUNNER_CONFIG_H

#include "runner/command/options.h"

/* Takes what the project's autocell.yaml says for o->verb. False with *p set, or with
 * MemoryError pending. */
bool config_apply(Arena *a, Options *o, Problem *p);

#endif
