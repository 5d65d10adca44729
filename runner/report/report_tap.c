/* See report_tap.h. */
#include "runner/report/report_tap.h"

#include "runner/report/escape.h"

#include <string.h>

typedef struct Tap {
    Report report;
    Sink *sink;
    DiffStyle style;
    Buf scratch;
    uint32_t n; /* test points so far */
} Tap;

static void put_point(Tap *t, bool ok, const char *name, const char *title) {
    Buf *out = &t->sink->bytes;
    buf_printf(out, "%sok %u - ", ok ? "" : "not ", (unsigned)++t->n);
    escape_text(out, ESCAPE_TAP, name);
    if (title && *title) {
        buf_puts(out, " \"");
        escape_text(out, ESCAPE_TAP, title);
        buf_putc(out, '"');
    }
}

static void put_directive(Tap *t, const char *directive, const char *reason) {
    buf_printf(&t->sink->bytes, " # %s ", directive);
    escape_text(&t->sink->bytes, ESCAPE_TAP, reason ? reason : "");
}

/* ---- diagnostics ---- */

static void put_key(Tap *t, const char *key, const char *value) {
    buf_printf(&t->sink->bytes, "  %s: \"", key);
    escape_text(&t->sink->bytes, ESCAPE_YAML, value);
    buf_puts(&t->sink->bytes, "\"\n");
}

static void open_diagnostics(Tap *t, const char *message, const char *class) {
    buf_puts(&t->sink->bytes, "  ---\n");
    put_key(t, "message", message);
    buf_printf(&t->sink->bytes, "  severity: fail\n  class: %s\n", class);
}

static void put_at(Tap *t, const char *file, uint32_t line, uint32_t col) {
    if (!file) return;
    put_key(t, "file", file);
    if (line) buf_printf(&t->sink->bytes, "  line: %u\n", (unsigned)line);
    if (col) buf_printf(&t->sink->bytes, "  column: %u\n", (unsigned)col);
}

/* The lines are indented by four, two more than their key. */
static void put_details(Tap *t, const CellResult *cell) {
    buf_clear(&t->scratch);
    failure_change(&t->scratch, t->style, cell);
    failure_advice(&t->scratch, t->style, cell);
    if (t->scratch.failed) t->sink->bytes.failed = true;
    if (t->scratch.len == 0) return;
    buf_puts(&t->sink->bytes, "  details: |\n");
    buf_add(&t->sink->bytes, t->scratch.data, t->scratch.len);
}

static void put_failure(Tap *t, const CellResult *cell) {
    buf_clear(&t->scratch);
    failure_message(&t->scratch, cell);
    open_diagnostics(t, buf_text(&t->scratch), failure_name(cell->difference.kind));
    put_at(t, cell->file, cell->line, cell->col);
    if (cell->op) put_key(t, "op", cell->op_text);
    buf_printf(&t->sink->bytes, "  duration_ms: %.3f\n", cell->seconds * 1e3);
    put_details(t, cell);
    buf_puts(&t->sink->bytes, "  ...\n");
}

/* ---- the report ---- */

static void on_begin(Report *r, const Collection *found) {
    Tap *t = (Tap *)r;
    (void)found;
    buf_puts(&t->sink->bytes, "TAP version 14\n");
}

static void on_cell(Report *r, const CellResult *cell) {
    Tap *t = (Tap *)r;
    bool ok = cell->state == CELL_PASSED || cell->state == CELL_SKIPPED;
    put_point(t, ok, cell->path, cell->title);
    if (cell->state == CELL_SKIPPED) put_directive(t, "SKIP", cell->reason);
    if (cell->state == CELL_XFAILED) put_directive(t, "TODO", cell->reason);
    buf_putc(&t->sink->bytes, '\n');
    if (cell->state == CELL_FAILED) put_failure(t, cell);
    sink_write(t->sink, false);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    Tap *t = (Tap *)r;
    const Problem *p = &trouble->problem;
    if (!trouble->fails) return;
    put_point(t, false, p->file ? p->file : "autocell", NULL);
    buf_putc(&t->sink->bytes, '\n');
    open_diagnostics(t, p->message, "trouble");
    put_at(t, p->file, p->line, p->col);
    if (*p->hint) put_key(t, "hint", p->hint);
    buf_puts(&t->sink->bytes, "  ...\n");
}

/* Somebody may wait for what has come so far. */
static double on_idle(Report *r, const RunSummary *so_far) {
    (void)so_far;
    sink_write(((Tap *)r)->sink, true);
    return 0;
}

static void on_end(Report *r, const RunSummary *sum) {
    Tap *t = (Tap *)r;
    if (sum->signal)
        buf_puts(&t->sink->bytes, "Bail out! stopped by a signal\n");
    else
        buf_printf(&t->sink->bytes, "1..%u\n", (unsigned)t->n);
    buf_free(&t->scratch);
}

Report *report_tap_open(Arena *a, Sink *sink, DiffStyle style) {
    static const ReportType type = {.begin = on_begin,
                                    .cell = on_cell,
                                    .trouble = on_trouble,
                                    .idle = on_idle,
                                    .end = on_end};
    Tap *t = arena_alloc(a, sizeof *t);
    if (!t) return NULL;
    *t = (Tap){.report = {.type = &type}, .sink = sink, .style = style};
    buf_init(&t->scratch, &a->ctx->mem);
    return &t->report;
}
