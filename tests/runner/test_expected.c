/* discover and expected: which files belong together, and how texts are kept. */
#include "fixtures.h"
#include "runner/read/expected.h"
#include "runner/read/unreferenced.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test runs in an empty directory of its own. */
typedef struct Fixture {
    ArenaFixture base;
    Collection found;
    Problem problem;
    char dir[64], command[128];
    int before;
} Fixture;

static int setup(void **state) {
    arena_setup(state, sizeof(Fixture));
    Fixture *f = *state;
    snprintf(f->dir, sizeof f->dir, "/tmp/autocell-test-XXXXXX");
    f->before = open(".", O_RDONLY | O_DIRECTORY);
    return !mkdtemp(f->dir) || chdir(f->dir);
}

static int teardown(void **state) {
    Fixture *f = *state;
    snprintf(f->command, sizeof f->command, "rm -rf %s", f->dir);
    int left = fchdir(f->before) || system(f->command);
    close(f->before);
    return arena_teardown(state) || left;
}

/* Makes the file and the directories that lead to it. */
static void put(const char *path, const char *text) {
    char dir[256];
    for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
        snprintf(dir, sizeof dir, "%.*s", (int)(s - path), path);
        mkdir(dir, 0777);
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_text(const char *path, const char *text) {
    char found[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    found[fread(found, 1, sizeof found - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(found, text);
}

static bool try_find(void **state, const char *a, const char *b, const char *expected) {
    Fixture *f = *state;
    const char *paths[] = {a, b};
    f->problem = (Problem){.kind = PROBLEM_NONE};
    return discover(&f->base.arena, paths, b ? 2 : 1, expected, &f->found, &f->problem);
}

static Collection *find(void **state, const char *a, const char *b,
                        const char *expected) {
    Fixture *f = *state;
    if (!try_find(state, a, b, expected)) fail_msg("%s", f->problem.message);
    return &f->found;
}

static const char *expected_path(void **state, uint32_t notebook, uint32_t cell) {
    Fixture *f = *state;
    return cell_expected_path(&f->base.arena, &f->found.notebooks[notebook], cell);
}

/* ---- discover ---- */

static void notebooks_and_cells_come_in_natural_order(void **state) {
    put("cells/b/1.yaml", "");
    put("cells/a10/1.yaml", "");
    put("cells/a9/10-x.yaml", "");
    put("cells/a9/2-x.yaml", "");
    put("cells/a9/z/1.yaml", "");
    put("cells/top.yaml", "");
    Collection *c = find(state, "cells", NULL, NULL);
    static const char *const order[] = {"cells", "cells/a9", "cells/a9/z", "cells/a10",
                                        "cells/b"};
    assert_int_equal(c->n, 5);
    for (int i = 0; i < 5; i++) assert_string_equal(c->notebooks[i].dir, order[i]);
    assert_string_equal(c->notebooks[1].cells[0].name, "2-x.yaml");
    assert_int_equal(c->notebooks[1].n_run, 2);
}

static void what_is_no_cell_is_passed_over(void **state) {
    put("cells/a/notebook.yaml", "");
    put("cells/a/x.yaml", "");
    put("cells/a/notes.txt", "");
    put("cells/a/.hidden.yaml", "");
    put("cells/.git/y.yaml", "");
    put("cells/only/notebook.yaml", "");
    assert_int_equal(symlink("a", "cells/link"), 0);
    Collection *c = find(state, "cells", NULL, NULL);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->notebooks[0].n, 1);
    assert_true(c->notebooks[0].has_config);
}

static void a_file_runs_its_notebook_up_to_itself(void **state) {
    put("cells/a/1.yaml", "");
    put("cells/a/2.yaml", "");
    put("cells/a/3.yaml", "");
    Collection *c = find(state, "cells/a/2.yaml", NULL, NULL);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->notebooks[0].n, 3);
    assert_int_equal(c->notebooks[0].n_run, 2);
    assert_false(c->notebooks[0].cells[0].selected);
    assert_true(c->notebooks[0].cells[1].selected);
}

static void the_same_notebook_twice_is_one(void **state) {
    put("cells/a/1.yaml", "");
    put("cells/a/2.yaml", "");
    Collection *c = find(state, "./cells//a/1.yaml", "cells/a/2.yaml", NULL);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->notebooks[0].n_run, 2);
    assert_true(c->notebooks[0].cells[0].selected);
    assert_int_equal(find(state, "cells", "cells/a/", NULL)->n, 1);
}

static void paths_that_are_no_cells_are_refused(void **state) {
    Fixture *f = *state;
    put("cells/a/notes.txt", "");
    assert_false(try_find(state, "cells/b", NULL, NULL));
    assert_int_equal(f->problem.kind, PROBLEM_IO);
    assert_string_equal(f->problem.message, "cannot read: No such file or directory");
    assert_string_equal(f->problem.file, "cells/b");
    assert_false(try_find(state, "cells/a/notes.txt", NULL, NULL));
    assert_int_equal(f->problem.kind, PROBLEM_INPUT);
    assert_int_equal(find(state, "cells", NULL, NULL)->n, 0);
}

static void the_last_part_named_cells_is_replaced(void **state) {
    put("cells/demo/cells/a/1.yaml", "");
    find(state, "cells", NULL, NULL);
    assert_string_equal(expected_path(state, 0, 0), "cells/demo/expected/a/1.txt");
    put("x/cells/1.yaml", "");
    find(state, "x", NULL, NULL);
    assert_string_equal(expected_path(state, 0, 0), "x/expected/1.txt");
}

static void inside_cells_the_absolute_path_decides(void **state) {
    Fixture *f = *state;
    char want[128];
    put("cells/a/1.yaml", "");
    assert_int_equal(chdir("cells/a"), 0);
    find(state, ".", NULL, NULL);
    snprintf(want, sizeof want, "%s/expected/a/1.txt", f->dir);
    assert_string_equal(expected_path(state, 0, 0), want);
    find(state, "../a/1.yaml", NULL, NULL);
    assert_string_equal(expected_path(state, 0, 0), want);
}

static void without_a_part_named_cells_it_must_be_said(void **state) {
    Fixture *f = *state;
    put("demo/a/1.yaml", "");
    assert_false(try_find(state, "demo", NULL, NULL));
    assert_non_null(strstr(f->problem.hint, "--expected"));
    find(state, "demo", NULL, "out");
    assert_string_equal(expected_path(state, 0, 0), "out/a/1.txt");
    find(state, "demo/a/1.yaml", NULL, "out");
    assert_string_equal(expected_path(state, 0, 0), "out/1.txt");
    find(state, ".", NULL, "out");
    assert_string_equal(expected_path(state, 0, 0), "out/demo/a/1.txt");
}

static void below_an_expected_directory_cells_is_the_base(void **state) {
    put("x/cells/a/1.yaml", "");
    find(state, "x/cells/a", NULL, "out");
    assert_string_equal(expected_path(state, 0, 0), "out/a/1.txt");
    find(state, "x/cells", NULL, "out");
    assert_string_equal(expected_path(state, 0, 0), "out/a/1.txt");
}

static void one_place_for_two_notebooks_is_refused(void **state) {
    Fixture *f = *state;
    put("a/1.yaml", "");
    put("b/1.yaml", "");
    assert_false(try_find(state, "a", "b", "out"));
    assert_non_null(strstr(f->problem.message, "the place"));
}

/* ---- expected ---- */

static const ExpectedTree place = {"expected", "a/b"};

/* Writes expected/a/b/1.txt; 0 or an errno. */
static int write_one(const char *text) {
    ExpectedFile file = {
        .dir = place, .name = "1.txt", .text = text, .len = strlen(text)};
    expected_write(&file, 1);
    return file.error;
}

static void writing_makes_directories_and_replaces(void **state) {
    (void)state;
    assert_int_equal(write_one("one\n"), 0);
    assert_text("expected/a/b/1.txt", "one\n");
    assert_int_equal(write_one("two\n"), 0);
    assert_text("expected/a/b/1.txt", "two\n");
    struct stat st;
    assert_int_equal(stat("expected/a/b/1.txt", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void nothing_else_is_left_behind(void **state) {
    (void)state;
    assert_int_equal(write_one("one\n"), 0);
    assert_int_equal(system("test \"$(ls -A expected/a/b)\" = 1.txt"), 0);
}

static void links_are_not_written_through(void **state) {
    Fixture *f = *state;
    put("outside/1.txt", "safe");
    put("expected/a/x", "");
    assert_int_equal(symlink("../../outside", "expected/a/b"), 0);
    assert_int_equal(write_one("evil"), ELOOP);
    assert_int_equal(unlink("expected/a/b"), 0);
    assert_int_equal(mkdir("expected/a/b", 0777), 0);
    assert_int_equal(symlink("../../../outside/1.txt", "expected/a/b/1.txt"), 0);
    assert_int_equal(write_one("evil"), ELOOP);
    assert_int_equal(expected_remove(&place, "1.txt"), ELOOP);
    assert_text("outside/1.txt", "safe");
    expected_problem(&f->problem, "expected/a/b/1.txt", ELOOP);
    assert_non_null(strstr(f->problem.message, "symbolic link"));
}

static void the_root_is_no_link(void **state) {
    (void)state;
    assert_int_equal(mkdir("outside", 0777), 0);
    assert_int_equal(symlink("outside", "expected"), 0);
    assert_int_equal(write_one("evil"), ELOOP);
    assert_int_equal(rmdir("outside"), 0);
}

static void a_file_in_the_way_is_said(void **state) {
    Fixture *f = *state;
    put("expected/a/b", "a file");
    int error = write_one("x");
    assert_int_equal(error, ENOTDIR);
    expected_problem(&f->problem, "expected/a/b/1.txt", error);
    assert_string_equal(f->problem.message, "cannot write: Not a directory");
    assert_text("expected/a/b", "a file");
}

static void a_file_that_fails_stops_no_other(void **state) {
    (void)state;
    static const ExpectedTree other = {"expected", ""};
    ExpectedFile files[] = {{place, "1.txt", "a", 1, 0},
                            {place, "dir", "b", 1, 0},
                            {place, "3.txt", "c", 1, 0},
                            {other, "4.txt", "d", 1, 0}};
    assert_int_equal(write_one("old"), 0);
    assert_int_equal(mkdir("expected/a/b/dir", 0777), 0);
    expected_write(files, 4);
    assert_int_equal(files[1].error, EISDIR);
    assert_int_equal(files[0].error + files[2].error + files[3].error, 0);
    assert_text("expected/a/b/1.txt", "a");
    assert_text("expected/a/b/3.txt", "c");
    assert_text("expected/4.txt", "d");
    assert_int_equal(system("test -z \"$(ls -A expected/a/b/dir)\""), 0);
}

static void many_files_are_written_together(void **state) {
    Fixture *f = *state;
    enum { N = 40 };
    ExpectedFile files[N];
    for (int i = 0; i < N; i++) {
        char *name = arena_text(&f->base.arena, "00.txt", 6);
        name[0] = (char)('0' + i / 10);
        name[1] = (char)('0' + i % 10);
        files[i] =
            (ExpectedFile){{"expected", i < N / 2 ? "a" : "b/c"}, name, name, 6, 0};
    }
    files[7].name = "no/such.txt";
    expected_write(files, N);
    for (int i = 0; i < N; i++) assert_int_equal(files[i].error, i == 7 ? ENOENT : 0);
    assert_text("expected/a/19.txt", "19.txt");
    assert_text("expected/b/c/39.txt", "39.txt");
    assert_int_equal(system("test -z \"$(find expected -name '.*')\""), 0);
}

static void reading_tells_why_not(void **state) {
    Fixture *f = *state;
    Buf text;
    buf_init(&text, &f->base.ctx.mem);
    assert_int_equal(expected_read("none.txt", &text), ENOENT);
    assert_int_equal(expected_read(".", &text), EISDIR);
    put("a.txt", "text");
    assert_int_equal(expected_read("a.txt", &text), 0);
    assert_string_equal(buf_text(&text), "text");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    buf_clear(&text);
    assert_int_equal(expected_read("pipe", &text), 0);
    assert_int_equal(text.len, 0);
    buf_free(&text);
}

static bool search(Fixture *f, const Unreferenced **items, uint32_t *n) {
    TextSearch *s = text_search_open(&f->base.arena, &f->found);
    assert_non_null(s);
    bool fine = text_search_end(s, items, n, &f->problem);
    text_search_close(s);
    return fine;
}

static void texts_without_a_cell_are_found(void **state) {
    Fixture *f = *state;
    put("cells/a/1.yaml", "");
    put("expected/a/1.txt", "");
    put("expected/a/2.txt", "");
    put("expected/a/.1.txt.77", "");
    put("expected/gone/10.txt", "");
    put("expected/gone/9.txt", "");
    put("expected/notes.md", "");
    find(state, "cells", NULL, NULL);
    const Unreferenced *items;
    uint32_t n;
    assert_true(search(f, &items, &n));
    assert_int_equal(n, 3);
    assert_string_equal(items[0].path, "expected/a/2.txt");
    assert_string_equal(items[1].path, "expected/gone/9.txt");
    assert_string_equal(items[2].path, "expected/gone/10.txt");
    assert_int_equal(expected_remove(&items[0].dir, items[0].name), 0);
    assert_int_equal(access("expected/a/2.txt", F_OK), -1);
}

static void only_trees_that_were_searched_can_hold_them(void **state) {
    Fixture *f = *state;
    put("cells/a/1.yaml", "");
    put("cells/b/1.yaml", "");
    put("expected/a/2.txt", "");
    put("expected/b/2.txt", "");
    const Unreferenced *items;
    uint32_t n;
    find(state, "cells/a", NULL, NULL);
    assert_true(search(f, &items, &n));
    assert_int_equal(n, 1);
    find(state, "cells/a/1.yaml", NULL, NULL);
    assert_true(search(f, &items, &n));
    assert_int_equal(n, 0);
    find(state, "cells/b", "cells", NULL);
    assert_true(search(f, &items, &n));
    assert_int_equal(n, 2);
}

static void conflict_markers_are_known(void **state) {
    (void)state;
    static const char conflict[] = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n";
    assert_int_equal(expected_conflict(conflict, sizeof conflict - 1), 2);
    assert_int_equal(expected_conflict("<<<<<<< a\n=======\n", 18), 0);
    assert_int_equal(expected_conflict("=======\n<<<<<<<\n", 16), 0);
    assert_int_equal(expected_conflict("<<<<<<<<\n=======\n>>>>>>>", 24), 0);
    assert_int_equal(expected_conflict("<<<<<<<\n=======\n>>>>>>>", 23), 1);
    assert_int_equal(expected_conflict("", 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    umask(022);
    const struct CMUnitTest tests[] = {
        TEST(notebooks_and_cells_come_in_natural_order),
        TEST(what_is_no_cell_is_passed_over),
        TEST(a_file_runs_its_notebook_up_to_itself),
        TEST(the_same_notebook_twice_is_one),
        TEST(paths_that_are_no_cells_are_refused),
        TEST(the_last_part_named_cells_is_replaced),
        TEST(inside_cells_the_absolute_path_decides),
        TEST(without_a_part_named_cells_it_must_be_said),
        TEST(below_an_expected_directory_cells_is_the_base),
        TEST(one_place_for_two_notebooks_is_refused),
        TEST(writing_makes_directories_and_replaces),
        TEST(nothing_else_is_left_behind),
        TEST(links_are_not_written_through),
        TEST(the_root_is_no_link),
        TEST(a_file_in_the_way_is_said),
        TEST(a_file_that_fails_stops_no_other),
        TEST(many_files_are_written_together),
        TEST(reading_tells_why_not),
        TEST(texts_without_a_cell_are_found),
        TEST(only_trees_that_were_searched_can_hold_them),
        cmocka_unit_test(conflict_markers_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
