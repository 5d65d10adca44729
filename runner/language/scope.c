/* See scope.h. */
#include "runner/language/scope.h"

#include "runner/language/token.h"

#include <string.h>

enum { FIRST_CAP = 256 };

bool scopes_init(Scopes *s, Ctx *c, Arena *out, Names names, ParseError *e) {
    *s = (Scopes){.c = c, .out = out, .names = names, .e = e};
    arena_init(&s->arena, c);
    s->dunder_class = symbols_from(names.symbols, "__class__");
    s->super_name = symbols_from(names.symbols, "super");
    return s->dunder_class && s->super_name;
}

void scopes_free(Scopes *s) {
    ctx_free(s->c, s->table, s->cap * sizeof *s->table);
    arena_free(&s->arena);
}

/* ---- symbols ---- */

static Symbol **symbol_place(const Scopes *s, const Scope *scope, const Str *name) {
    uint64_t h = ((uintptr_t)scope >> 4) * 0x9e3779b97f4a7c15u;
    h = (h ^ ((uintptr_t)name >> 4)) * 0x9e3779b97f4a7c15u;
    size_t mask = s->cap - 1;
    for (size_t i = (size_t)(h >> 32) & mask;; i = (i + 1) & mask) {
        Symbol *at = s->table[i];
        if (!at || (at->scope == scope && at->name == name)) return &s->table[i];
    }
}

static bool grow(Scopes *s) {
    Scopes bigger = *s;
    bigger.cap = s->cap ? s->cap * 2 : FIRST_CAP;
    bigger.table = ctx_alloc_zero(s->c, bigger.cap * sizeof *s->table);
    if (!bigger.table) return false;
    for (size_t i = 0; i < s->cap; i++)
        if (s->table[i])
            *symbol_place(&bigger, s->table[i]->scope, s->table[i]->name) = s->table[i];
    ctx_free(s->c, s->table, s->cap * sizeof *s->table);
    s->table = bigger.table;
    s->cap = bigger.cap;
    return true;
}

Symbol *scope_find(const Scopes *s, const Scope *scope, const Str *name) {
    return s->cap ? *symbol_place(s, scope, name) : NULL;
}

static Symbol *symbol_new(Scopes *s, Scope *scope, Str *name) {
    if (s->n * 2 >= s->cap && !grow(s)) return NULL;
    Symbol *sym = arena_alloc(&s->arena, sizeof *sym);
    if (!sym) return NULL;
    *sym = (Symbol){.name = name, .scope = scope, .slot = -1, .cell = -1};
    *symbol_place(s, scope, name) = sym;
    s->n++;
    if (scope->last)
        scope->last->next = sym;
    else
        scope->first = sym;
    scope->last = sym;
    return sym;
}

Symbol *scope_symbol(Scopes *s, Scope *scope, Str *name, unsigned flags) {
    Symbol *sym = scope_find(s, scope, name);
    if (!sym) sym = symbol_new(s, scope, name);
    if (sym) sym->flags |= flags;
    return sym;
}

Str *scope_mangle(Scopes *s, const Scope *scope, Str *name) {
    const char *d = name->data;
    bool is_private = name->len > 2 && d[0] == '_' && d[1] == '_' &&
                      memcmp(d + name->len - 2, "__", 2) != 0;
    if (!is_private || !scope->class_name || strchr(d, '.')) return name;
    const char *class_name = scope->class_name->data;
    while (*class_name == '_') class_name++;
    if (!*class_name) return name;
    Buf b;
    buf_init(&b, &s->c->mem);
    buf_printf(&b, "_%s%s", class_name, d);
    if (b.failed) error_raise(s->c, MemoryError, "%s", "");
    Str *mangled =
        b.failed ? NULL : symbols_intern(s->names.symbols, buf_text(&b), b.len);
    buf_free(&b);
    return mangled;
}

Symbol *scope_refer(Scopes *s, Scope *scope, NameExpr *name, unsigned flags) {
    name->name = scope_mangle(s, scope, name->name);
    if (!name->name) return NULL;
    Reference *r = arena_alloc(&s->arena, sizeof *r);
    Symbol *sym = scope_symbol(s, scope, name->name, flags);
    if (!r || !sym) return NULL;
    *r = (Reference){name, sym, NULL};
    if (s->last_reference)
        s->last_reference->next = r;
    else
        s->references = r;
    s->last_reference = r;
    return sym;
}

/* ---- scopes ---- */

static Str *make_qualname(Scopes *s, const Scope *parent, Str *name) {
    if (!parent || parent->kind == SCOPE_MODULE) return name;
    if (!parent->comp) {
        const Symbol *sym = scope_find(s, parent, name);
        if (sym && sym->flags & SYM_GLOBAL) return name;
    }
    Buf b;
    buf_init(&b, &s->c->mem);
    buf_add(&b, parent->qualname->data, parent->qualname->len);
    bool local = parent->kind != SCOPE_CLASS && parent->kind != SCOPE_GENERATOR;
    buf_puts(&b, local ? ".<locals>." : ".");
    buf_add(&b, name->data, name->len);
    if (b.failed) error_raise(s->c, MemoryError, "%s", "");
    Str *made = b.failed ? NULL : symbols_intern(s->names.symbols, buf_text(&b), b.len);
    buf_free(&b);
    return made;
}

Scope *scope_new(Scopes *s, Scope *parent, Code *code, CompExpr *comp, Str *name) {
    Scope *scope = arena_alloc(&s->arena, sizeof *scope);
    if (!scope) return NULL;
    scope->kind = code ? (ScopeKind)code->kind : SCOPE_GENERATOR;
    scope->parent = parent;
    scope->code = code;
    scope->comp = comp;
    scope->frame = code ? scope : parent->frame;
    scope->class_name = scope->kind == SCOPE_CLASS ? name
                        : parent                   ? parent->class_name
                                                   : NULL;
    scope->qualname = make_qualname(s, parent, name);
    if (!scope->qualname) return NULL;
    if (code) {
        code->qualname = scope->qualname;
        code->class_cell = -1;
    }
    if (s->last)
        s->last->next = scope;
    else
        s->first = scope;
    s->last = scope;
    return scope;
}

/* ---- who owns a name ---- */

static FreeVar *find_free(const Scope *frame, const Symbol *owner) {
    FreeVar *f = frame->free;
    while (f && f->owner != owner) f = f->next;
    return f;
}

static bool add_free(Scopes *s, Scope *frame, Symbol *owner) {
    if (find_free(frame, owner)) return true;
    FreeVar *f = arena_alloc(&s->arena, sizeof *f);
    if (!f) return false;
    f->owner = owner;
    if (frame->last_free)
        frame->last_free->next = f;
    else
        frame->free = f;
    frame->last_free = f;
    return true;
}

/* Every frame from the scope's own up to the owner's passes the cell on. */
static bool capture(Scopes *s, Scope *scope, Symbol *owner) {
    Scope *frame = scope->frame;
    if (frame == owner->scope->frame) return true;
    owner->captured = true;
    for (; frame != owner->scope->frame; frame = frame->parent->frame)
        if (!add_free(s, frame, owner)) return false;
    return true;
}

/* The symbol around `scope` that `name` means there; NULL in *out: a global. */
static bool find_around(Scopes *s, const Scope *scope, Str *name, Symbol **out) {
    *out = NULL;
    for (Scope *up = scope->parent; up && up->kind != SCOPE_MODULE; up = up->parent) {
        if (up->kind == SCOPE_CLASS) {
            if (name != s->dunder_class) continue;
            *out = scope_symbol(s, up, name, 0);
            return *out;
        }
        Symbol *sym = scope_find(s, up, name);
        if (!sym || sym->flags & SYM_NONLOCAL) continue;
        if (sym->flags & SYM_GLOBAL) return true;
        if (!(sym->flags & SYM_BOUND)) continue;
        *out = sym;
        return true;
    }
    return true;
}

static bool decide(Scopes *s, Symbol *sym) {
    Scope *scope = sym->scope;
    bool declared = sym->flags & (SYM_GLOBAL | SYM_NONLOCAL);
    if (scope->kind == SCOPE_MODULE || sym->flags & SYM_GLOBAL) return true;
    if (sym->flags & SYM_BOUND && !declared) {
        if (scope->kind != SCOPE_CLASS) sym->owner = sym;
        return true;
    }
    Symbol *owner;
    if (!find_around(s, scope, sym->name, &owner)) return false;
    if (!owner && sym->flags & SYM_NONLOCAL)
        return parse_error(s->e, sym->line, sym->col,
                           "no binding for nonlocal '%s' found", sym->name->data);
    sym->owner = owner;
    return !owner || capture(s, scope, owner);
}

static bool decide_all(Scopes *s) {
    for (Scope *scope = s->first; scope; scope = scope->next)
        for (Symbol *sym = scope->first; sym; sym = sym->next)
            if (!decide(s, sym)) return false;
    return true;
}

/* ---- numbers of slots and cells ---- */

static bool owns_itself(const Symbol *sym) {
    return sym->owner == sym || (sym->captured && sym->scope->kind == SCOPE_CLASS);
}

/* Parameters keep slots 0 to n-1, whether or not they are cells as well. */
static void number_params(Scopes *s, Scope *scope) {
    Code *code = scope->code;
    uint32_t n = params_count(&code->params);
    for (uint32_t i = 0; i < n; i++) {
        Symbol *sym = scope_find(s, scope, code->params.names[i]);
        if (sym) sym->slot = (int32_t)i;
    }
    code->n_slots = (int32_t)n;
}

static void number_own(Scope *scope) {
    Code *code = scope->frame->code;
    for (Symbol *sym = scope->first; sym; sym = sym->next) {
        if (!owns_itself(sym)) continue;
        if (sym->captured)
            sym->cell = code->n_cells++;
        else if (sym->slot < 0)
            sym->slot = code->n_slots++;
    }
}

/* Slots and cells of a comprehension, to be emptied when it ends. */
static bool note_comp(Scopes *s, Scope *scope, int32_t first_slot) {
    CompExpr *x = scope->comp;
    x->first_slot = first_slot;
    x->n_slots = scope->frame->code->n_slots - first_slot;
    for (Symbol *sym = scope->first; sym; sym = sym->next) x->n_cells += sym->cell >= 0;
    x->cells = arena_alloc(s->out, (size_t)x->n_cells * sizeof *x->cells);
    if (!x->cells) return false;
    int32_t n = 0;
    for (Symbol *sym = scope->first; sym; sym = sym->next)
        if (sym->cell >= 0) x->cells[n++] = sym->cell;
    return true;
}

static bool number_all(Scopes *s) {
    for (Scope *scope = s->first; scope; scope = scope->next) {
        if (!scope->comp) number_params(s, scope);
    }
    for (Scope *scope = s->first; scope; scope = scope->next) {
        int32_t first_slot = scope->frame->code->n_slots;
        number_own(scope);
        if (scope->comp && !note_comp(s, scope, first_slot)) return false;
    }
    return true;
}

/* Which cell of `frame` holds the owner's value. */
static int32_t cell_index(const Scope *frame, const Symbol *owner) {
    if (owner->scope->frame == frame) return owner->cell;
    return find_free(frame, owner)->index;
}

static bool number_free(Scopes *s, Scope *frame) {
    Code *code = frame->code;
    for (FreeVar *f = frame->free; f; f = f->next)
        f->index = code->n_cells + code->n_free++;
    code->free = arena_alloc(s->out, (size_t)code->n_free * sizeof *code->free);
    if (!code->free) return false;
    int32_t n = 0;
    for (FreeVar *f = frame->free; f; f = f->next)
        code->free[n++] = cell_index(frame->parent->frame, f->owner);
    return true;
}

/* ---- what the evaluator reads ---- */

static bool name_tables(Scopes *s, Code *code) {
    size_t slots = (size_t)code->n_slots,
           cells = (size_t)(code->n_cells + code->n_free);
    code->slot_names = arena_alloc(s->out, slots * sizeof *code->slot_names);
    code->cell_names = arena_alloc(s->out, cells * sizeof *code->cell_names);
    return code->slot_names && code->cell_names;
}

static void name_slots(Scope *scope) {
    Code *code = scope->frame->code;
    for (Symbol *sym = scope->first; sym; sym = sym->next) {
        if (sym->slot >= 0) code->slot_names[sym->slot] = sym->name;
        if (sym->cell >= 0) code->cell_names[sym->cell] = sym->name;
    }
}

static bool list_param_cells(Scopes *s, Scope *scope) {
    Code *code = scope->code;
    for (Symbol *sym = scope->first; sym; sym = sym->next)
        code->n_param_cells += sym->slot >= 0 && sym->cell >= 0;
    size_t n = (size_t)code->n_param_cells;
    code->param_cells = arena_alloc(s->out, n * sizeof *code->param_cells);
    if (!code->param_cells) return false;
    ParamCell *at = code->param_cells;
    for (Symbol *sym = scope->first; sym; sym = sym->next)
        if (sym->slot >= 0 && sym->cell >= 0) *at++ = (ParamCell){sym->slot, sym->cell};
    return true;
}

static void find_class_cell(Scopes *s, Scope *frame) {
    const Symbol *own = scope_find(s, frame, s->dunder_class);
    if (frame->kind == SCOPE_CLASS && own && own->cell >= 0)
        frame->code->class_cell = own->cell;
    for (FreeVar *f = frame->free; f; f = f->next) {
        frame->code->cell_names[f->index] = f->owner->name;
        bool of_class = f->owner->scope->kind == SCOPE_CLASS;
        if (frame->kind != SCOPE_CLASS && of_class) frame->code->class_cell = f->index;
    }
}

static bool fill_codes(Scopes *s) {
    for (Scope *scope = s->first; scope; scope = scope->next)
        if (scope->code && (!number_free(s, scope) || !name_tables(s, scope->code)))
            return false;
    for (Scope *scope = s->first; scope; scope = scope->next) {
        name_slots(scope);
        if (!scope->code) continue;
        if (!list_param_cells(s, scope)) return false;
        find_class_cell(s, scope);
    }
    return true;
}

static bool place_global(Scopes *s, NameExpr *name, NameScope where) {
    name->scope = (uint8_t)where;
    name->index = globals_slot(s->names.globals, name->name);
    return name->index >= 0;
}

static bool place(Scopes *s, NameExpr *name, const Symbol *sym) {
    const Symbol *owner = sym->owner;
    bool class_name = sym->scope->kind == SCOPE_CLASS && sym->flags & SYM_BOUND &&
                      !(sym->flags & (SYM_GLOBAL | SYM_NONLOCAL));
    if (!owner) return place_global(s, name, class_name ? NAME_CLASS : NAME_GLOBAL);
    const Scope *frame = sym->scope->frame;
    name->outer = owner->scope != sym->scope;
    name->scope = owner->captured ? NAME_CELL : NAME_LOCAL;
    name->index = owner->captured ? cell_index(frame, owner) : owner->slot;
    return true;
}

bool scopes_finish(Scopes *s) {
    if (!decide_all(s) || !number_all(s) || !fill_codes(s)) return false;
    for (Reference *r = s->references; r; r = r->next)
        if (!place(s, r->name, r->symbol)) return false;
    return true;
}
