/* parallel.h: every part runs once, with any number of threads. */
#include "core/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PARTS = 97 };

/* Adds one where its part is. */
static void count_part(const void *work, int64_t part) {
    int *const *counts = work;
    (*counts)[part]++;
}

static void assert_each_once(const int *counts) {
    for (int i = 0; i < PARTS; i++) assert_int_equal(counts[i], 1);
}

static void every_part_runs_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        parallel_set_threads(threads);
        for (int turn = 0; turn < 500; turn++) {
            int counts[PARTS] = {0}, *work = counts;
            parallel_run(count_part, &work, PARTS);
            assert_each_once(counts);
        }
    }
}

static void run_inner(const void *work, int64_t part) {
    int(*const *counts)[PARTS] = work;
    int *row = (*counts)[part];
    parallel_run(count_part, &row, PARTS);
}

static void a_part_may_have_parts(void **state) {
    (void)state;
    static int counts[5][PARTS];
    int(*work)[PARTS] = counts;
    memset(counts, 0, sizeof counts);
    parallel_set_threads(3);
    parallel_run(run_inner, &work, 5);
    for (int i = 0; i < 5; i++) assert_each_once(counts[i]);
}

static void no_parts_are_no_work(void **state) {
    (void)state;
    parallel_run(count_part, NULL, 0);
}

static void the_number_of_threads_has_limits(void **state) {
    (void)state;
    parallel_set_threads(0);
    assert_int_equal(parallel_threads(), 1);
    parallel_set_threads(PARALLEL_MOST + 1);
    assert_int_equal(parallel_threads(), PARALLEL_MOST);
}

static void the_last_part_may_be_short(void **state) {
    (void)state;
    assert_int_equal(parallel_parts(0, 4), 0);
    assert_int_equal(parallel_parts(8, 4), 2);
    assert_int_equal(parallel_parts(9, 4), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_runs_once),
        cmocka_unit_test(a_part_may_have_parts),
        cmocka_unit_test(no_parts_are_no_work),
        cmocka_unit_test(the_last_part_may_be_short),
        cmocka_unit_test(the_number_of_threads_has_limits),
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
