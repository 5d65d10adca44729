/* Operators: calls that PyTorch was asked about, and what it printed: results, errors,
 * and the gradients of x, y and X with their grad_fn.
 *
 * The calls stand in tests/oracle/op_cases.py, which runs them under PyTorch and writes
 * op_cases.inc.  A call is Python text: torch.NAME(...), VARIABLE.NAME(...); what is
 * read here is the little of Python that the table needs.
 */
#include "core/core.h"
#include "core/ops/ops.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct OpCase {
    const char *call, *expected;
} OpCase;

#include "op_cases.inc"

enum { MAX_ARGS = 12 };

static Ctx ctx, *const c = &ctx;

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

/* ---- reading ---- */

typedef struct Reader {
    const char *at;
    Value pos[MAX_ARGS];
    Named named[MAX_ARGS];
    size_t n, n_named;
} Reader;

static size_t word(const char *at) {
    return strspn(at,
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

static bool take(Reader *r, const char *text) {
    while (*r->at == ' ') r->at++;
    if (strncmp(r->at, text, strlen(text)) != 0) return false;
    r->at += strlen(text);
    return true;
}

static Value variable(const char *name, size_t len) {
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

static Value read_value(Reader *r);

static Value read_list(Reader *r, char end) {
    Value items[MAX_ARGS];
    size_t n = 0;
    while (!take(r, (char[]){end, 0})) {
        items[n++] = read_value(r);
        take(r, ",");
    }
    if (end == ')') return value_obj(pool_add(c, tuple_new(c, NULL, n, items)));
    List *l = pool_add(c, list_new(c, n));
    for (size_t i = 0; i < n; i++) list_push(c, l, items[i]);
    return value_obj(l);
}

static Value read_number(Reader *r) {
    char *end;
    int64_t i = strtoll(r->at, &end, 10);
    if (*end != '.' && *end != 'e' && end > r->at) {
        r->at = end;
        return value_int(i);
    }
    double f = strtod(r->at, &end);
    r->at = end;
    return value_float(f);
}

static Value read_dtype(Reader *r) {
    size_t len = word(r->at);
    for (DType d = 0; d < DTYPE_COUNT; d++)
        if (strlen(dtype_name(d)) == len && memcmp(dtype_name(d), r->at, len) == 0) {
            r->at += len;
            return value_dtype(d);
        }
    fail_msg("no dtype %s", r->at);
    return value_null();
}

static Value read_value(Reader *r) {
    if (take(r, "torch.")) return read_dtype(r);
    if (take(r, "None")) return value_none();
    if (take(r, "True")) return value_bool(true);
    if (take(r, "False")) return value_bool(false);
    if (take(r, "inf")) return value_float(INFINITY);
    if (take(r, "-inf")) return value_float(-INFINITY);
    if (take(r, "nan")) return value_float(NAN);
    if (take(r, "(")) return read_list(r, ')');
    if (take(r, "[")) return read_list(r, ']');
    if (take(r, "'")) {
        size_t len = strcspn(r->at, "'");
        Value v = value_obj(pool_add(c, str_new(c, r->at, len)));
        r->at += len + 1;
        return v;
    }
    size_t len = word(r->at);
    if (len && (*r->at < '0' || *r->at > '9')) {
        Value v = variable(r->at, len);
        r->at += len;
        return v;
    }
    return read_number(r);
}

static void read_args(Reader *r) {
    while (!take(r, ")")) {
        while (*r->at == ' ') r->at++;
        size_t len = word(r->at);
        if (len && r->at[len] == '=') {
            Named *named = &r->named[r->n_named++];
            named->name = pool_add(c, str_new(c, r->at, len));
            r->at += len + 1;
            named->value = read_value(r);
        } else {
            r->pos[r->n++] = read_value(r);
        }
        take(r, ",");
    }
}

/* The value of a call; VAL_NULL while an error is pending. */
static Value evaluate(const char *call) {
    Reader r = {.at = call};
    Value self = value_null();
    unsigned form = OP_FUNCTION;
    if (take(&r, "torch.linalg."))
        form = OP_LINALG;
    else if (!take(&r, "torch.")) {
        size_t len = word(r.at);
        self = variable(r.at, len);
        r.at += len + 1;
        form = OP_METHOD;
    }
    size_t len = word(r.at);
    const OverloadSet *set = op_find(c, form, r.at, len);
    if (!set) return value_raise(c, AttributeError, "no operator %.*s", (int)len, r.at);
    r.at += len + 1;
    read_args(&r);
    Args args = {r.pos, r.n, r.named, r.n_named};
    return bind_and_call(c, set, self, &args);
}

/* ---- showing ---- */

static void show_tensor(Buf *b, Tensor *t) {
    Node *fn = tensor_grad_fn(c, t);
    print_tensor_named(c, b, t, fn ? node_short_name(fn) : NULL);
}

static void show(Buf *b, Value v) {
    const Tuple *t = value_tuple(v);
    if (value_tensor(v)) {
        show_tensor(b, value_tensor(v));
    } else if (t) {
        buf_puts(b, t->kind ? t->kind->name : "");
        buf_puts(b, "(");
        for (size_t i = 0; i < t->n; i++) {
            buf_puts(b, i == 0 ? "" : t->kind ? "," : ", ");
            if (t->kind) buf_printf(b, "\n%s=", t->kind->fields[i]);
            show(b, t->items[i]);
        }
        buf_puts(b, ")");
    } else if (v.tag == VAL_BOOL) {
        buf_puts(b, v.as.b ? "True" : "False");
    }
}

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
        if (grad)
            show_tensor(b, grad);
        else
            buf_puts(b, "None");
    }
}

static bool run_case(const OpCase *k) {
    Buf b;
    size_t mark = pool_mark(c);
    buf_init(&b, &c->mem);
    memset(made, 0, sizeof made);
    Value v = evaluate(k->call);
    show(&b, v);
    if (!ctx_failed(c)) show_gradients(&b, v);
    if (ctx_failed(c)) {
        buf_printf(&b, "%s%s: %s", b.len ? "\n" : "", error_kind_name(c->error.kind),
                   buf_text(&c->error.message));
        error_clear(c);
    }
    bool same = strcmp(buf_text(&b), k->expected) == 0;
    if (!same)
        print_message("%s\n  expected %s\n  got      %s\n", k->call, k->expected,
                      buf_text(&b));
    buf_free(&b);
    pool_drain(c, mark);
    return same;
}

static void run_group(const OpCase *cases) {
    int wrong = 0;
    for (; cases->call; cases++) wrong += !run_case(cases);
    assert_int_equal(wrong, 0);
}

static int open_core(void **state) {
    (void)state;
    return core_open(c) ? 0 : 1;
}

static int close_core(void **state) {
    (void)state;
    core_close(c);
    assert_int_equal(c->mem.live_blocks, 0);
    return 0;
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
