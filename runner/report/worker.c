/* See worker.h. */
#define _GNU_SOURCE
#include "runner/report/worker.h"

#include "runner/report/wire.h"
#include "runner/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HEAP_STEP = 384 * 1024,      /* the heap grows by: what a small notebook needs */
    TRIM_FROM = 64 * 1024 * 1024 /* free memory that goes back to the system */
};

/* ---- in the worker ---- */

/* The report that turns what it is told into records. */
typedef struct Sender {
    Report report;
    Journal *journal;
    Buf record;
} Sender;

static void send_record(Sender *s) {
    if (s->record.failed || !journal_put(s->journal, s->record.data, s->record.len))
        _exit(1);
    buf_clear(&s->record);
}

static void send_cell(Report *r, const CellResult *cell) {
    Sender *s = (Sender *)r;
    wire_put_cell(&s->record, cell);
    send_record(s);
}

static void send_trouble(Report *r, const Trouble *trouble) {
    Sender *s = (Sender *)r;
    wire_put_trouble(&s->record, trouble);
    send_record(s);
}

static void send_kind(Sender *s, WireKind kind) {
    wire_put(&s->record, kind);
    send_record(s);
}

/* The parent takes signals in its own way; of those to this process it dies, but for
 * Ctrl-C, which goes to both. */
static void take_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The files are read while files can be opened. */
static void run_notebook(NotebookRun *run, Sender *sender, pid_t parent,
                         const NotebookFiles *files) {
    Arena arena;
    Buf bytes;
    NotebookText text;
    arena_init(&arena, run->c);
    buf_init(&bytes, &run->c->mem);
    if (!notebook_text_read(&arena, files, &bytes, &text)) {
        error_raise(run->c, MemoryError, "%s", "");
        return;
    }
    run->text = &text;
    /* A notebook.yaml may allow more than is usual. */
    uint64_t memory = files->has_config ? 0 : run->rules->limits.max_memory;
    if (!sandbox_enter(parent, memory)) send_kind(sender, WIRE_UNFILTERED);
    journal_wait(run->journal);
    notebook_run(run);
}

static _Noreturn void run_worker(NotebookRun *run, pid_t parent, int results,
                                 const NotebookFiles *files) {
    static const ReportType type = {.cell = send_cell, .trouble = send_trouble};
    Sender sender = {.report = {.type = &type}, .journal = run->journal};
    RunSummary sum = {.notebooks = 0};
    buf_init(&sender.record, &run->c->mem);
    run->reports = &sender.report;
    run->sum = &sum;
    mem_huge_after(&run->c->mem, MEM_HUGE_AFTER);
    take_signals();
    if (dup2(results, STDOUT_FILENO) < 0) _exit(1);
    journal_begin(run->journal, STDOUT_FILENO);
    run_notebook(run, &sender, parent, files);
    if (ctx_failed(run->c)) {
        error_clear(run->c);
        send_kind(&sender, WIRE_MEMORY);
    }
    send_kind(&sender, WIRE_END);
    _exit(journal_flush(run->journal) ? 0 : 1);
}

/* ---- in its parent ---- */

void worker_reserve(void) {
    mallopt(M_TOP_PAD, HEAP_STEP);
    mallopt(M_TRIM_THRESHOLD, TRIM_FROM);
}

static void wait_for_leaving(Worker *w) {
    if (w->leaving)
        while (waitpid(w->leaving, NULL, 0) < 0 && errno == EINTR) {
        }
    w->leaving = 0;
}

int worker_start(Worker *w, Ctx *c, const NotebookFiles *files, const RunRules *rules,
                 bool held) {
    int ends[2];
    wait_for_leaving(w); /* it could still write into the journal */
    if (!w->journal && !(w->journal = journal_open())) return ENOMEM;
    if (pipe2(ends, O_CLOEXEC)) return errno;
    journal_hold(w->journal, held);
    pid_t parent = getpid();
    w->pid = fork();
    if (w->pid == 0) {
        NotebookRun run = {
            .c = c, .rules = rules, .journal = w->journal, .dying = true};
        run_worker(&run, parent, ends[1], files);
    }
    int error = w->pid < 0 ? errno : 0;
    close(ends[1]);
    w->fd = ends[0];
    w->ended = error ? -1 : pidfd_open(w->pid, 0);
    if (!error) return 0;
    close(w->fd);
    w->pid = 0;
    return error;
}

void worker_go_on(Worker *w) {
    journal_go_on(w->journal);
}

/* Whether it held so much that the system must have ended it for that. */
static bool was_huge(const struct rusage *used) {
    struct sysinfo all;
    if (sysinfo(&all)) return false;
    uint64_t total = (uint64_t)all.totalram * all.mem_unit;
    return (uint64_t)used->ru_maxrss * 1024 > total / 2;
}

static void describe_signal(WorkerEnd *end, int number, const struct rusage *used) {
    const char *name = sigabbrev_np(number), *why = "";
    end->kind = FAILURE_CRASH;
    switch (number) {
    case SIGSYS:
        end->forbidden = true;
        why = ": it tried what cells may not do (files, network, processes)";
        break;
    case SIGSEGV: why = ": wrong memory, or no stack left"; break;
    case SIGKILL:
        if (was_huge(used)) {
            end->kind = FAILURE_MEMORY;
            why = ": the system has no more memory";
        }
        break;
    default: break;
    }
    snprintf(end->note, sizeof end->note, "ended by SIG%s%s", name ? name : "?", why);
}

static void close_ends(Worker *w) {
    close(w->fd);
    if (w->ended >= 0) close(w->ended);
}

void worker_stop(Worker *w, WorkerEnd *end) {
    int status = 0;
    struct rusage used = {.ru_maxrss = 0};
    *end = (WorkerEnd){.good = false};
    kill(w->pid, SIGKILL);
    while (wait4(w->pid, &status, 0, &used) < 0 && errno == EINTR) {
    }
    close_ends(w);
    w->pid = 0;
    if (WIFSIGNALED(status)) {
        describe_signal(end, WTERMSIG(status), &used);
    } else {
        end->good = WEXITSTATUS(status) == 0;
        end->kind = FAILURE_CRASH;
        snprintf(end->note, sizeof end->note, "its process ended with exit code %d",
                 WEXITSTATUS(status));
    }
}

void worker_let_go(Worker *w) {
    kill(w->pid, SIGKILL);
    close_ends(w);
    w->leaving = w->pid;
    w->pid = 0;
}

/* What is left of a process that was let go needs nobody to wait for it. */
void worker_close(Worker *w) {
    journal_close(w->journal);
    w->journal = NULL;
}
