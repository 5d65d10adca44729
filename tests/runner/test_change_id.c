/* change_id, and the paths that it is made of. */
#include "runner/report/change_id.h"

#include "runner/read/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Ctx c;
    Arena arena;
} Fixture;

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    ctx_open(&f->c);
    arena_init(&f->arena, &f->c);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    arena_free(&f->arena);
    ctx_close(&f->c);
    assert_int_equal(f->c.mem.live_blocks, 0);
    free(f);
    return 0;
}

static void assert_path(Fixture *f, const char *cwd, const char *path,
                        const char *absolute) {
    assert_string_equal(path_absolute(&f->arena, cwd, path), absolute);
}

static void a_path_is_followed_from_the_directory(void **state) {
    Fixture *f = *state;
    assert_path(f, "/w/p", "a/b", "/w/p/a/b");
    assert_path(f, "/w/p", ".", "/w/p");
    assert_path(f, "/w/p", "../q//./r/", "/w/q/r");
    assert_path(f, "/w/p", "/x/../y", "/y");
}

static void a_path_does_not_leave_the_root(void **state) {
    Fixture *f = *state;
    assert_path(f, "/", "a", "/a");
    assert_path(f, "/w", "../..", "/");
    assert_path(f, "/w", "../../../a", "/a");
    assert_path(f, "/", "..", "/");
}

/* The name of the cell "1.yaml" whose text belongs in root/rel. */
static const char *id_of(Fixture *f, const char *cwd, const char *project,
                         const char *root, const char *rel) {
    ChangeId id;
    ChangePlace place = {&f->c, cwd, project};
    change_id(&place, &(ExpectedTree){root, rel}, "1.yaml", id);
    assert_int_equal(strlen(id), CHANGE_ID_DIGITS);
    return arena_text(&f->arena, id, strlen(id));
}

static void a_change_has_one_name_from_everywhere(void **state) {
    Fixture *f = *state;
    const char *id = id_of(f, "/w/p", "/w/p", "expected", "a");
    assert_string_equal(id_of(f, "/w/p/cells/a", "/w/p", "../../expected", "a"), id);
    assert_string_equal(id_of(f, "/w/p", "/w/p", "/w/p/expected", "a"), id);
    assert_string_equal(id_of(f, "/elsewhere", "/elsewhere", "expected", "a"), id);
    assert_string_not_equal(id_of(f, "/w/p", "/w/p", "expected", "b"), id);
    assert_string_not_equal(id_of(f, "/w/p", "/w", "expected", "a"), id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_path_is_followed_from_the_directory, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_path_does_not_leave_the_root, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_change_has_one_name_from_everywhere, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
