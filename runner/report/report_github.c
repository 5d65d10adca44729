/* See report_github.h. */
#include "runner/report/report_github.h"

#include "runner/read/project.h"
#include "runner/report/escape.h"
#include "runner/text/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ANNOTATIONS = 10,
    MESSAGE_MOST = 4000,    /* bytes of one annotation */
    SUMMARY_MOST = 1000000, /* of 1 MiB, so that the end fits in */
};

typedef struct Github {
    Report report;
    GithubPlaces places;
    Buf commands, summary, scratch;
    uint32_t annotated; /* failures that have, or would have, an annotation */
    size_t last;        /* where the last of the annotations begins */
    uint32_t left_out;  /* failures that are not in the summary */
} Github;

/* ---- annotations ---- */

/* At most n bytes of text, whole lines. */
static size_t whole_lines(const char *text, size_t len, size_t n) {
    if (len <= n) return len;
    while (n && text[n - 1] != '\n') n--;
    return n;
}

/* What a failure is about, in one line. */
static void put_subject(Buf *out, const CellResult *cell) {
    if (cell->op)
        buf_printf(out, "op %u  %s", (unsigned)cell->op, cell->op_text);
    else
        buf_puts(out, cell->title ? cell->title : cell->path);
}

static void open_annotation(Github *g, const char *file, uint32_t line, uint32_t col,
                            const char *title) {
    Buf *out = &g->commands;
    g->last = out->len;
    buf_puts(out, "::error ");
    if (file) {
        buf_puts(out, "file=");
        if (*file != '/') escape_text(out, ESCAPE_GITHUB_PROPERTY, g->places.cwd_path);
        escape_text(out, ESCAPE_GITHUB_PROPERTY, file);
        buf_putc(out, ',');
    }
    if (file && line) buf_printf(out, "line=%u,", (unsigned)line);
    if (file && line && col) buf_printf(out, "col=%u,", (unsigned)col);
    buf_puts(out, "title=");
    escape_text(out, ESCAPE_GITHUB_PROPERTY, title);
    buf_puts(out, "::");
}

/* Whether there is room for one more. */
static bool admit(Github *g) {
    return ++g->annotated <= ANNOTATIONS;
}

static void annotate(Github *g, const CellResult *cell) {
    if (cell->difference.kind == FAILURE_BLOCKED || !admit(g)) return;
    Buf *scratch = &g->scratch;
    open_annotation(g, cell->file, cell->line, cell->col,
                    failure_shown(cell->difference.kind));
    buf_clear(scratch);
    put_subject(scratch, cell);
    escape(&g->commands, ESCAPE_GITHUB, buf_text(scratch), scratch->len);
    buf_puts(&g->commands, "%0A");
    buf_clear(scratch);
    failure_change(scratch, (DiffStyle){false, false}, cell);
    failure_advice(scratch, (DiffStyle){false, false}, cell);
    size_t n = whole_lines(buf_text(scratch), scratch->len, MESSAGE_MOST);
    if (n) n--; /* the last line's end */
    escape(&g->commands, ESCAPE_GITHUB | ESCAPE_LINES, buf_text(scratch), n);
    buf_putc(&g->commands, '\n');
}

/* Of more failures than there may be annotations the last ones are a count. */
static void count_rest(Github *g) {
    if (g->annotated <= ANNOTATIONS) return;
    g->commands.len = g->last;
    buf_printf(&g->commands,
               "::error title=autocell::%u more failures are in the log\n",
               (unsigned)(g->annotated - ANNOTATIONS + 1));
}

/* ---- the summary ---- */

static void summarize(Github *g, const CellResult *cell) {
    Buf *out = &g->summary, *scratch = &g->scratch;
    size_t start = out->len;
    buf_puts(out, "<details><summary><code>");
    buf_clear(scratch);
    failure_place(scratch, cell);
    escape(out, ESCAPE_HTML, buf_text(scratch), scratch->len);
    buf_printf(out, "</code> %s</summary><pre>", failure_shown(cell->difference.kind));
    if (cell->op) {
        buf_printf(out, "op %u  ", (unsigned)cell->op);
        escape_text(out, ESCAPE_HTML, cell->op_text);
        buf_puts(out, "&#10;");
    }
    buf_clear(scratch);
    failure_change(scratch, (DiffStyle){false, false}, cell);
    failure_advice(scratch, (DiffStyle){false, false}, cell);
    escape(out, ESCAPE_HTML | ESCAPE_LINES, buf_text(scratch), scratch->len);
    buf_puts(out, "</pre></details>\n\n");
    if (out->len <= SUMMARY_MOST && !g->left_out) return;
    out->len = start;
    g->left_out++;
}

static void put_count(Buf *out, uint32_t n, const char *word, const char **separator) {
    if (n == 0) return;
    buf_printf(out, "%s%u %s", *separator, (unsigned)n, word);
    *separator = ", ";
}

static void put_counts(Buf *out, const RunSummary *sum) {
    const char *separator = "";
    buf_printf(out, "### autocell: %s\n\n",
               run_exit_code(sum) || sum->signal ? "failed" : "passed");
    buf_printf(out, "%u notebook%s, %u cell%s: ", (unsigned)sum->notebooks,
               sum->notebooks == 1 ? "" : "s", (unsigned)sum->cells,
               sum->cells == 1 ? "" : "s");
    put_count(out, sum->passed, "passed", &separator);
    put_count(out, sum->failed, "failed", &separator);
    put_count(out, sum->blocked, "blocked", &separator);
    put_count(out, sum->skipped, "skipped", &separator);
    put_count(out, sum->xfailed, "xfailed", &separator);
    put_count(out, sum->unreferenced, "unreferenced", &separator);
    buf_puts(out, " in ");
    units_print_seconds(out, sum->seconds);
    buf_puts(out, "\n\n");
}

/* Appends to what other parts of the step have written, if there is room. */
static void write_summary(const Github *g, const char *bytes, size_t len) {
    const char *path = g->places.summary;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    struct stat st;
    if (fd < 0) {
        fprintf(stderr, "autocell: the step summary is not written: %s\n",
                strerror(errno));
        return;
    }
    bool fits = fstat(fd, &st) == 0 && (size_t)st.st_size + len <= 1024 * 1024;
    if (!fits || write(fd, bytes, len) < 0)
        fputs("autocell: the step summary has no room left\n", stderr);
    close(fd);
}

/* The counts come first, though they are known last. */
static void put_summary(Github *g, const RunSummary *sum) {
    buf_clear(&g->scratch);
    put_counts(&g->scratch, sum);
    buf_add(&g->scratch, buf_text(&g->summary), g->summary.len);
    if (g->left_out)
        buf_printf(&g->scratch, "%u more are in the log.\n\n", (unsigned)g->left_out);
    if (!g->scratch.failed) write_summary(g, buf_text(&g->scratch), g->scratch.len);
}

/* ---- the report ---- */

static void on_cell(Report *r, const CellResult *cell) {
    Github *g = (Github *)r;
    if (cell->state != CELL_FAILED) return;
    annotate(g, cell);
    if (g->places.summary) summarize(g, cell);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    Github *g = (Github *)r;
    const Problem *p = &trouble->problem;
    if (!trouble->fails || !admit(g)) return;
    open_annotation(g, p->file, p->line, p->col, "autocell");
    escape_text(&g->commands, ESCAPE_GITHUB, p->message);
    buf_puts(&g->commands, "%0A");
    escape_text(&g->commands, ESCAPE_GITHUB, p->hint);
    buf_putc(&g->commands, '\n');
}

static void on_end(Report *r, const RunSummary *sum) {
    Github *g = (Github *)r;
    count_rest(g);
    buf_add(g->places.log, buf_text(&g->commands), g->commands.len);
    if (g->places.summary) put_summary(g, sum);
    buf_free(&g->commands);
    buf_free(&g->summary);
    buf_free(&g->scratch);
}

/* The working directory seen from the workspace, with a slash behind it. */
static const char *path_in_workspace(Arena *a) {
    const char *workspace = getenv("GITHUB_WORKSPACE"), *cwd = project_cwd(a);
    size_t n = workspace ? strlen(workspace) : 0;
    if (!n || !cwd || strncmp(cwd, workspace, n) != 0 || cwd[n] != '/') return "";
    size_t rest = strlen(cwd + n + 1);
    char *path = arena_alloc(a, rest + 2);
    if (!path) return "";
    memcpy(path, cwd + n + 1, rest);
    path[rest] = '/';
    return path;
}

GithubPlaces report_github_places(Arena *a, Buf *log) {
    const char *summary = getenv("GITHUB_STEP_SUMMARY");
    return (GithubPlaces){.log = log,
                          .summary = summary && *summary ? summary : NULL,
                          .cwd_path = path_in_workspace(a)};
}

Report *report_github_open(Arena *a, GithubPlaces places) {
    static const ReportType type = {
        .cell = on_cell, .trouble = on_trouble, .end = on_end};
    Github *g = arena_alloc(a, sizeof *g);
    if (!g) return NULL;
    *g = (Github){.report = {.type = &type}, .places = places};
    buf_init(&g->commands, &a->ctx->mem);
    buf_init(&g->summary, &a->ctx->mem);
    buf_init(&g->scratch, &a->ctx->mem);
    return &g->report;
}
