/* journal: memory that a worker shares with the process that started it.
 *
 * What the worker notes here outlives it, however it ends: which cell and operation
 * ran, what the cell had printed, and the results that were not sent yet.  Results
 * gather here and go through the pipe in batches; what is large goes at once.
 *
 * The worker is not trusted. Its parent reads only through journal_printed,
 * journal_pending and journal_moment, which check what they find, and only once the
 * worker is dead (journal_deadline, at any time).
 */
#ifndef RUNNER_JOURNAL_H
#define RUNNER_JOURNAL_H

#include "runner/evaluate/interp.h"

typedef struct Journal Journal;

/* Where the worker was. */
typedef struct Moment {
    uint32_t cell;  /* index of the cell under way */
    bool running;   /* false: it was between two cells, or behind the last */
    double started; /* when the cell began, on run_clock */
    double limit;   /* what it may take, in seconds; 0: anything */
    char title[128];
    OpWatch op;
} Moment;

/* NULL when the system gives no memory. */
Journal *journal_open(void);
void journal_close(Journal *j);

/* ---- the worker's side ---- */

/* Empties it for another worker; results go to `fd` (-1: nowhere). */
void journal_begin(Journal *j, int fd);
/* Waits for journal_go_on when the worker is held. */
void journal_wait(Journal *j);
/* Takes what the cell under way prints. It cannot grow beyond its first size. */
Buf *journal_output(Journal *j);
OpWatch *journal_watch(Journal *j);
void journal_begin_cell(Journal *j, uint32_t cell);
void journal_title(Journal *j, const char *title);
/* The cell under way must have ended `seconds` from now; 0: no limit. */
void journal_limit(Journal *j, double seconds);
void journal_end_cell(Journal *j);
/* Records to be sent, now or later. False when they cannot be. */
bool journal_put(Journal *j, const char *records, size_t n);
/* Sends what is pending. */
bool journal_flush(Journal *j);

/* ---- the parent's side ---- */

/* Makes it ready before there is a worker: whether that is to be held. */
void journal_hold(Journal *j, bool held);
void journal_go_on(Journal *j);
const char *journal_printed(const Journal *j, size_t *len);
const char *journal_pending(const Journal *j, size_t *len);
void journal_moment(const Journal *j, Moment *m);
/* When the cell under way must have ended, on run_clock; 0: no limit, or no cell. The
 * worker relies on it that the parent asks again at that time, and whenever the worker
 * says so (WIRE_WAKE). */
double journal_deadline(Journal *j);

#endif
