/* The registry side of op.h: finding overloads by name, and the parsed form of each
 * operator in use.  Families are searched by name once for each name a context uses. */
#include "op.h"
#include "op_plan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

/* A set of overloads together with its storage. */
typedef struct Found {
    struct Found *next;
    OverloadSet set;
    const OpDef *defs[24];
    size_t prefix, size; /* of the name: "linalg_", in bytes; the whole, with its NUL */
    char name[];
} Found;

enum { INITIALS = 32 }; /* of letters, by their last five bits */

typedef struct OpTable {
    Op **slots; /* open addressing by the OpDef's address; a power of two of them */
    size_t n, cap;
    Found *found;
    const OpDef **defs; /* all, by the first letter of their names; NULL: not yet */
    size_t n_defs, from[INITIALS + 1];
} OpTable;

static OpTable *table_of(Ctx *c) {
    if (!c->ops) c->ops = ctx_alloc_zero(c, sizeof(OpTable));
    return c->ops;
}

/* ---- parsed operators ---- */

static size_t slot_of(const OpDef *def, size_t cap) {
    uint64_t h = (uint64_t)(uintptr_t)def * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 32) & (cap - 1);
}

static void insert(Op **slots, size_t cap, Op *op) {
    size_t at = slot_of(op->def, cap);
    while (slots[at]) at = (at + 1) & (cap - 1);
    slots[at] = op;
}

static bool grow(Ctx *c, OpTable *t) {
    if (t->n * 2 < t->cap) return true;
    size_t cap = t->cap ? t->cap * 2 : FIRST_SLOTS;
    Op **slots = ctx_alloc_zero(c, cap * sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < t->cap; i++)
        if (t->slots[i]) insert(slots, cap, t->slots[i]);
    ctx_free(c, t->slots, t->cap * sizeof *t->slots);
    t->slots = slots;
    t->cap = cap;
    return true;
}

/* ---- node names ---- */

/* CamelCase of the schema's name + "Backward0": "log_softmax" -> LogSoftmaxBackward0.
 * Leading underscores are dropped ("_softmax" -> SoftmaxBackward0). */
static char *default_node_name(Ctx *c, const Schema *s, size_t *size) {
    *size = (size_t)s->base_len + sizeof "Backward0";
    char *name = ctx_alloc(c, *size);
    if (!name) return NULL;
    size_t n = 0;
    bool upper = true;
    for (size_t i = 0; i < s->base_len; i++) {
        char ch = s->text[i];
        if (ch == '_') {
            upper = true;
        } else {
            name[n++] = (char)(upper ? toupper((unsigned char)ch) : ch);
            upper = false;
        }
    }
    memcpy(name + n, "Backward0", sizeof "Backward0");
    return name;
}

static void free_node_name(Ctx *c, Op *op) {
    if (!op->def->node)
        ctx_free(c, (void *)(uintptr_t)op->node_class.name,
                 (size_t)op->schema.base_len + sizeof "Backward0");
}

/* ---- what is saved ---- */

static bool starts(const char *s, size_t n, const char *what) {
    return n == strlen(what) && memcmp(s, what, n) == 0;
}

/* What is saved of a tensor without the tensor, and the names that grad_fn shows for
 * it: of sizes themselves and their product, of a geometry its sizes and strides. */
static const struct Derived {
    const char *suffix;
    uint8_t kind;
    const char *shown[2];
} derived[] = {
    {".sizes", SAVE_SIZES, {"_sizes", NULL}},
    {".sizes_numel", SAVE_SIZES, {"_sizes", "_numel"}},
    {".sym_sizes", SAVE_SIZES, {"_sym_sizes", NULL}},
    {".sym_sizes_opt", SAVE_SIZES, {"_sym_sizes_opt", NULL}},
    {".shape", SAVE_SIZES, {NULL, NULL}},
    {".geometry", SAVE_GEOMETRY, {NULL, NULL}},
    {".sym_geometry", SAVE_GEOMETRY, {"_sym_sizes", "_sym_strides"}},
};

static void read_suffix(const char *s, size_t n, SaveEntry *e) {
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
        if (!starts(s, n, derived[i].suffix)) continue;
        e->kind = derived[i].kind;
        e->shown = derived[i].shown;
    }
}

/* The edge of a parameter, where no list of tensors comes before it; else -1. */
static int8_t edge_of(const Op *op, int8_t param) {
    int8_t edge = 0;
    for (int i = 0; i < op->n_tensors; i++) {
        const TensorParam *p = &op->tensors[i];
        if (p->at == param) return p->has_edges ? edge : -1;
        if (p->has_edges && p->is_list) return -1;
        edge = (int8_t)(edge + p->has_edges);
    }
    return -1;
}

static bool read_entry(Ctx *c, const Op *op, const char *s, size_t n, SaveEntry *e) {
    *e = (SaveEntry){.only_if = -1, .name = s};
    const char *mark = memchr(s, '?', n);
    if (mark) {
        size_t len = n - (size_t)(mark - s) - 1;
        e->only_if = (int8_t)schema_find(&op->schema, mark + 1, len);
        e->edge = edge_of(op, e->only_if);
        n = (size_t)(mark - s);
    }
    const char *dot = memchr(s, '.', n);
    size_t name_len = dot ? (size_t)(dot - s) : n;
    e->name_len = (uint8_t)name_len;
    if (dot) read_suffix(dot, n - name_len, e);
    int param = schema_find(&op->schema, s, name_len);
    if (param < 0 && name_len >= 6 && memcmp(s, "result", 6) == 0) {
        e->kind = SAVE_RESULT;
        param = name_len == 7 ? s[6] - '0' : 0;
    }
    e->param = (int8_t)param;
    if (param >= 0 && (!mark || e->only_if >= 0)) return true;
    error_raise(c, RuntimeError, "operator %s saves an unknown name: %s",
                op->def->schema, op->def->saves);
    return false;
}

bool op_saves_list(const Op *op, size_t i) {
    const SaveEntry *e = &op->saves->entries[i];
    return e->kind == SAVE_ARG && op->schema.params[e->param].type == PARAM_TENSOR_LIST;
}

static bool read_saves(Ctx *c, Op *op) {
    const char *s = op->def->saves;
    if (!s) return true;
    op->saves = ctx_alloc_zero(c, sizeof *op->saves);
    if (!op->saves) return false;
    while (*s) {
        size_t n = strcspn(s, " ");
        if (n) {
            if (op->n_saves == sizeof op->saves->entries / sizeof *op->saves->entries ||
                !read_entry(c, op, s, n, &op->saves->entries[op->n_saves]))
                return false;
            op->saves_lists = op->saves_lists || op_saves_list(op, op->n_saves);
            op->n_saves++;
        }
        s += n + (s[n] == ' ');
    }
    return true;
}

/* Marks the parameters that `constants` names. */
static void read_constants(Op *op) {
    const char *s = op->def->constants ? op->def->constants : "";
    while (*s) {
        size_t n = strcspn(s, " !");
        int i = schema_find(&op->schema, s, n);
        if (i >= 0) {
            op->schema.params[i].constant = true;
            op->schema.params[i].detached = s[n] == '!';
        }
        s += n;
        s += strspn(s, " !");
    }
}

static void find_tensors(Op *op) {
    for (uint8_t i = 0; i < op->schema.n; i++) {
        const Param *p = &op->schema.params[i];
        bool is_list = p->type == PARAM_TENSOR_LIST;
        if (!is_list && p->type != PARAM_TENSOR) continue;
        bool has_edges = !p->constant && !p->optional_items;
        op->tensors[op->n_tensors++] = (TensorParam){i, is_list, has_edges};
        op->n_edges = (uint8_t)(op->n_edges + (has_edges && !is_list));
        op->any_list = op->any_list || is_list;
    }
}

/* The name that the schema gives result i, as in "-> (Tensor values, Tensor indices)":
 * the word before the i-th comma or the end; "" for those without one. */
static void result_name(const Schema *s, int i, Buf *out) {
    const char *at = strstr(s->text, "-> ");
    for (at = at ? at + 3 : ""; i > 0 && *at; at++) i -= *at == ',';
    const char *end = at + strcspn(at, ",)");
    while (at < end && *at == ' ') at++;
    const char *space = memchr(at, ' ', (size_t)(end - at));
    if (space) buf_add(out, space + 1, (size_t)(end - space - 1));
}

void op_saved_name(const Op *op, size_t i, int part, Buf *out) {
    const SaveEntry *e = &op->saves->entries[i];
    if (e->shown ? !e->shown[part] : part > 0) return;
    if (e->kind != SAVE_RESULT) {
        buf_add(out, e->name, e->name_len);
        if (e->shown) buf_puts(out, e->shown[part]);
        return;
    }
    size_t before = out->len;
    result_name(&op->schema, e->param, out);
    if (out->len > before) return;
    buf_puts(out, "result");
    if (op->schema.n_returns > 1) buf_printf(out, "%d", e->param);
}

bool op_saves_tensor(const Op *op, size_t i) {
    const SaveEntry *e = &op->saves->entries[i];
    if (e->kind == SAVE_RESULT) return true;
    return e->kind == SAVE_ARG && op->schema.params[e->param].type == PARAM_TENSOR;
}

bool op_saves_ints(const Op *op, size_t i) {
    const SaveEntry *e = &op->saves->entries[i];
    if (e->kind != SAVE_ARG) return false;
    ParamType type = op->schema.params[e->param].type;
    return type == PARAM_INT || type == PARAM_INT_LIST;
}

int op_saved_index(Ctx *c, const Op *op, const char *name, size_t len, int *part) {
    int found = -1;
    Buf b;
    buf_init(&b, &c->mem);
    for (size_t i = 0; i < 2 * op->n_saves && found < 0; i++) {
        b.len = 0;
        *part = i % 2;
        op_saved_name(op, i / 2, *part, &b);
        if (len > 0 && b.len == len && memcmp(buf_text(&b), name, len) == 0)
            found = (int)(i / 2);
    }
    buf_free(&b);
    return found;
}

static Value product_of(Value sizes) {
    const Tuple *t = value_tuple(sizes);
    int64_t n = 1;
    for (size_t i = 0; t && i < t->n; i++) n *= t->items[i].as.i;
    return value_int(n);
}

Value op_saved_shown(Ctx *c, const Op *op, size_t i, int part, Value v) {
    const SaveEntry *e = &op->saves->entries[i];
    if (e->kind == SAVE_GEOMETRY) return value_tuple(v)->items[part];
    if (e->kind == SAVE_SIZES && part) return product_of(v);
    if (e->kind == SAVE_SIZES && value_is_none(v)) return arg_ints(c, 1, &(int64_t){0});
    bool one = op_saves_ints(op, i) && v.tag == VAL_INT &&
               op->schema.params[e->param].type == PARAM_INT_LIST;
    return one ? arg_ints(c, 1, &v.as.i) : v; /* a number stands for a list of one */
}

static void op_free(Ctx *c, Op *op) {
    free_node_name(c, op);
    if (op->saves) ctx_free(c, op->saves, sizeof *op->saves);
    schema_free(c, &op->schema);
    ctx_free(c, op, sizeof *op);
}

static Op *op_parse(Ctx *c, const OpDef *def) {
    Op *op = ctx_alloc_zero(c, sizeof *op);
    if (!op) return NULL;
    op->def = def;
    if (!schema_parse(c, def->schema, &op->schema)) {
        ctx_free(c, op, sizeof *op);
        return NULL;
    }
    size_t size;
    const char *name = def->node ? def->node : default_node_name(c, &op->schema, &size);
    op->node_class = (NodeClass){name, def->long_node, def->backward, op};
    op->inplace_class = op->node_class;
    if (def->inplace_node) op->inplace_class.name = def->inplace_node;
    read_constants(op);
    find_tensors(op);
    if (name && read_saves(c, op)) return op;
    op_free(c, op);
    return NULL;
}

const Op *op_get(Ctx *c, const OpDef *def) {
    OpTable *t = table_of(c);
    if (!t) return NULL;
    if (t->cap) {
        size_t at = slot_of(def, t->cap);
        while (t->slots[at]) {
            if (t->slots[at]->def == def) return t->slots[at];
            at = (at + 1) & (t->cap - 1);
        }
    }
    if (!grow(c, t)) return NULL;
    Op *op = op_parse(c, def);
    if (!op) return NULL;
    insert(t->slots, t->cap, op);
    t->n++;
    return op;
}

/* ---- names ---- */

static unsigned initial(const char *name) {
    return (unsigned char)name[0] % INITIALS;
}

/* Sorts by initials in two passes, which keep the order of the families. */
static bool sort_defs(Ctx *c, OpTable *t) {
    size_t count[INITIALS] = {0}, n = 0;
    for (const OpDef *const *const *fam = op_families; *fam; fam++)
        for (const OpDef *const *d = *fam; *d; d++, n++) count[initial((*d)->schema)]++;
    t->defs = ctx_alloc(c, n * sizeof *t->defs);
    if (!t->defs) return false;
    t->n_defs = n;
    for (unsigned i = 0; i < INITIALS; i++) t->from[i + 1] = t->from[i] + count[i];
    size_t at[INITIALS];
    memcpy(at, t->from, sizeof at);
    for (const OpDef *const *const *fam = op_families; *fam; fam++)
        for (const OpDef *const *d = *fam; *d; d++)
            t->defs[at[initial((*d)->schema)]++] = *d;
    return true;
}

static void collect(const OpTable *t, Found *f, const char *name, size_t len,
                    unsigned form) {
    unsigned key = initial(name);
    for (size_t i = t->from[key]; i < t->from[key + 1]; i++) {
        const OpDef *d = t->defs[i];
        const char *s = d->schema;
        if (!(d->forms & form) || strncmp(s, name, len) != 0 ||
            (s[len] != '(' && s[len] != '.'))
            continue;
        if (f->set.n < sizeof f->defs / sizeof *f->defs) f->defs[f->set.n++] = d;
    }
}

/* The name as schemas spell it. */
static size_t schema_name(unsigned form, const char *name, size_t len, char out[80]) {
    const char *prefix = form == OP_LINALG    ? "linalg_"
                         : form == OP_SPECIAL ? "special_"
                                              : "";
    int n = snprintf(out, 80, "%s%.*s", prefix, (int)len, name);
    return n > 0 && n < 80 ? (size_t)n : 0;
}

static void find_defs(const OpTable *t, Found *f, unsigned form) {
    size_t n = f->size - 1;
    f->set.form = form;
    collect(t, f, f->name, n, form);
    if (f->set.n || f->name[n - 1] != '_') return;
    /* "add_" is the in-place form of "add". */
    if (form == OP_METHOD) f->set.form = OP_INPLACE;
    if (form == OP_FUNCTION) f->set.form = OP_FUNCTION_INPLACE;
    if (form == OP_NN) f->set.form = OP_NN_INPLACE;
    if (f->set.form != form) collect(t, f, f->name, n - 1, f->set.form);
}

const OverloadSet *op_find(Ctx *c, unsigned form, const char *name, size_t len) {
    OpTable *t = table_of(c);
    if (!t) return NULL;
    for (Found *f = t->found; f; f = f->next) {
        unsigned asked = f->set.form == OP_INPLACE            ? OP_METHOD
                         : f->set.form == OP_FUNCTION_INPLACE ? OP_FUNCTION
                         : f->set.form == OP_NN_INPLACE       ? OP_NN
                                                              : f->set.form;
        if (asked == form && f->size - 1 - f->prefix == len &&
            memcmp(f->name + f->prefix, name, len) == 0)
            return f->set.n ? &f->set : NULL;
    }
    if (!t->defs && !sort_defs(c, t)) return NULL;
    char full[80];
    size_t n = schema_name(form, name, len, full);
    Found *f = n ? ctx_alloc_zero(c, sizeof *f + n + 1) : NULL;
    if (!f) return NULL;
    memcpy(f->name, full, n);
    f->prefix = n - len;
    f->size = n + 1;
    f->set.name = f->name;
    f->set.defs = f->defs;
    find_defs(t, f, form);
    if (f->set.n == 0) {
        ctx_free(c, f, sizeof *f + f->size);
        return NULL;
    }
    f->next = t->found;
    t->found = f;
    return &f->set;
}

void op_table_close(Ctx *c) {
    OpTable *t = c->ops;
    if (!t) return;
    for (size_t i = 0; i < t->cap; i++)
        if (t->slots[i]) op_free(c, t->slots[i]);
    ctx_free(c, t->slots, t->cap * sizeof *t->slots);
    ctx_free(c, t->defs, t->n_defs * sizeof *t->defs);
    while (t->found) {
        Found *next = t->found->next;
        ctx_free(c, t->found, sizeof *t->found + t->found->size);
        t->found = next;
    }
    ctx_free(c, t, sizeof *t);
    c->ops = NULL;
}
