/* See load_yaml.h.  A key is one row of a table: its name, the kind of its value, and
 * the function that takes it. */
#include "runner/read/load_yaml.h"

#include "runner/read/file.h"
#include "runner/read/load_ops.h"
#include "runner/text/natural.h"
#include "runner/text/units.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* `target` is the CellSource or NotebookConfig, or the part of it that takes the key.
 */
typedef struct Key {
    const char *name;
    bool (*take)(const Loader *l, const YamlNode *value, void *target);
    size_t offset; /* of the part in the target */
} Key;

static bool take_map(const Loader *l, const YamlNode *map, const char *what,
                     const Key *keys, size_t n, void *target);

/* ---- values ---- */

static bool take_text(const Loader *l, const YamlNode *value, void *target) {
    if (value->kind != YAML_SCALAR)
        return load_refuse(l, value, "this key takes text", "quote it");
    *(const char **)target = value->text;
    return true;
}

static bool take_title(const Loader *l, const YamlNode *value, void *target) {
    if (value->kind == YAML_SCALAR && strchr(value->text, '\n'))
        return load_refuse(l, value, "a title is one line",
                           "put the rest under `text`");
    return take_text(l, value, target);
}

/* A bare true or false would be read the wrong way round by one reader or another. */
static bool take_reason(const Loader *l, const YamlNode *value, void *target) {
    static const char *const no_reasons[] = {"",  "true", "false", "null",
                                             "~", "yes",  "no"};
    bool reason = value->kind == YAML_SCALAR;
    for (size_t i = 0; reason && i < sizeof no_reasons / sizeof *no_reasons; i++)
        reason = !value->plain || strcmp(value->text, no_reasons[i]) != 0;
    if (!reason || value->len == 0)
        return load_refuse(
            l, value, "this key takes the reason",
            "for example `skip: needs complex numbers`; delete the key to run "
            "the cell");
    return take_text(l, value, target);
}

static bool take_ops(const Loader *l, const YamlNode *value, void *target) {
    CellSource *cell = target;
    if (value->kind != YAML_LIST)
        return load_refuse(l, value, "`ops` takes a list of operations",
                           "begin each operation with `- `");
    return load_ops(l, value, &cell->ops, &cell->n_ops);
}

static bool take_timeout(const Loader *l, const YamlNode *value, void *target) {
    if (value->kind == YAML_SCALAR && units_seconds(value->text, target)) return true;
    return load_refuse(l, value, "this key takes a duration",
                       "for example 10s, 250ms or 2min");
}

static bool take_memory(const Loader *l, const YamlNode *value, void *target) {
    if (value->kind == YAML_SCALAR && units_bytes(value->text, target)) return true;
    return load_refuse(l, value, "this key takes a size",
                       "for example 512MiB, 64KiB or 2GiB");
}

static bool take_seed(const Loader *l, const YamlNode *value, void *target) {
    uint64_t *seed = target;
    const char *text = value->kind == YAML_SCALAR ? value->text : "";
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    char *end = NULL;
    errno = 0;
    if (digits[0] >= '0' && digits[0] <= '9')
        *seed = text[0] == '-' ? (uint64_t)strtoll(text, &end, 10)
                               : strtoull(text, &end, 10);
    if (end && *end == '\0' && errno == 0) return true;
    return load_refuse(l, value, "`seed` takes an integer", "-2**63 <= seed < 2**64");
}

/* ---- compare ---- */

static bool take_tolerance(const Loader *l, const YamlNode *value, void *target) {
    if (value->kind == YAML_SCALAR && units_number(value->text, target)) return true;
    return load_refuse(l, value, "a tolerance is a number", "for example 1e-4");
}

/* The C library compiles counts by copying and follows back references by trying; both
 * can take forever. */
static const char *mask_fault(const char *pattern) {
    unsigned long copies = 1;
    size_t open = 0;
    for (const char *s = pattern; *s; s++) {
        if (*s == '\\' && s[1] >= '0' && s[1] <= '9')
            return "a mask cannot refer back (\\1)";
        if (*s == '\\' && s[1])
            s++;
        else if (*s == '(' && ++open > 50)
            return "a mask opens at most 50 groups";
        else if (*s == '{') {
            char *end;
            unsigned long low = strtoul(s + 1, &end, 10);
            unsigned long high = *end == ',' ? strtoul(end + 1, NULL, 10) : low;
            unsigned long most = high > low ? high : low;
            copies *= most > 1 ? most : 1;
            if (most > 1000 || copies > 1000)
                return "the counts of a mask are too high";
        }
    }
    return strlen(pattern) > 1000 ? "a mask is at most 1000 bytes long" : NULL;
}

static bool check_mask(const Loader *l, const YamlNode *item) {
    if (item->kind != YAML_SCALAR || item->len == 0)
        return load_refuse(l, item, "a mask is a regular expression", "quote it");
    const char *fault = mask_fault(item->text);
    if (fault) return load_refuse(l, item, fault, "write it more simply");
    regex_t regex;
    int error = regcomp(&regex, item->text, REG_EXTENDED | REG_NEWLINE);
    if (error == 0) {
        regfree(&regex);
        return true;
    }
    char text[128];
    regerror(error, NULL, text, sizeof text);
    problem_set(l->problem, PROBLEM_INPUT, "not a regular expression: %s", text);
    problem_hint(l->problem, "masks are POSIX extended regular expressions");
    return problem_at(l->problem, l->file, item->line, item->col);
}

static bool take_masks(const Loader *l, const YamlNode *value, void *target) {
    CompareRule *rule = target;
    if (value->kind != YAML_LIST || value->n == 0)
        return load_refuse(l, value, "`mask` takes a list of regular expressions",
                           "for example `mask: ['[0-9]+ ms']`");
    if (value->n > COMPARE_MAX_MASKS)
        return load_refuse(l, value, "more than 64 masks", "join some with `|`");
    Mask *masks = arena_alloc(l->arena, value->n * sizeof *masks);
    if (!masks) return false;
    for (const YamlNode *item = value->first; item; item = item->next) {
        if (!check_mask(l, item)) return false;
        masks[rule->n_masks++] = (Mask){item->text, item->line, item->col};
    }
    rule->masks = masks;
    return true;
}

static bool take_compare(const Loader *l, const YamlNode *value, void *target) {
    static const Key keys[] = {{"rtol", take_tolerance, offsetof(CompareRule, rtol)},
                               {"atol", take_tolerance, offsetof(CompareRule, atol)},
                               {"mask", take_masks, 0}};
    CompareRule *rule = target;
    *rule = (CompareRule){
        .given = true, .file = l->file, .line = value->line, .col = value->col};
    if (value->kind == YAML_SCALAR && strcmp(value->text, "exact") == 0) return true;
    if (value->kind != YAML_MAP || value->n == 0)
        return load_refuse(l, value, "`compare` takes `exact` or a mapping",
                           "for example `compare: {rtol: 1e-5, atol: 1e-6}`");
    if (!take_map(l, value, "`compare`", keys, sizeof keys / sizeof *keys, rule))
        return false;
    for (const YamlNode *key = value->first; key; key = key->next->next)
        rule->tolerant |= strcmp(key->text, "mask") != 0;
    if (rule->tolerant && rule->rtol == 0 && rule->atol == 0)
        return load_refuse(l, value, "a tolerance of 0 is `exact`",
                           "write `compare: exact`, or give rtol or atol a value");
    return true;
}

/* ---- mappings ---- */

static bool refuse_key(const Loader *l, const YamlNode *key, const char *what,
                       const Key *keys, size_t n) {
    const char *names[16];
    for (size_t i = 0; i < n; i++) names[i] = keys[i].name;
    const char *nearest = natural_nearest(key->text, names, n);
    problem_set(l->problem, PROBLEM_INPUT, "unknown key `%.60s` in %s", key->text,
                what);
    if (nearest) {
        problem_hint(l->problem, "did you mean `%s`?", nearest);
    } else {
        Buf list;
        buf_init(&list, &l->arena->ctx->mem);
        for (size_t i = 0; i < n; i++)
            buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
        problem_hint(l->problem, "it may hold %s", buf_text(&list));
        buf_free(&list);
    }
    return problem_at(l->problem, l->file, key->line, key->col);
}

static bool take_map(const Loader *l, const YamlNode *map, const char *what,
                     const Key *keys, size_t n, void *target) {
    for (const YamlNode *key = map->first; key; key = key->next->next) {
        size_t i = 0;
        while (i < n && strcmp(keys[i].name, key->text) != 0) i++;
        if (i == n) return refuse_key(l, key, what, keys, n);
        if (!keys[i].take(l, key->next, (char *)target + keys[i].offset)) return false;
    }
    return true;
}

bool load_text(const char *path, Buf *text, size_t *len, Problem *p) {
    buf_clear(text);
    int error = file_read(path, YAML_MAX_BYTES, text);
    *len = error == EFBIG ? YAML_MAX_BYTES + 1 : text->len;
    return !error || error == EFBIG || problem_io(p, path, "cannot read", error);
}

bool load_cell(Arena *a, const char *file, const char *text, size_t len,
               CellSource *cell, Problem *p) {
    static const Key keys[] = {
        {"title", take_title, offsetof(CellSource, title)},
        {"text", take_text, offsetof(CellSource, text)},
        {"ops", take_ops, 0},
        {"skip", take_reason, offsetof(CellSource, skip)},
        {"xfail", take_reason, offsetof(CellSource, xfail)},
        {"compare", take_compare, offsetof(CellSource, compare)},
        {"timeout", take_timeout, offsetof(CellSource, limits.timeout)},
        {"max_memory", take_memory, offsetof(CellSource, limits.max_memory)},
    };
    *cell = (CellSource){.title = NULL};
    Loader l = {a, file, p};
    YamlNode *root = yaml_tree(a, file, text, len, p);
    if (!root) return false;
    if (root->kind != YAML_MAP)
        return load_refuse(&l, root, "a cell is a mapping with the key `ops`",
                           "for example `ops:` and below it `  - print(1)`");
    if (!take_map(&l, root, "a cell", keys, sizeof keys / sizeof *keys, cell))
        return false;
    if (!cell->ops)
        return load_refuse(&l, root, "the key `ops` is missing",
                           "a cell lists its operations under `ops:`");
    return true;
}

bool load_notebook(Arena *a, const char *file, const char *text, size_t len,
                   NotebookConfig *config, Problem *p) {
    static const Key keys[] = {
        {"title", take_title, offsetof(NotebookConfig, title)},
        {"text", take_text, offsetof(NotebookConfig, text)},
        {"seed", take_seed, offsetof(NotebookConfig, seed)},
        {"timeout", take_timeout, offsetof(NotebookConfig, limits.timeout)},
        {"max_memory", take_memory, offsetof(NotebookConfig, limits.max_memory)},
        {"compare", take_compare, offsetof(NotebookConfig, compare)},
    };
    *config = (NotebookConfig){.seed = 0};
    Loader l = {a, file, p};
    if (yaml_is_blank(text, len)) return true;
    YamlNode *root = yaml_tree(a, file, text, len, p);
    if (!root) return false;
    if (root->kind != YAML_MAP)
        return load_refuse(&l, root, "notebook.yaml is a mapping",
                           "for example `seed: 1`");
    return take_map(&l, root, "notebook.yaml", keys, sizeof keys / sizeof *keys,
                    config);
}
