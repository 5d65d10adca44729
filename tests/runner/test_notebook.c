/* notebook: running cells in order and judging what they print. */
#include "runner/report/notebook.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 8 };

/* A report that keeps what it was told of each cell. */
typedef struct Recorder {
    Report report;
    uint32_t n, troubles;
    struct Kept {
        CellState state;
        FailureClass kind;
        uint32_t op, line, col;
        bool printed;
        char note[320], message[256], file[64];
    } cells[MOST];
    char trouble[512];
} Recorder;

static void on_cell(Report *r, const CellResult *cell) {
    Recorder *recorder = (Recorder *)r;
    if (recorder->n == MOST) return;
    struct Kept *kept = &recorder->cells[recorder->n++];
    *kept = (struct Kept){.state = cell->state,
                          .kind = cell->difference.kind,
                          .op = cell->op,
                          .line = cell->line,
                          .col = cell->col,
                          .printed = cell->printed != NULL};
    snprintf(kept->note, sizeof kept->note, "%s", cell->difference.note);
    snprintf(kept->message, sizeof kept->message, "%s", cell->problem.message);
    snprintf(kept->file, sizeof kept->file, "%s", cell->file);
}

static void on_trouble(Report *r, const Trouble *trouble) {
    Recorder *recorder = (Recorder *)r;
    const Problem *p = &trouble->problem;
    recorder->troubles += trouble->fails;
    snprintf(recorder->trouble, sizeof recorder->trouble, "%s:%u %s", p->file,
             (unsigned)p->line, p->message);
}

typedef struct Fixture {
    Recorder recorder;
    RunSummary sum;
    char dir[64], command[128];
    int before;
} Fixture;

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/autocell-test-XXXXXX");
    f->before = open(".", O_RDONLY | O_DIRECTORY);
    if (!mkdtemp(f->dir) || chdir(f->dir)) return 1;
    *state = f;
    return mkdir("cells", 0777) || mkdir("cells/a", 0777) || mkdir("expected", 0777) ||
           mkdir("expected/a", 0777);
}

static int teardown(void **state) {
    Fixture *f = *state;
    snprintf(f->command, sizeof f->command, "rm -rf %s", f->dir);
    int left = fchdir(f->before) || system(f->command);
    close(f->before);
    free(f);
    return left;
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Cell i of the notebook, and what it should print; NULL: no such file. */
static void cell(int i, const char *text, const char *expected) {
    char path[64];
    snprintf(path, sizeof path, "cells/a/%d.yaml", i);
    put(path, text);
    snprintf(path, sizeof path, "expected/a/%d.txt", i);
    if (expected) put(path, expected);
}

/* Runs the notebooks found, in this very process. */
static void run_all(Ctx *c, const Collection *found, Fixture *f) {
    static const RunRules rules = {.repeat = 0};
    Journal *journal = journal_open();
    Buf bytes;
    assert_non_null(journal);
    journal_begin(journal, -1);
    buf_init(&bytes, &c->mem);
    for (uint32_t i = 0; i < found->n && !ctx_failed(c); i++) {
        Arena arena;
        NotebookText text;
        arena_init(&arena, c);
        NotebookRun run = {.c = c,
                           .text = &text,
                           .rules = &rules,
                           .journal = journal,
                           .reports = &f->recorder.report,
                           .sum = &f->sum};
        if (notebook_text_read(&arena, &found->notebooks[i], &bytes, &text))
            notebook_run(&run);
        arena_free(&arena);
    }
    buf_free(&bytes);
    journal_close(journal);
}

/* Runs everything with the n-th allocation failing (0: none); false when it ran out
 * of memory. */
static bool try_run(void **state, uint64_t fail_at) {
    static const ReportType type = {.cell = on_cell, .trouble = on_trouble};
    static const char *const paths[] = {"cells"};
    Fixture *f = *state;
    Ctx c;
    Arena arena;
    Collection found;
    Problem p = {.kind = PROBLEM_NONE};
    f->recorder = (Recorder){.report = {.type = &type}};
    f->sum = (RunSummary){.cells = 0};
    ctx_open(&c);
    c.mem.fail_at = fail_at;
    arena_init(&arena, &c);
    if (discover(&arena, paths, 1, NULL, &found, &p)) run_all(&c, &found, f);
    bool failed = ctx_failed(&c) || (fail_at && c.mem.requests >= fail_at);
    arena_free(&arena);
    error_clear(&c);
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
    return !failed;
}

static const struct Kept *run(void **state) {
    assert_true(try_run(state, 0));
    return ((Fixture *)*state)->recorder.cells;
}

static int exit_code(void **state) {
    return run_exit_code(&((Fixture *)*state)->sum);
}

static void cells_share_a_context_in_order(void **state) {
    cell(10, "ops: [print(x)]", "2\n");
    cell(9, "ops: [x = 2]", "");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].state, CELL_PASSED);
    assert_int_equal(cells[1].state, CELL_PASSED);
    assert_int_equal(exit_code(state), 0);
}

static void the_first_differing_byte_names_its_operation(void **state) {
    cell(1, "ops:\n  - print(1)\n  - x = 1\n  - print(2)\n  - print(3)\n", "1\n7\n3\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].state, CELL_FAILED);
    assert_int_equal(cells[0].kind, FAILURE_VALUES);
    assert_int_equal(cells[0].op, 3);
    assert_int_equal(cells[0].line, 4);
    assert_int_equal(cells[0].col, 5);
    assert_int_equal(exit_code(state), 1);
}

static void missing_output_is_the_last_operations(void **state) {
    cell(1, "ops: [print(1), x = 2]", "1\n2\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].kind, FAILURE_MISSING_OUTPUT);
    assert_int_equal(cells[0].op, 2);
}

static void an_operation_may_span_several(void **state) {
    cell(1,
         "ops:\n  - if False:\n    - print(1)\n  - else:\n    - print(2)\n"
         "  - print(3)\n",
         "2\n4\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].op, 3);
    assert_int_equal(cells[0].line, 6);
}

static void a_bad_cell_fails_alone(void **state) {
    cell(1, "ops: [x = (1]", "");
    cell(2, "ops: [print(2)]", "2\n");
    cell(3, "opps: []", "");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].kind, FAILURE_BAD_CELL);
    assert_int_equal(cells[0].op, 1);
    assert_false(cells[0].printed);
    assert_int_equal(cells[1].state, CELL_PASSED);
    assert_int_equal(cells[2].kind, FAILURE_BAD_CELL);
    assert_string_equal(cells[2].message, "unknown key `opps` in a cell");
    assert_int_equal(exit_code(state), 2);
}

static void a_name_of_a_bad_or_skipped_cell_blocks(void **state) {
    cell(1, "ops: [y = (1]", "");
    cell(2, "skip: later\nops: [z = 1]", NULL);
    cell(3, "ops: [print(y)]", "1\n");
    cell(4, "ops: [print(z)]", "1\n");
    cell(5, "ops: [print(w)]", "1\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[1].state, CELL_SKIPPED);
    assert_int_equal(cells[2].kind, FAILURE_BLOCKED);
    assert_string_equal(cells[2].note,
                        "blocked by cells/a/1.yaml, which did not run: `y` comes from "
                        "there");
    assert_int_equal(cells[3].kind, FAILURE_BLOCKED);
    assert_int_equal(cells[4].kind, FAILURE_UNEXPECTED_ERROR);
}

static void what_hangs_on_a_failed_cell_is_blocked_but_sound(void **state) {
    cell(1, "ops: [missing, y = 1]", "");
    cell(2, "ops: [print(y)]", "1\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].kind, FAILURE_UNEXPECTED_ERROR);
    assert_int_equal(cells[1].kind, FAILURE_BLOCKED);
    assert_string_equal(
        cells[1].note, "blocked by cells/a/1.yaml, which failed: `y` comes from there");
}

static void xfail_must_not_match(void **state) {
    cell(1, "xfail: known\nops: [print(1)]", "2\n");
    cell(2, "xfail: known\nops: [print(1)]", "1\n");
    cell(3, "xfail: known\nops: [print(1)]", NULL);
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].state, CELL_XFAILED);
    assert_int_equal(cells[1].kind, FAILURE_UNEXPECTED_PASS);
    assert_int_equal(cells[2].kind, FAILURE_MISSING_EXPECTED);
}

static void a_bad_notebook_yaml_fails_its_cells(void **state) {
    put("cells/a/notebook.yaml", "timeout: soon\n");
    cell(1, "ops: [print(1)]", "1\n");
    cell(2, "ops: [print(2)]", "2\n");
    run(state);
    Fixture *f = *state;
    assert_int_equal(f->recorder.n, 0);
    assert_int_equal(f->recorder.troubles, 1);
    assert_string_equal(f->recorder.trouble,
                        "cells/a/notebook.yaml:1 this key takes a duration; the "
                        "notebook's 2 cells did not run");
    assert_int_equal(f->sum.failed, 2);
    assert_int_equal(exit_code(state), 2);
}

static void an_unreadable_cell_is_a_refusal(void **state) {
    cell(2, "ops: [print(2)]", "2\n");
    assert_int_equal(symlink("nowhere", "cells/a/1.yaml"), 0);
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].state, CELL_FAILED);
    assert_string_equal(cells[0].message, "cannot read: No such file or directory");
    assert_int_equal(cells[1].state, CELL_PASSED);
    assert_int_equal(exit_code(state), 4);
}

static void a_conflict_is_placed_in_the_text(void **state) {
    cell(1, "ops: [print(1)]", "0\n<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].kind, FAILURE_CONFLICT);
    assert_string_equal(cells[0].file, "expected/a/1.txt");
    assert_int_equal(cells[0].line, 2);
}

static void the_limit_of_a_cell_is_its_own(void **state) {
    cell(1, "max_memory: 1MiB\nops: [print(1), 'x = \"a\" * 4000000']", "1\n");
    cell(2, "ops: ['x = \"a\" * 4000000', print(len(x))]", "4000000\n");
    const struct Kept *cells = run(state);
    assert_int_equal(cells[0].kind, FAILURE_MEMORY);
    assert_int_equal(cells[0].op, 2);
    assert_int_equal(cells[1].state, CELL_PASSED);
}

static void no_cells_is_an_exit_code(void **state) {
    run(state);
    assert_int_equal(exit_code(state), 5);
}

static void running_out_of_memory_ends_the_run_cleanly(void **state) {
    cell(1, "ops: [print(1)]", "tensor([1.])\n");
    cell(2, "ops: [x = (1]", "");
    cell(3, "compare: {mask: [b]}\nops: [print(\"abc\")]", "ac\n");
    uint64_t n = 1;
    while (!try_run(state, n)) n++;
    assert_true(n > 5);
}

static void the_gravest_exit_code_counts(void **state) {
    (void)state;
    assert_int_equal(run_exit_code(&(RunSummary){.cells = 1, .passed = 1}), 0);
    assert_int_equal(run_exit_code(&(RunSummary){.cells = 0}), 5);
    RunSummary sum = {.cells = 1, .blocked = 1};
    assert_int_equal(run_exit_code(&sum), 1);
    sum = (RunSummary){.cells = 1, .unreferenced = 1};
    assert_int_equal(run_exit_code(&sum), 1);
    sum.failed = 1;
    sum.astray = 1;
    assert_int_equal(run_exit_code(&sum), 3);
    sum.bad_inputs = 1;
    assert_int_equal(run_exit_code(&sum), 2);
    sum.refusals = 1;
    assert_int_equal(run_exit_code(&sum), 4);
    sum = (RunSummary){.out_of_memory = true};
    assert_int_equal(run_exit_code(&sum), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(cells_share_a_context_in_order),
        TEST(the_first_differing_byte_names_its_operation),
        TEST(missing_output_is_the_last_operations),
        TEST(an_operation_may_span_several),
        TEST(a_bad_cell_fails_alone),
        TEST(a_name_of_a_bad_or_skipped_cell_blocks),
        TEST(what_hangs_on_a_failed_cell_is_blocked_but_sound),
        TEST(xfail_must_not_match),
        TEST(a_bad_notebook_yaml_fails_its_cells),
        TEST(an_unreadable_cell_is_a_refusal),
        TEST(a_conflict_is_placed_in_the_text),
        TEST(the_limit_of_a_cell_is_its_own),
        TEST(no_cells_is_an_exit_code),
        TEST(running_out_of_memory_ends_the_run_cleanly),
        TEST(the_gravest_exit_code_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
