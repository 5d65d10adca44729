/* See report_json.h. */
#include "runner/report/report_json.h"

#include "runner/report/json_text.h"

#include <math.h>

typedef struct JsonReport {
    Report report;
    Sink *sink;
    Mem *mem;
} JsonReport;

static json_t *open_record(const JsonReport *j, const char *kind) {
    json_t *record = json_object();
    json_set_text(j->mem, record, "record", kind);
    return record;
}

static void close_record(JsonReport *j, json_t *record) {
    json_put(&j->sink->bytes, record, JSON_COMPACT | JSON_REAL_PRECISION(9));
    sink_write(j->sink, false);
}

/* A text, when there is one and it is not empty. */
static void set_text(const JsonReport *j, json_t *record, const char *key,
                     const char *text) {
    if (text && *text) json_set_text(j->mem, record, key, text);
}

static void set_place(const JsonReport *j, json_t *record, const char *file,
                      uint32_t line, uint32_t col) {
    set_text(j, record, "file", file);
    if (file && line) json_set_count(record, "line", line);
    if (file && line && col) json_set_count(record, "column", col);
}

/* A distance, when it means something: JSON has neither nan nor inf. */
static void set_distance(json_t *record, const char *key, double value) {
    if (isfinite(value)) json_object_set_new(record, key, json_real(value));
}

static void set_movement(const JsonReport *j, json_t *record, const Movement *m) {
    if (!m->moved) return;
    json_t *elements = json_object(), *index = json_array();
    json_set_count(elements, "moved", m->moved);
    json_set_count(elements, "of", m->of);
    for (int i = 0; i < m->ndim; i++)
        json_array_append_new(index, json_integer(m->index[i]));
    json_object_set_new(elements, "index", index);
    json_set_text(j->mem, elements, "from", m->from);
    json_set_text(j->mem, elements, "to", m->to);
    set_distance(elements, "absolute", m->absolute);
    set_distance(elements, "relative", m->relative);
    set_distance(elements, "ulps", m->ulps);
    json_object_set_new(record, "elements", elements);
}

static void set_failure(const JsonReport *j, json_t *record, const CellResult *cell) {
    const Difference *d = &cell->difference;
    json_set_text(j->mem, record, "class", failure_name(d->kind));
    set_place(j, record, cell->file, cell->line, cell->col);
    if (cell->op) {
        json_set_count(record, "op", cell->op);
        set_text(j, record, "op_text", cell->op_text);
    }
    set_text(j, record, "note", d->note);
    set_movement(j, record, &d->movement);
    set_text(j, record, "advice", d->advice);
    if (cell->problem.kind != PROBLEM_NONE) {
        set_text(j, record, "message", cell->problem.message);
        set_text(j, record, "hint", cell->problem.hint);
    }
    json_set_bytes(j->mem, record, "expected", cell->expected, cell->expected_len);
    json_set_bytes(j->mem, record, "actual", cell->actual, cell->actual_len);
}

static const char *state_name(const CellResult *cell) {
    static const char *const names[] = {"passed", "failed", "skipped", "xfailed"};
    bool blocked =
        cell->state == CELL_FAILED && cell->difference.kind == FAILURE_BLOCKED;
    return blocked ? "blocked" : names[cell->state];
}

static void on_begin(Report *r, const Collection *found) {
    JsonReport *j = (JsonReport *)r;
    uint32_t notebooks = 0, cells = 0;
    for (uint32_t i = 0; i < found->n; i++) {
        notebooks += found->notebooks[i].n_run > 0;
        cells += found->notebooks[i].n_run;
    }
    json_t *record = open_record(j, "run");
    json_set_count(record, "schema", JSON_SCHEMA);
    json_set_count(record, "notebooks", notebooks);
    json_set_count(record, "cells", cells);
    close_record(j, record);
}

static void on_notebook(Report *r, const NotebookFiles *nb) {
    JsonReport *j = (JsonReport *)r;
    json_t *record = open_record(j, "notebook");
    set_text(j, record, "path", nb->dir);
    json_set_count(record, "cells", nb->n_run);
    close_record(j, record);
}

static void on_cell(Report *r, const CellResult *cell) {
    JsonReport *j = (JsonReport *)r;
    json_t *record = open_record(j, "cell");
    set_text(j, record, "path", cell->path);
    set_text(j, record, "expected_path", cell->expected_path);
    set_text(j, record, "title", cell->title);
    json_set_text(j->mem, record, "state", state_name(cell));
    json_object_set_new(record, "seconds", json_real(cell->seconds));
    set_text(j, record, "reason", cell->reason);
    if (cell->state == CELL_FAILED) set_failure(j, record, cell);
    if (cell->state == CELL_PASSED && cell->moved) {
        json_set_count(record, "moved", cell->moved);
        json_object_set_new(record, "most", json_real(cell->most));
    }
    close_record(j, record);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    JsonReport *j = (JsonReport *)r;
    const Problem *p = &trouble->problem;
    json_t *record = open_record(j, "trouble");
    set_place(j, record, p->file, p->line, p->col);
    set_text(j, record, "message", p->message);
    set_text(j, record, "hint", p->hint);
    json_object_set_new(record, "fails", json_boolean(trouble->fails));
    json_set_count(record, "lost_cells", trouble->lost_cells);
    close_record(j, record);
}

static void on_end(Report *r, const RunSummary *sum) {
    JsonReport *j = (JsonReport *)r;
    const struct {
        const char *key;
        uint32_t count;
    } counts[] = {{"notebooks", sum->notebooks}, {"cells", sum->cells},
                  {"passed", sum->passed},       {"failed", sum->failed},
                  {"blocked", sum->blocked},     {"skipped", sum->skipped},
                  {"xfailed", sum->xfailed},     {"unreferenced", sum->unreferenced},
                  {"not_run", sum->not_run}};
    json_t *record = open_record(j, "summary");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_set_count(record, counts[i].key, counts[i].count);
    json_object_set_new(record, "interrupted", json_boolean(sum->signal != 0));
    json_object_set_new(record, "seconds", json_real(sum->seconds));
    close_record(j, record);
}

Report *report_json_open(Arena *a, Sink *sink) {
    static const ReportType type = {.begin = on_begin,
                                    .notebook = on_notebook,
                                    .cell = on_cell,
                                    .trouble = on_trouble,
                                    .end = on_end};
    JsonReport *j = arena_alloc(a, sizeof *j);
    if (!j) return NULL;
    *j = (JsonReport){.report = {.type = &type}, .sink = sink, .mem = &a->ctx->mem};
    return &j->report;
}
