/* See bind_parts.h.  Overloads that take dimension names are in the lists that messages
 * print, and arguments can fit them; but no tensor here has names, so that every call
 * ends in one of PyTorch's errors for a name that is not there. */
#include "bind_parts.h"

#include <string.h>

static bool is_identifier(const Str *s) {
    for (size_t i = 0; i < s->len; i++) {
        char ch = s->data[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        bool digit = ch >= '0' && ch <= '9';
        if (!letter && (!digit || i == 0)) return false;
    }
    return s->len > 0;
}

static bool check_name(Ctx *c, Value v) {
    const Str *s = value_str(v);
    if (v.tag == VAL_NONE || (s && is_identifier(s))) return true;
    if (s)
        error_raise(
            c, RuntimeError,
            "Invalid name: a valid identifier contains only digits, alphabetical "
            "characters, and/or underscore and starts with a non-digit. got: "
            "'%.*s'.",
            (int)s->len, s->data);
    else
        error_raise(c, TypeError, "expected None or string for Dimname but got %s",
                    bind_type_name(c, v));
    return false;
}

bool names_check(Ctx *c, Value v) {
    const Value *items = &v;
    size_t n = 1;
    value_items(v, &items, &n);
    for (size_t i = 0; i < n; i++)
        if (!check_name(c, items[i])) return false;
    return true;
}

/* Operators that refuse names altogether. */
static bool refuses_names(Text name) {
    static const char *const refusing[] = {
        "all",        "any",          "argsort", "gather",      "index_add",
        "index_copy", "index_select", "scatter", "scatter_add", "sort"};
    for (size_t i = 0; i < sizeof refusing / sizeof *refusing; i++)
        if (name.n == strlen(refusing[i]) && memcmp(name.s, refusing[i], name.n) == 0)
            return true;
    return false;
}

/* The tensor whose names would be searched: self, or the first of a list. */
static const Tensor *searched(const Schema *s, const Value *args) {
    const Value *items;
    size_t n;
    for (int i = 0; i < s->n; i++) {
        if (s->params[i].type == PARAM_TENSOR) return value_tensor(args[i]);
        if (s->params[i].type == PARAM_TENSOR_LIST && value_items(args[i], &items, &n))
            return n ? value_tensor(items[0]) : NULL;
    }
    return NULL;
}

/* "Tensor[None, None]" */
static void raise_not_found(Ctx *c, Value name, const Tensor *t) {
    Buf b;
    buf_init(&b, &c->mem);
    for (int i = 0; i < t->ndim; i++) buf_puts(&b, i ? ", None" : "None");
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else if (name.tag == VAL_NONE)
        error_raise(c, RuntimeError,
                    "Please look up dimensions by name, got: name = None.");
    else
        error_raise(c, RuntimeError, "Name '%s' not found in Tensor[%s].",
                    value_str(name)->data, buf_text(&b));
    buf_free(&b);
}

static bool is_names(const Param *p) {
    return p->type == PARAM_DIMNAME || p->type == PARAM_DIMNAME_LIST;
}

/* out_dim, outdim, names: names for the result, which are not looked up. */
static bool makes_names(const Param *p) {
    return strncmp(p->name, "out", 3) == 0 || strncmp(p->name, "names", 5) == 0;
}

/* The first name that would be looked up, VAL_NULL when there is none. */
static Value looked_up(const Param *p, Value v) {
    const Value *items;
    size_t n;
    if (!is_names(p) || makes_names(p)) return value_null();
    if (!value_items(v, &items, &n)) return v;
    return n ? items[0] : value_null();
}

void names_raise(Ctx *c, const Signature *s, const Bound *b) {
    const Schema *schema = &s->op->schema;
    const Tensor *t = searched(schema, b->args);
    Text op = {schema->text, schema->base_len};
    if (op.s[op.n - 1] == '_') op.n--;
    for (int i = schema->n - 1; i >= 0; i--) {
        Value name = looked_up(&schema->params[i], b->args[i]);
        if (name.tag == VAL_NULL) continue;
        if (refuses_names(op))
            error_raise(c, RuntimeError,
                        "%.*s: You passed a dimname (string) to this op in place of a "
                        "dimension index but it does not yet support this behavior. "
                        "Please pass a dimension index to work around this.",
                        (int)op.n, op.s);
        else if (t)
            raise_not_found(c, name, t);
        else
            error_raise(c, RuntimeError, "expected a non-empty list of Tensors");
        return;
    }
    error_raise(c, NotImplementedError, "not implemented: %s", schema->text);
}
