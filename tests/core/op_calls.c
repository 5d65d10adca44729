/* See op_calls.h. */
#include "op_calls.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_ARGS = 20 };

/* ---- reading ---- */

typedef struct Reader {
    Ctx *c;
    OpVariable *variable;
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

static Value read_value(Reader *r);

static Value read_list(Reader *r, char end) {
    Value items[MAX_ARGS];
    size_t n = 0;
    while (!take(r, (char[]){end, 0})) {
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
    if (take(r, "'")) {
        size_t len = strcspn(r->at, "'");
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

static void read_args(Reader *r) {
    while (!take(r, ")")) {
        while (*r->at == ' ') r->at++;
        size_t len = word(r->at);
        if (len && r->at[len] == '=') {
            Named *named = &r->named[r->n_named++];
            named->name = pool_add(r->c, str_new(r->c, r->at, len));
            r->at += len + 1;
            named->value = read_value(r);
        } else {
            r->pos[r->n++] = read_value(r);
        }
        take(r, ",");
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
    r.at += len + 1;
    read_args(&r);
    Args args = {r.pos, r.n, r.named, r.n_named};
    return bind_and_call(c, set, self, &args);
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
