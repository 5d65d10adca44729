/* See load_ops.h.  Recursion follows the nesting of the file, which is at most
 * YAML_MAX_DEPTH. */
#include "runner/read/load_ops.h"

#include <string.h>

bool load_refuse(const Loader *l, const YamlNode *at, const char *message,
                 const char *hint) {
    problem_set(l->problem, PROBLEM_INPUT, "%s", message);
    problem_hint(l->problem, "%s", hint);
    return problem_at(l->problem, l->file, at->line, at->col);
}

/* ---- texts put together from pieces ---- */

typedef struct Draft {
    Buf text;
    TextSpan *spans;
    uint32_t n;
    size_t cap;
} Draft;

/* What follows stands at line:col of the file. */
static void draft_place(const Loader *l, Draft *d, uint32_t line, uint32_t col) {
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 4;
        TextSpan *grown = arena_alloc(l->arena, cap * sizeof *grown);
        if (!grown) return;
        if (d->n) memcpy(grown, d->spans, d->n * sizeof *grown);
        d->spans = grown;
        d->cap = cap;
    }
    /* A piece of no length gives its place up to the one that follows. */
    if (d->n && d->spans[d->n - 1].offset == d->text.len) d->n--;
    d->spans[d->n++] = (TextSpan){(uint32_t)d->text.len, line, col};
}

/* A scalar's own text. In a block scalar every line starts at the same column. */
static void draft_scalar(const Loader *l, Draft *d, const YamlNode *node) {
    draft_place(l, d, node->line, node->col);
    size_t len = node->len;
    while (len && node->text[len - 1] == '\n') len--;
    const char *s = node->text, *end = s + len, *nl;
    for (uint32_t line = node->line + 1;
         node->literal && (nl = memchr(s, '\n', (size_t)(end - s))); line++) {
        buf_add(&d->text, s, (size_t)(nl + 1 - s));
        draft_place(l, d, line, node->col);
        s = nl + 1;
    }
    buf_add(&d->text, s, (size_t)(end - s));
}

/* The operation that the draft has become; the draft ends. */
static bool draft_end(const Loader *l, Draft *d, OpSource *op) {
    op->len = d->text.len;
    op->text = arena_text(l->arena, buf_text(&d->text), d->text.len);
    op->spans = d->spans;
    op->n_spans = d->n;
    bool failed = d->text.failed;
    buf_free(&d->text);
    if (failed) error_raise(l->arena->ctx, MemoryError, "%s", "");
    return !ctx_failed(l->arena->ctx);
}

static Draft draft_begin(const Loader *l) {
    Draft d = {.n = 0};
    buf_init(&d.text, &l->arena->ctx->mem);
    return d;
}

/* ---- the forms ---- */

static bool load_statement(const Loader *l, const YamlNode *node, OpSource *op) {
    if (node->len == 0)
        return load_refuse(l, node, "an operation is missing", "delete the empty `-`");
    Draft d = draft_begin(l);
    draft_scalar(l, &d, node);
    return draft_end(l, &d, op);
}

static bool load_split(const Loader *l, const YamlNode *key, OpSource *op) {
    const YamlNode *value = key->next;
    if (value->kind == YAML_MAP)
        return load_refuse(l, value, "a block is a list of operations, not a mapping",
                           "begin each of its operations with `- `");
    if (value->len == 0)
        return load_refuse(
            l, key, "nothing follows the colon",
            "list the block's operations below, indented; an empty block "
            "is `- pass`");
    Draft d = draft_begin(l);
    draft_scalar(l, &d, key);
    buf_puts(&d.text, ": ");
    draft_scalar(l, &d, value);
    return draft_end(l, &d, op);
}

static bool load_block(const Loader *l, const YamlNode *key, OpSource *op) {
    op->is_block = true;
    if (!load_ops(l, key->next, &op->children, &op->n_children)) return false;
    return load_statement(l, key, op);
}

/* A value of the explicit form as an expression. */
static bool draft_value(const Loader *l, Draft *d, const YamlNode *node) {
    static const char *const words[][2] = {
        {"true", "True"}, {"false", "False"}, {"null", "None"}, {"~", "None"}};
    if (node->kind == YAML_MAP)
        return load_refuse(l, node, "a mapping is no value here",
                           "write the dict as a quoted expression");
    if (node->kind == YAML_LIST) {
        draft_place(l, d, node->line, node->col);
        buf_putc(&d->text, '[');
        for (const YamlNode *item = node->first; item; item = item->next) {
            if (item != node->first) buf_puts(&d->text, ", ");
            if (!draft_value(l, d, item)) return false;
        }
        buf_putc(&d->text, ']');
        return true;
    }
    if (node->len == 0)
        return load_refuse(l, node, "a value is missing", "write null for None");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(node->text, words[i][0]) == 0) {
            draft_place(l, d, node->line, node->col);
            buf_puts(&d->text, words[i][1]);
            return true;
        }
    draft_scalar(l, d, node);
    return true;
}

static const YamlNode *find_key(const YamlNode *map, const char *name) {
    for (const YamlNode *key = map->first; key; key = key->next->next)
        if (strcmp(key->text, name) == 0) return key;
    return NULL;
}

static bool is_own_key(const char *key) {
    return strcmp(key, "op") == 0 || strcmp(key, "args") == 0 ||
           strcmp(key, "out") == 0;
}

/* What stands in `args`, then every key that is not the form's own as a keyword. */
static bool draft_arguments(const Loader *l, Draft *d, const YamlNode *map) {
    const YamlNode *args = find_key(map, "args");
    bool first = true;
    for (const YamlNode *item = args ? args->next->first : NULL; item;
         item = item->next, first = false) {
        if (!first) buf_puts(&d->text, ", ");
        if (!draft_value(l, d, item)) return false;
    }
    for (const YamlNode *key = map->first; key; key = key->next->next) {
        if (is_own_key(key->text)) continue;
        if (!first) buf_puts(&d->text, ", ");
        first = false;
        draft_scalar(l, d, key);
        buf_putc(&d->text, '=');
        if (!draft_value(l, d, key->next)) return false;
    }
    return true;
}

static bool check_explicit(const Loader *l, const YamlNode *op, const YamlNode *args,
                           const YamlNode *out) {
    if (op->next->kind != YAML_SCALAR || op->next->len == 0)
        return load_refuse(l, op->next, "`op` takes the name of what is called",
                           "for example `op: torch.ones`");
    if (args && args->next->kind != YAML_LIST)
        return load_refuse(l, args->next, "`args` takes a list",
                           "for example `args: [x, 2]`");
    if (out && (out->next->kind != YAML_SCALAR || out->next->len == 0))
        return load_refuse(l, out->next, "`out` takes what the result is assigned to",
                           "for example `out: y`");
    return true;
}

static bool load_explicit(const Loader *l, const YamlNode *map, const YamlNode *name,
                          OpSource *op) {
    const YamlNode *args = find_key(map, "args"), *out = find_key(map, "out");
    if (!check_explicit(l, name, args, out)) return false;
    Draft d = draft_begin(l);
    draft_place(l, &d, map->line, map->col);
    if (out) {
        draft_scalar(l, &d, out->next);
        buf_puts(&d.text, " = ");
    }
    draft_scalar(l, &d, name->next);
    buf_putc(&d.text, '(');
    bool loaded = draft_arguments(l, &d, map);
    buf_putc(&d.text, ')');
    return draft_end(l, &d, op) && loaded;
}

static bool refuse_mapping(const Loader *l, const YamlNode *map) {
    const YamlNode *second = map->first ? map->first->next->next : NULL;
    if (second && second->line != map->line)
        return load_refuse(l, second, "an operation has one key",
                           "begin this one with `- ` as an operation of its own");
    return load_refuse(l, map, "an operation is a text, not a mapping of several keys",
                       "quote the whole operation");
}

static bool load_op(const Loader *l, const YamlNode *node, OpSource *op) {
    if (node->kind == YAML_SCALAR) return load_statement(l, node, op);
    if (node->kind == YAML_LIST)
        return load_refuse(l, node, "an operation is a text or a mapping, not a list",
                           "quote an operation that starts with `[` or `- `");
    const YamlNode *name = find_key(node, "op");
    if (name) return load_explicit(l, node, name, op);
    if (node->n != 1) return refuse_mapping(l, node);
    if (node->first->next->kind == YAML_LIST) return load_block(l, node->first, op);
    return load_split(l, node->first, op);
}

bool load_ops(const Loader *l, const YamlNode *list, const OpSource **ops,
              uint32_t *n) {
    OpSource *items = arena_alloc(l->arena, (list->n + 1) * sizeof *items);
    if (!items) return false;
    *ops = items;
    for (const YamlNode *node = list->first; node; node = node->next)
        if (!load_op(l, node, &items[(*n)++])) return false;
    return true;
}
