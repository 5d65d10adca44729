/* autocell run */
#include "runner/command/command.h"

#include <string.h>

static int list_selected(Command *cmd) {
    for (uint32_t i = 0; i < cmd->found.n; i++) {
        const NotebookFiles *nb = &cmd->found.notebooks[i];
        for (uint32_t k = 0; k < nb->n_run; k++) {
            const char *path = cell_path(&cmd->arena, nb, k);
            if (!nb->cells[k].selected || !path) continue;
            show_text(&cmd->reports.term.out, path, strlen(path));
            buf_putc(&cmd->reports.term.out, '\n');
            cmd->sum.cells++;
        }
    }
    return command_close(cmd);
}

static int run(Ctx *c, const Options *o) {
    Command cmd;
    int code;
    if (o->unreferenced == UNREFERENCED_DELETE) {
        Problem p = {.kind = PROBLEM_NONE};
        problem_set(&p, PROBLEM_INPUT, "`run` writes and deletes nothing");
        problem_hint(&p, "autocell update --unreferenced delete");
        return complain(&p);
    }
    if (!command_open(&cmd, c, o, &code)) return code;
    if (o->list) return list_selected(&cmd);
    command_run(&cmd, cmd.reports.chain);
    if (!cmd.sum.signal) command_unreferenced(&cmd);
    command_end(&cmd);
    return command_close(&cmd);
}

const Verb verb_run = {
    .name = "run",
    .arguments = "[PATH...]",
    .summary = "run cells and compare what they print with their expected texts",
    .details =
        "A PATH is a directory or a cell file; without one it is cells. A directory "
        "is\n"
        "searched for notebooks, which are directories that hold *.yaml cells. A cell\n"
        "file runs its notebook up to and including that cell; FILE::OP and FILE:LINE\n"
        "run the cell up to that operation.\n"
        "\n"
        "The expected text of cells/a/01-x.yaml is expected/a/01-x.txt. Flags that "
        "always\n"
        "hold stand in autocell.yaml, here or in a directory above: `timeout: 10s`.\n"
        "\n"
        "Exit code: 0 all as expected, 1 a cell failed, 2 wrong usage or a bad cell\n"
        "file, 3 a fault of autocell, 4 a file cannot be read or written, 5 there are "
        "no\n"
        "cells.\n",
    .run = run,
};
