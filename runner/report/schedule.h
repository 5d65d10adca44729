/* schedule: runs notebooks in workers, several at a time, and tells the reports.
 *
 * Reports hear of notebooks in the order of the plan, whatever the number of workers
 * and the order they run in: records are kept until it is their notebook's turn.  No
 * further notebook is begun while KEPT_MOST bytes are kept, so that memory does not
 * grow with the number of notebooks.
 *
 * A worker that ends badly fails the cell it was at (`crash`, `timeout`, `memory`),
 * with what that had printed; the notebook's later cells are cut off.  Other notebooks
 * are not touched.
 *
 * SIGINT, SIGTERM and SIGHUP end the run early: workers are ended, what finished is
 * told, and sum->signal says which it was.  They stay blocked then, so that a second
 * one does not end the summary.
 */
#ifndef RUNNER_SCHEDULE_H
#define RUNNER_SCHEDULE_H

#include "runner/read/unreferenced.h"
#include "runner/report/notebook.h"

/* Notebooks to be run, by their indices. */
typedef struct Order {
    uint32_t n;
    const uint32_t *told;  /* in the order of the reports */
    const uint32_t *begun; /* places in `told`, in the order they begin in */
} Order;

typedef struct RunPlan {
    RunRules rules;
    uint32_t workers;      /* at once, at least 1 */
    uint32_t max_failures; /* once so many cells have failed, no further notebook is
                              told of; 0: any number */
    Order order;
    TextSearch *search; /* goes on while workers leave time for it; or NULL */
} RunPlan;

/* Runs what the plan says, tells `reports` of notebooks and cells, adds up in *sum.
 * False with *p set when the system gives no process. When memory is short the run
 * ends early, with sum->out_of_memory set. */
bool schedule_run(Ctx *c, const Collection *found, const RunPlan *plan, Report *reports,
                  RunSummary *sum, Problem *p);

#endif
