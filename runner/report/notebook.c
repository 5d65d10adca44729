/* See notebook.h. */
#include "runner/report/notebook.h"

#include "runner/read/load_yaml.h"
#include "runner/report/judge.h"
#include "runner/text/hash.h"
#include "runner/text/units.h"

#include <stdio.h>
#include <string.h>

/* What a cell printed in the first round, and what else it printed later. */
typedef struct Print {
    const char *first, *other; /* NULL: nothing yet */
    size_t first_len, other_len;
} Print;

/* One round through the cells. */
typedef struct Round {
    const NotebookRun *run;
    Arena arena;   /* of the notebook */
    Arena scratch; /* of the cell under way */
    NotebookConfig config;
    Session session;
    Judge judge;
    Print *prints; /* of the first round, when there are several */
    bool told;     /* the last round, which the reports hear of */
    bool all_fine; /* no cell failed or was skipped so far */
    double start;
    uint64_t source_hash; /* of the files up to the cell under way */
} Round;

/* ---- a cell ---- */

static bool read_problem(Problem *p, const FileText *file) {
    return !file->error || problem_io(p, file->path, "cannot read", file->error);
}

static bool load(Round *r, const FileText *file, CellResult *cell, CellSource *source) {
    *source = (CellSource){.title = NULL};
    bool loaded = read_problem(&cell->problem, file) &&
                  load_cell(&r->scratch, file->path, file->text, file->len, source,
                            &cell->problem);
    if (!loaded) judge_problem(cell);
    cell->title = source->title;
    return loaded;
}

/* How many operations of the cell are to run. */
static uint32_t last_op(const CellFile *file, const CellSource *source) {
    uint32_t n = 0;
    if (file->last_op) return file->last_op;
    if (!file->last_line) return UINT32_MAX;
    while (n < source->n_ops && source->ops[n].spans[0].line <= file->last_line) n++;
    return n;
}

static void set_limits(Round *r, const CellSource *source) {
    const Limits *own = &source->limits, *notebook = &r->config.limits;
    const Limits *usual = &r->run->rules->limits;
    double time = own->timeout > 0 ? own->timeout : usual->timeout;
    if (notebook->timeout > 0) {
        double left = notebook->timeout - (run_clock() - r->start);
        if (left < 1e-6) left = 1e-6;
        if (time <= 0 || left < time) time = left;
    }
    journal_limit(r->run->journal, time);
    session_limit(&r->session,
                  notebook->max_memory ? notebook->max_memory : usual->max_memory,
                  own->max_memory);
}

/* A cell must print in every round what it printed in the first. */
static void compare_rounds(Round *r, const SessionRun *ran, CellResult *cell) {
    Print *print = &r->prints[cell->index];
    if (!print->first) {
        print->first = arena_text(&r->arena, ran->out, ran->len);
        print->first_len = ran->len;
    } else if (!print->other && (print->first_len != ran->len ||
                                 memcmp(print->first, ran->out, ran->len) != 0)) {
        print->other = arena_text(&r->arena, ran->out, ran->len);
        print->other_len = ran->len;
    }
    if (!print->other) return;
    SessionRun other = *ran;
    other.out = print->other;
    other.len = print->other_len;
    judge_unstable(&r->judge, print->first, print->first_len, &other, cell);
}

/* A part of a cell that is not there was asked for. */
static bool is_there(const CellFile *file, const CellSource *source, Problem *p) {
    if (file->last_op > source->n_ops)
        problem_set(p, PROBLEM_INPUT, "there is no operation %u; the cell has %u",
                    (unsigned)file->last_op, (unsigned)source->n_ops);
    else if (file->last_line && last_op(file, source) == 0)
        problem_set(p, PROBLEM_INPUT, "no operation stands on or before line %u",
                    (unsigned)file->last_line);
    return p->kind == PROBLEM_NONE;
}

static void run_source(Round *r, const CellSource *source, CellResult *cell) {
    const NotebookText *text = r->run->text;
    const FileText *file = &text->cells[cell->index];
    SessionRun ran;
    cell->reason = source->xfail;
    set_limits(r, source);
    session_run(&r->session, cell->path, source,
                last_op(&text->files->cells[cell->index], source), &ran);
    judge_cell(&r->judge, source, file, &text->expected[cell->index], &ran, cell);
    if (cell->state == CELL_FAILED) {
        cell->source_hash = r->source_hash;
        cell->expected_hash = expected_hash(&text->expected[cell->index]);
    }
    if (r->prints) compare_rounds(r, &ran, cell);
}

static void run_cell(Round *r, uint32_t index) {
    const NotebookText *text = r->run->text;
    const FileText *file = &text->cells[index];
    CellResult cell = {.notebook = text->files,
                       .index = index,
                       .state = CELL_PASSED,
                       .path = file->path,
                       .expected_path = text->expected[index].path,
                       .file = file->path,
                       .line = 1,
                       .col = 1};
    CellSource source;
    double start = run_clock();
    r->source_hash = source_hash(r->source_hash, file);
    journal_begin_cell(r->run->journal, index);
    arena_init(&r->scratch, r->run->c);
    if (!load(r, file, &cell, &source)) {
        judge_absent(&r->judge, file);
    } else if (!is_there(&text->files->cells[index], &source, &cell.problem)) {
        judge_problem(&cell);
    } else if (source.skip) {
        cell.state = CELL_SKIPPED;
        cell.reason = source.skip;
        judge_absent(&r->judge, file);
    } else {
        if (source.title) journal_title(r->run->journal, source.title);
        run_source(r, &source, &cell);
    }
    cell.seconds = run_clock() - start;
    r->all_fine &= cell.state == CELL_PASSED || cell.state == CELL_XFAILED;
    if (r->told && !ctx_failed(r->run->c))
        report_cell(r->run->reports, r->run->sum, &cell);
    arena_free(&r->scratch);
    journal_end_cell(r->run->journal);
}

/* ---- the notebook ---- */

static bool load_config(Round *r, Problem *p) {
    const FileText *file = &r->run->text->config;
    r->config = (NotebookConfig){.seed = 0};
    return !file->path ||
           (read_problem(p, file) &&
            load_notebook(&r->arena, file->path, file->text, file->len, &r->config, p));
}

static void tell_trouble(const Round *r, const Problem *p, uint32_t lost_cells) {
    Trouble trouble = {.problem = *p, .fails = true, .lost_cells = lost_cells};
    report_trouble(r->run->reports, r->run->sum, &trouble);
}

static void refuse_notebook(const Round *r, Problem *p) {
    uint32_t n = r->run->text->files->n_run;
    size_t used = strlen(p->message);
    snprintf(p->message + used, sizeof p->message - used,
             "; the notebook's %u cell%s did not run", n, n == 1 ? "" : "s");
    tell_trouble(r, p, n);
}

static void run_cells(Round *r) {
    const NotebookFiles *nb = r->run->text->files;
    SessionView view = {journal_output(r->run->journal),
                        journal_watch(r->run->journal)};
    if (!session_open(&r->session, r->config.seed, view)) {
        error_raise(r->run->c, MemoryError, "%s", "");
        return;
    }
    r->all_fine = true;
    for (uint32_t i = 0; i < nb->n_run && !ctx_failed(r->run->c); i++) run_cell(r, i);
    if (!r->told || !r->run->dying) session_close(&r->session);
    Problem p = {.kind = PROBLEM_NONE};
    if (r->told && nb->n_run == nb->n && r->all_fine &&
        judge_unused(&r->config.compare, &r->judge.use, &p))
        tell_trouble(r, &p, 0);
}

static void run_round(Round *r) {
    Problem p = {.kind = PROBLEM_NONE};
    r->judge =
        (Judge){.arena = &r->arena, .scratch = &r->scratch, .rule = &r->config.compare};
    r->start = run_clock();
    r->source_hash = source_hash(HASH_EMPTY, &r->run->text->config);
    if (load_config(r, &p))
        run_cells(r);
    else if (r->told && p.kind != PROBLEM_NONE)
        refuse_notebook(r, &p);
}

void notebook_run(const NotebookRun *run) {
    uint32_t rounds = run->rules->repeat > 1 ? run->rules->repeat : 1;
    Round r = {.run = run};
    arena_init(&r.arena, run->c);
    if (rounds > 1)
        r.prints = arena_alloc(&r.arena, (run->text->files->n_run + 1) * sizeof(Print));
    for (uint32_t i = 0; i < rounds && !ctx_failed(run->c); i++) {
        r.told = i + 1 == rounds;
        run_round(&r);
    }
    arena_free(&r.arena);
}
