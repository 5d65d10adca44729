/* command: what the verbs that run cells have in common: finding them, the report for
 * people, the expected texts without a cell, the summary and the exit code. */
#ifndef RUNNER_COMMAND_H
#define RUNNER_COMMAND_H

#include "runner/command/reports.h"
#include "runner/command/select.h"
#include "runner/command/verb.h"
#include "runner/report/schedule.h"

typedef struct Command {
    Ctx *c;
    const Options *options;
    Arena arena;
    Record record; /* with --lf and --ff */
    Collection found;
    Reports reports;
    RunSummary sum;
    TextSearch *search; /* for texts without a cell; NULL: it does not matter, or has
                           not begun */
    double start;
    bool differs; /* a dry run found something to write or delete */
} Command;

/* Finds the cells that the paths name (`cells` when there are none), selects some, and
 * opens the reports. False when that failed; *exit_code says with what, and nothing is
 * open. */
bool command_open(Command *cmd, Ctx *c, const Options *o, int *exit_code);
/* Runs them and tells the chain, which it does not tell of the run's end. */
void command_run(Command *cmd, Report *chain);
/* Tells the command's own reports of the end. */
void command_end(Command *cmd);
/* Deals with expected texts that no cell has, as --unreferenced says. */
void command_unreferenced(Command *cmd);
/* Writes what the report still has, closes everything and gives the exit code. */
int command_close(Command *cmd);

#endif
