/* term: the report for people, on a terminal or in a log.
 *
 *     FAIL  cells/a/04-x.yaml:7:5  "title"  op 5  print(x.grad)        values changed
 *         - expected   + actual
 *         ...
 *         accept: autocell accept 4f21
 *     2 notebooks, 23 cells: 21 passed, 1 failed, 1 skipped in 3.1 ms
 *
 * The same change in several cells is shown once.  The text is gathered and written in
 * as few calls as there are reasons to show it early.  Below it a terminal has a status
 * line while cells run (progress.h).
 */
#ifndef RUNNER_TERM_H
#define RUNNER_TERM_H

#include "runner/report/change_id.h"
#include "runner/report/durations.h"
#include "runner/report/report.h"
#include "runner/report/shown.h"

typedef struct TermStyle {
    bool colour;
    bool full;          /* whole differences */
    uint32_t durations; /* how many of the slowest cells are named */
    int verbosity;      /* -1: first lines of failures; 0: failures; 1: every cell */
    int fd;
    const ChangePlace *place; /* failures get names; NULL: none */
} TermStyle;

/* A difference that was shown, by the hash of its text, and in how many more cells it
 * has come again. */
typedef struct TermChange {
    uint64_t hash;
    uint32_t more;
    char place[120];
} TermChange;

enum { TERM_CHANGES = 64 };

typedef struct Term {
    Report report;
    TermStyle style;
    Buf out;
    Durations slow;
    bool broken;       /* the output could not be written */
    double last_write; /* on run_clock */
    char status[512];
    bool has_status; /* the status line is on the terminal */
    uint32_t n_changes;
    TermChange changes[TERM_CHANGES];
} Term;

void term_open(Term *t, Mem *mem, TermStyle style);
/* Writes what there is, and the line below it, instead of the one before; "" is none.
 */
void term_status(Term *t, const char *line);
/* Appends "  <what> path  <note>" in the layout of this report. */
void term_note(Term *t, Colour colour, const char *word, const char *path,
               const char *note);
/* A problem with its place and hint, as `word  file:line:col  message`. */
void term_problem(Term *t, Colour colour, const char *word, const Problem *p);
/* Writes what is gathered. */
void term_flush(Term *t);
/* Writes what is still to be written. False when the output could not be written. */
bool term_close(Term *t);

#endif
