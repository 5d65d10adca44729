/* exec_import: import and from-import. */
#include "runner/evaluate/eval.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/prelude.h"
#include "runner/evaluate/state.h"

#include <string.h>

/* a, then a.b, then a.b.c: each must exist. */
static Module *import_path(Frame *f, const Str *dotted) {
    Module *m = NULL;
    for (size_t len = 0; len < dotted->len;) {
        const char *dot = strchr(dotted->data + len + (len > 0), '.');
        len = dot ? (size_t)(dot - dotted->data) : dotted->len;
        Module *parent = m;
        m = module_import(f->in, dotted->data, len);
        if (!m && parent && f->c->error.kind == ModuleNotFoundError) {
            error_clear(f->c);
            return error_raise(f->c, ModuleNotFoundError, "No module named '%.*s'",
                               (int)len, dotted->data);
        }
        if (!m) return NULL;
    }
    return m;
}

static Module *top_of(Frame *f, const Str *dotted) {
    size_t len = strcspn(dotted->data, ".");
    return module_import(f->in, dotted->data, len);
}

Flow exec_import(Frame *f, Stmt *s) {
    const ImportStmt *x = (ImportStmt *)s;
    for (uint32_t i = 0; i < x->n; i++) {
        const ImportItem *item = &x->items[i];
        Module *m = import_path(f, item->module);
        if (m && !item->has_as) m = top_of(f, item->module);
        if (!m || !assign_name(f, item->target, value_obj(m))) return FLOW_RAISE;
    }
    return FLOW_NEXT;
}

/* ---- from m import a, b; from m import * ---- */

/* The names that the module lists in __all__. */
static bool import_listed(Frame *f, Module *m, Value listed) {
    List *names = value_to_list(f->c, listed);
    for (size_t i = 0; names && i < names->n; i++) {
        Str *name = value_str(names->items[i]);
        name = name ? symbols_intern(&f->in->symbols, name->data, name->len) : NULL;
        Value v = name ? module_find(m, name) : value_null();
        if (!value_is_null(v) && !module_set(f->module, name, v)) return false;
        if (ctx_failed(f->c)) return false;
    }
    return names != NULL;
}

static bool import_all(Frame *f, Module *m) {
    if (!prelude_run(m) || !module_load_all(m)) return false;
    Str *all = symbols_from(&f->in->symbols, "__all__");
    Value listed = all ? module_find(m, all) : value_null();
    if (ctx_failed(f->c)) return false;
    if (!value_is_null(listed)) return import_listed(f, m, listed);
    for (int32_t i = 0; i < m->made; i++) {
        const Str *name = m->table.names[i];
        Value v = m->slots[i].value;
        if (value_is_null(v) || name->data[0] == '_') continue;
        if (!module_set(f->module, name, v)) return false;
    }
    return true;
}

static bool import_name(Frame *f, Module *m, const ImportFromItem *item) {
    Value v = module_find(m, item->name);
    if (!value_is_null(v)) return assign_name(f, item->target, v);
    if (!ctx_failed(f->c))
        error_raise(f->c, ImportError,
                    "cannot import name '%s' from '%s' (unknown "
                    "location)",
                    item->name->data, m->name->data);
    return false;
}

Flow exec_import_from(Frame *f, Stmt *s) {
    const ImportFromStmt *x = (ImportFromStmt *)s;
    Module *m = import_path(f, x->module);
    if (!m) return FLOW_RAISE;
    if (x->n == 0) return import_all(f, m) ? FLOW_NEXT : FLOW_RAISE;
    for (uint32_t i = 0; i < x->n; i++)
        if (!import_name(f, m, &x->items[i])) return FLOW_RAISE;
    return FLOW_NEXT;
}
