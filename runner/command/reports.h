/* reports: the reports that a run is told to, as the options ask for them.
 *
 * Standard output has one report: the terminal's, or TAP, or a file named "-"; then the
 * terminal's goes to standard error, and beside TAP there is none.
 */
#ifndef RUNNER_REPORTS_H
#define RUNNER_REPORTS_H

#include "runner/command/options.h"
#include "runner/read/sink.h"
#include "runner/report/record.h"
#include "runner/report/term.h"

enum { SINKS = 3 };

typedef struct Reports {
    Report *chain;
    Term term;         /* not in the chain when nobody is to see it */
    ChangePlace place; /* from where failures have their names */
    Sink sinks[SINKS];
    uint32_t n_sinks;
} Reports;

/* False with *p set, or with MemoryError pending; then nothing is open. */
bool reports_open(Reports *r, Arena *a, const Options *o, const Collection *found,
                  Problem *p);
/* Writes what there still is; files take their place with `keep`. Complains about what
 * could not be written, and is false then. */
bool reports_close(Reports *r, bool keep);

#endif
