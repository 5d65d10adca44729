/* prelude: modules written in the notation itself, compiled into the program.
 *
 * Each file prelude/<module>.py is the source of the module of that name.  It is
 * run when the module is first touched, and costs nothing otherwise.  The body of a
 * function is parsed when it is first called: of most modules a cell calls little.
 */
#ifndef RUNNER_PRELUDE_H
#define RUNNER_PRELUDE_H

#include "runner/evaluate/env.h"

typedef struct PreludeSource {
    const char *module; /* "torch.nn.functional" */
    const unsigned char *text;
    size_t len;
} PreludeSource;

/* Ended by a row without a name; made from the files by prelude/embed.sh. */
extern const PreludeSource prelude_sources[];

/* NULL when no file has that name. */
const PreludeSource *prelude_find(const char *module, size_t len);
/* Runs the source of m, if it has one that has not run. False: an error is pending. */
bool prelude_run(Module *m);
/* Parses the body of a function that was left as text. False: an error is pending. */
bool prelude_complete(Function *fn);

#endif
