/* report: what a run tells those who show or store its results.
 *
 * A report is told of the run's beginning, each notebook, each of its cells, the
 * notebook's end, and the run's end, in natural order however the notebooks ran.  What
 * it is given is valid during the call.
 */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include "runner/read/discover.h"
#include "runner/run/classify.h"

typedef enum CellState {
    CELL_PASSED,
    CELL_FAILED,
    CELL_SKIPPED,
    CELL_XFAILED
} CellState;

typedef struct CellResult {
    const NotebookFiles *notebook;
    uint32_t index; /* in the notebook's cells */
    const char *path, *expected_path;
    CellState state;
    const char *title;  /* NULL when it has none, or could not be read */
    const char *reason; /* of skip or xfail, or NULL */

    /* Of a failure: its class, what is known of it, and its place. `file` is the
     * cell's, or the expected text's; op counts from 1, 0 when it is about none. */
    Difference difference;
    Problem problem; /* of a cell that did not run; `message` may be "" */
    const char *file;
    uint32_t line, col;
    uint32_t op;
    const char *op_text;

    /* Both texts, without what masks cut; NULL when not known. */
    const char *expected, *actual;
    size_t expected_len, actual_len;
    /* The whole text that a cell which did not pass has printed; NULL: it did not run
     * to an end. */
    const char *printed;
    size_t printed_len;
    /* Hashes of the files that it comes from, its own and those of the cells before it,
     * and of the expected text; of a failure that ran. */
    uint64_t source_hash, expected_hash;

    bool unsound; /* what it printed hangs on a cell that did not run */
    bool cut_off; /* it did not run, for a cell before it ended its notebook */

    uint32_t moved; /* numbers that moved within the tolerance of a cell that passed */
    double most;
    double seconds;
} CellResult;

/* A cell that ran as it should, and whose text is simply another one: what `update`
 * writes. */
static inline bool result_can_accept(const CellResult *cell) {
    FailureClass kind = cell->difference.kind;
    return cell->state == CELL_FAILED && cell->printed &&
           cell->problem.kind == PROBLEM_NONE && kind != FAILURE_UNEXPECTED_PASS &&
           kind != FAILURE_CONFLICT && !cell->unsound;
}

/* Something is wrong with a file that is no cell: notebook.yaml, or an expected text
 * that has none; or a notebook's worker went astray. */
typedef struct Trouble {
    Problem problem;
    bool fails;          /* it fails the run */
    uint32_t lost_cells; /* cells that did not run because of it */
} Trouble;

typedef struct RunSummary {
    uint32_t notebooks, cells;
    uint32_t passed, failed, blocked, skipped, xfailed;
    uint32_t received;     /* cells whose results have come, told of or not yet */
    uint32_t bad_inputs;   /* cells and notebook.yaml files that are wrong themselves */
    uint32_t refusals;     /* files that the system would not read or write */
    uint32_t unreferenced; /* texts without a cell, where they count as failures */
    uint32_t not_run;      /* notebooks left out after --maxfail failures */
    uint32_t astray;       /* notebooks whose worker did what none does */
    bool out_of_memory;
    int signal; /* the signal that ended the run early, or 0 */
    double seconds;
} RunSummary;

/* The count that a cell which failed goes into: a blocked one failed only because
 * another did. */
static inline uint32_t *failure_count(RunSummary *sum, const CellResult *cell) {
    bool blocked = cell->difference.kind == FAILURE_BLOCKED;
    return blocked ? &sum->blocked : &sum->failed;
}

typedef struct Report Report;
typedef struct ReportType {
    void (*begin)(Report *r, const Collection *found);
    void (*notebook)(Report *r, const NotebookFiles *nb);
    void (*cell)(Report *r, const CellResult *cell);
    void (*trouble)(Report *r, const Trouble *trouble);
    void (*notebook_end)(Report *r, const NotebookFiles *nb);
    /* There is nothing to tell for now. Gives the time, on run_clock, by which it wants
     * to be called again though nothing has happened; 0: it need not be. */
    double (*idle)(Report *r, const RunSummary *so_far);
    void (*end)(Report *r, const RunSummary *summary);
} ReportType;

/* What every report begins with. NULL functions are not called. */
struct Report {
    const ReportType *type;
    Report *next; /* told after this one */
};

/* Each tells the reports of the chain. A summary, unless it is NULL, counts first. */
void report_begin(Report *chain, const Collection *found);
void report_notebook(Report *chain, const NotebookFiles *nb);
void report_cell(Report *chain, RunSummary *sum, const CellResult *cell);
void report_trouble(Report *chain, RunSummary *sum, const Trouble *trouble);
void report_notebook_end(Report *chain, const NotebookFiles *nb);
/* The soonest time that any of them wants. */
double report_idle(Report *chain, const RunSummary *so_far);
void report_end(Report *chain, const RunSummary *sum);

/* The exit code that these results give: 4, 2, 3, 1, 5 or 0, the gravest first. */
int run_exit_code(const RunSummary *sum);

#endif
