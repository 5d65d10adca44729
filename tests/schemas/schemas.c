/* schemas: the JSON schemas of cells and of notebook.yaml take what autocell takes.
 *
 * usage: schemas SHARE ROOT...
 *
 * Every cell and notebook.yaml below the ROOTs must be valid; of the texts below, those
 * that autocell refuses must not be.  Only the keywords that the schemas use are known
 * here; any other is a failure, so that nothing is passed over.
 */
#include "runner/read/file.h"
#include "runner/read/load_yaml.h"
#include "runner/text/yaml_tree.h"

#include <jansson.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Schemas {
    json_t *cell, *notebook;
    const char *unknown; /* a keyword that is not known here */
} Schemas;

/* ---- what YAML means ---- */

static bool is_one_of(const char *text, const char *const *words) {
    while (*words && strcmp(*words, text) != 0) words++;
    return *words;
}

static bool matches(const char *pattern, const char *text) {
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) return false;
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* The type of a node in JSON, by YAML's core schema. */
static const char *type_of(const YamlNode *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const truths[] = {"true",  "True",  "TRUE", "false",
                                         "False", "FALSE", NULL};
    if (node->kind != YAML_SCALAR) return node->kind == YAML_MAP ? "object" : "array";
    if (!node->plain) return "string";
    if (is_one_of(node->text, nulls)) return "null";
    if (is_one_of(node->text, truths)) return "boolean";
    if (matches("^[-+]?[0-9]+$", node->text)) return "integer";
    if (matches("^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$", node->text))
        return "number";
    return "string";
}

static bool is_number(const YamlNode *node) {
    const char *type = type_of(node);
    return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
}

static bool is_type(const YamlNode *node, const char *type) {
    return strcmp(type_of(node), type) == 0 ||
           (strcmp(type, "number") == 0 && is_number(node));
}

static const YamlNode *member(const YamlNode *map, const char *key) {
    for (const YamlNode *k = map->first; k; k = k->next->next)
        if (strcmp(k->text, key) == 0) return k->next;
    return NULL;
}

/* ---- keywords ---- */

static bool is_valid(Schemas *s, const json_t *root, const json_t *schema,
                     const YamlNode *node);

static bool has_type(const json_t *types, const YamlNode *node) {
    if (json_is_string(types)) return is_type(node, json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        if (is_type(node, json_string_value(json_array_get(types, i)))) return true;
    return false;
}

/* "#/definitions/x", or the same behind the name of the other schema. */
static bool follows(Schemas *s, const json_t *root, const char *ref,
                    const YamlNode *node) {
    static const char there[] = "cell.schema.json", inside[] = "#/definitions/";
    if (strncmp(ref, there, sizeof there - 1) == 0) {
        root = s->cell;
        ref += sizeof there - 1;
    }
    bool known = strncmp(ref, inside, sizeof inside - 1) == 0;
    const json_t *schema = known ? json_object_get(json_object_get(root, "definitions"),
                                                   ref + sizeof inside - 1)
                                 : NULL;
    if (!schema) s->unknown = "$ref";
    return schema && is_valid(s, root, schema, node);
}

static bool any_of(Schemas *s, const json_t *root, const json_t *list,
                   const YamlNode *node) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is_valid(s, root, json_array_get(list, i), node)) return true;
    return false;
}

static bool in_enum(const json_t *list, const YamlNode *node) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (node->kind == YAML_SCALAR &&
            strcmp(json_string_value(json_array_get(list, i)), node->text) == 0)
            return true;
    return false;
}

static bool has_required(const json_t *names, const YamlNode *node) {
    for (size_t i = 0; node->kind == YAML_MAP && i < json_array_size(names); i++)
        if (!member(node, json_string_value(json_array_get(names, i)))) return false;
    return true;
}

static bool are_items_valid(Schemas *s, const json_t *root, const json_t *schema,
                            const YamlNode *node) {
    if (node->kind != YAML_LIST) return true;
    for (const YamlNode *item = node->first; item; item = item->next)
        if (!is_valid(s, root, schema, item)) return false;
    return true;
}

static bool are_members_valid(Schemas *s, const json_t *root, const json_t *schema,
                              const YamlNode *node) {
    const json_t *known = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    if (node->kind != YAML_MAP) return true;
    for (const YamlNode *key = node->first; key; key = key->next->next) {
        const json_t *of = json_object_get(known, key->text);
        if (!of && json_is_false(others)) return false;
        if (!of) of = others;
        if (of && !is_valid(s, root, of, key->next)) return false;
    }
    return true;
}

static bool is_within(const char *keyword, const json_t *limit, const YamlNode *node) {
    double bound = json_number_value(limit);
    double value = is_number(node) ? strtod(node->text, NULL) : bound;
    if (!is_number(node)) return true;
    if (strcmp(keyword, "minimum") == 0) return value >= bound;
    if (strcmp(keyword, "maximum") == 0) return value <= bound;
    return value > bound;
}

static bool has_size(const char *keyword, const json_t *limit, const YamlNode *node) {
    size_t bound = (size_t)json_integer_value(limit), size = node->n;
    bool items = strstr(keyword, "Items"), length = strstr(keyword, "Length");
    YamlKind kind = items ? YAML_LIST : length ? YAML_SCALAR : YAML_MAP;
    if (node->kind != kind || (length && !is_type(node, "string"))) return true;
    if (length) size = node->len;
    return keyword[1] == 'i' ? size >= bound : size <= bound;
}

static bool is_keyword_met(Schemas *s, const json_t *root, const json_t *schema,
                           const char *keyword, const YamlNode *node) {
    static const char *const plain[] = {"$schema", "title", "description",
                                        "definitions", NULL};
    static const char *const sizes[] = {"minItems",      "maxItems",  "minProperties",
                                        "maxProperties", "minLength", NULL};
    static const char *const bounds[] = {"minimum", "maximum", "exclusiveMinimum",
                                         NULL};
    const json_t *value = json_object_get(schema, keyword);
    if (is_one_of(keyword, plain)) return true;
    if (is_one_of(keyword, sizes)) return has_size(keyword, value, node);
    if (is_one_of(keyword, bounds)) return is_within(keyword, value, node);
    if (strcmp(keyword, "$ref") == 0)
        return follows(s, root, json_string_value(value), node);
    if (strcmp(keyword, "anyOf") == 0) return any_of(s, root, value, node);
    if (strcmp(keyword, "type") == 0) return has_type(value, node);
    if (strcmp(keyword, "enum") == 0) return in_enum(value, node);
    if (strcmp(keyword, "required") == 0) return has_required(value, node);
    if (strcmp(keyword, "items") == 0) return are_items_valid(s, root, value, node);
    if (strcmp(keyword, "pattern") == 0)
        return !is_type(node, "string") ||
               matches(json_string_value(value), node->text);
    if (strcmp(keyword, "properties") == 0 ||
        strcmp(keyword, "additionalProperties") == 0)
        return are_members_valid(s, root, schema, node);
    s->unknown = keyword;
    return false;
}

static bool is_valid(Schemas *s, const json_t *root, const json_t *schema,
                     const YamlNode *node) {
    void *at = json_object_iter((json_t *)schema);
    for (; at; at = json_object_iter_next((json_t *)schema, at))
        if (!is_keyword_met(s, root, schema, json_object_iter_key(at), node))
            return false;
    return true;
}

/* ---- texts ---- */

typedef struct Answers {
    bool loads, valid;
} Answers;

/* What autocell and the schema say of a text. */
static Answers ask(Schemas *s, Arena *a, const char *path, const char *text, size_t len,
                   bool notebook) {
    Problem p = {.kind = PROBLEM_NONE};
    CellSource cell;
    NotebookConfig config;
    const json_t *schema = notebook ? s->notebook : s->cell;
    Answers answers = {.valid = notebook && yaml_is_blank(text, len)};
    answers.loads = notebook ? load_notebook(a, path, text, len, &config, &p)
                             : load_cell(a, path, text, len, &cell, &p);
    p.kind = PROBLEM_NONE;
    YamlNode *tree = answers.valid ? NULL : yaml_tree(a, path, text, len, &p);
    if (tree) answers.valid = is_valid(s, schema, schema, tree);
    return answers;
}

/* ---- the tree ---- */

typedef struct Walk {
    Schemas *schemas;
    Ctx *c;
    unsigned files, wrong;
} Walk;

static void look_at(Walk *w, const char *path, bool notebook) {
    Arena a;
    Buf text;
    arena_init(&a, w->c);
    buf_init(&text, &w->c->mem);
    int error = file_read(path, YAML_MAX_BYTES, &text);
    Answers answers = ask(w->schemas, &a, path, buf_text(&text), text.len, notebook);
    w->files++;
    if (error || answers.loads != answers.valid) {
        printf("# %s: autocell %s it, the schema does not agree\n", path,
               answers.loads ? "takes" : "refuses");
        w->wrong++;
    }
    buf_free(&text);
    arena_free(&a);
}

static void walk(Walk *w, const char *dir) {
    Arena a;
    DirNames names;
    arena_init(&a, w->c);
    if (file_list(&a, dir, &names)) names = (DirNames){.n_files = 0};
    for (uint32_t i = 0; i < names.n_files; i++) {
        const char *dot = strrchr(names.files[i], '.');
        if (dot && strcmp(dot, ".yaml") == 0)
            look_at(w, path_join(&a, dir, names.files[i]),
                    strcmp(names.files[i], "notebook.yaml") == 0);
    }
    for (uint32_t i = 0; i < names.n_dirs; i++)
        walk(w, path_join(&a, dir, names.dirs[i]));
    arena_free(&a);
}

/* ---- cases ---- */

static const char *const good_cells[] = {
    "ops: []",
    "ops:\n  - print(1)\n  - 1\n  - x = 2.5\n  - null\n  - 'true'",
    "ops:\n  - for i in x:\n      - print(i)\n      - if i:\n          - break",
    "ops:\n  - f = lambda x: x\n  - {op: torch.ones, args: [[2]], out: w, a: [1, x]}",
    "title: 1\ntext: |\n  a\n  b\nops: []\nskip: later\n",
    "ops: []\nxfail: 1\ntimeout: 1.5 min\nmax_memory: 64KiB\ncompare: exact",
    "ops: []\ntimeout: 3\nmax_memory: 1e6\ncompare: {rtol: 1e-4, mask: ['a', 1]}",
    NULL};
static const char *const bad_cells[] = {"title: no operations",
                                        "opps: []",
                                        "ops: 1",
                                        "ops: {print(1): 2}",
                                        "ops: [[1]]",
                                        "ops: [{a: [1], b: [2]}]",
                                        "- print(1)",
                                        "text: [a]\nops: []",
                                        "title: \"a\\nb\"\nops: []",
                                        "ops: []\nskip: true",
                                        "ops: []\nskip: ''",
                                        "ops: []\nxfail:",
                                        "ops: []\ntimeout: soon",
                                        "ops: []\ntimeout: 0",
                                        "ops: []\ntimeout: 3 days",
                                        "ops: []\nmax_memory: lots",
                                        "ops: []\nmax_memory: 0",
                                        "ops: []\ncompare: near",
                                        "ops: []\ncompare: {}",
                                        "ops: []\ncompare: {tol: 1}",
                                        "ops: []\ncompare: {rtol: -1}",
                                        "ops: []\ncompare: {mask: a}",
                                        "ops: []\ncompare: {mask: []}",
                                        NULL};
static const char *const good_notebooks[] = {
    "", "# nothing", "title: a\nseed: -3\ntimeout: 10s\nmax_memory: 1GiB",
    "seed: '18446744073709551615'\ncompare: {atol: 1}", NULL};
static const char *const bad_notebooks[] = {
    "ops: []", "seed: x", "seed: 1.5", "timeout: [1]", "- a", "compare: 1", NULL};

static bool all_are(Schemas *s, Ctx *c, const char *const *texts, bool notebook,
                    bool wanted) {
    bool right = true;
    for (; *texts; texts++) {
        Arena a;
        arena_init(&a, c);
        Answers answers = ask(s, &a, "x.yaml", *texts, strlen(*texts), notebook);
        if (answers.loads != wanted || answers.valid != wanted) {
            printf("# autocell %s, the schema %s: %.40s\n",
                   answers.loads ? "takes" : "refuses",
                   answers.valid ? "takes" : "refuses", *texts);
            right = false;
        }
        arena_free(&a);
    }
    return right;
}

static json_t *load(const char *dir, const char *name) {
    char path[4096];
    json_error_t error = {.text = ""};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!schema) printf("# %s:%d: %s\n", path, error.line, error.text);
    return schema;
}

static bool verdict(int number, bool good, const char *name) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", number, name);
    return good;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    Ctx c;
    ctx_open(&c);
    Schemas s = {load(argv[1], "cell.schema.json"),
                 load(argv[1], "notebook.schema.json"), NULL};
    Walk w = {.schemas = &s, .c = &c};
    puts("1..4");
    for (int i = 2; i < argc; i++) walk(&w, argv[i]);
    printf("# %u files\n", w.files);
    bool good = verdict(1, w.files && !w.wrong, "all cells of the tree are valid");
    good &= verdict(2,
                    all_are(&s, &c, good_cells, false, true) &&
                        all_are(&s, &c, bad_cells, false, false),
                    "the schema of cells takes what autocell takes");
    good &= verdict(3,
                    all_are(&s, &c, good_notebooks, true, true) &&
                        all_are(&s, &c, bad_notebooks, true, false),
                    "so does that of notebook.yaml");
    if (s.unknown) printf("# `%s` is not known\n", s.unknown);
    good &= verdict(4, !s.unknown, "the test knows every keyword");
    json_decref(s.cell);
    json_decref(s.notebook);
    ctx_close(&c);
    return !good;
}
