/* worker: a process that runs one notebook and dies.
 *
 * It reads the notebook's files, then gives up what it does not need (sandbox.h), runs
 * the cells and sends what becomes of them as records (wire.h) through a pipe and a
 * journal.  Nothing that it does can harm its parent, which trusts
 * nothing it sends.
 */
#ifndef RUNNER_WORKER_H
#define RUNNER_WORKER_H

#include "runner/report/notebook.h"

#include <sys/types.h>

typedef struct Worker {
    Journal *journal; /* kept from one process to the next */
    pid_t pid;        /* 0: there is none */
    pid_t leaving;    /* one that was let go and may not have ended yet; 0: none */
    int fd;           /* where its records come from */
    int ended;        /* can be read from once the process has ended; -1: who knows */
} Worker;

/* How a worker's process ended. */
typedef struct WorkerEnd {
    bool good;
    FailureClass kind; /* when not: of what it did to the cell under way */
    bool forbidden;    /* it made a system call that cells may not make */
    char note[160];
} WorkerEnd;

/* Called before the program takes any memory: has its heap grow in few steps and keep
 * what is free. */
void worker_reserve(void);
/* Forks. 0, or an errno, and then there is no worker.  One that is held reads its files
 * and waits for worker_go_on before it runs a cell. */
int worker_start(Worker *w, Ctx *c, const NotebookFiles *files, const RunRules *rules,
                 bool held);
void worker_go_on(Worker *w);
/* Ends the process, should it still run, and says how it ended. */
void worker_stop(Worker *w, WorkerEnd *end);
/* Ends one that has done all it had to, without waiting until it is gone: taking a
 * process down takes the system as long as some cells take to run. */
void worker_let_go(Worker *w);
/* Gives back what the worker holds, when no process of its will be started any more. */
void worker_close(Worker *w);

#endif
