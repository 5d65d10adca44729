/* judge: what a cell's run comes to: passed, or failed with its class, place and note.
 *
 * A skipped cell does not run.  An xfail cell runs; it must not match, and one that
 * matches is a failure (`unexpected pass`).  An xfail cell that is itself wrong, or
 * has no expected text, is a failure like any other.  A NameError for a name that
 * stands in a cell that did not run, or that an unexpected error ended, is `blocked`;
 * what such a cell would have set is missing in turn.
 */
#ifndef RUNNER_JUDGE_H
#define RUNNER_JUDGE_H

#include "runner/report/notebook_text.h"
#include "runner/report/report.h"
#include "runner/run/session.h"

/* A cell that did not run, or not to its end where it should, with the text of its
 * file, for names it would have set. */
typedef struct Absent {
    struct Absent *next;
    const char *path, *text;
    bool ran;
    const char *fate; /* "failed" */
} Absent;

/* What is known of a notebook while its cells are judged. */
typedef struct Judge {
    Arena *arena, *scratch;  /* of the notebook; of the cell */
    const CompareRule *rule; /* the notebook's own */
    CompareUse use;          /* of that rule */
    Absent *absent;
} Judge;

/* Judges a cell that was to run. `result` knows its notebook, index and paths. */
void judge_cell(Judge *j, const CellSource *source, const FileText *cell,
                const FileText *expected, const SessionRun *ran, CellResult *result);
/* The cell printed `first` in an earlier round, and another text now. */
void judge_unstable(Judge *j, const char *first, size_t len, const SessionRun *ran,
                    CellResult *result);
/* The cell's file is at fault, where result->problem says. */
void judge_problem(CellResult *result);
/* The cell did not run: names that stand in its text are missing from now on. */
void judge_absent(Judge *j, const FileText *cell);
/* What of a rule that made the texts equal did nothing; false when all was needed. */
bool judge_unused(const CompareRule *rule, const CompareUse *use, Problem *p);

#endif
