/* autocell update: the cells run as in `run`; what differs is gathered for each
 * notebook and written at its end. */
#include "runner/command/command.h"
#include "runner/read/expected.h"
#include "runner/report/failure_text.h"
#include "runner/report/patch.h"
#include "runner/run/stops.h"
#include "runner/text/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A text to be written and what is told about it. */
typedef struct Change {
    struct Change *next;
    ExpectedFile file;
    const char *path, *why;
    bool is_new;
} Change;

/* Changes are kept until there are many, or the run ends: written together they reach
 * the disk in one go, and a run that is stopped before leaves nothing behind. */
typedef struct Updater {
    Report report;
    Command *cmd;
    Arena arena; /* of the changes kept */
    Change *first, **last;
    size_t n, bytes;
    uint32_t written, unchanged;
} Updater;

enum { KEEP_CHANGES = 4096, KEEP_BYTES = 4 * 1024 * 1024 };

static const char *describe(Arena *a, const CellResult *cell) {
    Buf message;
    buf_init(&message, &a->ctx->mem);
    failure_message(&message, cell);
    const char *text = arena_text(a, buf_text(&message), message.len);
    buf_free(&message);
    return text;
}

static bool gather(Updater *u, const CellResult *cell) {
    Change *change = arena_alloc(&u->arena, sizeof *change);
    char *text = arena_text(&u->arena, cell->printed, cell->printed_len);
    if (!change || !text) return false;
    change->file = (ExpectedFile){
        .dir = {cell->notebook->expected_root, cell->notebook->expected_rel},
        .name = cell_expected_name(&u->arena, cell->notebook, cell->index),
        .text = text,
        .len = cell->printed_len};
    change->path =
        arena_text(&u->arena, cell->expected_path, strlen(cell->expected_path));
    change->why = describe(&u->arena, cell);
    change->is_new = cell->difference.kind == FAILURE_MISSING_EXPECTED;
    if (!change->file.name || !change->path || !change->why) return false;
    *u->last = change;
    u->last = &change->next;
    u->n++;
    u->bytes += cell->printed_len;
    return true;
}

static void on_cell(Report *r, const CellResult *cell) {
    Updater *u = (Updater *)r;
    if (!result_can_accept(cell)) {
        u->unchanged += cell->state != CELL_FAILED;
        report_cell(u->cmd->reports.chain, NULL, cell);
        return;
    }
    --*failure_count(&u->cmd->sum, cell);
    if (!cell->notebook->cells[cell->index].selected)
        u->unchanged++;
    else if (!gather(u, cell))
        u->cmd->sum.out_of_memory = true;
}

/* ---- what others are to hear ---- */

static Report *others(Report *r) {
    return ((Updater *)r)->cmd->reports.chain;
}

static void on_begin(Report *r, const Collection *found) {
    report_begin(others(r), found);
}

static void on_notebook(Report *r, const NotebookFiles *nb) {
    report_notebook(others(r), nb);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    report_trouble(others(r), NULL, trouble);
}

static double on_idle(Report *r, const RunSummary *so_far) {
    return report_idle(others(r), so_far);
}

/* ---- writing ---- */

static void tell(Updater *u, const Change *change, int error) {
    Term *t = &u->cmd->reports.term;
    if (error) {
        Problem p = {.kind = PROBLEM_NONE};
        expected_problem(&p, change->path, error);
        term_problem(t, COLOUR_FAIL, "FAIL", &p);
        u->cmd->sum.refusals++;
        return;
    }
    u->written++;
    if (t->style.verbosity >= 0)
        term_note(t, COLOUR_PASS, change->is_new ? "new" : "update", change->path,
                  change->is_new ? "" : change->why);
}

static void begin_changes(Updater *u) {
    arena_init(&u->arena, u->cmd->c);
    u->first = NULL;
    u->last = &u->first;
    u->n = u->bytes = 0;
}

static void write_changes(Updater *u) {
    ExpectedFile *files = arena_alloc(&u->arena, (u->n + 1) * sizeof *files);
    sigset_t before, held;
    size_t n = 0;
    for (const Change *change = u->first; files && change; change = change->next)
        files[n++] = change->file;
    stops_hold(&before, &held);
    expected_write(files, n);
    int stop = stops_release(&before, &held);
    if (stop) u->cmd->sum.signal = stop;
    n = 0;
    for (const Change *change = u->first; files && change; change = change->next)
        tell(u, change, files[n++].error);
}

/* ---- dry runs ---- */

static void put_patch(Updater *u, const Change *change) {
    Buf old;
    buf_init(&old, &u->cmd->c->mem);
    bool there = expected_read(change->path, &old) != ENOENT;
    patch_file(&u->cmd->reports.term.out, change->path,
               (PatchSide){there ? buf_text(&old) : NULL, old.len},
               (PatchSide){change->file.text, change->file.len}, isatty(STDOUT_FILENO));
    buf_free(&old);
}

static void end_changes(Updater *u) {
    u->cmd->differs |= u->n > 0;
    if (u->cmd->sum.signal)
        u->n = 0; /* stopped before it was to be written */
    else if (!u->cmd->options->dry_run)
        write_changes(u);
    else
        for (const Change *change = u->first; change; change = change->next)
            put_patch(u, change);
    arena_free(&u->arena);
}

static void on_notebook_end(Report *r, const NotebookFiles *nb) {
    Updater *u = (Updater *)r;
    report_notebook_end(u->cmd->reports.chain, nb);
    if (u->n < KEEP_CHANGES && u->bytes < KEEP_BYTES) return;
    end_changes(u);
    begin_changes(u);
}

/* ---- the verb ---- */

/* A cell that does not run to its end has no whole text. */
static bool has_parts(const Collection *found) {
    for (uint32_t i = 0; i < found->n; i++)
        for (uint32_t k = 0; k < found->notebooks[i].n; k++) {
            const CellFile *cell = &found->notebooks[i].cells[k];
            if (cell->last_op || cell->last_line) return true;
        }
    return false;
}

static int refuse_parts(void) {
    Problem p = {.kind = PROBLEM_NONE};
    problem_set(&p, PROBLEM_INPUT, "`update` writes whole texts");
    problem_hint(&p, "leave the operation or line behind the file away");
    return complain(&p);
}

static void put_summary(const Updater *u) {
    const RunSummary *sum = &u->cmd->sum;
    Buf *out = &u->cmd->reports.term.out;
    buf_printf(out, "%u notebook%s, %u cell%s: %u written, %u unchanged",
               (unsigned)sum->notebooks, sum->notebooks == 1 ? "" : "s",
               (unsigned)sum->cells, sum->cells == 1 ? "" : "s", (unsigned)u->written,
               (unsigned)u->unchanged);
    if (sum->failed) buf_printf(out, ", %u failed", (unsigned)sum->failed);
    if (sum->blocked) buf_printf(out, ", %u blocked", (unsigned)sum->blocked);
    buf_puts(out, " in ");
    units_print_seconds(out, run_clock() - u->cmd->start);
    buf_putc(out, '\n');
}

static int update(Ctx *c, const Options *o) {
    static const ReportType type = {.begin = on_begin,
                                    .notebook = on_notebook,
                                    .cell = on_cell,
                                    .trouble = on_trouble,
                                    .notebook_end = on_notebook_end,
                                    .idle = on_idle};
    Command cmd;
    int code;
    if (!may_write(o)) return EXIT_USAGE;
    if (!command_open(&cmd, c, o, &code)) return code;
    if (has_parts(&cmd.found)) {
        command_close(&cmd);
        return refuse_parts();
    }
    Updater u = {.report = {.type = &type}, .cmd = &cmd};
    begin_changes(&u);
    command_run(&cmd, &u.report);
    end_changes(&u);
    if (!cmd.sum.signal) command_unreferenced(&cmd);
    if (!o->dry_run) {
        expected_clean(&cmd.found);
        put_summary(&u);
        report_end(cmd.reports.term.report.next, &cmd.sum);
    }
    code = command_close(&cmd);
    return code == EXIT_AS_EXPECTED && o->dry_run && cmd.differs ? EXIT_DIFFERS : code;
}

const Verb verb_update = {
    .name = "update",
    .arguments = "[PATH...]",
    .summary = "run cells and write the expected texts that changed",
    .details =
        "One line for each text that is written says which and why. What has not\n"
        "changed is not touched. With a cell file as PATH only its text is written. "
        "The\n"
        "text of an xfail cell is what it should print, so it is left alone; what a "
        "cell\n"
        "prints that matches under its `compare` rule is left alone, too.\n",
    .run = update,
};
