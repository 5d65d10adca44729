/* notebook: runs one notebook's cells and tells what becomes of them.
 *
 * A notebook has a fresh session; its cells share it, in order.  What goes wrong stays
 * where it is: a cell that cannot be read or parsed is one failure (`bad cell`) and the
 * cells after it run all the same; see judge.h for the rest.  A notebook.yaml that is
 * wrong fails all of its notebook's cells, for what they print may hang on it.
 *
 * Limits: `max_memory` of a cell is what it may take beyond what its notebook held
 * before, that of notebook.yaml what the notebook may take in all; `timeout` of a cell
 * is its own, that of notebook.yaml the sum of all its cells.  Memory is seen to here;
 * a deadline is only noted in the journal, for whoever looks on (worker.h).
 */
#ifndef RUNNER_NOTEBOOK_H
#define RUNNER_NOTEBOOK_H

#include "runner/report/journal.h"
#include "runner/report/notebook_text.h"
#include "runner/report/report.h"

/* How notebooks run, for all of them alike. */
typedef struct RunRules {
    Limits limits;   /* where cells and notebooks have none: a cell's time, a notebook's
                        memory */
    uint32_t repeat; /* how often each notebook runs; 0 is once */
} RunRules;

typedef struct NotebookRun {
    Ctx *c; /* for all that is not the cells' own */
    const NotebookText *text;
    const RunRules *rules;
    Journal *journal;
    Report *reports;
    RunSummary *sum;
    bool dying; /* the process ends behind the notebook, and its memory with it */
} NotebookRun;

/* Runs the notebook and tells the reports of its cells and troubles, but not of its
 * beginning and end. When memory is short it ends early, with MemoryError pending. */
void notebook_run(const NotebookRun *run);

#endif
