/* See report_junit.h. */
#include "runner/report/report_junit.h"

#include "runner/report/escape.h"

#include <string.h>

/* What of a cell's output is kept; --full keeps all. */
enum { OUTPUT_MOST = 64 * 1024 };

typedef struct Junit {
    Report report;
    Sink *sink;
    DiffStyle style;
    Buf cases, scratch; /* of the suite under way */
    const char *suite;
    uint32_t tests, failures, errors, skipped;
    double seconds;
} Junit;

/* ---- pieces ---- */

static void put_attribute(Buf *out, const char *name, const char *value) {
    buf_printf(out, " %s=\"", name);
    escape_text(out, ESCAPE_XML, value);
    buf_putc(out, '"');
}

static void open_case(Junit *j, const char *name, const char *file, uint32_t line,
                      double seconds) {
    Buf *out = &j->cases;
    buf_puts(out, "    <testcase");
    put_attribute(out, "classname", j->suite);
    put_attribute(out, "name", name);
    if (file) put_attribute(out, "file", file);
    if (line) buf_printf(out, " line=\"%u\"", (unsigned)line);
    buf_printf(out, " time=\"%.6f\"", seconds);
    j->tests++;
    j->seconds += seconds;
}

/* Opens <failure> or <error>, whose content follows. */
static void open_fault(Junit *j, const char *element, const char *type,
                       const char *message) {
    buf_printf(&j->cases, ">\n      <%s", element);
    put_attribute(&j->cases, "type", type);
    put_attribute(&j->cases, "message", message);
    buf_putc(&j->cases, '>');
    ++*(*element == 'e' ? &j->errors : &j->failures);
}

static void put_skipped(Junit *j, const char *before, const char *reason) {
    buf_puts(&j->cases, ">\n      <skipped message=\"");
    buf_puts(&j->cases, before);
    escape_text(&j->cases, ESCAPE_XML, reason ? reason : "");
    buf_puts(&j->cases, "\"/>\n    </testcase>\n");
    j->skipped++;
}

static void put_output(Junit *j, const char *text, size_t len) {
    size_t n = j->style.full || len <= OUTPUT_MOST ? len : OUTPUT_MOST;
    buf_puts(&j->cases, "      <system-out>");
    escape(&j->cases, ESCAPE_XML | ESCAPE_LINES, text, n);
    if (n < len)
        buf_printf(&j->cases, "\n... (%zu more bytes; --full keeps them)", len - n);
    buf_puts(&j->cases, "</system-out>\n");
}

/* ---- cells ---- */

static bool is_error(const CellResult *cell) {
    switch (cell->difference.kind) {
    case FAILURE_TIMEOUT:
    case FAILURE_MEMORY:
    case FAILURE_CRASH:
    case FAILURE_BLOCKED:
    case FAILURE_BAD_CELL: return true;
    default: return cell->problem.kind == PROBLEM_IO;
    }
}

static void put_failure(Junit *j, const CellResult *cell) {
    const char *element = is_error(cell) ? "error" : "failure";
    Buf *scratch = &j->scratch;
    buf_clear(scratch);
    failure_message(scratch, cell);
    open_fault(j, element, failure_name(cell->difference.kind), buf_text(scratch));
    buf_clear(scratch);
    failure_place(scratch, cell);
    if (cell->op) {
        buf_printf(scratch, "  op %u  ", (unsigned)cell->op);
        buf_puts(scratch, cell->op_text);
    }
    escape(&j->cases, ESCAPE_XML, scratch->data, scratch->len);
    buf_putc(&j->cases, '\n');
    buf_clear(scratch);
    failure_change(scratch, j->style, cell);
    failure_advice(scratch, j->style, cell);
    escape(&j->cases, ESCAPE_XML | ESCAPE_LINES, scratch->data, scratch->len);
    buf_printf(&j->cases, "</%s>\n", element);
    const char *printed = cell->printed ? cell->printed : cell->actual;
    if (printed)
        put_output(j, printed, cell->printed ? cell->printed_len : cell->actual_len);
    buf_puts(&j->cases, "    </testcase>\n");
}

/* "1-x.yaml", and the title behind it. */
static void put_name(Buf *out, const CellResult *cell) {
    const char *slash = strrchr(cell->path, '/');
    buf_puts(out, slash ? slash + 1 : cell->path);
    if (cell->title && *cell->title) buf_printf(out, ": %s", cell->title);
}

static void on_cell(Report *r, const CellResult *cell) {
    Junit *j = (Junit *)r;
    buf_clear(&j->scratch);
    put_name(&j->scratch, cell);
    open_case(j, buf_text(&j->scratch), cell->file, cell->line, cell->seconds);
    switch (cell->state) {
    case CELL_PASSED: buf_puts(&j->cases, "/>\n"); break;
    case CELL_FAILED: put_failure(j, cell); break;
    case CELL_SKIPPED: put_skipped(j, "", cell->reason); break;
    case CELL_XFAILED: put_skipped(j, "xfail: ", cell->reason); break;
    }
}

static void on_trouble(Report *r, const Trouble *trouble) {
    Junit *j = (Junit *)r;
    const Problem *p = &trouble->problem;
    if (!trouble->fails) return;
    open_case(j, p->file ? p->file : "autocell", p->file, p->line, 0);
    open_fault(j, "error", "trouble", p->message);
    escape_text(&j->cases, ESCAPE_XML, p->hint);
    buf_puts(&j->cases, "</error>\n    </testcase>\n");
}

/* ---- suites ---- */

static void on_begin(Report *r, const Collection *found) {
    Junit *j = (Junit *)r;
    (void)found;
    buf_puts(&j->sink->bytes, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<testsuites name=\"autocell\">\n");
}

static void open_suite(Junit *j, const char *name) {
    buf_clear(&j->cases);
    j->suite = name;
    j->tests = j->failures = j->errors = j->skipped = 0;
    j->seconds = 0;
}

static void close_suite(Junit *j) {
    Buf *out = &j->sink->bytes;
    buf_puts(out, "  <testsuite");
    put_attribute(out, "name", j->suite);
    buf_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
               (unsigned)j->tests, (unsigned)j->failures, (unsigned)j->errors,
               (unsigned)j->skipped);
    buf_printf(out, " time=\"%.6f\">\n", j->seconds);
    buf_add(out, buf_text(&j->cases), j->cases.len);
    buf_puts(out, "  </testsuite>\n");
    if (j->cases.failed || j->scratch.failed) out->failed = true;
    sink_write(j->sink, false);
    /* For what is told outside of any notebook. */
    open_suite(j, "autocell");
}

/* A notebook that a signal has cut short has no end of its own. */
static void on_notebook(Report *r, const NotebookFiles *nb) {
    Junit *j = (Junit *)r;
    if (j->tests) close_suite(j);
    open_suite(j, nb->dir);
}

static void on_notebook_end(Report *r, const NotebookFiles *nb) {
    (void)nb;
    close_suite((Junit *)r);
}

static void on_end(Report *r, const RunSummary *sum) {
    Junit *j = (Junit *)r;
    (void)sum;
    if (j->tests) close_suite(j);
    buf_puts(&j->sink->bytes, "</testsuites>\n");
    buf_free(&j->cases);
    buf_free(&j->scratch);
}

Report *report_junit_open(Arena *a, Sink *sink, DiffStyle style) {
    static const ReportType type = {.begin = on_begin,
                                    .notebook = on_notebook,
                                    .cell = on_cell,
                                    .trouble = on_trouble,
                                    .notebook_end = on_notebook_end,
                                    .end = on_end};
    Junit *j = arena_alloc(a, sizeof *j);
    if (!j) return NULL;
    *j = (Junit){.report = {.type = &type}, .sink = sink, .style = style};
    buf_init(&j->cases, &a->ctx->mem);
    buf_init(&j->scratch, &a->ctx->mem);
    open_suite(j, "autocell");
    return &j->report;
}
