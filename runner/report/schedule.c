/* See schedule.h. */
#include "runner/report/schedule.h"

#include "runner/report/wire.h"
#include "runner/report/worker.h"
#include "runner/run/sandbox.h"
#include "runner/run/stops.h"
#include "runner/text/units.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { KEPT_MOST = 8 * 1024 * 1024, READ_SIZE = 64 * 1024 };

/* What has come of a notebook, from its beginning until it is told. */
typedef struct Job {
    const NotebookFiles *files;
    Buf bytes;         /* its records, and perhaps the start of one more */
    size_t whole;      /* the bytes up to here are whole, sound records */
    uint32_t received; /* cells in them, so also the index of the next */
    uint32_t told;     /* cells the reports have heard of */
    bool ended;        /* the worker said that all is done */
    bool done;         /* nothing more will come */
    bool announced;    /* the reports have heard of the notebook */
} Job;

typedef struct Slot {
    Worker worker;
    Job *job;           /* NULL: idle */
    bool held;          /* its worker has begun ahead of its time, and waits */
    double wake;        /* when its deadline is to be looked at; 0: never */
    uint32_t libraries; /* that were open when its worker began */
    bool late;          /* it was ended at its deadline */
    bool astray;        /* what it sent makes no sense */
} Slot;

typedef struct Schedule {
    Ctx *c;
    const RunPlan *plan;
    const Collection *found;
    Report *reports;
    RunSummary *sum;
    Problem *problem;
    Arena arena;
    Job **jobs; /* in the order of plan->order.told; NULL: not begun, or told */
    Slot *slots;
    uint32_t n_slots;
    struct pollfd *polled; /* two a slot, and the signals */
    uint32_t n_begun;      /* of plan->order.begun, all before this have begun */
    uint32_t turn;         /* the job whose turn it is to be told */
    size_t kept;           /* bytes of records kept */
    uint32_t libraries;    /* opened for want of them */
    int signals;
    bool enough;    /* so many failures that the run ends */
    bool searching; /* plan->search is not at its end */
    bool unfiltered;
} Schedule;

/* ---- beginning ---- */

static Job *job_new(Schedule *s, uint32_t place) {
    Job *job = ctx_alloc(s->c, sizeof *job);
    if (!job) return NULL;
    *job = (Job){.files = &s->found->notebooks[s->plan->order.told[place]]};
    buf_init(&job->bytes, &s->c->mem);
    return s->jobs[place] = job;
}

static void job_free(Schedule *s, uint32_t place) {
    Job *job = s->jobs[place];
    s->jobs[place] = NULL;
    if (!job) return;
    buf_free(&job->bytes);
    ctx_free(s->c, job, sizeof *job);
}

static int start(Schedule *s, Slot *slot, Job *job, bool held) {
    int error = worker_start(&slot->worker, s->c, job->files, &s->plan->rules, held);
    if (error) return error;
    slot->job = job;
    slot->held = held;
    slot->wake = 0;
    slot->libraries = s->libraries;
    slot->late = slot->astray = false;
    return 0;
}

/* The workers that are at it. */
static uint32_t count_running(const Schedule *s) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_slots; i++) n += s->slots[i].job && !s->slots[i].held;
    return n;
}

static bool is_busy(const Schedule *s) {
    for (uint32_t i = 0; i < s->n_slots; i++)
        if (s->slots[i].job) return true;
    return false;
}

/* Told ones are no more, and their turn has been. */
static bool has_begun(const Schedule *s, uint32_t place) {
    return place < s->turn || s->jobs[place];
}

/* The place of the next job to begin; the one whose turn it is when too much is kept
 * already. False: none. */
static bool next_place(Schedule *s, uint32_t *place) {
    *place = s->turn;
    if (s->kept >= KEPT_MOST) return !has_begun(s, s->turn);
    for (; s->n_begun < s->plan->order.n; s->n_begun++) {
        *place = s->plan->order.begun[s->n_begun];
        if (!has_begun(s, *place)) return true;
    }
    return false;
}

/* Workers that were held go on before others begin. */
static bool begin_jobs(Schedule *s) {
    uint32_t running = count_running(s), place;
    for (uint32_t i = 0; i < s->n_slots && running < s->plan->workers; i++) {
        if (!s->slots[i].job || !s->slots[i].held) continue;
        worker_go_on(&s->slots[i].worker);
        s->slots[i].held = false;
        running++;
    }
    for (uint32_t i = 0; i < s->n_slots; i++) {
        if (s->slots[i].job) continue;
        if (!next_place(s, &place)) break;
        Job *job = job_new(s, place);
        if (!job) return false;
        int error = start(s, &s->slots[i], job, running >= s->plan->workers);
        if (error) job_free(s, place);
        if (ctx_failed(s->c)) return false;
        if (error == EAGAIN && is_busy(s)) break;
        if (error) return problem_io(s->problem, NULL, "cannot start a process", error);
        running++;
    }
    return true;
}

/* ---- records ---- */

static void append(Schedule *s, Job *job, const char *bytes, size_t n) {
    buf_add(&job->bytes, bytes, n);
    s->kept += n;
    if (job->bytes.failed) s->sum->out_of_memory = true;
}

static void drop(Schedule *s, Job *job, size_t from, size_t n) {
    size_t rest = job->bytes.len - from - n;
    if (rest) memmove(job->bytes.data + from, job->bytes.data + from + n, rest);
    job->bytes.len -= n;
    s->kept -= n;
}

/* Drops what came after the last whole record. */
static void drop_rest(Schedule *s, Job *job) {
    drop(s, job, job->whole, job->bytes.len - job->whole);
}

static void count_received(Schedule *s, Job *job, uint32_t n) {
    job->received += n;
    s->sum->received += n;
}

/* A record is sound: of a kind that workers send, in its place. Cells that came before
 * come again when a notebook was begun anew. */
static bool accept_record(Schedule *s, Slot *slot, const WireRecord *record) {
    Job *job = slot->job;
    CellResult cell;
    Trouble trouble;
    switch (record->kind) {
    case WIRE_CELL:
        if (!wire_take_cell(record, &cell) || cell.index > job->received ||
            cell.index >= job->files->n_run)
            return false;
        count_received(s, job, cell.index == job->received);
        return true;
    case WIRE_TROUBLE:
        if (!wire_take_trouble(record, &trouble) ||
            trouble.lost_cells > job->files->n_run - job->received)
            return false;
        count_received(s, job, trouble.lost_cells);
        return true;
    case WIRE_WAKE: slot->wake = journal_deadline(slot->worker.journal); return true;
    case WIRE_UNFILTERED: s->unfiltered = true; return true;
    case WIRE_MEMORY: s->sum->out_of_memory = true; return true;
    case WIRE_END: return job->ended = true;
    default: return false;
    }
}

/* Looks through what came; false when it makes no sense. */
static bool accept_records(Schedule *s, Slot *slot) {
    Job *job = slot->job;
    WireRecord record;
    while (
        wire_next(job->bytes.data + job->whole, job->bytes.len - job->whole, &record)) {
        if (record.size == 0) return true;
        if (!accept_record(s, slot, &record)) return false;
        job->whole += record.size;
    }
    return false;
}

/* ---- telling ---- */

static void tell_cell(Schedule *s, Job *job, Arena *a, const WireRecord *record) {
    CellResult cell;
    wire_take_cell(record, &cell);
    if (cell.index != job->told) return;
    job->told++;
    cell.notebook = job->files;
    cell.path = cell_path(a, job->files, cell.index);
    cell.expected_path = cell_expected_path(a, job->files, cell.index);
    if (cell.path && cell.expected_path) report_cell(s->reports, s->sum, &cell);
}

static void tell_records(Schedule *s, Job *job) {
    WireRecord record;
    Trouble trouble;
    Arena arena;
    size_t at = 0;
    arena_init(&arena, s->c);
    for (; at < job->whole; at += record.size) {
        wire_next(job->bytes.data + at, job->whole - at, &record);
        if (record.kind == WIRE_CELL)
            tell_cell(s, job, &arena, &record);
        else if (record.kind == WIRE_TROUBLE && wire_take_trouble(&record, &trouble))
            report_trouble(s->reports, s->sum, &trouble);
    }
    arena_free(&arena);
    drop(s, job, 0, job->whole);
    job->whole = 0;
}

static void tell_job(Schedule *s, Job *job) {
    if (!job->announced) {
        job->announced = true;
        s->sum->notebooks++;
        report_notebook(s->reports, job->files);
    }
    tell_records(s, job);
    if (job->done) report_notebook_end(s->reports, job->files);
}

/* Tells what can be told, in order. */
static void tell(Schedule *s) {
    uint32_t most = s->plan->max_failures;
    while (s->turn < s->plan->order.n && !s->enough) {
        Job *job = s->jobs[s->turn];
        if (!job) return;
        tell_job(s, job);
        if (!job->done) return;
        job_free(s, s->turn++);
        s->enough = most && s->sum->failed >= most;
    }
}

/* ---- bad ends ---- */

/* Counts a record that was put behind the others. */
static void keep_record(Schedule *s, Job *job, size_t before) {
    s->kept += job->bytes.len - before;
    if (job->bytes.failed)
        s->sum->out_of_memory = true;
    else
        job->whole = job->bytes.len;
}

static void put_result(Schedule *s, Job *job, const CellResult *cell) {
    size_t before = job->bytes.len;
    wire_put_cell(&job->bytes, cell);
    keep_record(s, job, before);
}

static void place(CellResult *cell, const OpWatch *op) {
    if (op->op == 0) return;
    cell->op = op->op;
    cell->op_text = op->text;
    cell->line = op->line;
    cell->col = op->col;
}

static void put_ended(Schedule *s, const Slot *slot, const Moment *m,
                      const WorkerEnd *end, CellResult *cell) {
    uint32_t left = slot->job->files->n_run - cell->index - 1;
    Difference *d = &cell->difference;
    d->kind = slot->late ? FAILURE_TIMEOUT : end->kind;
    snprintf(d->note, sizeof d->note, "%s", end->note);
    if (slot->astray)
        snprintf(d->note, sizeof d->note, "what its process sent makes no sense");
    if (slot->late)
        snprintf(d->note, sizeof d->note, "it ran longer than %.3g s", m->limit);
    size_t used = strlen(d->note);
    if (left)
        snprintf(d->note + used, sizeof d->note - used,
                 "; the %u cell%s after it did not run", left, left == 1 ? "" : "s");
    if (m->running) {
        cell->title = *m->title ? m->title : NULL;
        cell->seconds = run_clock() - m->started;
        cell->actual = journal_printed(slot->worker.journal, &cell->actual_len);
        place(cell, &m->op);
    }
    put_result(s, slot->job, cell);
}

static void put_cut_off(Schedule *s, Job *job, const char *by, CellResult *cell) {
    Difference *d = &cell->difference;
    d->kind = FAILURE_BLOCKED;
    cell->cut_off = true;
    snprintf(d->note, sizeof d->note, "did not run: %.200s ended the notebook", by);
    put_result(s, job, cell);
}

/* Results for the cells that have none: the one the worker was at, and the others. */
static void put_missing(Schedule *s, Slot *slot, const WorkerEnd *end) {
    Job *job = slot->job;
    Arena arena;
    Moment m;
    journal_moment(slot->worker.journal, &m);
    uint32_t first = job->received, last = job->files->n_run;
    uint32_t culprit = m.running && m.cell >= first && m.cell < last ? m.cell : first;
    m.running &= m.cell == culprit;
    arena_init(&arena, s->c);
    for (uint32_t i = first; i < last; i++) {
        CellResult cell = {.index = i, .state = CELL_FAILED, .line = 1, .col = 1};
        cell.file = cell_path(&arena, job->files, i);
        const char *by = cell_path(&arena, job->files, culprit);
        if (!cell.file || !by) break;
        if (i == culprit)
            put_ended(s, slot, &m, end, &cell);
        else
            put_cut_off(s, job, by, &cell);
        count_received(s, job, 1);
    }
    arena_free(&arena);
}

static void put_astray(Schedule *s, Job *job, const WorkerEnd *end) {
    Trouble trouble = {.fails = true};
    size_t before = job->bytes.len;
    problem_set(&trouble.problem, PROBLEM_BUG, "the notebook's process %s",
                *end->note ? end->note : "went astray");
    problem_at(&trouble.problem, job->files->dir, 0, 0);
    wire_put_trouble(&job->bytes, &trouble);
    keep_record(s, job, before);
}

/* ---- the end of a worker ---- */

/* What it had not sent yet is in the journal. */
static void take_pending(Schedule *s, Slot *slot) {
    Job *job = slot->job;
    size_t n;
    const char *pending = journal_pending(slot->worker.journal, &n);
    append(s, job, pending, n);
    if (!accept_records(s, slot)) slot->astray = true;
    drop_rest(s, job);
}

/* Whether libraries have been looked for that had not been when the worker began: what
 * it did that is forbidden was perhaps to open one. */
static bool may_help(Schedule *s, const Slot *slot) {
    if (slot->libraries == s->libraries && s->libraries < SANDBOX_LIBRARIES &&
        sandbox_open_library())
        s->libraries++;
    return slot->libraries < s->libraries;
}

static bool is_whole(const Slot *slot) {
    const Job *job = slot->job;
    return job->ended && !slot->astray && job->received == job->files->n_run;
}

/* The worker has sent all there was to send. */
static void part(Slot *slot) {
    worker_let_go(&slot->worker);
    slot->job->done = true;
    slot->job = NULL;
}

/* The worker has come to its end, be it a good one or not. */
static void finish(Schedule *s, Slot *slot) {
    Job *job = slot->job;
    WorkerEnd end;
    worker_stop(&slot->worker, &end);
    drop_rest(s, job);
    if (!job->ended) take_pending(s, slot);
    bool fine = is_whole(slot);
    slot->job = NULL;
    if (!fine && end.forbidden && may_help(s, slot) &&
        start(s, slot, job, slot->held) == 0)
        return;
    slot->job = job;
    if (job->received < job->files->n_run && !s->sum->out_of_memory)
        put_missing(s, slot, &end);
    else if (!fine)
        put_astray(s, job, &end);
    slot->job = NULL;
    job->done = true;
}

/* Reads what is there. When the process has ended that is all there will be, whoever
 * may still hold the other end: a pipe holds no more than is read at once. */
static void receive(Schedule *s, Slot *slot, bool readable, bool ended) {
    Job *job = slot->job;
    char block[READ_SIZE];
    ssize_t n = readable ? read(slot->worker.fd, block, sizeof block) : 0;
    if (n < 0 && errno == EINTR) return;
    if (n > 0) {
        append(s, job, block, (size_t)n);
        slot->astray = !accept_records(s, slot);
    }
    if (is_whole(slot) && job->whole == job->bytes.len)
        part(slot);
    else if (n <= 0 || slot->astray || ended)
        finish(s, slot);
}

/* ---- waiting ---- */

/* A worker may put its deadline off, but not be looked at without a pause for that. */
static void look_at_deadline(Slot *slot, double now) {
    static const double PAUSE = 0.005;
    if (!slot->job || slot->wake <= 0 || slot->wake > now) return;
    double deadline = journal_deadline(slot->worker.journal);
    bool passed = deadline > 0 && !(deadline > now);
    if (passed) slot->late = kill(slot->worker.pid, SIGKILL) == 0;
    slot->wake = passed || !(deadline > 0) ? 0 : fmax(deadline, now + PAUSE);
}

/* In milliseconds; never 0, so that a report or a worker that always wants to be looked
 * at does not keep this process busy. */
static int wait_time(const Schedule *s) {
    double soonest = report_idle(s->reports, s->sum);
    for (uint32_t i = 0; i < s->n_slots; i++) {
        double wake = s->slots[i].job ? s->slots[i].wake : 0;
        if (wake > 0 && (soonest <= 0 || wake < soonest)) soonest = wake;
    }
    if (soonest <= 0) return -1;
    double ms = ceil((soonest - run_clock()) * 1e3);
    return ms < 1 ? 1 : ms > 1e6 ? 1000000 : (int)ms;
}

/* Whether processes have ended is asked first: what they wrote is there then. */
static void list_polled(Schedule *s) {
    uint32_t n = s->n_slots;
    for (uint32_t i = 0; i < n; i++) {
        const Worker *worker = s->slots[i].job ? &s->slots[i].worker : NULL;
        int ended = worker ? worker->ended : -1, fd = worker ? worker->fd : -1;
        s->polled[i] = (struct pollfd){.fd = ended, .events = POLLIN};
        s->polled[n + i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    s->polled[2 * n] = (struct pollfd){.fd = s->signals, .events = POLLIN};
}

static void take_signal(Schedule *s) {
    struct signalfd_siginfo info;
    if (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        s->sum->signal = (int)info.ssi_signo;
}

/* Each turn sleeps until something is there, and takes it: an end once, a piece of what
 * a pipe holds, a signal, a deadline that is then no more or later. */
static bool wait_for_workers(Schedule *s) {
    uint32_t n = s->n_slots;
    list_polled(s);
    int ready = poll(s->polled, 2 * n + 1, s->searching ? 0 : wait_time(s));
    if (ready == 0 && s->searching) s->searching = text_search_step(s->plan->search);
    if (ready < 0 && errno != EINTR)
        return problem_io(s->problem, NULL, "cannot wait for a process", errno);
    if (ready > 0 && s->polled[2 * n].revents) take_signal(s);
    for (uint32_t i = 0; i < n && ready > 0; i++) {
        bool ended = s->polled[i].revents, readable = s->polled[n + i].revents;
        if (ended || readable) receive(s, &s->slots[i], readable, ended);
    }
    double now = run_clock();
    for (uint32_t i = 0; i < n; i++) look_at_deadline(&s->slots[i], now);
    return true;
}

static bool may_go_on(const Schedule *s) {
    return !s->sum->signal && !s->sum->out_of_memory && !ctx_failed(s->c) && !s->enough;
}

static bool run_jobs(Schedule *s) {
    for (;;) {
        if (!begin_jobs(s)) return ctx_failed(s->c);
        if (!is_busy(s)) return true;
        if (!wait_for_workers(s)) return false;
        tell(s);
        if (!may_go_on(s)) return true;
    }
}

/* ---- the whole ---- */

/* While several notebooks run, one more worker has read its files and waits, so that
 * no processor waits for the beginning of a process. */
static bool prepare(Schedule *s) {
    const RunPlan *plan = s->plan;
    s->n_slots = plan->workers + (plan->workers > 1 && plan->order.n > plan->workers);
    s->jobs = arena_alloc(&s->arena, (plan->order.n + 1) * sizeof(Job *));
    s->slots = arena_alloc(&s->arena, s->n_slots * sizeof *s->slots);
    s->polled =
        arena_alloc(&s->arena, (2 * (size_t)s->n_slots + 1) * sizeof *s->polled);
    return s->jobs && s->slots && s->polled;
}

/* Ends what still runs and, after a signal, tells what has finished all the same. */
static void close_down(Schedule *s) {
    WorkerEnd end;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        if (s->slots[i].job) worker_stop(&s->slots[i].worker, &end);
        worker_close(&s->slots[i].worker);
    }
    for (; s->turn < s->plan->order.n; s->turn++) {
        Job *job = s->jobs[s->turn];
        if (s->sum->signal && job && job->done)
            tell_job(s, job);
        else
            s->sum->not_run++;
        job_free(s, s->turn);
    }
    if (s->unfiltered)
        fputs("autocell: this system does not filter system calls of cells\n", stderr);
}

/* A descriptor from which signals that would end the process are read from now on. */
static int open_signals(sigset_t *before) {
    sigset_t held;
    stops_hold(before, &held);
    return signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool schedule_run(Ctx *c, const Collection *found, const RunPlan *plan, Report *reports,
                  RunSummary *sum, Problem *p) {
    Schedule s = {.c = c,
                  .plan = plan,
                  .found = found,
                  .reports = reports,
                  .sum = sum,
                  .problem = p,
                  .searching = plan->search};
    sigset_t before;
    s.signals = open_signals(&before);
    arena_init(&s.arena, c);
    sandbox_prepare();
    bool done = prepare(&s) && run_jobs(&s);
    if (s.polled) close_down(&s);
    arena_free(&s.arena);
    close(s.signals);
    if (!sum->signal) sigprocmask(SIG_SETMASK, &before, NULL);
    sum->out_of_memory |= ctx_failed(c);
    return done;
}
