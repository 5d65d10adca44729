/* See term.h. */
#include "runner/term.h"

#include "runner/hash.h"
#include "runner/term_diff.h"
#include "runner/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_AT = 64 * 1024, TITLE_MOST = 60, OP_MOST = 72 };
static const double WRITE_AFTER = 0.1; /* seconds that a failure may wait */

/* ---- writing ---- */

static void write_out(Term *t) {
    const char *s = buf_text(&t->out);
    size_t left = t->out.len;
    while (left && !t->broken) {
        ssize_t n = write(t->style.fd, s, left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            t->broken = true;
        } else {
            s += n;
            left -= (size_t)n;
        }
    }
    t->broken |= t->out.failed;
    buf_clear(&t->out);
    t->last_write = run_clock();
}

/* What waits is to be seen soon, though nothing more happens. */
static double on_idle(Report *r, const RunSummary *so_far) {
    Term *t = (Term *)r;
    (void)so_far;
    if (t->out.len && run_clock() - t->last_write > WRITE_AFTER) write_out(t);
    return t->out.len ? t->last_write + WRITE_AFTER : 0;
}

static void write_if_due(Term *t) {
    if (t->out.len == 0) return;
    if (t->out.len >= WRITE_AT || run_clock() - t->last_write > WRITE_AFTER)
        write_out(t);
}

/* ---- pieces ---- */

static void put_word(Term *t, Colour colour, const char *word) {
    show_colour(&t->out, t->style.colour, colour);
    buf_puts(&t->out, word);
    show_colour(&t->out, t->style.colour, COLOUR_NONE);
    size_t width = strlen(word);
    buf_repeat(&t->out, ' ', width < 4 ? 6 - width : 2);
}

static void put_text(Term *t, const char *text) {
    show_text(&t->out, text, strlen(text));
}

/* An indented line, when there is something to say. */
static void put_line(Term *t, Colour colour, const char *label, const char *text) {
    if (!*text) return;
    buf_puts(&t->out, "    ");
    show_colour(&t->out, t->style.colour, colour);
    buf_puts(&t->out, label);
    put_text(t, text);
    show_colour(&t->out, t->style.colour, COLOUR_NONE);
    buf_putc(&t->out, '\n');
}

static void put_title(Term *t, const CellResult *cell) {
    if (cell->title && *cell->title) {
        buf_puts(&t->out, "  \"");
        show_start(&t->out, cell->title, strlen(cell->title), TITLE_MOST);
        buf_putc(&t->out, '"');
    }
}

static void put_seconds(Term *t, double seconds) {
    units_print_seconds(&t->out, seconds);
}

void term_note(Term *t, Colour colour, const char *word, const char *path,
               const char *note) {
    put_word(t, colour, word);
    put_text(t, path);
    if (note && *note) {
        buf_puts(&t->out, "  ");
        put_text(t, note);
    }
    buf_putc(&t->out, '\n');
}

void term_problem(Term *t, Colour colour, const char *word, const Problem *p) {
    put_word(t, colour, word);
    if (p->file) put_text(t, p->file);
    if (p->line) buf_printf(&t->out, ":%u", (unsigned)p->line);
    if (p->line && p->col) buf_printf(&t->out, ":%u", (unsigned)p->col);
    if (p->file) buf_puts(&t->out, "  ");
    put_text(t, p->message);
    buf_putc(&t->out, '\n');
    put_line(t, COLOUR_DIM, "hint: ", p->hint);
}

/* ---- failures ---- */

static void put_place(Term *t, const CellResult *cell) {
    put_text(t, cell->file);
    buf_printf(&t->out, ":%u:%u", (unsigned)cell->line, (unsigned)cell->col);
}

static void put_head(Term *t, const CellResult *cell) {
    put_word(t, COLOUR_FAIL, "FAIL");
    put_place(t, cell);
    put_title(t, cell);
    if (cell->op) {
        buf_printf(&t->out, "  op %u  ", (unsigned)cell->op);
        show_start(&t->out, cell->op_text, strlen(cell->op_text), OP_MOST);
    }
    buf_puts(&t->out, "        ");
    show_colour(&t->out, t->style.colour, COLOUR_BOLD);
    buf_puts(&t->out, failure_shown(cell->difference.kind));
    show_colour(&t->out, t->style.colour, COLOUR_NONE);
    buf_putc(&t->out, '\n');
}

/* The place where the same lines were shown before; NULL when they are new, and are
 * remembered from now on. */
static const char *seen_before(Term *t, const CellResult *cell, size_t from) {
    uint64_t hash = hash_text(t->out.data + from, t->out.len - from);
    for (uint32_t i = 0; i < t->n_changes; i++)
        if (t->changes[i].hash == hash) return t->changes[i].place;
    if (t->n_changes < TERM_CHANGES) {
        struct TermChange *change = &t->changes[t->n_changes++];
        change->hash = hash;
        snprintf(change->place, sizeof change->place, "%s:%u", cell->file,
                 (unsigned)cell->line);
    }
    return NULL;
}

static void put_diff(Term *t, const CellResult *cell) {
    size_t from = t->out.len;
    DiffStyle style = {t->style.colour, t->style.full};
    term_diff(&t->out, style, cell->expected, cell->expected_len, cell->actual,
              cell->actual_len);
    if (t->out.failed) return;
    const char *place = seen_before(t, cell, from);
    if (!place) return;
    t->out.len = from;
    put_line(t, COLOUR_DIM, "the same change as at ", place);
}

/* What a cell printed, where there is nothing to hold against it; behind `intro`. */
static void put_printed(Term *t, const CellResult *cell, const char *intro,
                        const char *nothing) {
    DiffStyle style = {t->style.colour, t->style.full};
    if (cell->actual_len == 0) {
        put_line(t, COLOUR_NONE, "", nothing);
        return;
    }
    put_line(t, COLOUR_NONE, "", intro);
    term_lines(&t->out, style, '+', cell->actual, cell->actual_len);
}

static void put_accept(Term *t, const CellResult *cell) {
    const NotebookFiles *nb = cell->notebook;
    if (!t->style.place || !nb || !result_can_accept(cell)) return;
    ChangeId id;
    const ExpectedTree dir = {nb->expected_root, nb->expected_rel};
    change_id(t->style.place, &dir, nb->cells[cell->index].name, id);
    id[CHANGE_ID_SHOWN] = '\0';
    put_line(t, COLOUR_DIM, "accept: autocell accept ", id);
}

/* What can be done about the failure. */
static void put_advice(Term *t, const CellResult *cell) {
    put_line(t, COLOUR_NONE, "", cell->difference.note);
    put_line(t, COLOUR_DIM, "", cell->difference.advice);
    if (cell->problem.kind != PROBLEM_NONE) {
        put_line(t, COLOUR_NONE, "", cell->problem.message);
        put_line(t, COLOUR_DIM, "hint: ", cell->problem.hint);
    } else if (cell->difference.kind == FAILURE_UNEXPECTED_PASS) {
        put_line(t, COLOUR_NONE, "it was expected to fail: ", cell->reason);
        put_line(t, COLOUR_DIM, "hint: ", "delete the key `xfail`");
    } else if (cell->difference.kind == FAILURE_CONFLICT) {
        put_line(t, COLOUR_DIM,
                 "hint: ", "finish the merge, or delete the file and update");
    }
    put_accept(t, cell);
}

static void put_failure(Term *t, const CellResult *cell) {
    /* The cell that ended the notebook has told of them. */
    if (cell->cut_off && t->style.verbosity <= 0) return;
    put_head(t, cell);
    if (t->style.verbosity < 0) return;
    if (cell->expected)
        put_diff(t, cell);
    else if (cell->difference.kind == FAILURE_MISSING_EXPECTED &&
             !*cell->problem.message) {
        put_line(t, COLOUR_NONE, "there is no ", cell->expected_path);
        put_printed(t, cell, "the cell prints", "the cell prints nothing");
    } else if (cell->actual) {
        put_printed(t, cell, "until then it printed", "until then it printed nothing");
    }
    put_advice(t, cell);
}

/* ---- other cells ---- */

static void put_moved(Term *t, const CellResult *cell) {
    char far[24], note[96];
    print_difference(cell->most, far);
    snprintf(note, sizeof note, "%u number%s moved within the tolerance, at most %s",
             (unsigned)cell->moved, cell->moved == 1 ? "" : "s", far);
    term_note(t, COLOUR_DIM, "note", cell->path, note);
}

static void put_cell(Term *t, const CellResult *cell) {
    static const struct {
        const char *word;
        Colour colour;
    } words[] = {{"ok", COLOUR_PASS},
                 {"FAIL", COLOUR_FAIL},
                 {"skip", COLOUR_SKIP},
                 {"xfail", COLOUR_SKIP}};
    put_word(t, words[cell->state].colour, words[cell->state].word);
    put_text(t, cell->path);
    put_title(t, cell);
    if (cell->reason) {
        buf_puts(&t->out, "  ");
        put_text(t, cell->reason);
    }
    buf_puts(&t->out, "  ");
    put_seconds(t, cell->seconds);
    buf_putc(&t->out, '\n');
}

static void on_cell(Report *r, const CellResult *cell) {
    Term *t = (Term *)r;
    durations_add(&t->slow, cell);
    if (cell->state == CELL_FAILED)
        put_failure(t, cell);
    else if (t->style.verbosity > 0)
        put_cell(t, cell);
    if (cell->state == CELL_PASSED && cell->moved && t->style.verbosity >= 0)
        put_moved(t, cell);
    write_if_due(t);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    Term *t = (Term *)r;
    if (trouble->fails)
        term_problem(t, COLOUR_FAIL, "FAIL", &trouble->problem);
    else if (t->style.verbosity >= 0)
        term_problem(t, COLOUR_SKIP, "warn", &trouble->problem);
    write_if_due(t);
}

/* ---- the last line ---- */

static void put_count(Term *t, uint32_t n, const char *word, Colour colour,
                      const char **separator) {
    if (n == 0) return;
    buf_puts(&t->out, *separator);
    *separator = ", ";
    show_colour(&t->out, t->style.colour, colour);
    buf_printf(&t->out, "%u %s", (unsigned)n, word);
    show_colour(&t->out, t->style.colour, COLOUR_NONE);
}

/* Why notebooks were left out. */
static void put_stop(Term *t, const RunSummary *sum) {
    buf_puts(&t->out, "stopped");
    if (sum->signal)
        buf_puts(&t->out, " by a signal");
    else if (sum->failed)
        buf_printf(&t->out, " after %u failure%s", (unsigned)sum->failed,
                   sum->failed == 1 ? "" : "s");
    buf_printf(&t->out, "; %u notebook%s not run\n", (unsigned)sum->not_run,
               sum->not_run == 1 ? "" : "s");
}

static void on_end(Report *r, const RunSummary *sum) {
    Term *t = (Term *)r;
    const char *separator = ": ";
    durations_print(&t->slow, &t->out);
    if (sum->not_run) put_stop(t, sum);
    buf_printf(&t->out, "%u notebook%s, %u cell%s", (unsigned)sum->notebooks,
               sum->notebooks == 1 ? "" : "s", (unsigned)sum->cells,
               sum->cells == 1 ? "" : "s");
    put_count(t, sum->passed, "passed", COLOUR_PASS, &separator);
    put_count(t, sum->failed, "failed", COLOUR_FAIL, &separator);
    put_count(t, sum->skipped, "skipped", COLOUR_SKIP, &separator);
    put_count(t, sum->xfailed, "xfailed", COLOUR_SKIP, &separator);
    put_count(t, sum->unreferenced, "unreferenced", COLOUR_FAIL, &separator);
    buf_puts(&t->out, " in ");
    put_seconds(t, sum->seconds);
    buf_putc(&t->out, '\n');
}

void term_open(Term *t, Mem *mem, TermStyle style) {
    static const ReportType type = {
        .cell = on_cell, .trouble = on_trouble, .idle = on_idle, .end = on_end};
    memset(t, 0, offsetof(Term, changes));
    t->n_changes = 0;
    t->report.type = &type;
    t->style = style;
    buf_init(&t->out, mem);
    durations_open(&t->slow, mem, style.durations);
    t->last_write = run_clock();
}

void term_flush(Term *t) {
    write_out(t);
}

bool term_close(Term *t) {
    write_out(t);
    buf_free(&t->out);
    durations_close(&t->slow);
    return !t->broken;
}
