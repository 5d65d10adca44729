/* See failure_text.h. */
#include "runner/report/failure_text.h"

#include "runner/report/shown.h"

#include <string.h>

static void put_text(Buf *out, const char *text) {
    show_text(out, text, strlen(text));
}

void failure_place(Buf *out, const CellResult *cell) {
    put_text(out, cell->file);
    buf_printf(out, ":%u:%u", (unsigned)cell->line, (unsigned)cell->col);
}

void failure_message(Buf *out, const CellResult *cell) {
    const char *note = cell->difference.note;
    if (!*note && cell->problem.kind != PROBLEM_NONE) note = cell->problem.message;
    if (!*note && cell->difference.kind == FAILURE_UNEXPECTED_PASS) note = cell->reason;
    if (!note) note = "";
    /* "blocked by ..." says it itself. */
    if (!*note || cell->difference.kind != FAILURE_BLOCKED)
        buf_printf(out, "%s%s", failure_shown(cell->difference.kind),
                   *note ? ": " : "");
    put_text(out, note);
}

void failure_line(Buf *out, DiffStyle style, bool dim, const char *label,
                  const char *text) {
    if (!*text) return;
    buf_puts(out, "    ");
    show_colour(out, style.colour, dim ? COLOUR_DIM : COLOUR_NONE);
    buf_puts(out, label);
    put_text(out, text);
    show_colour(out, style.colour, COLOUR_NONE);
    buf_putc(out, '\n');
}

/* What a cell printed, behind `intro`. */
static void put_printed(Buf *out, DiffStyle style, const CellResult *cell,
                        const char *intro, const char *nothing) {
    failure_line(out, style, false, "", cell->actual_len ? intro : nothing);
    term_lines(out, style, '+', cell->actual, cell->actual_len);
}

void failure_change(Buf *out, DiffStyle style, const CellResult *cell) {
    FailureClass kind = cell->difference.kind;
    /* What is the matter shows in another cell. */
    if (kind == FAILURE_BLOCKED) return;
    if (cell->expected) {
        term_diff(out, style, cell->expected, cell->expected_len, cell->actual,
                  cell->actual_len);
    } else if (kind == FAILURE_MISSING_EXPECTED && !*cell->problem.message) {
        failure_line(out, style, false, "there is no ", cell->expected_path);
        put_printed(out, style, cell, "the cell prints", "the cell prints nothing");
    } else if (cell->actual) {
        put_printed(out, style, cell, "until then it printed",
                    "until then it printed nothing");
    }
}

void failure_advice(Buf *out, DiffStyle style, const CellResult *cell) {
    failure_line(out, style, false, "", cell->difference.note);
    failure_line(out, style, true, "", cell->difference.advice);
    if (cell->problem.kind != PROBLEM_NONE) {
        failure_line(out, style, false, "", cell->problem.message);
        failure_line(out, style, true, "hint: ", cell->problem.hint);
    } else if (cell->difference.kind == FAILURE_UNEXPECTED_PASS) {
        failure_line(out, style, false, "it was expected to fail: ", cell->reason);
        failure_line(out, style, true, "hint: ", "delete the key `xfail`");
    } else if (cell->difference.kind == FAILURE_CONFLICT) {
        failure_line(out, style, true,
                     "hint: ", "finish the merge, or delete the file and update");
    }
}
