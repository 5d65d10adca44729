/* See env.h. */
#include "runner/evaluate/env.h"

#include "runner/evaluate/builtins.h"
#include "runner/evaluate/state.h"

#include <string.h>

enum { CHUNK_VALUES = 1024, FIRST_GLOBALS = 32 };

/* ---- the value stack ---- */

static StackChunk *chunk_new(Ctx *c, size_t cap) {
    StackChunk *k = ctx_alloc(c, sizeof *k + cap * sizeof(Value));
    if (!k) return NULL;
    k->below = NULL;
    k->used = 0;
    k->cap = cap;
    return k;
}

static void chunk_free(Ctx *c, StackChunk *k) {
    if (k) ctx_free(c, k, sizeof *k + k->cap * sizeof(Value));
}

static bool stack_grow(Ctx *c, ValueStack *s, size_t n) {
    StackChunk *k = s->spare;
    if (k && k->cap >= n)
        s->spare = NULL;
    else
        k = chunk_new(c, n > CHUNK_VALUES ? n : CHUNK_VALUES);
    if (!k) return false;
    k->below = s->top;
    s->top = k;
    return true;
}

Value *stack_push(Ctx *c, ValueStack *s, size_t n) {
    StackChunk *k = s->top;
    if (!k || k->cap - k->used < n) {
        if (!stack_grow(c, s, n)) return NULL;
        k = s->top;
    }
    Value *values = k->items + k->used;
    k->used += n;
    memset(values, 0, n * sizeof *values);
    return values;
}

static void drop_chunk(Ctx *c, ValueStack *s) {
    StackChunk *k = s->top;
    s->top = k->below;
    if (s->spare && s->spare->cap >= k->cap) {
        chunk_free(c, k);
        return;
    }
    chunk_free(c, s->spare);
    s->spare = k;
}

void stack_pop(Ctx *c, ValueStack *s, Value *values, size_t n) {
    for (size_t i = 0; i < n; i++) value_release(c, values[i]);
    s->top->used -= n;
    if (s->top->used == 0 && s->top->below) drop_chunk(c, s);
}

void stack_close(Ctx *c, ValueStack *s) {
    while (s->top) {
        StackChunk *below = s->top->below;
        chunk_free(c, s->top);
        s->top = below;
    }
    chunk_free(c, s->spare);
    s->spare = NULL;
}

/* ---- cells ---- */

static void cell_clear(Ctx *c, Obj *o) {
    Cell *cell = (Cell *)o;
    Value old = cell->value;
    cell->value = value_null();
    value_release(c, old);
}

static void cell_destroy(Ctx *c, Obj *o) {
    cell_clear(c, o);
    obj_free_tracked(c, o, sizeof(Cell));
}
static const ObjType cell_type = {"cell", OBJ_CELL, cell_destroy, cell_clear};

Cell *cell_new(Ctx *c) {
    return obj_new_tracked(c, &cell_type, sizeof(Cell));
}

/* ---- modules ---- */

static void module_clear(Ctx *c, Obj *o) {
    Module *m = (Module *)o;
    for (int32_t i = 0; i < m->cap; i++) value_set(c, &m->slots[i].value, value_null());
}

static void module_destroy(Ctx *c, Obj *o) {
    Module *m = (Module *)o;
    for (int32_t i = 0; i < m->cap; i++) {
        value_release(c, m->slots[i].value);
        value_release(c, m->slots[i].builtin);
    }
    ctx_free(c, m->slots, (size_t)m->cap * sizeof *m->slots);
    globals_close(&m->table);
    program_free(m->program);
    obj_free_tracked(c, o, sizeof *m);
}
const ObjType module_type = {"module", OBJ_MODULE, module_destroy, module_clear};

Module *module_new(Interp *in, const ModuleDef *def, Str *name) {
    Module *m = obj_new_tracked(in->c, &module_type, sizeof *m);
    if (!m) return NULL;
    m->in = in;
    m->def = def;
    m->name = name;
    globals_init(&m->table, in->c);
    return m;
}

static bool reserve_slots(Module *m) {
    int32_t cap = m->cap;
    int32_t want = m->table.n > 2 * cap ? m->table.n : 2 * cap;
    if (want < FIRST_GLOBALS) want = FIRST_GLOBALS;
    GlobalSlot *slots = ctx_resize(m->in->c, m->slots, (size_t)cap * sizeof *slots,
                                   (size_t)want * sizeof *slots);
    if (!slots) return false;
    memset(slots + cap, 0, (size_t)(want - cap) * sizeof *slots);
    m->slots = slots;
    m->cap = want;
    return true;
}

bool module_grow(Module *m) {
    while (m->made < m->table.n) {
        if (m->made == m->cap && !reserve_slots(m)) return false;
        const Str *name = m->table.names[m->made];
        Value builtin = builtin_find(m->in, name);
        if (ctx_failed(m->in->c)) return false;
        m->slots[m->made++].builtin = value_retain(builtin);
    }
    return true;
}

Value module_get(const Module *m, const Str *name) {
    int32_t slot = globals_find(&m->table, name);
    return slot < 0 || slot >= m->made ? value_null() : m->slots[slot].value;
}

bool module_set(Module *m, const Str *name, Value v) {
    int32_t slot = globals_slot(&m->table, name);
    if (slot < 0 || !module_grow(m)) return false;
    value_set(m->in->c, &m->slots[slot].value, v);
    return true;
}

bool module_set_text(Module *m, const char *name, Value v) {
    const Str *s = symbols_from(&m->in->symbols, name);
    return s && module_set(m, s, v);
}
