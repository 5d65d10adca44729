/* See op_written.h. */
#include "runner/command/op_written.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/prelude.h"
#include "runner/evaluate/state.h"

#include <string.h>

/* Where names of operators are looked for. */
static const struct Place {
    const char *module, *class;
} places[] = {
    {"torch", NULL},         {"torch.nn.functional", NULL}, {"torch.linalg", NULL},
    {"torch.special", NULL}, {"torch", "Tensor"},
};
enum { N_PLACES = sizeof places / sizeof *places };

/* The value of that name there, VAL_NULL when there is none. What PyTorch has and a
 * cell has not is an error, which says no more than that it is not there. */
static Value find_at(Interp *in, const struct Place *place, const char *name) {
    Ctx *c = in->c;
    Value v = value_obj(module_import(in, place->module, strlen(place->module)));
    if (!value_is_null(v) && place->class) v = attr_get_text(c, v, place->class);
    Str *text = pool_add(c, str_from(c, name));
    if (!value_is_null(v) && text) v = attr_find(c, v, text);
    if (ctx_failed(c)) {
        if (c->error.kind != MemoryError) error_clear(c);
        return value_null();
    }
    bool known = value_function(v) || value_builtin(v) || value_operator(v);
    return known ? v : value_null();
}

static bool is_same(Value a, Value b) {
    const Builtin *x = value_builtin(a), *y = value_builtin(b);
    const Operator *f = value_operator(a), *g = value_operator(b);
    if (x && y) return x->native == y->native;
    return f && g ? f->set == g->set : a.as.obj == b.as.obj;
}

/* ---- a function of the prelude ---- */

static const char *line_of(const PreludeSource *s, uint32_t line) {
    const char *at = (const char *)s->text;
    while (--line) at = strchr(at, '\n') + 1;
    return at;
}

/* "softsign(input)", of `def softsign(input):`, on one line. */
static void put_header(Buf *out, const char *def) {
    const char *at = strstr(def, "def ") + strlen("def ");
    for (int level = 0; *at; at++) {
        level += (*at == '(') - (*at == ')');
        if (*at != '\n') {
            buf_putc(out, *at);
            if (*at == ')' && level == 0) return;
            continue;
        }
        if (at[-1] != '(') buf_putc(out, ' ');
        at += strspn(at + 1, " ");
    }
}

/* Whether a line goes on with what began at that indentation: deeper, or closing the
 * brackets of the header. */
static bool belongs(const char *line, size_t indent) {
    size_t spaces = strspn(line, " ");
    return spaces > indent || line[spaces] == ')';
}

static void put_definition(Buf *out, const char *def) {
    size_t indent = strspn(def, " "), blank = 0;
    for (const char *at = def; *at;) {
        size_t n = strcspn(at, "\n");
        if (n && at != def && !belongs(at, indent)) return;
        if (n) {
            buf_repeat(out, '\n', blank);
            buf_printf(out, "    %.*s\n", (int)(n - indent), at + indent);
        }
        blank = n ? 0 : blank + 1;
        at += n + (at[n] == '\n');
    }
}

static void put_places(Buf *out, Interp *in, const char *name, Value v) {
    const char *separator = "\n  found as: ";
    for (int i = 0; i < N_PLACES; i++) {
        Value other = find_at(in, &places[i], name);
        if (value_is_null(other) || !is_same(v, other)) continue;
        if (places[i].class)
            buf_printf(out, "%s%s.%s", separator, places[i].class, name);
        else
            buf_printf(out, "%s%s.%s", separator, places[i].module, name);
        separator = ", ";
    }
    buf_putc(out, '\n');
}

static void put_function(Buf *out, Interp *in, const char *name, Function *fn) {
    const PreludeSource *s =
        prelude_find(fn->module->name->data, fn->module->name->len);
    if (!s) return;
    const char *def = line_of(s, fn->code->line);
    put_header(out, def);
    put_places(out, in, name, value_obj(fn));
    buf_puts(out,
             "  derivative: that of the operators which it calls\n  definition:\n");
    put_definition(out, def);
    buf_printf(out, "  source: runner/prelude/%s.py:%u\n", s->module,
               (unsigned)fn->code->line);
}

/* ---- what is not written in the notation ---- */

static void put_alias(Buf *out, Interp *in, const char *name, Operator *o) {
    buf_puts(out, name);
    put_places(out, in, name, value_obj(o));
    buf_printf(out, "  another name of: %s\n", o->set->name);
}

static void put_native(Buf *out, Interp *in, const char *name, Builtin *b) {
    const char *params = b->native->params ? b->native->params : "...";
    if (strncmp(params, "def ", 4) == 0) params += 4;
    buf_printf(out, "%s(%s)", name, params);
    put_places(out, in, name, value_obj(b));
    buf_puts(out, "  written in C: runner/torch\n");
}

bool written_details(Buf *out, Interp *in, const char *name) {
    Value seen[N_PLACES];
    int n = 0;
    if (!interp_start(in, 0)) return false;
    for (int i = 0; i < N_PLACES; i++) {
        Value v = find_at(in, &places[i], name);
        if (value_is_null(v)) continue;
        bool known = false;
        for (int k = 0; k < n; k++) known = known || is_same(v, seen[k]);
        if (known) continue;
        seen[n++] = v;
        if (value_function(v))
            put_function(out, in, name, value_function(v));
        else if (value_operator(v))
            put_alias(out, in, name, value_operator(v));
        else
            put_native(out, in, name, value_builtin(v));
    }
    return n > 0;
}
