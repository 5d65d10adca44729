/* See notebook.h. */
#include "runner/notebook.h"

#include "runner/expected.h"
#include "runner/file.h"
#include "runner/load_yaml.h"
#include "runner/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A cell that did not run, or not to its end where it should, with the text of its
 * file, for names it would have set. */
typedef struct Absent {
    struct Absent *next;
    const char *path, *text;
    bool ran;
} Absent;

typedef struct NotebookRun {
    Ctx *c;
    Arena arena;
    const NotebookFiles *files;
    Report *reports;
    RunSummary *sum;
    NotebookConfig config;
    Session session;
    CompareUse use; /* of the notebook's own compare rule */
    Absent *absent;
    Buf text, expected; /* of the cell under way */
} NotebookRun;

double run_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int run_exit_code(const RunSummary *sum) {
    if (sum->out_of_memory || sum->refusals) return 4;
    if (sum->bad_inputs) return 2;
    if (sum->failed || sum->unreferenced) return 1;
    return sum->cells ? 0 : 5;
}

/* ---- telling ---- */

static void tell_trouble(const NotebookRun *run, const Problem *p) {
    for (Report *r = run->reports; r; r = r->next)
        if (r->type->trouble) r->type->trouble(r, p, true);
}

static void count(RunSummary *sum, const CellResult *cell) {
    sum->cells++;
    switch (cell->state) {
    case CELL_PASSED: sum->passed++; break;
    case CELL_FAILED: sum->failed++; break;
    case CELL_SKIPPED: sum->skipped++; break;
    case CELL_XFAILED: sum->xfailed++; break;
    }
    if (cell->state != CELL_FAILED) return;
    if (cell->problem.kind == PROBLEM_IO)
        sum->refusals++;
    else if (cell->difference.kind == FAILURE_BAD_CELL)
        sum->bad_inputs++;
}

static void tell_cell(const NotebookRun *run, const CellResult *cell) {
    count(run->sum, cell);
    for (Report *r = run->reports; r; r = r->next)
        if (r->type->cell) r->type->cell(r, cell);
}

/* ---- failures ---- */

static void fail(CellResult *cell, FailureClass kind) {
    cell->state = CELL_FAILED;
    cell->difference.kind = kind;
}

/* The cell's file is at fault, where the problem says. */
static void fail_problem(CellResult *cell) {
    fail(cell, FAILURE_BAD_CELL);
    if (cell->problem.line) {
        cell->line = cell->problem.line;
        cell->col = cell->problem.col ? cell->problem.col : 1;
    }
    if (cell->problem.file) cell->file = cell->problem.file;
}

static void remember_absent(NotebookRun *run, const CellResult *cell) {
    Absent *absent = arena_alloc(&run->arena, sizeof *absent);
    if (!absent) return;
    *absent = (Absent){run->absent, cell->path,
                       arena_text(&run->arena, buf_text(&run->text), run->text.len),
                       cell->printed != NULL};
    if (absent->text) run->absent = absent;
}

static void place_at_op(CellResult *cell, const SessionRun *ran, uint32_t op) {
    if (op >= ran->n_ops) return;
    cell->op = op + 1;
    cell->op_text = ran->ops[op].text;
    cell->line = ran->ops[op].line;
    cell->col = ran->ops[op].col;
}

/* The op that printed the byte at `at`, or, at the end, the last that ran. */
static void place_at_byte(CellResult *cell, const SessionRun *ran, size_t at) {
    uint32_t op = ran->last_op;
    while (op > 0 && ran->starts[op] > at) op--;
    place_at_op(cell, ran, op);
}

/* Line `line` of the text holds " #", which begins a comment for YAML. */
static bool has_comment(const char *text, uint32_t line) {
    for (; line > 1 && text; line--) {
        text = strchr(text, '\n');
        text += text != NULL;
    }
    const char *mark = text ? strstr(text, " #") : NULL;
    return mark && (size_t)(mark - text) < strcspn(text, "\n");
}

static void fail_parse(const NotebookRun *run, CellResult *cell,
                       const CellSource *source, const SessionRun *ran) {
    problem_set(&cell->problem, PROBLEM_INPUT, "%s", ran->parse.message);
    problem_at(&cell->problem, cell->path, ran->parse.line, ran->parse.col);
    problem_hint(&cell->problem, "%s", ran->parse.hint);
    if (has_comment(buf_text(&run->text), ran->parse.line))
        problem_hint(&cell->problem, "YAML takes ` #` for a comment and what follows "
                                     "away; quote the whole operation");
    for (uint32_t i = 0; i < source->n_ops; i++)
        if (source->ops[i].spans[0].line <= ran->parse.line) {
            cell->op = i + 1;
            cell->op_text = source->ops[i].text;
        }
    fail_problem(cell);
}

static void fail_memory(CellResult *cell, const SessionRun *ran) {
    fail(cell, FAILURE_MEMORY);
    snprintf(cell->difference.note, sizeof cell->difference.note,
             "the cell needs more memory than it may use (max_memory)");
    cell->actual = ran->out;
    cell->actual_len = ran->len;
    if (ran->n_ops) place_at_op(cell, ran, ran->last_op);
}

/* ---- blocked ---- */

static bool is_name(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '_';
}

static bool has_word(const char *text, const char *word, size_t n) {
    for (const char *s = text; (s = strstr(s, word)); s++)
        if ((s == text || !is_name(s[-1])) && !is_name(s[n])) return true;
    return false;
}

/* The name in the last "name 'y' is not defined" of what was printed. */
static bool missing_name(const SessionRun *ran, char name[64]) {
    static const char start[] = "NameError: name '";
    const char *found = NULL;
    for (const char *s = ran->out; (s = strstr(s, start)); s++) found = s;
    if (!found) return false;
    found += sizeof start - 1;
    size_t n = strcspn(found, "'\n");
    if (n == 0 || n >= 64) return false;
    memcpy(name, found, n);
    name[n] = '\0';
    return true;
}

/* Turns a NameError that was not expected into `blocked` when a cell that did not run
 * has the name. */
static void find_block(const NotebookRun *run, const SessionRun *ran,
                       CellResult *cell) {
    char name[64];
    Difference *d = &cell->difference;
    bool unexpected = d->kind == FAILURE_UNEXPECTED_ERROR ||
                      d->kind == FAILURE_MISSING_EXPECTED ||
                      d->kind == FAILURE_ERROR_TYPE;
    if (!unexpected || ran->end != SESSION_RAISED || !missing_name(ran, name)) return;
    for (const Absent *a = run->absent; a; a = a->next)
        if (has_word(a->text, name, strlen(name))) {
            d->kind = FAILURE_BLOCKED;
            cell->unsound = !a->ran;
            snprintf(d->note, sizeof d->note, "`%s` comes from %s, which %s", name,
                     a->path, a->ran ? "failed" : "did not run");
            return;
        }
}

/* ---- judging ---- */

/* What of a rule that made the texts equal did nothing; false when all was needed. */
static bool find_unused(const CompareRule *rule, const CompareUse *use, Problem *p) {
    for (uint32_t i = 0; i < rule->n_masks; i++)
        if (!(use->masks & UINT64_C(1) << i)) {
            problem_set(p, PROBLEM_INPUT, "the mask `%.60s` matches nothing",
                        rule->masks[i].pattern);
            problem_hint(p, "correct it or delete it");
            return !problem_at(p, rule->file, rule->masks[i].line, rule->masks[i].col);
        }
    if (!rule->tolerant || use->numbers) return false;
    problem_set(p, PROBLEM_INPUT, "the tolerance has no number to compare");
    problem_hint(p, "delete it");
    return !problem_at(p, rule->file, rule->line, rule->col);
}

static void judge_equal(const CompareRule *rule, const CompareUse *use, bool own_rule,
                        const Comparison *found, const CellSource *source,
                        CellResult *cell) {
    cell->moved = found->moved;
    cell->most = found->most;
    if (own_rule && find_unused(rule, use, &cell->problem))
        fail_problem(cell);
    else if (source->xfail)
        fail(cell, FAILURE_UNEXPECTED_PASS);
}

static void judge_different(NotebookRun *run, const SessionRun *ran, Sides *sides,
                            const CellSource *source, CellResult *cell) {
    cell->expected = sides->expected.text;
    cell->expected_len = sides->expected.len;
    cell->actual = sides->actual.text;
    cell->actual_len = sides->actual.len;
    size_t at = compare_unmasked(&sides->actual, sides->comparison.actual_at);
    place_at_byte(cell, ran, at);
    if (source->xfail) {
        cell->state = CELL_XFAILED;
        return;
    }
    cell->state = CELL_FAILED;
    classify(&run->arena, sides, &cell->difference);
    find_block(run, ran, cell);
    if (cell->difference.kind == FAILURE_UNEXPECTED_ERROR) remember_absent(run, cell);
}

static void judge_output(NotebookRun *run, const SessionRun *ran,
                         const CellSource *source, CellResult *cell) {
    bool own = source->compare.given;
    Sides sides = {.raised = ran->end == SESSION_RAISED,
                   .rule = own ? &source->compare : &run->config.compare};
    CompareUse use = {0, 0};
    if (!compare_mask(&run->arena, sides.rule, buf_text(&run->expected),
                      run->expected.len, &sides.expected, &use) ||
        !compare_mask(&run->arena, sides.rule, ran->out, ran->len, &sides.actual, &use))
        return;
    sides.comparison = compare_texts(sides.rule, &sides.expected, &sides.actual, &use);
    if (!own) {
        run->use.masks |= use.masks;
        run->use.numbers += use.numbers;
    }
    if (sides.comparison.equal)
        judge_equal(sides.rule, &use, own, &sides.comparison, source, cell);
    else
        judge_different(run, ran, &sides, source, cell);
}

/* False when there is nothing to compare with, which has been judged. */
static bool read_expected(NotebookRun *run, const SessionRun *ran, CellResult *cell) {
    buf_clear(&run->expected);
    int error = expected_read(cell->expected_path, &run->expected);
    uint32_t conflict = expected_conflict(buf_text(&run->expected), run->expected.len);
    if (error) {
        fail(cell, FAILURE_MISSING_EXPECTED);
        cell->actual = ran->out;
        cell->actual_len = ran->len;
        find_block(run, ran, cell);
        if (error != ENOENT)
            problem_io(&cell->problem, cell->expected_path, "cannot read", error);
    } else if (conflict) {
        fail(cell, FAILURE_CONFLICT);
        cell->file = cell->expected_path;
        cell->line = conflict;
    }
    return !error && !conflict;
}

static void judge(NotebookRun *run, const SessionRun *ran, const CellSource *source,
                  CellResult *cell) {
    if (ran->end == SESSION_REFUSED) {
        fail_parse(run, cell, source, ran);
        remember_absent(run, cell);
        return;
    }
    if (ran->end == SESSION_MEMORY) {
        fail_memory(cell, ran);
        return;
    }
    cell->printed = ran->out;
    cell->printed_len = ran->len;
    if (read_expected(run, ran, cell)) judge_output(run, ran, source, cell);
}

/* ---- cells ---- */

static bool load(NotebookRun *run, CellResult *cell, CellSource *source) {
    size_t len;
    *source = (CellSource){.title = NULL};
    bool loaded = load_text(cell->path, &run->text, &len, &cell->problem) &&
                  load_cell(&run->arena, cell->path, buf_text(&run->text), len, source,
                            &cell->problem);
    if (!loaded) fail_problem(cell);
    cell->title = source->title;
    return loaded;
}

static void run_cell(NotebookRun *run, uint32_t index) {
    const NotebookFiles *nb = run->files;
    CellResult cell = {.notebook = nb,
                       .index = index,
                       .state = CELL_PASSED,
                       .path = cell_path(&run->arena, nb, index),
                       .expected_path = cell_expected_path(&run->arena, nb, index),
                       .line = 1,
                       .col = 1};
    CellSource source;
    if (!cell.path || !cell.expected_path) return;
    double start = run_clock();
    cell.file = cell.path;
    if (!load(run, &cell, &source)) {
        remember_absent(run, &cell);
    } else if (source.skip) {
        cell.state = CELL_SKIPPED;
        cell.reason = source.skip;
        remember_absent(run, &cell);
    } else {
        SessionRun ran;
        cell.reason = source.xfail;
        session_limit(&run->session, run->config.limits.max_memory,
                      source.limits.max_memory);
        session_run(&run->session, cell.path, &source, &ran);
        judge(run, &ran, &source, &cell);
    }
    cell.seconds = run_clock() - start;
    if (!ctx_failed(run->c)) tell_cell(run, &cell);
}

/* ---- notebooks ---- */

static bool load_config(NotebookRun *run, Problem *p) {
    run->config = (NotebookConfig){.seed = 0};
    if (!run->files->has_config) return true;
    const char *path = path_join(&run->arena, run->files->dir, "notebook.yaml");
    if (!path) return false;
    size_t len;
    return load_text(path, &run->text, &len, p) &&
           load_notebook(&run->arena, path, buf_text(&run->text), len, &run->config, p);
}

static void refuse_notebook(NotebookRun *run, Problem *p) {
    uint32_t n = run->files->n_run;
    size_t used = strlen(p->message);
    snprintf(p->message + used, sizeof p->message - used,
             "; the notebook's %u cell%s did not run", n, n == 1 ? "" : "s");
    *(p->kind == PROBLEM_IO ? &run->sum->refusals : &run->sum->bad_inputs) += 1;
    run->sum->cells += n;
    run->sum->failed += n;
    tell_trouble(run, p);
}

static void run_cells(NotebookRun *run) {
    if (!session_open(&run->session, run->config.seed)) {
        error_raise(run->c, MemoryError, "%s", "");
        return;
    }
    uint32_t failed = run->sum->failed, skipped = run->sum->skipped;
    for (uint32_t i = 0; i < run->files->n_run && !ctx_failed(run->c); i++)
        run_cell(run, i);
    session_close(&run->session);
    Problem p = {.kind = PROBLEM_NONE};
    bool whole = run->files->n_run == run->files->n && run->sum->failed == failed &&
                 run->sum->skipped == skipped;
    if (whole && find_unused(&run->config.compare, &run->use, &p)) {
        run->sum->bad_inputs++;
        tell_trouble(run, &p);
    }
}

static void run_notebook(NotebookRun *run) {
    Problem p = {.kind = PROBLEM_NONE};
    for (Report *r = run->reports; r; r = r->next)
        if (r->type->notebook) r->type->notebook(r, run->files);
    run->sum->notebooks++;
    if (load_config(run, &p))
        run_cells(run);
    else if (p.kind != PROBLEM_NONE)
        refuse_notebook(run, &p);
    for (Report *r = run->reports; r; r = r->next)
        if (r->type->notebook_end) r->type->notebook_end(r, run->files);
}

void run_notebooks(Ctx *c, const Collection *found, uint32_t max_failures,
                   Report *reports, RunSummary *sum) {
    Buf text, expected;
    buf_init(&text, &c->mem);
    buf_init(&expected, &c->mem);
    for (uint32_t i = 0; i < found->n && !ctx_failed(c); i++) {
        if (max_failures && sum->failed >= max_failures) {
            sum->not_run = found->n - i;
            break;
        }
        NotebookRun run = {.c = c,
                           .files = &found->notebooks[i],
                           .reports = reports,
                           .sum = sum,
                           .text = text,
                           .expected = expected};
        arena_init(&run.arena, c);
        run_notebook(&run);
        arena_free(&run.arena);
        text = run.text;
        expected = run.expected;
    }
    buf_free(&text);
    buf_free(&expected);
    sum->out_of_memory |= ctx_failed(c);
}
