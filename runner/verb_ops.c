/* autocell ops: the operators, as their declarations have them. */
#include "runner/natural.h"
#include "runner/shown.h"
#include "runner/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The forms in which users find an operator, and how they write them. */
static const struct {
    unsigned form;
    const char *prefix, *suffix;
} forms[] = {
    {OP_FUNCTION, "torch.", ""},          {OP_NN, "torch._C._nn.", ""},
    {OP_LINALG, "torch.linalg.", ""},     {OP_SPECIAL, "torch.special.", ""},
    {OP_METHOD, "Tensor.", ""},           {OP_INPLACE, "Tensor.", "_"},
    {OP_FUNCTION_INPLACE, "torch.", "_"}, {OP_NN_INPLACE, "torch._C._nn.", "_"}};
enum { N_FORMS = sizeof forms / sizeof *forms };

/* The name that users write, without the prefix that linalg and special have. */
static void user_name(const OpDef *def, unsigned form, char out[64]) {
    const char *name = def->schema;
    size_t n = schema_base_name(name);
    size_t skip = form == OP_LINALG ? 7 : form == OP_SPECIAL ? 8 : 0;
    if (skip >= n) skip = 0;
    snprintf(out, 64, "%.*s", (int)(n - skip), name + skip);
}

static unsigned first_form(const OpDef *def) {
    for (size_t i = 0; i < N_FORMS; i++)
        if (def->forms & forms[i].form) return forms[i].form;
    return OP_FUNCTION;
}

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
    char name[64];
    user_name(op->def, first_form(op->def), name);
    buf_printf(out, "%-24s  %-24s  %s\n", name, gradient(op),
               op->def->doc ? op->def->doc : "");
}

static void put_forms(Buf *out, const OpDef *def) {
    const char *separator = "  found as: ";
    for (size_t i = 0; i < N_FORMS; i++) {
        char name[64];
        if (!(def->forms & forms[i].form)) continue;
        user_name(def, forms[i].form, name);
        buf_printf(out, "%s%s%s%s", separator, forms[i].prefix, name, forms[i].suffix);
        separator = ", ";
    }
    if (def->forms & OP_OUT) buf_puts(out, ", out=");
    buf_putc(out, '\n');
}

static void put_details(Buf *out, const Op *op) {
    const OpDef *def = op->def;
    char name[64];
    user_name(def, first_form(def), name);
    buf_puts(out, name);
    bind_signature(out, op, first_form(def));
    buf_printf(out, "\n  %s\n", def->doc ? def->doc : "");
    buf_printf(out, "  schema: %s\n", def->schema);
    put_forms(out, def);
    buf_printf(out, "  differentiable: %s\n", is_differentiable(def) ? "yes" : "no");
    if (!(def->traits & OP_COMPOSITE) && is_differentiable(def))
        buf_printf(out, "  grad_fn: <%s>\n", op->node_class.name);
}

/* ---- the registry ---- */

typedef struct Names {
    const OpDef **defs;
    size_t n;
} Names;

static int compare_names(const void *x, const void *y) {
    const OpDef *a = *(const OpDef *const *)x, *b = *(const OpDef *const *)y;
    size_t n = schema_base_name(a->schema), m = schema_base_name(b->schema);
    int order = memcmp(a->schema, b->schema, n < m ? n : m);
    if (order == 0 && n != m) order = n < m ? -1 : 1;
    return order ? order : strcmp(a->schema, b->schema);
}

/* Every operator with a forward, by name. */
static Names collect(Arena *a) {
    Names names = {.n = 0};
    for (int pass = 0; pass < 2; pass++) {
        names.n = 0;
        for (const OpDef *const *const *family = op_families; *family; family++)
            for (const OpDef *const *def = *family; *def; def++) {
                if (!(*def)->forward) continue;
                if (names.defs) names.defs[names.n] = *def;
                names.n++;
            }
        if (!names.defs)
            names.defs = arena_alloc(a, (names.n + 1) * sizeof *names.defs);
        if (!names.defs) return (Names){.n = 0};
    }
    qsort(names.defs, names.n, sizeof *names.defs, compare_names);
    return names;
}

/* "add", "torch.add", "Tensor.add_" and "linalg_norm" all name their operator. */
static bool matches(const OpDef *def, const char *word) {
    const char *dot = strrchr(word, '.');
    if (dot) word = dot + 1;
    size_t n = strlen(word), base = schema_base_name(def->schema);
    for (size_t i = 0; i < N_FORMS; i++) {
        char name[64];
        user_name(def, forms[i].form, name);
        size_t len = strlen(name);
        bool inplace = def->forms & OP_ANY_INPLACE;
        if (!(def->forms & forms[i].form)) continue;
        if (strcmp(name, word) == 0) return true;
        if (inplace && n == len + 1 && word[len] == '_' && !strncmp(name, word, len))
            return true;
    }
    return n == base && memcmp(def->schema, word, n) == 0;
}

static int refuse_name(Arena *a, const Names *names, const char *word) {
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

static int put_names(Ctx *c, const Names *names, const Options *o, Buf *out, Arena *a) {
    for (size_t i = 0; !o->n_paths && i < names->n; i++) {
        const Op *op = op_get(c, names->defs[i]);
        if (op) put_line(out, op);
    }
    for (size_t k = 0; k < o->n_paths; k++) {
        bool found = false;
        for (size_t i = 0; i < names->n; i++) {
            if (!matches(names->defs[i], o->paths[k])) continue;
            const Op *op = op_get(c, names->defs[i]);
            if (op) put_details(out, op);
            found = true;
        }
        if (!found) return refuse_name(a, names, o->paths[k]);
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
    Names names = collect(&arena);
    int code = put_names(&c, &names, o, &out, &arena);
    bool short_of_memory = ctx_failed(&c) || out.failed;
    bool written = fwrite(buf_text(&out), 1, out.len, stdout) == out.len;
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
    .details = "A name is written as in a cell (torch.add, x.add_) or alone (add).\n",
    .run = ops,
};
