/* See ctx.h. */
#include "ctx.h"

void ctx_open(Ctx *c) {
    *c = (Ctx){.grad_enabled = true,
               .anomaly_check_nan = true,
               .default_dtype = DT_float32,
               .print = print_options_default};
    mem_init(&c->mem);
    error_init(&c->error, &c->mem);
    c->tracked.prev = c->tracked.next = &c->tracked;
}

void ctx_break_cycles(Ctx *c) {
    /* Clearing one object may free its neighbours, so each round holds the object it
     * stands on and steps to whatever follows it afterwards. */
    Tracked *t = c->tracked.next;
    obj_retain(t == &c->tracked ? NULL : t);
    while (t != &c->tracked) {
        if (t->obj.type->clear) t->obj.type->clear(c, &t->obj);
        Tracked *next = t->next;
        obj_retain(next == &c->tracked ? NULL : next);
        obj_release(c, t);
        t = next;
    }
}

void ctx_close(Ctx *c) {
    pool_drain(c, 0);
    error_clear(c);
    value_release(c, c->saved_hooks);
    c->saved_hooks = value_null();
    ctx_break_cycles(c);
    ctx_free(c, c->pool.items, c->pool.cap * sizeof *c->pool.items);
    ctx_free(c, c->warned, c->warned_cap * sizeof *c->warned);
    buf_free(&c->error.message);
    mem_close(&c->mem);
}

static void *checked(Ctx *c, void *p) {
    return p ? p : error_raise(c, MemoryError, "%s", "");
}

void *ctx_alloc_zero(Ctx *c, size_t size) {
    return checked(c, mem_alloc_zero(&c->mem, size));
}

void *ctx_resize(Ctx *c, void *p, size_t old, size_t size) {
    return checked(c, mem_resize(&c->mem, p, old, size));
}

static void warn_text(Ctx *c, ErrorKind kind, const char *fmt, va_list ap) {
    if (!c->host.warn || ctx_failed(c)) return;
    Buf text;
    buf_init(&text, &c->mem);
    buf_vprintf(&text, fmt, ap);
    if (text.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        c->host.warn(c, kind, buf_text(&text));
    buf_free(&text);
}

void warn(Ctx *c, ErrorKind kind, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    warn_text(c, kind, fmt, ap);
    va_end(ap);
}

static bool first_time(Ctx *c, const void *key) {
    for (size_t i = 0; i < c->warned_n; i++)
        if (c->warned[i] == key) return false;
    if (c->warned_n == c->warned_cap) {
        size_t cap = c->warned_cap + 8;
        const void **keys =
            ctx_resize(c, c->warned, c->warned_cap * sizeof *keys, cap * sizeof *keys);
        if (!keys) return false;
        c->warned = keys;
        c->warned_cap = cap;
    }
    c->warned[c->warned_n++] = key;
    return true;
}

void warn_once(Ctx *c, const void *key, ErrorKind kind, const char *fmt, ...) {
    if (!first_time(c, key)) return;
    va_list ap;
    va_start(ap, fmt);
    warn_text(c, kind, fmt, ap);
    va_end(ap);
}
