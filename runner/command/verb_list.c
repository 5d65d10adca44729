/* autocell list: what there is, without running it. */
#include "runner/command/command.h"
#include "runner/read/file.h"
#include "runner/read/load_yaml.h"
#include "runner/report/json_text.h"
#include "runner/report/report_json.h"

#include <stdio.h>
#include <string.h>

typedef struct Lister {
    Command *cmd;
    Arena arena; /* of the notebook under way */
    Buf text;
    json_t *notebooks; /* NULL: a list of lines */
} Lister;

/* ---- lines ---- */

static void put_line(Lister *l, const char *path, const char *title, const char *skip) {
    Buf *out = &l->cmd->reports.term.out;
    show_text(out, path, strlen(path));
    if (l->cmd->options->verbosity >= 0 && title) {
        buf_puts(out, "  \"");
        show_text(out, title, strlen(title));
        buf_putc(out, '"');
    }
    if (l->cmd->options->verbosity >= 0 && skip) {
        buf_puts(out, "  skipped: ");
        show_text(out, skip, strlen(skip));
    }
    buf_putc(out, '\n');
}

/* ---- JSON ---- */

static void set_text(Lister *l, json_t *object, const char *key, const char *text) {
    json_set_text(&l->cmd->c->mem, object, key, text);
}

static void set_problem(Lister *l, json_t *object, const Problem *p) {
    if (p->kind == PROBLEM_NONE) return;
    json_t *value = json_object();
    set_text(l, value, "message", p->message);
    if (*p->hint) set_text(l, value, "hint", p->hint);
    if (p->line) json_set_count(value, "line", p->line);
    if (p->line) json_set_count(value, "column", p->col);
    json_object_set_new(object, "problem", value);
}

static json_t *cell_object(Lister *l, const NotebookFiles *nb, uint32_t index,
                           const CellSource *cell, const Problem *p) {
    json_t *object = json_object();
    set_text(l, object, "path", cell_path(&l->arena, nb, index));
    set_text(l, object, "expected", cell_expected_path(&l->arena, nb, index));
    set_text(l, object, "title", cell->title);
    set_text(l, object, "skip", cell->skip);
    set_text(l, object, "xfail", cell->xfail);
    set_problem(l, object, p);
    return object;
}

/* ---- notebooks ---- */

static void count_problem(Lister *l, const Problem *p) {
    RunSummary *sum = &l->cmd->sum;
    if (p->kind == PROBLEM_IO) sum->refusals++;
    if (p->kind == PROBLEM_INPUT) sum->bad_inputs++;
    if (p->kind != PROBLEM_NONE && !l->notebooks) complain(p);
}

static void list_cell(Lister *l, const NotebookFiles *nb, uint32_t index,
                      json_t *cells) {
    const char *path = cell_path(&l->arena, nb, index);
    CellSource cell = {.title = NULL};
    Problem p = {.kind = PROBLEM_NONE};
    size_t len;
    if (!path) return;
    l->cmd->sum.cells++;
    if (load_text(path, &l->text, &len, &p))
        load_cell(&l->arena, path, buf_text(&l->text), len, &cell, &p);
    if (cells)
        json_array_append_new(cells, cell_object(l, nb, index, &cell, &p));
    else
        put_line(l, path, cell.title, cell.skip);
    count_problem(l, &p);
}

static void list_notebook(Lister *l, const NotebookFiles *nb) {
    const char *path = path_join(&l->arena, nb->dir, "notebook.yaml");
    NotebookConfig config = {.title = NULL};
    Problem p = {.kind = PROBLEM_NONE};
    size_t len;
    if (nb->has_config && path && load_text(path, &l->text, &len, &p))
        load_notebook(&l->arena, path, buf_text(&l->text), len, &config, &p);
    json_t *cells = NULL;
    if (l->notebooks) {
        json_t *object = json_object();
        cells = json_array();
        set_text(l, object, "path", nb->dir);
        set_text(l, object, "title", config.title);
        set_problem(l, object, &p);
        json_object_set_new(object, "cells", cells);
        json_array_append_new(l->notebooks, object);
    } else {
        put_line(l, nb->dir, config.title, NULL);
    }
    count_problem(l, &p);
    for (uint32_t i = 0; i < nb->n; i++)
        if (nb->cells[i].selected) list_cell(l, nb, i, cells);
}

static void put_json(Lister *l) {
    json_t *root = json_object();
    json_set_count(root, "schema", JSON_SCHEMA);
    json_object_set(root, "notebooks", l->notebooks);
    json_put(&l->cmd->reports.term.out, root, JSON_INDENT(2));
}

static int list(Ctx *c, const Options *o) {
    Command cmd;
    int code;
    if (!command_open(&cmd, c, o, &code)) return code;
    Lister l = {.cmd = &cmd, .notebooks = o->json ? json_array() : NULL};
    buf_init(&l.text, &c->mem);
    for (uint32_t i = 0; i < cmd.found.n; i++) {
        if (cmd.found.notebooks[i].n_run == 0) continue;
        arena_init(&l.arena, c);
        list_notebook(&l, &cmd.found.notebooks[i]);
        arena_free(&l.arena);
    }
    if (l.notebooks) put_json(&l);
    json_decref(l.notebooks);
    buf_free(&l.text);
    cmd.sum.out_of_memory = ctx_failed(c);
    return command_close(&cmd);
}

const Verb verb_list = {
    .name = "list",
    .arguments = "[PATH...]",
    .summary = "list notebooks and cells",
    .details = "One a line, a notebook before its cells; with -q the paths alone.\n",
    .run = list,
};
