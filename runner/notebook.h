/* notebook: runs notebooks and judges what their cells print.
 *
 * Every notebook has a fresh session; its cells share it, in order.  What goes wrong
 * stays where it is: a cell that cannot be read or parsed is one failure (`bad cell`)
 * and the cells after it run all the same; a NameError for a name that such a cell
 * would have set is `blocked`.  A notebook.yaml that is wrong fails all of its
 * notebook's cells, for what they print may hang on it.
 *
 * A skipped cell does not run.  An xfail cell runs; it must not match, and one that
 * matches is a failure (`unexpected pass`).  An xfail cell that is itself wrong, or
 * has no expected text, is a failure like any other.
 *
 * Limits: `max_memory` of a cell is what it may take beyond what its notebook held
 * before, that of notebook.yaml what the notebook may take in all.
 */
#ifndef RUNNER_NOTEBOOK_H
#define RUNNER_NOTEBOOK_H

#include "runner/report.h"

/* Runs the collection and tells `reports`; adds up in *sum. Once `max_failures` cells
 * (0: any number) have failed, no further notebook begins. `c` is for the run's own
 * needs; when it runs out of memory the run ends early, with sum->out_of_memory set. */
void run_notebooks(Ctx *c, const Collection *found, uint32_t max_failures,
                   Report *reports, RunSummary *sum);

/* The exit code that cli.md gives to these results. */
int run_exit_code(const RunSummary *sum);

/* Seconds on a clock that only goes forward. */
double run_clock(void);

#endif
