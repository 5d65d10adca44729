/* See term.h. */
#include "runner/report/term.h"

#include "runner/report/failure_text.h"
#include "runner/run/tensor_diff.h"
#include "runner/text/hash.h"
#include "runner/text/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_AT = 64 * 1024, TITLE_MOST = 60, OP_MOST = 72 };
static const double WRITE_AFTER = 0.1; /* seconds that a failure may wait */

/* ---- writing ---- */

static void write_bytes(Term *t, const char *s, size_t left) {
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
}

/* The status line is the last on the terminal, and goes before anything else is
 * written. */
static void write_out(Term *t) {
    static const char erase[] = "\r\x1b[K";
    if (t->has_status) write_bytes(t, erase, sizeof erase - 1);
    write_bytes(t, buf_text(&t->out), t->out.len);
    write_bytes(t, t->status, strlen(t->status));
    t->has_status = *t->status;
    t->broken |= t->out.failed;
    buf_clear(&t->out);
    t->last_write = run_clock();
}

void term_status(Term *t, const char *line) {
    if (strlen(line) >= sizeof t->status) return;
    memcpy(t->status, line, strlen(line) + 1);
    write_out(t);
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
    failure_line(&t->out, (DiffStyle){t->style.colour, false}, true, "hint: ", p->hint);
}

/* ---- failures ---- */

static DiffStyle diff_style(const Term *t) {
    return (DiffStyle){t->style.colour, t->style.full};
}

static void put_head(Term *t, const CellResult *cell) {
    bool blocked = cell->difference.kind == FAILURE_BLOCKED;
    put_word(t, blocked ? COLOUR_SKIP : COLOUR_FAIL, blocked ? "block" : "FAIL");
    failure_place(&t->out, cell);
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

/* The change whose lines, from `from` on, were shown before; NULL when they are new,
 * and are remembered from now on. */
static TermChange *seen_before(Term *t, const CellResult *cell, size_t from) {
    uint64_t hash = hash_text(t->out.data + from, t->out.len - from);
    for (uint32_t i = 0; i < t->n_changes; i++)
        if (t->changes[i].hash == hash) return &t->changes[i];
    if (t->n_changes < TERM_CHANGES) {
        TermChange *change = &t->changes[t->n_changes++];
        *change = (TermChange){.hash = hash};
        snprintf(change->place, sizeof change->place, "%s:%u", cell->file,
                 (unsigned)cell->line);
    }
    return NULL;
}

/* Takes the lines from `from` on back, and says at the end of the head before them
 * where they stand. */
static void collapse(Term *t, TermChange *change, size_t from) {
    change->more++;
    t->out.len = from - 1;
    buf_puts(&t->out, ", as at ");
    put_text(t, change->place);
    buf_putc(&t->out, '\n');
}

static void put_accept(Term *t, const CellResult *cell) {
    const NotebookFiles *nb = cell->notebook;
    if (!t->style.place || !nb || !result_can_accept(cell)) return;
    ChangeId id;
    const ExpectedTree dir = {nb->expected_root, nb->expected_rel};
    change_id(t->style.place, &dir, nb->cells[cell->index].name, id);
    id[CHANGE_ID_SHOWN] = '\0';
    failure_line(&t->out, diff_style(t), true, "accept: autocell accept ", id);
}

static void put_failure(Term *t, const CellResult *cell) {
    /* The cell that ended the notebook has told of them. */
    if (cell->cut_off && t->style.verbosity <= 0) return;
    put_head(t, cell);
    if (t->style.verbosity < 0) return;
    size_t from = t->out.len;
    failure_change(&t->out, diff_style(t), cell);
    if (cell->expected && t->out.len > from && !t->out.failed) {
        TermChange *change = seen_before(t, cell, from);
        if (change) {
            collapse(t, change, from);
            return;
        }
    }
    failure_advice(&t->out, diff_style(t), cell);
    if (cell->difference.kind != FAILURE_BLOCKED) put_accept(t, cell);
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

static void put_changes(Term *t) {
    for (uint32_t i = 0; i < t->n_changes; i++) {
        const TermChange *change = &t->changes[i];
        if (change->more == 0) continue;
        put_word(t, COLOUR_DIM, "same");
        put_text(t, change->place);
        buf_printf(&t->out, "  the same change in %u other cell%s\n",
                   (unsigned)change->more, change->more == 1 ? "" : "s");
    }
}

static void on_end(Report *r, const RunSummary *sum) {
    Term *t = (Term *)r;
    const char *separator = ": ";
    put_changes(t);
    durations_print(&t->slow, &t->out);
    if (sum->not_run) put_stop(t, sum);
    buf_printf(&t->out, "%u notebook%s, %u cell%s", (unsigned)sum->notebooks,
               sum->notebooks == 1 ? "" : "s", (unsigned)sum->cells,
               sum->cells == 1 ? "" : "s");
    put_count(t, sum->passed, "passed", COLOUR_PASS, &separator);
    put_count(t, sum->failed, "failed", COLOUR_FAIL, &separator);
    put_count(t, sum->blocked, "blocked", COLOUR_SKIP, &separator);
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
    *t->status = '\0';
    write_out(t);
    buf_free(&t->out);
    durations_close(&t->slow);
    return !t->broken;
}
