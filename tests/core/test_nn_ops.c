/* Operators of neural networks: calls that PyTorch was asked about, and what it
 * printed: the result or error, the gradient of the result for ones with respect to
 * every leaf, and the gradients of the sum of its squares.
 *
 * The calls stand in tests/oracle/nn_cases.py, which runs them under PyTorch and writes
 * nn_cases.inc.  A variable is its name: x_2_3 is of kind x and shape [2, 3].
 */
#include "core/ops/ops.h"
#include "op_calls.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core_test.h"

#include "nn_cases.inc"

/* ---- variables ---- */

enum { MAX_MADE = 12, NAME = 32 };

static struct Made {
    char name[NAME];
    Tensor *t;
} made[MAX_MADE]; /* of the case under way, in the order in which it names them */
static int n_made;

/* Element i of the kinds; the same formulas as in nn_cases.py. */
static double wave(int64_t i, int seed) {
    return ((double)((i * 37 + seed * 11) % 64) - 31.5) / 16;
}
static double share(int64_t i, int seed) {
    return ((double)((i * 37 + seed * 11) % 64) + 0.5) / 64;
}
static double strange(int64_t i) {
    const double values[6] = {NAN, INFINITY, -INFINITY, 0, -0.0, 1.5};
    return values[i % 6];
}

typedef struct Kind {
    DType dtype;
    bool requires_grad;
} Kind;

static Kind kind_of(char name) {
    switch (name) {
    case 'd': return (Kind){DT_float64, true};
    case 'h': return (Kind){DT_float16, false};
    case 'b': return (Kind){DT_bfloat16, false};
    case 'i':
    case 'j': return (Kind){DT_int64, false};
    case 'm': return (Kind){DT_bool, false};
    default: return (Kind){DT_float32, strchr("xywq", name)};
    }
}

static double element(char name, int64_t i) {
    switch (name) {
    case 'x': return wave(i, 1);
    case 'y': return wave(i, 2);
    case 'w': return wave(i, 3);
    case 'g': return wave(i, 5);
    case 'p': return share(i, 6);
    case 'q': return share(i, 7);
    case 'i': return (double)(i * 7 % 3);
    case 'j': return (double)(i * 5 % 2);
    case 'm': return (double)(i * 3 % 2);
    case 'n': return strange(i);
    default: return wave(i, 4);
    }
}

static Tensor *make_variable(const char *name) {
    int64_t sizes[MAX_DIMS];
    int ndim = 0;
    for (const char *p = name + 1; *p == '_'; ndim++) {
        char *end;
        sizes[ndim] = strtoll(p + 1, &end, 10);
        p = end;
    }
    Kind k = kind_of(name[0]);
    Tensor *t = tensor_make(c, k.dtype, ndim, sizes);
    if (!t) return NULL;
    for (int64_t i = 0; i < t->numel; i++)
        element_store(k.dtype,
                      (char *)tensor_data(t) + i * (int64_t)dtype_size(k.dtype),
                      value_float(element(name[0], i)));
    t->requires_grad = k.requires_grad;
    return t;
}

static Value variable(Ctx *cc, const char *name, size_t len) {
    (void)cc;
    for (int i = 0; i < n_made; i++)
        if (strlen(made[i].name) == len && memcmp(made[i].name, name, len) == 0)
            return value_obj(made[i].t);
    assert_true(n_made < MAX_MADE && len < NAME);
    struct Made *m = &made[n_made++];
    memset(m->name, 0, NAME);
    memcpy(m->name, name, len);
    m->t = make_variable(m->name);
    return value_obj(m->t);
}

/* ---- gradients ---- */

static const BackwardOptions create = {true, true, true};

/* The sum of the squares of t. */
static Tensor *energy(Tensor *t) {
    return t_sum(c, t_mul(c, t, t));
}

static void show_second(Buf *b, Tensor *grad, const char *of) {
    Tensor *root = energy(grad), *seed = t_ones_like(c, root);
    for (int i = 0; i < n_made && !ctx_failed(c); i++) {
        Tensor *second = NULL;
        if (!made[i].t->requires_grad) continue;
        if (!engine_grad(c, &root, &seed, 1, &made[i].t, 1, create, &second)) return;
        buf_printf(b, "\n%s %s: ", of, made[i].name);
        op_show(c, b, arg_tensor(second));
    }
}

/* The first derivatives, and where those are recorded the second ones. */
static void show_gradients(Buf *b, Value v) {
    const Tuple *tuple = value_tuple(v);
    Tensor *r = value_tensor(tuple && tuple->n ? tuple->items[0] : v);
    if (!r || !tensor_requires_grad(r)) return;
    Tensor *ones = t_ones_like(c, r);
    for (int i = 0; i < n_made && !ctx_failed(c); i++) {
        Tensor *grad = NULL;
        if (!made[i].t->requires_grad) continue;
        if (!engine_grad(c, &r, &ones, 1, &made[i].t, 1, create, &grad)) return;
        buf_printf(b, "\n%s: ", made[i].name);
        op_show(c, b, arg_tensor(grad));
        if (grad && tensor_requires_grad(grad)) show_second(b, grad, made[i].name);
    }
}

/* ---- running ---- */

static void run_call(Buf *b, const OpCase *k) {
    n_made = 0;
    Value v = op_evaluate(c, k->call, variable);
    op_show(c, b, v);
    if (!ctx_failed(c)) show_gradients(b, v);
}

/* The call and its derivatives with one request for memory after the other refused;
 * nothing may be left behind, which close_core sees. */
static void run_without_memory(const OpCase *k) {
    for (uint64_t n = 1, asked = 1; asked >= n; n++) {
        Buf b;
        size_t mark = pool_mark(c);
        uint64_t start = c->mem.requests;
        buf_init(&b, &c->mem);
        c->mem.fail_at = start + n;
        run_call(&b, k);
        c->mem.fail_at = 0;
        asked = c->mem.requests - start;
        error_clear(c);
        buf_free(&b);
        pool_drain(c, mark);
    }
}

enum { EVERY = 8 }; /* of so many calls one is run without memory */

static void run_group(const OpCase *cases) {
    int wrong = 0;
    for (int i = 0; cases[i].call; i++) {
        wrong += !op_case_holds(c, &cases[i], run_call);
        if (i % EVERY == 0) run_without_memory(&cases[i]);
    }
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
