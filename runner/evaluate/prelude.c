/* See prelude.h. */
#include "runner/evaluate/prelude.h"

#include "runner/evaluate/eval.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"

#include <string.h>

const PreludeSource *prelude_find(const char *module, size_t len) {
    for (const PreludeSource *s = prelude_sources; s->module; s++)
        if (strlen(s->module) == len && memcmp(s->module, module, len) == 0) return s;
    return NULL;
}

/* A prelude that does not parse is a mistake of ours: it says where. */
static void fail(Module *m, const ParseError *e) {
    if (ctx_failed(m->in->c)) return;
    error_raise(m->in->c, SyntaxError, "%s:%u:%u: %s", m->name->data, (unsigned)e->line,
                (unsigned)e->col, e->message);
}

static Program *parse(Module *m, const PreludeSource *s) {
    ParseError e;
    Names names = {&m->in->symbols, &m->table};
    Program *p =
        parse_outline(m->in->c, names, s->module, (const char *)s->text, s->len, &e);
    if (!p) fail(m, &e);
    return p;
}

/* The body may name globals that the module has not had before. */
bool prelude_complete(Function *fn) {
    Module *m = fn->module;
    ParseError e;
    Names names = {&m->in->symbols, &m->table};
    if (!parse_deferred(m->in->c, names, fn->code, &e)) {
        fail(m, &e);
        return false;
    }
    if (!module_grow(m)) return false;
    fn->code->deferred = NULL;
    return true;
}

/* Runs with the settings of a fresh module, whatever the cell that touched it is in. */
static bool run(Module *m) {
    Frame f = {.module = m};
    bool ok = frame_begin(&f, m->in, m->program->code, NULL) &&
              exec_block(&f, &m->program->code->body) != FLOW_RAISE;
    frame_end(&f);
    return ok;
}

/* A source that fails half way (memory, recursion) is run again at the next touch. */
bool prelude_run(Module *m) {
    if (m->ready) return true;
    m->ready = true;
    const PreludeSource *s = prelude_find(m->name->data, m->name->len);
    if (!s) return true;
    size_t mark = pool_mark(m->in->c);
    if (!m->program) m->program = parse(m, s);
    m->ready = m->program && module_grow(m) &&
               module_set_text(m, "__name__", value_obj(m->name)) && run(m);
    pool_drain(m->in->c, mark);
    return m->ready;
}
