/* Operators: calls that PyTorch was asked about, and what it printed: results, errors,
 * and the gradients of x, y and X with their grad_fn.
 *
 * The calls stand in tests/oracle/op_cases.py, which runs them under PyTorch and writes
 * op_cases.inc.
 */
#include "core/ops/ops.h"
#include "op_calls.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core_test.h"

#include "op_cases.inc"

/* ---- variables ---- */

typedef struct Variable {
    const char *name;
    DType dtype;
    int ndim;
    int64_t sizes[2];
    bool requires_grad;
    double values[6];
} Variable;

/* The same as in op_cases.py. */
static const Variable variables[] = {
    {"f", DT_float32, 1, {3}, false, {1, 2, 3}},
    {"g", DT_float32, 1, {3}, false, {-1.5, 0, 0.25}},
    {"d", DT_float64, 1, {3}, false, {0.5, -2, 3}},
    {"h", DT_float16, 1, {3}, false, {0.5, -1.5, 2}},
    {"bf", DT_bfloat16, 1, {3}, false, {0.5, -1.5, 2}},
    {"i", DT_int64, 1, {3}, false, {1, -2, 3}},
    {"s", DT_int32, 1, {3}, false, {7, 0, -5}},
    {"u", DT_uint8, 1, {3}, false, {1, 200, 3}},
    {"b", DT_bool, 1, {3}, false, {1, 0, 1}},
    {"n", DT_float32, 1, {6}, false, {NAN, INFINITY, -INFINITY, 0, -0.0, 1.5}},
    {"m", DT_float32, 2, {2, 3}, false, {1, 5, 2, 4, 3, 6}},
    {"k", DT_int64, 2, {2, 3}, false, {3, 1, 2, 2, 1, 3}},
    {"col", DT_float32, 2, {2, 1}, false, {10, 20}},
    {"e", DT_float32, 1, {0}, false, {0}},
    {"two", DT_float32, 1, {2}, false, {1, 2}},
    {"z", DT_float32, 0, {0}, false, {2.5}},
    {"zd", DT_float64, 0, {0}, false, {0.1}},
    {"zi", DT_int64, 0, {0}, false, {3}},
    {"x", DT_float32, 1, {3}, true, {0.5, -1.5, 2}},
    {"y", DT_float32, 1, {3}, true, {2, 3, 0.25}},
    {"X", DT_float32, 2, {2, 3}, true, {0.5, -1, 2, 4, 0.25, -3}},
};
enum { N_VARIABLES = sizeof variables / sizeof *variables };

static Tensor *made[N_VARIABLES]; /* of the case under way */

static Tensor *make_variable(const Variable *v) {
    Tensor *t = tensor_make(c, v->dtype, v->ndim, v->sizes);
    assert_non_null(t);
    for (int64_t i = 0; i < t->numel; i++)
        element_store(v->dtype,
                      (char *)tensor_data(t) + i * (int64_t)dtype_size(v->dtype),
                      value_float(v->values[i]));
    t->requires_grad = v->requires_grad;
    return t;
}

static Value variable(Ctx *cc, const char *name, size_t len) {
    (void)cc;
    for (int i = 0; i < N_VARIABLES; i++) {
        if (strlen(variables[i].name) != len ||
            memcmp(variables[i].name, name, len) != 0)
            continue;
        if (!made[i]) made[i] = make_variable(&variables[i]);
        return value_obj(made[i]);
    }
    fail_msg("no variable %.*s", (int)len, name);
    return value_null();
}

/* ---- showing ---- */

/* The gradients of what requires one, for ones as the gradient of the result. */
static void show_gradients(Buf *b, Value v) {
    const Tuple *tuple = value_tuple(v);
    Tensor *r = value_tensor(tuple && tuple->n ? tuple->items[0] : v);
    if (!r || !tensor_requires_grad(r) || !dtype_is_floating((DType)r->dtype)) return;
    Tensor *ones = t_ones_like(c, r);
    BackwardOptions options = {true, true, true};
    for (int i = 0; i < N_VARIABLES; i++) {
        if (!made[i] || !made[i]->requires_grad) continue;
        Tensor *grad = NULL;
        if (!engine_grad(c, &r, &ones, 1, &made[i], 1, options, &grad)) return;
        buf_printf(b, "\n%s: ", variables[i].name);
        op_show(c, b, arg_tensor(grad));
    }
}

static void run_call(Buf *b, const OpCase *k) {
    memset(made, 0, sizeof made);
    Value v = op_evaluate(c, k->call, variable);
    op_show(c, b, v);
    if (!ctx_failed(c)) show_gradients(b, v);
}

static void run_group(const OpCase *cases) {
    int wrong = 0;
    for (; cases->call; cases++) wrong += !op_case_holds(c, cases, run_call);
    assert_int_equal(wrong, 0);
}

#define GROUP(name)                                                                    \
    static void name(void **state) {                                                   \
        (void)state;                                                                   \
        run_group(name##_cases);                                                       \
    }
OP_GROUPS(GROUP)
#undef GROUP

int main(void) {
#define GROUP(name) cmocka_unit_test_setup_teardown(name, open_core, close_core),
    const struct CMUnitTest tests[] = {OP_GROUPS(GROUP)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
