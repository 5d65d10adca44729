/* The duty of every differentiable operator to have samples: runs the lines of
 * DIR/<family>.txt through gradcheck and gradgradcheck, and fails for an operator with
 * a backward that has fewer than two.
 *
 * usage: gradcheck DIR OPS     OPS holds the sources of the operators (core/ops)
 *
 * A line is `NAME: INPUTS: EXPRESSION`, NAME being the operator's in its schema, with
 * ` once` behind it when PyTorch has no second derivative either, ` never` when it has
 * no first; INPUTS and EXPRESSION are in the notation, with what check.py defines.
 * tests/README.md tells more.
 *
 * A sample counts for its operator only when the graph of what it computes holds a node
 * that this OpDef made.  Speaks TAP, one test an operator.
 */
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/read/file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_OPERATORS = 2000, LEAST_SAMPLES = 2, MAX_NODES = 1000 };

/* An operator with a backward, and what its samples said. */
typedef struct Duty {
    const OpDef *def;
    int samples;
    bool failed;
} Duty;

typedef struct Bench {
    Ctx *c;
    Interp *in;
    Buf *out;         /* what the sample under way has printed */
    Buf *driver;      /* check.py */
    Program *program; /* of the last sample */
    const char *ops_dir;
    Duty duties[MAX_OPERATORS];
    int n_duties;
    int bad_lines;
} Bench;

typedef struct Text {
    const char *data;
    int len;
} Text;

typedef struct Sample {
    const char *file;
    int line;
    Text name, inputs, expression;
    int orders; /* of derivatives that there are */
} Sample;

/* ---- operators ---- */

static Text schema_name(const OpDef *def) {
    return (Text){def->schema, (int)strcspn(def->schema, "(")};
}

static bool same_text(Text a, Text b) {
    return a.len == b.len && memcmp(a.data, b.data, (size_t)a.len) == 0;
}

static void collect_duties(Bench *b) {
    for (const OpDef *const *const *family = op_families; *family; family++)
        for (const OpDef *const *def = *family; *def; def++)
            if ((*def)->backward && b->n_duties < MAX_OPERATORS)
                b->duties[b->n_duties++] = (Duty){.def = *def};
}

static Duty *find_duty(Bench *b, Text name) {
    for (int i = 0; i < b->n_duties; i++)
        if (same_text(schema_name(b->duties[i].def), name)) return &b->duties[i];
    return NULL;
}

/* ---- does the graph hold the operator's node? ---- */

typedef struct Nodes {
    const Node *items[MAX_NODES];
    int n;
} Nodes;

static void add_node(Nodes *nodes, const Node *n) {
    if (!n || nodes->n == MAX_NODES) return;
    for (int i = 0; i < nodes->n; i++)
        if (nodes->items[i] == n) return;
    nodes->items[nodes->n++] = n;
}

static void add_roots(Ctx *c, Nodes *nodes, Value v) {
    if (value_tensor(v)) add_node(nodes, tensor_grad_fn(c, value_tensor(v)));
    const Tuple *t = value_tuple(v);
    for (size_t i = 0; t && i < t->n; i++)
        if (value_tensor(t->items[i])) add_roots(c, nodes, t->items[i]);
    const List *l = value_list(v);
    for (size_t i = 0; l && i < l->n; i++)
        if (value_tensor(l->items[i])) add_roots(c, nodes, l->items[i]);
}

static bool graph_holds(Ctx *c, Value result, const OpDef *def) {
    Nodes nodes = {.n = 0};
    add_roots(c, &nodes, result);
    for (int i = 0; i < nodes.n; i++) {
        const Node *n = nodes.items[i];
        if (n->cls->op && n->cls->op->def == def) return true;
        add_node(&nodes, copy_slices_inner(n));
        for (uint32_t k = 0; k < n->n_edges; k++)
            add_node(&nodes, node_edges(n)[k].node);
    }
    return false;
}

/* ---- one sample ---- */

/* The names before '=' in "x=real(2, 3), i=ints(4, below=2)": "x, i". */
static void put_parameters(Buf *source, Text inputs) {
    int depth = 0;
    const char *name = inputs.data, *separator = "";
    for (const char *p = inputs.data; p < inputs.data + inputs.len; p++) {
        if (strchr("([{", *p)) depth++;
        if (strchr(")]}", *p)) depth--;
        if (depth == 0 && *p == ',') name = p + 1;
        if (depth != 0 || *p != '=') continue;
        buf_puts(source, separator);
        buf_add(source, name, (size_t)(p - name));
        separator = ",";
    }
}

static void put_source(Buf *source, const Bench *b, const Sample *s) {
    buf_add(source, buf_text(b->driver), b->driver->len);
    buf_puts(source, "\nresult = check(lambda ");
    put_parameters(source, s->inputs);
    buf_printf(source, ": (%.*s), %d, %.*s)\n", s->expression.len, s->expression.data,
               s->orders, s->inputs.len, s->inputs.data);
}

static void complain(const Sample *s, const char *what) {
    printf("# %s:%d: %.*s: ", s->file, s->line, s->name.len, s->name.data);
    for (; what[0] && (what[0] != '\n' || what[1]); what++) {
        putchar(*what);
        if (*what == '\n') fputs("#   ", stdout);
    }
    putchar('\n');
}

static bool run(Bench *b, const Sample *s) {
    if (!interp_start(b->in, 0)) return false;
    program_free(b->program);
    Buf source;
    ParseError e;
    buf_init(&source, &b->c->mem);
    put_source(&source, b, s);
    b->program = parse_source(b->c, interp_names(b->in), "sample", buf_text(&source),
                              source.len, &e);
    buf_free(&source);
    b->out->len = 0;
    if (!b->program) complain(s, e.message);
    return b->program && interp_run_cell(b->in, b->program);
}

static bool passes(Bench *b, const Sample *s, const OpDef *def) {
    if (!run(b, s)) {
        if (b->program) complain(s, buf_text(b->out));
        return false;
    }
    size_t mark = pool_mark(b->c);
    Str *name = symbols_from(&b->in->symbols, "result");
    bool holds = name && graph_holds(b->c, module_get(b->in->main, name), def);
    pool_drain(b->c, mark);
    if (!holds) complain(s, "the graph holds no node of this operator");
    return holds;
}

/* ---- lines and files ---- */

static Text trimmed(const char *from, const char *to) {
    while (from < to && isspace((unsigned char)*from)) from++;
    while (to > from && isspace((unsigned char)to[-1])) to--;
    return (Text){from, (int)(to - from)};
}

/* Takes the word off the end of *name. */
static bool ends_with(Text *name, const char *word) {
    int rest = name->len - (int)strlen(word);
    if (rest <= 0 || memcmp(name->data + rest, word, strlen(word)) != 0) return false;
    *name = trimmed(name->data, name->data + rest);
    return true;
}

static bool split_line(Text line, Sample *s) {
    const char *end = line.data + line.len;
    const char *first = memchr(line.data, ':', (size_t)line.len);
    const char *second =
        first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
    if (!second) return false;
    s->name = trimmed(line.data, first);
    s->orders = ends_with(&s->name, " never")  ? 0
                : ends_with(&s->name, " once") ? 1
                                               : 2;
    s->inputs = trimmed(first + 1, second);
    s->expression = trimmed(second + 1, end);
    return s->inputs.len && s->expression.len;
}

static void take_line(Bench *b, Text line, Sample *s) {
    if (line.len == 0 || line.data[0] == '#') return;
    s->name = line;
    Duty *duty = NULL;
    if (!split_line(line, s))
        complain(s, "not of the form NAME: INPUTS: EXPRESSION");
    else if (duty = find_duty(b, s->name), !duty)
        complain(s, "no operator with a backward has this name");
    if (!duty) {
        b->bad_lines++;
        return;
    }
    duty->samples++;
    if (!passes(b, s, duty->def)) duty->failed = true;
}

static void take_file(Bench *b, const char *path, const char *name) {
    Buf text;
    buf_init(&text, &b->c->mem);
    if (file_read(path, SIZE_MAX / 4, &text) != 0) {
        printf("# cannot read %s\n", path);
        b->bad_lines++;
    }
    Sample s = {.file = name, .line = 0};
    const char *at = buf_text(&text), *end = at + text.len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        s.line++;
        take_line(b, trimmed(at, stop), &s);
        at = stop + 1;
    }
    buf_free(&text);
}

static void take_samples(Bench *b, Arena *a, const char *dir) {
    DirNames names = {0};
    file_list(a, dir, &names);
    for (uint32_t i = 0; i < names.n_files; i++) {
        const char *dot = strrchr(names.files[i], '.');
        if (dot && strcmp(dot, ".txt") == 0)
            take_file(b, path_join(a, dir, names.files[i]), names.files[i]);
    }
}

/* ---- the verdict ---- */

/* The family whose source holds the operator's schema: "trig" for core/ops/trig.c. */
static Text family_of(Bench *b, Arena *a, Text name) {
    DirNames names = {0};
    Text family = {"?", 1};
    Buf wanted;
    buf_init(&wanted, &b->c->mem);
    buf_printf(&wanted, "\"%.*s(", name.len, name.data);
    file_list(a, b->ops_dir, &names);
    for (uint32_t i = 0; i < names.n_files; i++) {
        Buf text;
        buf_init(&text, &b->c->mem);
        file_read(path_join(a, b->ops_dir, names.files[i]), SIZE_MAX / 4, &text);
        if (strstr(buf_text(&text), buf_text(&wanted)))
            family = (Text){names.files[i], (int)strcspn(names.files[i], ".")};
        buf_free(&text);
    }
    buf_free(&wanted);
    return family;
}

static void ask_for_samples(Bench *b, Arena *a, const Duty *d) {
    Text name = schema_name(d->def);
    Text family = family_of(b, a, name);
    int base = (int)schema_base_name(d->def->schema);
    printf("#   %d of %d samples of %s\n", d->samples, LEAST_SAMPLES, d->def->schema);
    printf("#   add to tests/gradcheck/%.*s.txt lines like\n", family.len, family.data);
    printf("#   %.*s: x=real(2, 3): torch.%.*s(x, ...)\n", name.len, name.data, base,
           name.data);
}

static bool conclude(Bench *b, Arena *a) {
    int failed = 0;
    printf("1..%d\n", b->n_duties + 1);
    printf("%s 1 - every line is a sample\n", b->bad_lines ? "not ok" : "ok");
    for (int i = 0; i < b->n_duties; i++) {
        const Duty *d = &b->duties[i];
        Text name = schema_name(d->def);
        bool ok = d->samples >= LEAST_SAMPLES && !d->failed;
        if (!ok) failed++;
        printf("%s %d - %.*s\n", ok ? "ok" : "not ok", i + 2, name.len, name.data);
        if (d->samples < LEAST_SAMPLES) ask_for_samples(b, a, d);
    }
    return failed == 0 && b->bad_lines == 0 && b->n_duties > 0;
}

/* Everything between opening the context and closing it. */
static bool check_all(Ctx *c, const char *dir, const char *ops_dir) {
    static Bench b;
    Buf out, driver;
    Arena arena;
    buf_init(&out, &c->mem);
    buf_init(&driver, &c->mem);
    arena_init(&arena, c);
    b = (Bench){.c = c, .out = &out, .driver = &driver, .ops_dir = ops_dir};
    b.in = interp_open(c, &out);
    bool ok = b.in &&
              file_read(path_join(&arena, dir, "check.py"), SIZE_MAX / 4, &driver) == 0;
    if (ok) {
        collect_duties(&b);
        take_samples(&b, &arena, dir);
        ok = conclude(&b, &arena);
    } else {
        printf("Bail out! no check.py in %s\n", dir);
    }
    interp_close(b.in);
    program_free(b.program);
    arena_free(&arena);
    buf_free(&driver);
    buf_free(&out);
    return ok;
}

int main(int argc, char **argv) {
    Ctx c;
    if (argc != 3 || !core_open(&c)) {
        puts("Bail out! usage: gradcheck DIR OPS");
        return 1;
    }
    bool ok = check_all(&c, argv[1], argv[2]);
    core_close(&c);
    if (c.mem.live_blocks) printf("# %zu blocks are left\n", c.mem.live_blocks);
    return ok && c.mem.live_blocks == 0 ? 0 : 1;
}
