/* See report.h. */
#include "runner/report/report.h"

int run_exit_code(const RunSummary *sum) {
    if (sum->out_of_memory || sum->refusals) return 4;
    if (sum->bad_inputs) return 2;
    if (sum->astray) return 3;
    if (sum->failed || sum->blocked || sum->unreferenced) return 1;
    return sum->cells ? 0 : 5;
}

static void count_cell(RunSummary *sum, const CellResult *cell) {
    sum->cells++;
    switch (cell->state) {
    case CELL_PASSED: sum->passed++; break;
    case CELL_FAILED: ++*failure_count(sum, cell); break;
    case CELL_SKIPPED: sum->skipped++; break;
    case CELL_XFAILED: sum->xfailed++; break;
    }
    if (cell->state != CELL_FAILED) return;
    if (cell->problem.kind == PROBLEM_IO)
        sum->refusals++;
    else if (cell->difference.kind == FAILURE_BAD_CELL)
        sum->bad_inputs++;
}

static void count_trouble(RunSummary *sum, const Trouble *trouble) {
    sum->cells += trouble->lost_cells;
    sum->failed += trouble->lost_cells;
    if (!trouble->fails) return;
    if (trouble->problem.kind == PROBLEM_IO)
        sum->refusals++;
    else if (trouble->problem.kind == PROBLEM_BUG)
        sum->astray++;
    else
        sum->bad_inputs++;
}

void report_begin(Report *chain, const Collection *found) {
    for (Report *r = chain; r; r = r->next)
        if (r->type->begin) r->type->begin(r, found);
}

void report_notebook(Report *chain, const NotebookFiles *nb) {
    for (Report *r = chain; r; r = r->next)
        if (r->type->notebook) r->type->notebook(r, nb);
}

void report_cell(Report *chain, RunSummary *sum, const CellResult *cell) {
    if (sum) count_cell(sum, cell);
    for (Report *r = chain; r; r = r->next)
        if (r->type->cell) r->type->cell(r, cell);
}

void report_trouble(Report *chain, RunSummary *sum, const Trouble *trouble) {
    if (sum) count_trouble(sum, trouble);
    for (Report *r = chain; r; r = r->next)
        if (r->type->trouble) r->type->trouble(r, trouble);
}

void report_notebook_end(Report *chain, const NotebookFiles *nb) {
    for (Report *r = chain; r; r = r->next)
        if (r->type->notebook_end) r->type->notebook_end(r, nb);
}

double report_idle(Report *chain, const RunSummary *so_far) {
    double soonest = 0;
    for (Report *r = chain; r; r = r->next) {
        double time = r->type->idle ? r->type->idle(r, so_far) : 0;
        if (time > 0 && (soonest <= 0 || time < soonest)) soonest = time;
    }
    return soonest;
}

void report_end(Report *chain, const RunSummary *sum) {
    for (Report *r = chain; r; r = r->next)
        if (r->type->end) r->type->end(r, sum);
}
