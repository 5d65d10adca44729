/* See op_calls.h. */
#include "op_calls.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- reading ---- */

typedef struct Reader {
    Ctx *c;
    OpVariable *variable;
    const char *at;
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

static Value read_value(Reader *r);

static Value read_list(Reader *r, char end) {
    Value items[OP_MAX_ARGS];
    size_t n = 0;
    while (!take(r, (char[]){end, 0})) {
        assert_true(n < OP_MAX_ARGS);
        items[n++] = read_value(r);
        take(r, ",");
    }
    if (end == ')') return tuple_of(r->c, n, items);
    List *l = pool_add(r->c, list_new(r->c, n));
    for (size_t i = 0; i < n; i++) list_push(r->c, l, items[i]);
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
    if (take(r, "'") || take(r, "\"")) {
        size_t len = strcspn(r->at, "'\"");
        Value v = value_obj(pool_add(r->c, str_new(r->c, r->at, len)));
        r->at += len + 1;
        return v;
    }
    size_t len = word(r->at);
    if (len && (*r->at < '0' || *r->at > '9')) {
        Value v = r->variable(r->c, r->at, len);
        r->at += len;
        return v;
    }
    return read_number(r);
}

void op_arguments(Ctx *c, const char *text, OpVariable *variable, OpArguments *out) {
    Reader r = {c, variable, text};
    *out = (OpArguments){.n = 0};
    while (!take(&r, ")")) {
        assert_true(out->n + out->n_named < OP_MAX_ARGS);
        while (*r.at == ' ') r.at++;
        size_t len = word(r.at);
        if (len && r.at[len] == '=') {
            Named *named = &out->named[out->n_named++];
            named->name = pool_add(c, str_new(c, r.at, len));
            r.at += len + 1;
            named->value = read_value(&r);
        } else {
            out->pos[out->n++] = read_value(&r);
        }
        take(&r, ",");
    }
}

Value op_evaluate(Ctx *c, const char *call, OpVariable *variable) {
    Reader r = {.c = c, .variable = variable, .at = call};
    Value self = value_null();
    unsigned form = OP_FUNCTION;
    if (take(&r, "torch.linalg."))
        form = OP_LINALG;
    else if (take(&r, "torch._C._nn."))
        form = OP_NN;
    else if (!take(&r, "torch.")) {
        size_t len = word(r.at);
        self = variable(c, r.at, len);
        r.at += len + 1;
        form = OP_METHOD;
    }
    size_t len = word(r.at);
    const OverloadSet *set = op_find(c, form, r.at, len);
    if (!set) return value_raise(c, AttributeError, "no operator %.*s", (int)len, r.at);
    OpArguments a;
    op_arguments(c, r.at + len + 1, variable, &a);
    return bind_and_call(c, set, self, &(Args){a.pos, a.n, a.named, a.n_named});
}

/* ---- showing ---- */

static void show_tensor(Ctx *c, Buf *b, Tensor *t) {
    Node *fn = tensor_grad_fn(c, t);
    print_tensor_named(c, b, t, "tensor", fn ? node_short_name(fn) : NULL);
}

void op_show(Ctx *c, Buf *b, Value v) {
    const Tuple *t = value_tuple(v);
    if (value_tensor(v)) {
        show_tensor(c, b, value_tensor(v));
    } else if (t) {
        buf_puts(b, t->kind ? t->kind->name : "");
        buf_puts(b, "(");
        for (size_t i = 0; i < t->n; i++) {
            buf_puts(b, i == 0 ? "" : t->kind ? "," : ", ");
            if (t->kind) buf_printf(b, "\n%s=", t->kind->fields[i]);
            op_show(c, b, t->items[i]);
        }
        buf_puts(b, ")");
    } else if (v.tag == VAL_BOOL) {
        buf_puts(b, v.as.b ? "True" : "False");
    } else if (value_is_none(v)) {
        buf_puts(b, "None");
    }
}

/* ---- cases ---- */

bool op_case_holds(Ctx *c, const OpCase *k, OpRun *run) {
    Buf b;
    size_t mark = pool_mark(c);
    buf_init(&b, &c->mem);
    run(&b, k);
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
