/* See progress.h. */
#include "runner/report/progress.h"

#include "runner/text/units.h"

#include <sys/ioctl.h>

static const double APPEARS_AFTER = 0.5, CHANGES_AFTER = 0.1; /* seconds */

typedef struct Progress {
    Report report;
    Term *term;
    const char *notebook;
    uint32_t cells; /* in all */
    double start, next;
} Progress;

/* Columns of the terminal but the last, in which some would begin a new line. */
static size_t columns(const Term *t) {
    struct winsize size;
    bool known = ioctl(t->style.fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1u : 79;
}

/* What is left, when those to come take as long as those before. */
static void put_time_left(Buf *out, const Progress *p, uint32_t done, double now) {
    if (done == 0 || done >= p->cells) return;
    double left = (now - p->start) / done * (p->cells - done);
    if (left < 1)
        buf_puts(out, ", less than 1 s left");
    else if (left < 60)
        buf_printf(out, ", about %.0f s left", left);
    else
        buf_printf(out, ", about %.0f min left", left / 60);
}

static void draw(const Progress *p, const RunSummary *sum, double now) {
    Buf text, line;
    buf_init(&text, p->term->out.mem);
    buf_init(&line, p->term->out.mem);
    buf_printf(&text, "%u/%u cells", (unsigned)sum->received, (unsigned)p->cells);
    if (sum->failed) buf_printf(&text, ", %u failed", (unsigned)sum->failed);
    if (p->notebook) buf_printf(&text, ", %s", p->notebook);
    put_time_left(&text, p, sum->received, now);
    show_start(&line, buf_text(&text), text.len, columns(p->term) - 1);
    term_status(p->term, buf_text(&line));
    buf_free(&text);
    buf_free(&line);
}

static void on_begin(Report *r, const Collection *found) {
    Progress *p = (Progress *)r;
    for (uint32_t i = 0; i < found->n; i++) p->cells += found->notebooks[i].n_run;
    p->start = run_clock();
    p->next = p->start + APPEARS_AFTER;
}

static void on_notebook(Report *r, const NotebookFiles *nb) {
    ((Progress *)r)->notebook = nb->dir;
}

static double on_idle(Report *r, const RunSummary *so_far) {
    Progress *p = (Progress *)r;
    double now = run_clock();
    if (now >= p->next) {
        draw(p, so_far, now);
        p->next = now + CHANGES_AFTER;
    }
    return p->next;
}

Report *progress_open(Arena *a, Term *term) {
    static const ReportType type = {
        .begin = on_begin, .notebook = on_notebook, .idle = on_idle};
    Progress *p = arena_alloc(a, sizeof *p);
    if (!p) return NULL;
    *p = (Progress){.report = {.type = &type}, .term = term};
    return &p->report;
}
