/* worker: a process that runs one notebook and dies.
 *
 * It is forked, so it has the notebook's bytes, gives up what it does not need
 * (sandbox.h), runs the cells and sends what becomes of them as records (wire.h)
 * through a pipe and a journal.  Nothing that it does can harm its parent, which trusts
 * nothing it sends.
 */
#ifndef RUNNER_WORKER_H
#define RUNNER_WORKER_H

#include "runner/notebook.h"

#include <sys/types.h>

typedef struct Worker {
    Journal *journal; /* kept from one process to the next */
    pid_t pid;        /* 0: there is none */
    int fd;           /* where its records come from */
} Worker;

/* How a worker's process ended. */
typedef struct WorkerEnd {
    bool good;
    FailureClass kind; /* when not: of what it did to the cell under way */
    bool forbidden;    /* it made a system call that cells may not make */
    char note[160];
} WorkerEnd;

/* Called before the program takes any memory: gives it a heap whose pages a worker can
 * take all at once. */
void worker_reserve(void);
/* Forks. 0, or an errno, and then there is no worker. */
int worker_start(Worker *w, Ctx *c, const NotebookText *text, const RunRules *rules);
/* Ends the process, should it still run, and says how it ended. */
void worker_stop(Worker *w, WorkerEnd *end);

#endif
