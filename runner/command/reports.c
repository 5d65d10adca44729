/* See reports.h. */
#include "runner/command/reports.h"

#include "runner/command/verb.h"
#include "runner/report/progress.h"
#include "runner/report/report_github.h"
#include "runner/report/report_json.h"
#include "runner/report/report_junit.h"
#include "runner/report/report_tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Opening {
    Reports *reports;
    Arena *arena;
    const Options *options;
    Report **end; /* where the chain goes on */
    Problem *problem;
} Opening;

static bool add(Opening *s, Report *report) {
    if (!report) return false;
    *s->end = report;
    s->end = &report->next;
    return true;
}

static DiffStyle plain(const Opening *s) {
    return (DiffStyle){.colour = false, .full = s->options->full};
}

/* NULL with s->problem set, or MemoryError pending. */
static Sink *open_sink(Opening *s, const char *path) {
    Sink *sink = &s->reports->sinks[s->reports->n_sinks];
    if (!sink_open(sink, s->arena, path, s->problem)) return NULL;
    s->reports->n_sinks++;
    return sink;
}

static bool add_files(Opening *s) {
    const Options *o = s->options;
    Sink *sink;
    if (o->junit_xml) {
        if (!(sink = open_sink(s, o->junit_xml))) return false;
        if (!add(s, report_junit_open(s->arena, sink, plain(s)))) return false;
    }
    if (o->json_file) {
        if (!(sink = open_sink(s, o->json_file))) return false;
        if (!add(s, report_json_open(s->arena, sink))) return false;
    }
    if (o->tap) {
        if (!(sink = open_sink(s, "-"))) return false;
        if (!add(s, report_tap_open(s->arena, sink, plain(s)))) return false;
    }
    return true;
}

/* ---- the terminal ---- */

static bool is_stdout(const char *path) {
    return path && strcmp(path, "-") == 0;
}

/* Only a run has reports for machines; the environment asks for them all the same. */
static bool for_machines(const Options *o) {
    return o->verb == &verb_run && !o->list;
}

/* How many reports for machines want standard output. */
static int takers(const Options *o) {
    if (!for_machines(o)) return 0;
    return o->tap + is_stdout(o->junit_xml) + is_stdout(o->json_file);
}

static bool wants_progress(const Opening *s) {
    const char *terminal = getenv("TERM");
    return s->options->verbosity >= 0 && !under_ci() &&
           isatty(s->reports->term.style.fd) &&
           !(terminal && strcmp(terminal, "dumb") == 0);
}

static void open_term(Opening *s) {
    const Options *o = s->options;
    int fd = takers(o) ? STDERR_FILENO : STDOUT_FILENO;
    ChangePlace *place = &s->reports->place;
    bool placed = change_place(s->arena, o->project, place);
    TermStyle style = {.colour = use_colour(o, fd),
                       .full = o->full,
                       .durations = o->durations,
                       .verbosity = o->verbosity,
                       .fd = fd,
                       .place = placed ? place : NULL};
    term_open(&s->reports->term, &s->arena->ctx->mem, style);
}

/* Annotations stand before the last line of the terminal's report. */
static bool add_github(Opening *s) {
    GithubPlaces places = report_github_places(s->arena, &s->reports->term.out);
    return add(s, report_github_open(s->arena, places));
}

static bool add_term(Opening *s) {
    Term *term = &s->reports->term;
    if (wants_progress(s) && !add(s, progress_open(s->arena, term))) return false;
    return add(s, &term->report);
}

static bool add_all(Opening *s, const Collection *found) {
    const Options *o = s->options;
    bool machines = for_machines(o);
    return (!machines || !o->github || add_github(s)) &&
           ((machines && o->tap) || add_term(s)) &&
           add(s, recorder_open(s->arena, o->project, found)) &&
           (!machines || add_files(s));
}

bool reports_open(Reports *r, Arena *a, const Options *o, const Collection *found,
                  Problem *p) {
    Opening s = {
        .reports = r, .arena = a, .options = o, .end = &r->chain, .problem = p};
    r->chain = NULL;
    r->n_sinks = 0;
    if (takers(o) > 1) {
        problem_set(p, PROBLEM_INPUT, "only one report fits on standard output");
        return problem_hint(p, "name a file: --json FILE, --junit-xml FILE");
    }
    open_term(&s);
    if (add_all(&s, found)) return true;
    reports_close(r, false);
    return false;
}

bool reports_close(Reports *r, bool keep) {
    bool written = term_close(&r->term);
    for (uint32_t i = 0; i < r->n_sinks; i++) {
        Problem p = {.kind = PROBLEM_NONE};
        if (sink_close(&r->sinks[i], keep, &p)) continue;
        written = false;
        complain(&p);
    }
    r->n_sinks = 0;
    return written;
}
