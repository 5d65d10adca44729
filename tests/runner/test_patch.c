/* patch: what patch(1) and git read. */
#include "runner/report/patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static PatchSide side(const char *text) {
    return (PatchSide){text, text ? strlen(text) : 0};
}

static void assert_patch(const char *path, const char *before, const char *after,
                         const char *patch) {
    Mem mem;
    Buf out;
    mem_init(&mem);
    buf_init(&out, &mem);
    patch_file(&out, path, side(before), side(after), false);
    assert_string_equal(buf_text(&out), patch);
    buf_free(&out);
    assert_int_equal(mem.live_blocks, 0);
    mem_close(&mem);
}

static void the_same_is_no_patch(void **state) {
    (void)state;
    assert_patch("a.txt", "x\n", "x\n", "");
    assert_patch("a.txt", "", "", "");
}

static void a_changed_line_has_three_lines_around_it(void **state) {
    (void)state;
    assert_patch("d/a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                 "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
                 "diff --git a/d/a.txt b/d/a.txt\n"
                 "--- a/d/a.txt\n"
                 "+++ b/d/a.txt\n"
                 "@@ -2,7 +2,7 @@\n"
                 " 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
}

static void hunks_whose_contexts_touch_are_one(void **state) {
    (void)state;
    assert_patch("a", "1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
                 "diff --git a/a b/a\n--- a/a\n+++ b/a\n"
                 "@@ -1,8 +1,8 @@\n"
                 "-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n");
    assert_patch("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
                 "diff --git a/a b/a\n--- a/a\n+++ b/a\n"
                 "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n"
                 "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n");
}

static void new_and_deleted_files_have_no_other_side(void **state) {
    (void)state;
    assert_patch("a", NULL, "1\n",
                 "diff --git a/a b/a\nnew file mode 100644\n"
                 "--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+1\n");
    assert_patch("a", "1\n", NULL,
                 "diff --git a/a b/a\ndeleted file mode 100644\n"
                 "--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n");
}

static void empty_files_have_a_header_alone(void **state) {
    (void)state;
    assert_patch("a", NULL, "",
                 "diff --git a/a b/a\nnew file mode 100644\nindex 0000000..e69de29\n");
    assert_patch("a", "", NULL,
                 "diff --git a/a b/a\ndeleted file mode 100644\n"
                 "index e69de29..0000000\n");
}

static void a_missing_newline_is_told(void **state) {
    (void)state;
    assert_patch("a", "1", "1\n",
                 "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n"
                 "-1\n\\ No newline at end of file\n+1\n");
}

static void names_end_where_they_should(void **state) {
    (void)state;
    assert_patch("a b", "1\n", "2\n",
                 "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n"
                 "@@ -1,1 +1,1 @@\n-1\n+2\n");
    assert_patch("\"\n", "1\n", "2\n",
                 "diff --git \"a/\\\"\\012\" \"b/\\\"\\012\"\n"
                 "--- \"a/\\\"\\012\"\n+++ \"b/\\\"\\012\"\n@@ -1,1 +1,1 @@\n-1\n+2\n");
    assert_patch("/x/a", "", "2\n",
                 "diff --git a/x/a b/x/a\n--- a/x/a\n+++ b/x/a\n@@ -0,0 +1,1 @@\n+2\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_no_patch),
        cmocka_unit_test(a_changed_line_has_three_lines_around_it),
        cmocka_unit_test(hunks_whose_contexts_touch_are_one),
        cmocka_unit_test(new_and_deleted_files_have_no_other_side),
        cmocka_unit_test(empty_files_have_a_header_alone),
        cmocka_unit_test(a_missing_newline_is_told),
        cmocka_unit_test(names_end_where_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
