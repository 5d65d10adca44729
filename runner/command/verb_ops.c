/* autocell ops: the operators, as their declarations have them. */
#include "runner/command/op_example.h"
#include "runner/command/op_forms.h"
#include "runner/command/op_source.h"
#include "runner/command/op_written.h"
#include "runner/command/verb.h"
#include "runner/report/shown.h"
#include "runner/text/natural.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_differentiable(const OpDef *def) {
    return !(def->traits & (OP_NOT_DIFFERENTIABLE | OP_DERIVATIVE_MISSING)) &&
           (def->backward || def->traits & OP_COMPOSITE);
}

/* What the gradient of a result shows. */
static const char *gradient(const Op *op) {
    if (op->def->traits & OP_COMPOSITE) return "composite";
    if (op->def->traits & OP_NOT_DIFFERENTIABLE) return "no gradient";
    if (!is_differentiable(op->def)) return "not implemented";
    return op->node_class.name;
}

static void put_line(Buf *out, const Op *op) {
    char name[96];
    op_form_name(name, op->def, op_first_form(op->def), false);
    buf_printf(out, "%-24s  %-24s  %s\n", name, gradient(op),
               op->def->doc ? op->def->doc : "");
}

/* ---- one operator ---- */

static void put_forms(Buf *out, const OpDef *def) {
    const char *separator = "  found as: ";
    for (size_t i = 0; i < N_OP_FORMS; i++) {
        char name[96];
        if (!(def->forms & op_forms[i].form)) continue;
        op_form_name(name, def, &op_forms[i], true);
        buf_printf(out, "%s%s", separator, name);
        separator = ", ";
    }
    if (def->forms & OP_OUT) buf_puts(out, ", out=");
    buf_putc(out, '\n');
}

/* text, which ends with a newline, each line moved in. */
static void put_indented(Buf *out, const char *text) {
    while (*text) {
        int n = (int)strcspn(text, "\n");
        buf_printf(out, "    %.*s\n", n, text);
        text += n + (text[n] == '\n');
    }
}

static void put_gradient(Buf *out, const Op *op, const OpPlace *source) {
    const OpDef *def = op->def;
    buf_printf(out, "  differentiable: %s\n", is_differentiable(def) ? "yes" : "no");
    if (def->traits & OP_COMPOSITE) {
        buf_puts(out, "  derivative: that of the operators which it calls\n");
        return;
    }
    if (!def->backward) return;
    buf_printf(out, "  grad_fn: <%s>\n", op->node_class.name);
    if (def->saves) buf_printf(out, "  saves: %s\n", def->saves);
    buf_puts(out, "  derivative:\n");
    put_indented(out, *source->gradient ? source->gradient : "see the source\n");
}

/* The dtypes in which the call runs, and what it prints in the first of them. */
static void put_example(Buf *out, Ctx *c, Interp *in, Buf *printed, const Op *op) {
    static const DType order[] = {DT_float32, DT_float64, DT_float16, DT_bfloat16,
                                  DT_int64,   DT_int32,   DT_int16,   DT_int8,
                                  DT_uint8,   DT_bool};
    DType first = DT_none;
    Buf call, text;
    buf_init(&call, &c->mem);
    buf_init(&text, &c->mem);
    example_call(&call, op);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        printed->len = 0;
        if (!example_runs(c, in, buf_text(&call), order[i])) continue;
        buf_printf(out, "%s%s", first == DT_none ? "  dtypes: " : ", ",
                   dtype_name(order[i]));
        if (first != DT_none) continue;
        first = order[i];
        example_variables(&text, buf_text(&call), first);
        buf_printf(&text, "%s\n", buf_text(&call));
        buf_puts(&text, buf_text(printed));
    }
    buf_puts(out, first == DT_none ? "  example: none runs\n" : "\n  example:\n");
    put_indented(out, first == DT_none ? buf_text(printed) : buf_text(&text));
    buf_free(&text);
    buf_free(&call);
}

typedef struct Face {
    Ctx *c;
    Interp *in;
    Buf printed; /* by the example that ran last */
    Buf *out;
} Face;

static void put_details(Face *f, const Op *op) {
    const OpDef *def = op->def;
    const OpForm *form = op_first_form(def);
    OpPlace source = op_place(def);
    char name[96];
    op_form_name(name, def, form, false);
    buf_puts(f->out, name);
    bind_signature(f->out, op, form->form);
    buf_printf(f->out, "\n  %s\n", def->doc ? def->doc : "");
    buf_printf(f->out, "  schema: %s\n", def->schema);
    put_forms(f->out, def);
    put_gradient(f->out, op, &source);
    put_example(f->out, f->c, f->in, &f->printed, op);
    buf_printf(f->out, "  source: %s", source.file);
    if (source.line) buf_printf(f->out, ":%d", source.line);
    buf_putc(f->out, '\n');
}

/* ---- the registry ---- */

typedef struct OpNames {
    const OpDef **defs;
    size_t n;
} OpNames;

static int compare_names(const void *x, const void *y) {
    const OpDef *a = *(const OpDef *const *)x, *b = *(const OpDef *const *)y;
    size_t n = schema_base_name(a->schema), m = schema_base_name(b->schema);
    int order = memcmp(a->schema, b->schema, n < m ? n : m);
    if (order == 0 && n != m) order = n < m ? -1 : 1;
    return order ? order : strcmp(a->schema, b->schema);
}

/* Every operator that users can call, by name. */
static OpNames collect(Arena *a) {
    OpNames names = {.n = 0};
    for (int pass = 0; pass < 2; pass++) {
        names.n = 0;
        for (const OpDef *const *const *family = op_families; *family; family++)
            for (const OpDef *const *def = *family; *def; def++) {
                if (!(*def)->forward || !op_first_form(*def)) continue;
                if (names.defs) names.defs[names.n] = *def;
                names.n++;
            }
        if (!names.defs)
            names.defs = arena_alloc(a, (names.n + 1) * sizeof *names.defs);
        if (!names.defs) return (OpNames){.n = 0};
    }
    qsort(names.defs, names.n, sizeof *names.defs, compare_names);
    return names;
}

/* "add", "torch.add", "Tensor.add_" all name their operator. */
static const char *without_prefix(const char *word) {
    const char *dot = strrchr(word, '.');
    return dot ? dot + 1 : word;
}

/* As one of its forms, or as its schema has it: "linalg_norm". */
static bool matches(const OpDef *def, const char *word) {
    size_t n = strlen(word), base = schema_base_name(def->schema);
    for (size_t i = 0; i < N_OP_FORMS; i++) {
        char name[96];
        if (!(def->forms & op_forms[i].form)) continue;
        op_form_name(name, def, &op_forms[i], false);
        if (strcmp(name, word) == 0) return true;
    }
    return n == base && memcmp(def->schema, word, n) == 0;
}

static int refuse_name(Arena *a, const OpNames *names, const char *word) {
    Problem p = {.kind = PROBLEM_NONE};
    const char **texts = arena_alloc(a, (names->n + 1) * sizeof *texts);
    for (size_t i = 0; texts && i < names->n; i++) {
        const char *schema = names->defs[i]->schema;
        texts[i] = arena_text(a, schema, schema_base_name(schema));
        if (!texts[i]) texts = NULL;
    }
    const char *nearest = texts ? natural_nearest(word, texts, names->n) : NULL;
    problem_set(&p, PROBLEM_INPUT, "there is no operator `%.60s`", word);
    if (nearest)
        problem_hint(&p, "did you mean `%s`?", nearest);
    else
        problem_hint(&p, "autocell ops lists them");
    return complain(&p);
}

static int put_names(Face *f, const OpNames *names, const Options *o, Arena *a) {
    for (size_t i = 0; !o->n_paths && i < names->n; i++) {
        const Op *op = op_get(f->c, names->defs[i]);
        if (op) put_line(f->out, op);
    }
    for (size_t k = 0; k < o->n_paths; k++) {
        const char *word = without_prefix(o->paths[k]);
        bool found = false;
        for (size_t i = 0; i < names->n; i++) {
            if (!matches(names->defs[i], word)) continue;
            const Op *op = op_get(f->c, names->defs[i]);
            if (op) put_details(f, op);
            found = true;
        }
        if (!found && !written_details(f->out, f->in, word) && !ctx_failed(f->c))
            return refuse_name(a, names, o->paths[k]);
    }
    return EXIT_AS_EXPECTED;
}

static int ops(Ctx *host, const Options *o) {
    (void)host;
    Ctx c;
    Arena arena;
    Buf out;
    if (!core_open(&c)) return complain_memory();
    arena_init(&arena, &c);
    buf_init(&out, &c.mem);
    Face f = {.c = &c, .out = &out};
    buf_init(&f.printed, &c.mem);
    f.in = interp_open(&c, &f.printed);
    OpNames names = collect(&arena);
    int code = f.in ? put_names(&f, &names, o, &arena) : EXIT_SYSTEM;
    bool short_of_memory = !f.in || ctx_failed(&c) || out.failed;
    bool written = fwrite(buf_text(&out), 1, out.len, stdout) == out.len;
    interp_close(f.in);
    buf_free(&f.printed);
    buf_free(&out);
    arena_free(&arena);
    core_close(&c);
    if (short_of_memory) return complain_memory();
    return written && fflush(stdout) == 0 ? code : EXIT_SYSTEM;
}

const Verb verb_ops = {
    .name = "ops",
    .arguments = "[NAME...]",
    .summary = "list the operators, or show what is known of one",
    .details =
        "A name is written as in a cell (torch.add, x.add_) or alone (add). Functions\n"
        "that are written with other operators (cross_entropy) are shown with their\n"
        "definition.\n",
    .run = ops,
};
