/* The dispatcher, the graph, writes in place and backward. Values are PyTorch's. */
#include "core/core.h"
#include "core/ops/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core_test.h"

/* A float32 vector. */
static Tensor *vec(int n, const float *values, bool requires_grad) {
    int64_t size = n;
    Tensor *t = tensor_make(c, DT_float32, 1, &size);
    memcpy(tensor_data(t), values, (size_t)n * sizeof *values);
    t->requires_grad = requires_grad;
    return t;
}
#define VEC(grad, ...)                                                                 \
    vec((int)(sizeof(float[]){__VA_ARGS__} / sizeof(float)), (float[]){__VA_ARGS__},   \
        grad)

static void assert_values(const Tensor *t, int n, const float *values) {
    assert_non_null(t);
    assert_int_equal(t->numel, n);
    for (int i = 0; i < n; i++) {
        int64_t at = i;
        float got = *(float *)tensor_at(t, &at);
        if (t->ndim == 0) got = *(float *)tensor_data(t);
        assert_float_equal(got, values[i], 1e-5f);
    }
}
#define ASSERT_VALUES(t, ...)                                                          \
    assert_values(t, (int)(sizeof(float[]){__VA_ARGS__} / sizeof(float)),              \
                  (float[]){__VA_ARGS__})

static void assert_error(ErrorKind kind, const char *start) {
    assert_int_equal(c->error.kind, kind);
    assert_memory_equal(buf_text(&c->error.message), start, strlen(start));
    error_clear(c);
}

static bool backward(Tensor *root, bool keep, bool create) {
    return engine_backward(
        c, &root, NULL, 1, NULL, 0,
        (BackwardOptions){.keep_graph = keep || create, .create_graph = create});
}

static void products_and_sums_have_gradients(void **state) {
    (void)state;
    Tensor *x = VEC(true, 1, 2, 3);
    Tensor *y = t_sum(c, t_mul(c, x, x));
    assert_string_equal(node_name(y->grad_fn), "SumBackward0");
    assert_true(backward(y, false, false));
    ASSERT_VALUES(tensor_grad(x), 2, 4, 6);
    assert_false(backward(y, false, false));
    assert_error(RuntimeError, "Trying to backward through the graph a second time");
}

static void gradients_accumulate_and_broadcasts_are_summed(void **state) {
    (void)state;
    Tensor *x = VEC(true, 1, 2, 3), *s = VEC(true, 10);
    for (int i = 0; i < 2; i++)
        assert_true(backward(t_sum(c, t_mul(c, x, s)), false, false));
    ASSERT_VALUES(tensor_grad(x), 20, 20, 20);
    ASSERT_VALUES(tensor_grad(s), 12);
}

static void second_derivatives_exist(void **state) {
    (void)state;
    Tensor *x = VEC(true, 2), *g, *h;
    Tensor *y = t_mul(c, t_mul(c, x, x), x);
    BackwardOptions create = {.keep_graph = true, .create_graph = true};
    assert_true(engine_grad(c, &y, NULL, 1, &x, 1, create, &g));
    ASSERT_VALUES(g, 12);
    assert_true(engine_grad(c, &g, NULL, 1, &x, 1, create, &h));
    ASSERT_VALUES(h, 12);
    assert_true(engine_grad(c, &h, NULL, 1, &x, 1, create, &g));
    ASSERT_VALUES(g, 6);
}

static void create_graph_leaves_a_recorded_gradient(void **state) {
    (void)state;
    Tensor *x = VEC(true, 2);
    assert_true(backward(t_mul(c, x, x), true, true));
    assert_string_equal(node_short_name(tensor_grad_fn(c, tensor_grad(x))),
                        "CopyBackwards");
}

static void a_saved_factor_that_was_written_is_noticed(void **state) {
    (void)state;
    Tensor *a = VEC(true, 1, 2);
    Tensor *b = t_mul_scalar(c, a, value_int(2));
    Tensor *y = t_sum(c, t_mul(c, b, b));
    assert_non_null(t_add_(c, b, VEC(false, 1, 1)));
    assert_false(backward(y, false, false));
    assert_error(
        RuntimeError,
        "one of the variables needed for gradient computation has been modified by "
        "an inplace operation: [torch.FloatTensor [2]], which is output 0 of "
        "AddBackward0, is at version 1; expected version 0 instead. Hint: ");
}

static void leaves_refuse_writes(void **state) {
    (void)state;
    Tensor *w = VEC(true, 1, 1);
    assert_null(t_add_(c, w, VEC(false, 1, 1)));
    assert_error(RuntimeError, "a leaf Variable that requires grad is being used in an "
                               "in-place operation.");
    assert_null(t_zero_(c, t_slice(c, w, 0, 0, 1, 1)));
    assert_error(RuntimeError, "a view of a leaf Variable that requires grad");
}

static void writing_a_view_rewrites_its_base(void **state) {
    (void)state;
    Tensor *x = VEC(true, 1, 1, 1, 1);
    Tensor *y = t_mul_scalar(c, x, value_int(2));
    Tensor *v = t_slice(c, y, 0, 1, 3, 1);
    assert_non_null(t_mul_(c, v, VEC(false, 10, 10)));
    assert_string_equal(node_name(y->grad_fn), "torch::autograd::CopySlices");
    assert_string_equal(node_name(tensor_grad_fn(c, v)), "AsStridedBackward0");
    assert_true(backward(t_sum(c, y), false, false));
    ASSERT_VALUES(tensor_grad(x), 2, 20, 20, 2);
}

static void a_copy_into_a_buffer_joins_the_graph(void **state) {
    (void)state;
    Tensor *x = VEC(true, 2, 3), *buffer = VEC(false, 0, 0, 0);
    assert_non_null(t_copy_(c, t_slice(c, buffer, 0, 1, 3, 1), t_mul(c, x, x)));
    ASSERT_VALUES(buffer, 0, 4, 9);
    assert_true(backward(t_sum(c, buffer), false, false));
    ASSERT_VALUES(tensor_grad(x), 4, 6);
}

static void views_share_their_version(void **state) {
    (void)state;
    Tensor *x = VEC(false, 0, 0, 0);
    Tensor *v = t_slice(c, x, 0, 0, 2, 1), *d = t_detach(c, x);
    t_zero_(c, v);
    assert_int_equal(tensor_version(x), 1);
    t_zero_(c, d);
    assert_int_equal(tensor_version(v), 2);
    assert_ptr_equal(v->base, x);
    assert_null(d->base);
}

static void inputs_select_where_gradients_go(void **state) {
    (void)state;
    Tensor *a = VEC(true, 2), *b = VEC(true, 3), *only[1] = {a};
    Tensor *y = t_mul(c, a, b);
    assert_true(engine_backward(c, &y, NULL, 1, only, 1, (BackwardOptions){0}));
    ASSERT_VALUES(tensor_grad(a), 3);
    assert_null(tensor_grad(b));
}

static void an_unused_input_is_an_error_unless_allowed(void **state) {
    (void)state;
    Tensor *a = VEC(true, 2), *b = VEC(true, 3), *in[2] = {a, b}, *out[2];
    Tensor *y = t_mul(c, a, a);
    assert_false(
        engine_grad(c, &y, NULL, 1, in, 2, (BackwardOptions){.keep_graph = true}, out));
    assert_error(RuntimeError,
                 "One of the differentiated Tensors appears to not have been");
    assert_true(engine_grad(c, &y, NULL, 1, in, 2,
                            (BackwardOptions){.allow_unused = true}, out));
    ASSERT_VALUES(out[0], 4);
    assert_null(out[1]);
}

/* Runs with the stack limit of its process at 256 KiB, where main set it. */
static void a_chain_of_a_million_nodes_fits_a_small_stack(void **state) {
    (void)state;
    Tensor *x = VEC(true, 1), *one = VEC(false, 1);
    size_t outer = pool_mark(c);
    Value y = value_obj(x);
    for (int i = 0; i < 1000000; i++) {
        size_t mark = pool_mark(c);
        Value next = value_obj(t_mul(c, value_tensor(y), one));
        assert_false(value_is_null(next));
        value_retain(next);
        pool_drain(c, mark);
        if (i) value_release(c, y);
        y = next;
    }
    assert_true(backward(value_tensor(y), false, false));
    ASSERT_VALUES(tensor_grad(x), 1);
    value_release(c, y);
    pool_drain(c, outer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_sums_have_gradients),
        cmocka_unit_test(gradients_accumulate_and_broadcasts_are_summed),
        cmocka_unit_test(second_derivatives_exist),
        cmocka_unit_test(create_graph_leaves_a_recorded_gradient),
        cmocka_unit_test(a_saved_factor_that_was_written_is_noticed),
        cmocka_unit_test(leaves_refuse_writes),
        cmocka_unit_test(writing_a_view_rewrites_its_base),
        cmocka_unit_test(a_copy_into_a_buffer_joins_the_graph),
        cmocka_unit_test(views_share_their_version),
        cmocka_unit_test(inputs_select_where_gradients_go),
        cmocka_unit_test(an_unused_input_is_an_error_unless_allowed),
        cmocka_unit_test(a_chain_of_a_million_nodes_fits_a_small_stack),
    };
    struct rlimit small = {256 * 1024, 256 * 1024};
    setrlimit(RLIMIT_STACK, &small);
    return cmocka_run_group_tests(tests, open_core, close_core);
}
