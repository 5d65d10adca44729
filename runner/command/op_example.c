/* See op_example.h. */
#include "runner/command/op_example.h"

#include "runner/command/op_forms.h"

#include <ctype.h>
#include <string.h>

/* ---- arguments ---- */

static bool is_named(const Param *p, const char *name) {
    return strlen(name) == p->name_len && memcmp(p->name, name, p->name_len) == 0;
}

static bool begins(const Param *p, const char *word) {
    size_t n = strlen(word);
    return p->name_len >= n && memcmp(p->name, word, n) == 0;
}

/* How many dimensions an operator of images has: 2 for conv2d, 0 for others. */
static int spatial(const Op *op) {
    const char *text = op->schema.text;
    for (int i = 1; i + 1 < op->schema.base_len; i++)
        if (text[i + 1] == 'd' && '1' <= text[i] && text[i] <= '3')
            return text[i] - '0';
    return 0;
}

static const char *tensor_text(const Op *op, const Param *p) {
    static const char *const images[] = {"m", "x[0, :, :1]", "x",
                                         "x.reshape(1, 1, 2, 2, 4)"};
    static const char *const grids[] = {"m", "m", "x[..., :2]",
                                        "x.reshape(1, 1, 2, 2, 4)[..., :3]"};
    if (begins(p, "ind") || is_named(p, "target") || is_named(p, "offsets")) return "i";
    if (is_named(p, "mask") || is_named(p, "condition")) return "b";
    return (is_named(p, "grid") ? grids : images)[spatial(op)];
}

/* int[3]: as many ones; a list of any length: one for each dimension of an image, else
 * dimension 0 or the sizes of m. */
static void put_ints(Buf *out, const Op *op, const Param *p) {
    int n = p->list_size ? p->list_size : spatial(op);
    if (!n) buf_puts(out, begins(p, "dim") ? "[0]" : "[2, 2]");
    for (int i = 0; i < n; i++) buf_puts(out, i ? ", 1" : "[1");
    if (n) buf_putc(out, ']');
}

static void put_argument(Buf *out, const Op *op, const Param *p) {
    switch ((ParamType)p->type) {
    case PARAM_TENSOR: buf_puts(out, tensor_text(op, p)); break;
    case PARAM_TENSOR_LIST: buf_puts(out, "[m, m]"); break;
    case PARAM_SCALAR: buf_puts(out, "2"); break;
    case PARAM_FLOAT: buf_puts(out, "0.5"); break;
    case PARAM_SCALAR_LIST: buf_puts(out, "[1]"); break;
    case PARAM_INT:
        buf_puts(out, is_named(p, "high") ? "5" : begins(p, "dim") ? "0" : "1");
        break;
    case PARAM_INT_LIST: put_ints(out, op, p); break;
    case PARAM_BOOL: buf_puts(out, "False"); break;
    case PARAM_STRING: buf_puts(out, "'mean'"); break;
    case PARAM_DTYPE: buf_puts(out, "torch.float32"); break;
    default: buf_puts(out, "None"); break;
    }
}

void example_call(Buf *out, const Op *op) {
    if (op->def->example) {
        buf_puts(out, op->def->example);
        return;
    }
    char name[96];
    const char *separator = "(";
    const OpForm *form = op_first_form(op->def);
    int first = form->form & (OP_METHOD | OP_INPLACE) ? 1 : 0;
    op_form_name(name, op->def, form, !first);
    if (first) {
        put_argument(out, op, &op->schema.params[0]);
        buf_putc(out, '.');
    }
    buf_puts(out, name);
    for (int i = first; i < op->schema.n; i++) {
        const Param *p = &op->schema.params[i];
        if (p->has_default) continue;
        buf_puts(out, separator);
        separator = ", ";
        if (p->keyword_only) buf_printf(out, "%.*s=", p->name_len, p->name);
        put_argument(out, op, p);
    }
    buf_puts(out, *separator == '(' ? "()" : ")");
}

/* ---- variables ---- */

/* Whether `name` stands in the text as a word of its own, outside of quotes. */
static bool uses(const char *text, char name) {
    bool quoted = false;
    for (const char *p = text; *p; p++) {
        if (*p == '\'') quoted = !quoted;
        if (quoted || *p != name) continue;
        bool left = p > text && (isalnum((unsigned char)p[-1]) || strchr("_.", p[-1]));
        bool right = isalnum((unsigned char)p[1]) || strchr("_=", p[1]);
        if (!left && (!right || p[1] == '\0')) return true;
    }
    return false;
}

void example_variables(Buf *out, const char *call, DType d) {
    static const struct {
        char name;
        const char *value;
        bool typed;
    } variables[] = {
        {'v', "torch.tensor([1, 0, 1]", true},
        {'m', "torch.tensor([[2, 1], [1, 3]]", true},
        {'x', "torch.ones(1, 1, 4, 4", true},
        {'s', "torch.tensor(2", true},
        {'i', "torch.tensor([0, 1]", false},
        {'b', "torch.tensor([[True, False], [False, True]]", false},
    };
    for (size_t k = 0; k < sizeof variables / sizeof *variables; k++) {
        if (!uses(call, variables[k].name)) continue;
        buf_printf(out, "%c = %s", variables[k].name, variables[k].value);
        if (variables[k].typed) buf_printf(out, ", dtype=torch.%s", dtype_name(d));
        buf_puts(out, ")\n");
    }
}

/* ---- running ---- */

bool example_runs(Ctx *c, Interp *in, const char *call, DType d) {
    Buf source;
    ParseError e;
    if (!interp_start(in, 0)) return false;
    buf_init(&source, &c->mem);
    example_variables(&source, call, d);
    buf_printf(&source, "print(%s)\n", call);
    Program *p =
        parse_source(c, interp_names(in), "example", buf_text(&source), source.len, &e);
    buf_free(&source);
    bool ran = p && interp_run_cell(in, p);
    interp_start(in, 0); /* what the program defined goes before the program */
    program_free(p);
    return ran;
}
