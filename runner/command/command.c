/* See command.h. */
#define _GNU_SOURCE
#include "runner/command/command.h"

#include "runner/read/expected.h"
#include "runner/report/patch.h"
#include "runner/run/sandbox.h"
#include "runner/run/stops.h"
#include "runner/text/units.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool collect(Command *cmd, int *exit_code) {
    static const char *const usual[] = {"cells"};
    const Options *o = cmd->options;
    const char *const *paths = o->n_paths ? o->paths : usual;
    Problem p = {.kind = PROBLEM_NONE};
    if (!o->n_paths && access("cells", F_OK) != 0) {
        problem_set(&p, PROBLEM_INPUT, "there is no directory `cells` here");
        problem_hint(&p, "say which cells: autocell %s PATH", o->verb->name);
        complain(&p);
        *exit_code = EXIT_NOTHING;
        return false;
    }
    if (discover(&cmd->arena, paths, o->n_paths ? o->n_paths : 1, o->expected,
                 &cmd->found, &p)) {
        if (cmd->found.n) return true;
        problem_set(&p, PROBLEM_INPUT, "no cells are there");
        problem_hint(&p, "a cell is a file *.yaml with the key `ops`");
        problem_at(&p, paths[0], 0, 0);
        complain(&p);
        *exit_code = EXIT_NOTHING;
    } else {
        *exit_code = p.kind ? complain(&p) : complain_memory();
    }
    return false;
}

/* Bazel wants to know that its shards are seen to. */
static void touch_shard_status(void) {
    const char *path = getenv("TEST_SHARD_STATUS_FILE");
    int fd = path && *path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (fd >= 0) close(fd);
}

static bool is_any_selected(const Collection *found) {
    for (uint32_t i = 0; i < found->n; i++)
        if (found->notebooks[i].n_run) return true;
    return false;
}

static bool select_some(Command *cmd, int *exit_code) {
    const Options *o = cmd->options;
    Problem p = {.kind = PROBLEM_NONE};
    bool failures = o->last_failed || o->failed_first;
    if (o->shards) touch_shard_status();
    if ((failures && !record_read(&cmd->arena, o->project, &cmd->record)) ||
        !select_cells(&cmd->arena, o, &cmd->record, &cmd->found, &p)) {
        *exit_code = p.kind ? complain(&p) : complain_memory();
        return false;
    }
    if (is_any_selected(&cmd->found) || o->shards) return true;
    problem_set(&p, PROBLEM_INPUT, "no cell is selected");
    problem_hint(&p, "autocell list names them all");
    complain(&p);
    *exit_code = EXIT_NOTHING;
    return false;
}

/* Reports that cannot be written are refused before anything runs. */
static bool open_reports(Command *cmd, int *exit_code) {
    Problem p = {.kind = PROBLEM_NONE};
    if (reports_open(&cmd->reports, &cmd->arena, cmd->options, &cmd->found, &p))
        return true;
    *exit_code = p.kind ? complain(&p) : complain_memory();
    return false;
}

bool command_open(Command *cmd, Ctx *c, const Options *o, int *exit_code) {
    cmd->c = c;
    cmd->options = o;
    cmd->record = (Record){.n = 0};
    cmd->differs = false;
    cmd->search = NULL;
    cmd->sum = (RunSummary){.notebooks = 0};
    cmd->start = run_clock();
    arena_init(&cmd->arena, c);
    if (collect(cmd, exit_code) && select_some(cmd, exit_code) &&
        open_reports(cmd, exit_code))
        return true;
    arena_free(&cmd->arena);
    return false;
}

/* ---- running ---- */

/* The processors that this process may use. */
static uint32_t processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (uint32_t)n : 1;
}

/* The same order cannot be had again without its number. */
static void choose_seed(Options *o) {
    if (!o->shuffle || o->seeded) return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    o->seed = (uint64_t)now.tv_nsec;
    fprintf(stderr, "autocell: notebooks begin in the order of --seed %llu\n",
            (unsigned long long)o->seed);
}

static UnreferencedMode unreferenced_mode(const Options *o) {
    if (o->unreferenced != UNREFERENCED_DEFAULT) return o->unreferenced;
    return under_ci() ? UNREFERENCED_FAIL : UNREFERENCED_WARN;
}

void command_run(Command *cmd, Report *chain) {
    Options o = *cmd->options;
    Order order;
    choose_seed(&o);
    if (!select_order(&cmd->arena, &o, &cmd->record, &cmd->found, &order)) return;
    if (unreferenced_mode(&o) != UNREFERENCED_IGNORE &&
        !(cmd->search = text_search_open(&cmd->arena, &cmd->found)))
        return;
    RunPlan plan = {.rules = {.limits = {o.timeout, o.max_memory}, .repeat = o.repeat},
                    .workers = o.workers ? o.workers : processors(),
                    .max_failures = o.max_failures,
                    .order = order,
                    .search = cmd->search};
    if (plan.workers > order.n) plan.workers = order.n ? order.n : 1;
    parallel_set_threads((int)(o.threads ? o.threads : processors() / plan.workers));
    Problem p = {.kind = PROBLEM_NONE};
    report_begin(chain, &cmd->found);
    const char *missing = sandbox_missing();
    if (missing) fprintf(stderr, "autocell: %s\n", missing);
    if (!schedule_run(cmd->c, &cmd->found, &plan, chain, &cmd->sum, &p) && p.kind) {
        complain(&p);
        cmd->sum.refusals++;
    }
}

void command_end(Command *cmd) {
    cmd->sum.seconds = run_clock() - cmd->start;
    report_end(cmd->reports.chain, &cmd->sum);
}

/* ---- texts without a cell ---- */

static void put_deletion(Command *cmd, const Unreferenced *item) {
    Buf old;
    buf_init(&old, &cmd->c->mem);
    if (expected_read(item->path, &old) == 0)
        patch_file(&cmd->reports.term.out, item->path,
                   (PatchSide){buf_text(&old), old.len}, (PatchSide){NULL, 0},
                   isatty(STDOUT_FILENO));
    buf_free(&old);
    cmd->differs = true;
}

static void delete_text(Command *cmd, const Unreferenced *item) {
    Problem p = {.kind = PROBLEM_NONE};
    int error = expected_remove(&item->dir, item->name);
    if (error == 0) {
        term_note(&cmd->reports.term, COLOUR_PASS, "delete", item->path,
                  "no cell has it");
    } else {
        cmd->sum.refusals++;
        expected_problem(&p, item->path, error);
        term_problem(&cmd->reports.term, COLOUR_FAIL, "FAIL", &p);
    }
}

static void tell_unreferenced(Command *cmd, const Unreferenced *item, bool fails) {
    Trouble trouble = {.fails = fails};
    Problem *p = &trouble.problem;
    problem_set(p, PROBLEM_INPUT, "unreferenced: no cell prints this text");
    problem_at(p, item->path, 0, 0);
    problem_hint(p, "delete it: autocell update --unreferenced delete");
    cmd->sum.unreferenced += fails;
    report_trouble(cmd->reports.chain, NULL, &trouble);
}

void command_unreferenced(Command *cmd) {
    UnreferencedMode mode = unreferenced_mode(cmd->options);
    const Unreferenced *items = NULL;
    uint32_t n = 0;
    Problem p = {.kind = PROBLEM_NONE};
    if (!cmd->search || ctx_failed(cmd->c)) return;
    if (!text_search_end(cmd->search, &items, &n, &p)) {
        cmd->sum.refusals++;
        if (p.kind) term_problem(&cmd->reports.term, COLOUR_FAIL, "FAIL", &p);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (mode == UNREFERENCED_DELETE && cmd->options->dry_run)
            put_deletion(cmd, &items[i]);
        else if (mode == UNREFERENCED_DELETE)
            delete_text(cmd, &items[i]);
        else
            tell_unreferenced(cmd, &items[i], mode == UNREFERENCED_FAIL);
}

int command_close(Command *cmd) {
    bool written = reports_close(&cmd->reports, !cmd->sum.out_of_memory);
    text_search_close(cmd->search);
    arena_free(&cmd->arena);
    if (cmd->sum.out_of_memory) return complain_memory();
    int code = run_exit_code(&cmd->sum);
    /* A part of the notebooks may well be none. */
    if (code == EXIT_NOTHING && cmd->options->shards) code = EXIT_AS_EXPECTED;
    if (cmd->sum.signal) stops_die(cmd->sum.signal);
    return written ? code : EXIT_SYSTEM;
}
