/* wire: results as bytes and back, and bytes that are no results. */
#include "fixtures.h"
#include "runner/report/wire.h"

static CellResult sample(void) {
    CellResult cell = {.index = 3,
                       .state = CELL_FAILED,
                       .title = "a title",
                       .file = "cells/a/3.yaml",
                       .line = 7,
                       .col = 5,
                       .op = 2,
                       .op_text = "print(x)",
                       .expected = "1\n",
                       .expected_len = 2,
                       .actual = "a\0b\n",
                       .actual_len = 4,
                       .seconds = 0.25};
    cell.difference.kind = FAILURE_VALUES;
    memcpy(cell.difference.note, "1 of 2", 7);
    cell.difference.movement = (Movement){
        .moved = 1, .of = 2, .ndim = 2, .index = {3, 4}, .from = "1.", .ulps = 0.5};
    cell.printed = cell.actual;
    cell.printed_len = cell.actual_len;
    return cell;
}

static void a_result_comes_back_whole(void **state) {
    Buf *bytes = &((BufFixture *)*state)->out;
    CellResult cell = sample(), back;
    WireRecord record;
    wire_put_cell(bytes, &cell);
    assert_true(wire_next(bytes->data, bytes->len, &record));
    assert_int_equal(record.size, bytes->len);
    assert_int_equal(record.kind, WIRE_CELL);
    assert_true(wire_take_cell(&record, &back));
    assert_int_equal(back.index, 3);
    assert_int_equal(back.difference.kind, FAILURE_VALUES);
    assert_string_equal(back.difference.note, "1 of 2");
    const Movement *m = &back.difference.movement;
    assert_int_equal(m->moved, 1);
    assert_int_equal(m->of, 2);
    assert_int_equal(m->ndim, 2);
    assert_int_equal(m->index[1], 4);
    assert_string_equal(m->from, "1.");
    assert_true(m->ulps == 0.5);
    assert_string_equal(back.title, "a title");
    assert_null(back.reason);
    assert_int_equal(back.actual_len, 4);
    assert_memory_equal(back.actual, "a\0b\n", 5);
    assert_ptr_equal(back.printed, back.actual);
    assert_true(back.seconds == 0.25);
}

static void a_trouble_comes_back_whole(void **state) {
    Buf *bytes = &((BufFixture *)*state)->out;
    Trouble trouble = {.fails = true, .lost_cells = 5}, back;
    WireRecord record;
    problem_set(&trouble.problem, PROBLEM_INPUT, "unknown key");
    problem_at(&trouble.problem, "notebook.yaml", 1, 2);
    wire_put_trouble(bytes, &trouble);
    assert_true(wire_next(bytes->data, bytes->len, &record));
    assert_true(wire_take_trouble(&record, &back));
    assert_true(back.fails);
    assert_int_equal(back.lost_cells, 5);
    assert_string_equal(back.problem.message, "unknown key");
    assert_string_equal(back.problem.file, "notebook.yaml");
}

static void a_part_of_a_record_is_none_yet(void **state) {
    Buf *bytes = &((BufFixture *)*state)->out;
    CellResult cell = sample();
    WireRecord record;
    wire_put_cell(bytes, &cell);
    for (size_t n = 0; n < bytes->len; n++) {
        assert_true(wire_next(bytes->data, n, &record));
        assert_int_equal(record.size, 0);
    }
}

/* Whatever byte is changed: it is refused, or its texts end inside the record. */
static void a_changed_byte_reads_nothing_outside(void **state) {
    Buf *bytes = &((BufFixture *)*state)->out;
    CellResult cell = sample(), back;
    WireRecord record;
    wire_put_cell(bytes, &cell);
    const char *end = bytes->data + bytes->len;
    for (size_t at = 5; at < bytes->len; at++)
        for (int value = 0; value < 256; value += 5) {
            char before = bytes->data[at];
            bytes->data[at] = (char)value;
            assert_true(wire_next(bytes->data, bytes->len, &record));
            if (wire_take_cell(&record, &back)) {
                assert_true(back.difference.kind < FAILURE_CLASS_COUNT);
                assert_true(back.file + strlen(back.file) < end);
                if (back.actual) assert_true(back.actual + back.actual_len < end);
            }
            bytes->data[at] = before;
        }
}

static void a_length_without_sense_is_refused(void **state) {
    WireRecord record;
    (void)state;
    assert_false(wire_next("\0\0\0\0c", 5, &record));
    assert_false(wire_next("\xff\xff\xff\xff", 4, &record));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, buf_setup, buf_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_result_comes_back_whole),
        TEST(a_trouble_comes_back_whole),
        TEST(a_part_of_a_record_is_none_yet),
        TEST(a_changed_byte_reads_nothing_outside),
        TEST(a_length_without_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
