/* session: the engine and interpreter of one notebook.
 *
 * The one place where the runner meets parser, evaluator and core.  Programs are kept
 * until the end, since functions of earlier cells live in them.
 */
#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

#include "runner/evaluate/interp.h"
#include "runner/read/cell.h"

typedef struct Session {
    Ctx ctx;
    Buf *out; /* what the cell under way has printed */
    Interp *interp;
    Program **programs;
    size_t n, cap;
} Session;

typedef enum SessionEnd {
    SESSION_DONE,   /* the cell ran to its end */
    SESSION_RAISED, /* an exception ended it, whose text is the last that was printed */
    SESSION_REFUSED, /* not run: it does not parse; see `parse` */
    SESSION_MEMORY   /* the limit was reached, or the output found no memory */
} SessionEnd;

typedef struct SessionRun {
    SessionEnd end;
    ErrorKind error; /* the kind of the exception */
    bool cut_short;  /* it was not to run to its end */
    bool flooded;    /* it printed more than there is room for */
    const char *out; /* what was printed, valid until the next cell */
    size_t len;
    const OpText *ops;    /* as written; n_ops of them */
    const size_t *starts; /* starts[i]: length of `out` when op i began, if it did */
    uint32_t n_ops;
    uint32_t last_op; /* the op that ran last */
    ParseError parse;
} SessionRun;

/* Where a session lets others look on. */
typedef struct SessionView {
    Buf *out;       /* takes what the cell under way prints; cleared before each */
    OpWatch *watch; /* or NULL */
} SessionView;

/* A fresh context, seeded. False when memory is short; then nothing is open. */
bool session_open(Session *s, uint64_t seed, SessionView view);
void session_close(Session *s);
/* Limits the session to `total` bytes, and to `more` bytes beyond those in use now;
 * 0 is no limit. */
void session_limit(Session *s, uint64_t total, uint64_t more);
/* Runs the cell's first `n_ops` operations, or all when it has no more; `file` must
 * live as long as the session. */
void session_run(Session *s, const char *file, const CellSource *cell, uint32_t n_ops,
                 SessionRun *run);

#endif
