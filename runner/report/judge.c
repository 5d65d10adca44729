/* See judge.h. */
#include "runner/report/judge.h"

#include "runner/read/expected.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- failures ---- */

static void fail(CellResult *cell, FailureClass kind) {
    cell->state = CELL_FAILED;
    cell->difference.kind = kind;
}

void judge_problem(CellResult *cell) {
    fail(cell, FAILURE_BAD_CELL);
    if (cell->problem.line) {
        cell->line = cell->problem.line;
        cell->col = cell->problem.col ? cell->problem.col : 1;
    }
    if (cell->problem.file) cell->file = cell->problem.file;
}

static void add_absent(Judge *j, const FileText *cell, bool ran, const char *fate) {
    Absent *absent = arena_alloc(j->arena, sizeof *absent);
    if (!absent) return;
    *absent = (Absent){j->absent, cell->path, cell->text, ran, fate};
    j->absent = absent;
}

void judge_absent(Judge *j, const FileText *cell) {
    add_absent(j, cell, false, "did not run");
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

static void fail_parse(const FileText *file, CellResult *cell, const CellSource *source,
                       const SessionRun *ran) {
    problem_set(&cell->problem, PROBLEM_INPUT, "%s", ran->parse.message);
    problem_at(&cell->problem, cell->path, ran->parse.line, ran->parse.col);
    problem_hint(&cell->problem, "%s", ran->parse.hint);
    if (has_comment(file->text, ran->parse.line))
        problem_hint(&cell->problem, "YAML takes ` #` for a comment and what follows "
                                     "away; quote the whole operation");
    for (uint32_t i = 0; i < source->n_ops; i++)
        if (source->ops[i].spans[0].line <= ran->parse.line) {
            cell->op = i + 1;
            cell->op_text = source->ops[i].text;
        }
    judge_problem(cell);
}

static void fail_memory(CellResult *cell, const SessionRun *ran) {
    fail(cell, FAILURE_MEMORY);
    snprintf(cell->difference.note, sizeof cell->difference.note,
             ran->flooded ? "the cell prints more than a text may hold"
                          : "the cell needs more memory than it may use (max_memory)");
    cell->actual = ran->out;
    cell->actual_len = ran->len;
    if (ran->n_ops) place_at_op(cell, ran, ran->last_op);
}

/* ---- blocked ---- */

static bool has_word(const char *text, const char *word, size_t n) {
    for (const char *s = text; (s = strstr(s, word)); s++)
        if ((s == text || !is_ascii_word(s[-1])) && !is_ascii_word(s[n])) return true;
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
static void find_block(const Judge *j, const SessionRun *ran, CellResult *cell) {
    char name[64];
    Difference *d = &cell->difference;
    bool unexpected = d->kind == FAILURE_UNEXPECTED_ERROR ||
                      d->kind == FAILURE_MISSING_EXPECTED ||
                      d->kind == FAILURE_ERROR_TYPE;
    if (!unexpected || ran->end != SESSION_RAISED || !missing_name(ran, name)) return;
    for (const Absent *a = j->absent; a; a = a->next)
        if (has_word(a->text, name, strlen(name))) {
            d->kind = FAILURE_BLOCKED;
            cell->unsound = !a->ran;
            snprintf(d->note, sizeof d->note,
                     "blocked by %.200s, which %s: `%s` comes from there", a->path,
                     a->fate, name);
            return;
        }
}

/* ---- judging ---- */

bool judge_unused(const CompareRule *rule, const CompareUse *use, Problem *p) {
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

typedef struct Trial {
    Judge *judge;
    const CellSource *source;
    const FileText *cell, *expected;
    const SessionRun *ran;
    CellResult *result;
} Trial;

static void judge_equal(const Trial *t, const CompareUse *use, const Sides *sides) {
    CellResult *cell = t->result;
    cell->moved = sides->comparison.moved;
    cell->most = sides->comparison.most;
    if (t->ran->cut_short) return;
    if (t->source->compare.given && judge_unused(sides->rule, use, &cell->problem))
        judge_problem(cell);
    else if (t->source->xfail)
        fail(cell, FAILURE_UNEXPECTED_PASS);
}

/* Both texts, and the operation that they part at. */
static void note_sides(const Trial *t, const Sides *sides) {
    CellResult *cell = t->result;
    cell->expected = sides->expected.text;
    cell->expected_len = sides->expected.len;
    cell->actual = sides->actual.text;
    cell->actual_len = sides->actual.len;
    size_t at = compare_unmasked(&sides->actual, sides->comparison.actual_at);
    place_at_byte(cell, t->ran, at);
}

/* A cell that an error ended, if not the one that was expected, has perhaps not set
 * all that it should. */
static void note_absent(const Trial *t) {
    FailureClass kind = t->result->difference.kind;
    bool ended = kind == FAILURE_UNEXPECTED_ERROR || kind == FAILURE_ERROR_TYPE ||
                 kind == FAILURE_ERROR_MESSAGE || kind == FAILURE_MISSING_EXPECTED;
    if (ended && t->ran->end == SESSION_RAISED)
        add_absent(t->judge, t->cell, true, "failed");
    if (kind == FAILURE_BLOCKED)
        add_absent(t->judge, t->cell, !t->result->unsound, "was blocked itself");
}

static void judge_different(const Trial *t, Sides *sides) {
    CellResult *cell = t->result;
    note_sides(t, sides);
    if (t->source->xfail) {
        cell->state = CELL_XFAILED;
        return;
    }
    cell->state = CELL_FAILED;
    classify(t->judge->scratch, sides, &cell->difference);
    find_block(t->judge, t->ran, cell);
    note_absent(t);
}

/* How much of the expected text counts: as many lines as were printed, when the cell
 * was not to run to its end. */
static size_t expected_part(const Trial *t) {
    if (!t->ran->cut_short) return t->expected->len;
    const char *s = t->expected->text, *end = s + t->expected->len;
    for (size_t i = 0; i < t->ran->len && s < end; i++)
        if (t->ran->out[i] == '\n') {
            const char *nl = memchr(s, '\n', (size_t)(end - s));
            s = nl ? nl + 1 : end;
        }
    return (size_t)(s - t->expected->text);
}

static void judge_output(const Trial *t) {
    Judge *j = t->judge;
    bool own = t->source->compare.given;
    Sides sides = {.raised = t->ran->end == SESSION_RAISED,
                   .rule = own ? &t->source->compare : j->rule};
    CompareUse use = {0, 0};
    if (!compare_mask(j->scratch, sides.rule, t->expected->text, expected_part(t),
                      &sides.expected, &use) ||
        !compare_mask(j->scratch, sides.rule, t->ran->out, t->ran->len, &sides.actual,
                      &use))
        return;
    sides.comparison = compare_texts(sides.rule, &sides.expected, &sides.actual, &use);
    if (!own) {
        j->use.masks |= use.masks;
        j->use.numbers += use.numbers;
    }
    if (sides.comparison.equal)
        judge_equal(t, &use, &sides);
    else
        judge_different(t, &sides);
}

static void judge_missing(const Trial *t) {
    CellResult *cell = t->result;
    fail(cell, FAILURE_MISSING_EXPECTED);
    cell->actual = t->ran->out;
    cell->actual_len = t->ran->len;
    find_block(t->judge, t->ran, cell);
    note_absent(t);
    if (t->expected->error != ENOENT)
        problem_io(&cell->problem, cell->expected_path, "cannot read",
                   t->expected->error);
}

static void judge_ran(const Trial *t) {
    CellResult *cell = t->result;
    uint32_t conflict = expected_conflict(t->expected->text, t->expected->len);
    if (!t->ran->cut_short) {
        cell->printed = t->ran->out;
        cell->printed_len = t->ran->len;
    }
    if (t->expected->error) {
        judge_missing(t);
    } else if (conflict) {
        fail(cell, FAILURE_CONFLICT);
        cell->file = cell->expected_path;
        cell->line = conflict;
    } else {
        judge_output(t);
    }
}

void judge_cell(Judge *j, const CellSource *source, const FileText *cell,
                const FileText *expected, const SessionRun *ran, CellResult *result) {
    Trial t = {j, source, cell, expected, ran, result};
    switch (ran->end) {
    case SESSION_REFUSED:
        fail_parse(cell, result, source, ran);
        judge_absent(j, cell);
        break;
    case SESSION_MEMORY: fail_memory(result, ran); break;
    case SESSION_DONE:
    case SESSION_RAISED: judge_ran(&t); break;
    }
}

void judge_unstable(Judge *j, const char *first, size_t len, const SessionRun *ran,
                    CellResult *result) {
    const CompareRule exact = {.given = true};
    Sides sides = {.expected = {.text = first, .len = len},
                   .actual = {.text = ran->out, .len = ran->len},
                   .rule = &exact};
    CompareUse use = {0, 0};
    sides.comparison = compare_texts(&exact, &sides.expected, &sides.actual, &use);
    Trial t = {j, NULL, NULL, NULL, ran, result};
    note_sides(&t, &sides);
    fail(result, FAILURE_VALUES);
    snprintf(result->difference.note, sizeof result->difference.note,
             "run again, the cell prints something else (expected: what it printed "
             "first)");
    result->printed = NULL;
}
