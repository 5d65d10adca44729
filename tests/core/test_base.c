/* mem, buf, error, pool, value: the ground that everything stands on. */
#include "core/ctx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void mem_counts_blocks_and_bytes(void **state) {
    (void)state;
    Mem m;
    mem_init(&m);
    void *a = mem_alloc(&m, 10), *b = mem_alloc(&m, 1000);
    assert_int_equal(m.live_blocks, 2);
    assert_int_equal(m.live_bytes, 16 + 1008);
    mem_free(&m, a, 10);
    mem_free(&m, b, 1000);
    assert_int_equal(m.live_blocks, 0);
    assert_int_equal(m.live_bytes, 0);
    mem_close(&m);
}

static void mem_hands_freed_blocks_out_again(void **state) {
    (void)state;
    Mem m;
    mem_init(&m);
    void *small = mem_alloc(&m, 40), *large = mem_alloc(&m, 2 * MEM_LARGE);
    assert_int_equal((uintptr_t)large % 64, 0);
    mem_free(&m, large, 2 * MEM_LARGE);
    mem_free(&m, small, 40);
    void *other = mem_alloc(&m, 3 * MEM_LARGE), *again = mem_alloc(&m, 2 * MEM_LARGE);
    if (m.slabs) { /* not under AddressSanitizer */
        assert_ptr_equal(again, large);
        assert_ptr_equal(mem_alloc(&m, 33), small);
        mem_free(&m, small, 33);
    }
    mem_free(&m, again, 2 * MEM_LARGE);
    mem_free(&m, other, 3 * MEM_LARGE);
    assert_int_equal(m.live_blocks, 0);
    mem_close(&m);
}

static void mem_refuses_the_nth_request_and_beyond_the_budget(void **state) {
    (void)state;
    Mem m;
    mem_init(&m);
    m.fail_at = 2;
    void *a = mem_alloc(&m, 16);
    assert_non_null(a);
    assert_null(mem_alloc(&m, 16));
    m.budget = 64;
    assert_null(mem_alloc(&m, 64));
    assert_int_equal(m.live_blocks, 1);
    mem_free(&m, a, 16);
    mem_close(&m);
}

static void the_first_error_wins(void **state) {
    (void)state;
    Ctx c;
    ctx_open(&c);
    assert_null(error_raise(&c, ValueError, "first %d", 1));
    error_raise(&c, TypeError, "second");
    assert_int_equal(c.error.kind, ValueError);
    assert_string_equal(buf_text(&c.error.message), "first 1");
    error_clear(&c);
    assert_false(ctx_failed(&c));
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

static void a_deeply_nested_list_is_freed_without_recursion(void **state) {
    (void)state;
    Ctx c;
    ctx_open(&c);
    List *inner = list_new(&c, 0);
    for (int i = 0; i < 1000000; i++) {
        List *outer = list_new(&c, 1);
        list_push(&c, outer, value_obj(inner));
        obj_release(&c, inner);
        inner = outer;
    }
    obj_release(&c, inner);
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

static void a_cycle_is_freed_with_the_context(void **state) {
    (void)state;
    Ctx c;
    ctx_open(&c);
    List *l = list_new(&c, 0);
    list_push(&c, l, value_obj(l));
    obj_release(&c, l);
    assert_int_not_equal(c.mem.live_blocks, 0);
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

static void the_pool_gives_up_what_a_scope_made(void **state) {
    (void)state;
    Ctx c;
    ctx_open(&c);
    size_t mark = pool_mark(&c);
    pool_add(&c, str_from(&c, "gone"));
    Value kept = value_obj(pool_add(&c, str_from(&c, "kept")));
    kept = pool_drain_keep(&c, mark, kept);
    assert_int_equal(pool_mark(&c), mark + 1);
    assert_true(str_equals(value_str(kept), "kept"));
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

static void utf8_refuses_what_is_not_a_character(void **state) {
    (void)state;
    uint32_t cp;
    assert_int_equal(utf8_decode("\xC3\xA9", 2, &cp), 2);
    assert_int_equal(cp, 0xE9);
    assert_int_equal(utf8_decode("\xC0\x80", 2, &cp), 0);
    assert_int_equal(utf8_decode("\xED\xA0\x80", 3, &cp), 0);
    assert_int_equal(utf8_decode("\xF4\x90\x80\x80", 4, &cp), 0);
    assert_int_equal(utf8_decode("\xE2\x82", 2, &cp), 0);
}

static void half_rounds_to_nearest_even(void **state) {
    (void)state;
    assert_int_equal(half_from_float(1.0f).bits, 0x3C00);
    assert_int_equal(half_from_float(65504.0f).bits, 0x7BFF);
    assert_int_equal(half_from_float(65520.0f).bits, 0x7C00);
    assert_int_equal(half_from_float(0x1p-24f).bits, 1);
    assert_int_equal(half_from_float(0x1p-25f).bits, 0);
    assert_int_equal(half_from_float(0x1.8p-24f).bits, 2);
    for (uint32_t bits = 0; bits < 0x7C00; bits++) {
        Half h = {(uint16_t)bits};
        assert_int_equal(half_from_float(half_to_float(h)).bits, bits);
    }
}

static void promotion_is_a_lattice(void **state) {
    (void)state;
    assert_int_equal(dtype_promote(DT_uint8, DT_int8), DT_int16);
    assert_int_equal(dtype_promote(DT_int64, DT_float16), DT_float16);
    assert_int_equal(dtype_promote(DT_float16, DT_bfloat16), DT_float32);
    assert_int_equal(dtype_promote(DT_bool, DT_uint8), DT_uint8);
    for (DType a = 0; a < DTYPE_COUNT; a++)
        for (DType b = 0; b < DTYPE_COUNT; b++)
            assert_int_equal(dtype_promote(a, b), dtype_promote(b, a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mem_counts_blocks_and_bytes),
        cmocka_unit_test(mem_hands_freed_blocks_out_again),
        cmocka_unit_test(mem_refuses_the_nth_request_and_beyond_the_budget),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(a_deeply_nested_list_is_freed_without_recursion),
        cmocka_unit_test(a_cycle_is_freed_with_the_context),
        cmocka_unit_test(the_pool_gives_up_what_a_scope_made),
        cmocka_unit_test(utf8_refuses_what_is_not_a_character),
        cmocka_unit_test(half_rounds_to_nearest_even),
        cmocka_unit_test(promotion_is_a_lattice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
