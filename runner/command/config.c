/* See config.h. */
#include "runner/command/config.h"

#include "runner/command/verb.h"
#include "runner/read/file.h"
#include "runner/text/natural.h"
#include "runner/text/yaml_tree.h"

#include <errno.h>
#include <string.h>

typedef struct Config {
    Arena *arena;
    Options *options;
    Problem *problem;
    const char *path;
} Config;

static bool refuse(const Config *f, const YamlNode *at) {
    return problem_at(f->problem, f->path, at->line, at->col);
}

static bool refuse_key(const Config *f, const YamlNode *key) {
    const char *names[64];
    size_t n = 0;
    for (; n < n_flags && n < 64; n++) names[n] = flags[n].name;
    const char *nearest = natural_nearest(key->text, names, n);
    problem_set(f->problem, PROBLEM_INPUT, "no flag is called --%.60s", key->text);
    if (nearest)
        problem_hint(f->problem, "did you mean `%s`?", nearest);
    else
        problem_hint(f->problem, "the keys are long flags, see autocell help run");
    return refuse(f, key);
}

static bool refuse_value(const Config *f, const Flag *flag, const YamlNode *value) {
    problem_set(f->problem, PROBLEM_INPUT, "`%s` does not take this value", flag->name);
    problem_hint(f->problem, "%s: %s: %s", flag->name,
                 flag->value ? flag->value : "true or false", flag->help);
    return refuse(f, value);
}

/* The text of the value as the flag takes it; NULL when memory is short. */
static const char *value_text(const Config *f, const Flag *flag,
                              const YamlNode *value) {
    bool path = strcmp(flag->value, "DIR") == 0 || strcmp(flag->value, "FILE") == 0;
    if (!path || value->text[0] == '/') return value->text;
    return path_join(f->arena, f->options->project->up, value->text);
}

static bool take(const Config *f, const YamlNode *key, const YamlNode *value) {
    const Flag *flag = flag_find(key->text, key->len);
    if (!flag) return refuse_key(f, key);
    if (value->kind != YAML_SCALAR) return refuse_value(f, flag, value);
    if (!flag->value) {
        bool on = strcmp(value->text, "true") == 0;
        if (!on && strcmp(value->text, "false") != 0)
            return refuse_value(f, flag, value);
        return !on || !flag_has_verb(flag, f->options->verb->name) ||
               flag->take(f->options, NULL);
    }
    if (!flag_has_verb(flag, f->options->verb->name)) return true;
    const char *text = value_text(f, flag, value);
    return text && (flag->take(f->options, text) || refuse_value(f, flag, value));
}

static bool take_all(const Config *f, const char *text, size_t len) {
    if (yaml_is_blank(text, len)) return true;
    YamlNode *root = yaml_tree(f->arena, f->path, text, len, f->problem);
    if (!root) return false;
    if (root->kind != YAML_MAP) {
        problem_set(f->problem, PROBLEM_INPUT, "autocell.yaml is a mapping");
        problem_hint(f->problem, "for example `timeout: 10s`");
        return refuse(f, root);
    }
    for (const YamlNode *key = root->first; key; key = key->next->next)
        if (!take(f, key, key->next)) return false;
    return true;
}

bool config_apply(Arena *a, Options *o, Problem *p) {
    Config f = {a, o, p, o->project->config};
    Buf text;
    buf_init(&text, &a->ctx->mem);
    int error = file_read(f.path, YAML_MAX_BYTES, &text);
    size_t len = error == EFBIG ? YAML_MAX_BYTES + 1 : text.len;
    o->configuring = true;
    bool taken = error && error != EFBIG ? problem_io(p, f.path, "cannot read", error)
                                         : take_all(&f, buf_text(&text), len);
    o->configuring = false;
    buf_free(&text);
    return taken;
}
