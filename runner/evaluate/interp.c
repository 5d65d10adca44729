/* See interp.h. */
#include "runner/evaluate/interp.h"

#include "runner/evaluate/eval.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/host.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/state.h"

#include <string.h>
#include <sys/resource.h>

static const char *const special_names[SPECIAL_COUNT] = {
#define X(id) "__" #id "__",
    SPECIAL_NAMES(X)
#undef X
};

/* ---- opening and closing ---- */

static bool intern_special_names(Interp *in) {
    in->empty = symbols_from(&in->symbols, "");
    if (!in->empty) return false;
    for (int i = 0; i < SPECIAL_COUNT; i++) {
        in->names[i] = symbols_from(&in->symbols, special_names[i]);
        if (!in->names[i]) return false;
    }
    return true;
}

/* How much C stack nested calls may use: what the process may have, less a part that
 * stays free for what one call does. */
static void measure_stack(Ctx *c) {
    enum { USUAL = 8 * 1024 * 1024, MOST = 64 * 1024 * 1024, SPARE = 512 * 1024 };
    struct rlimit limit;
    char here;
    size_t size = USUAL;
    if (getrlimit(RLIMIT_STACK, &limit) == 0) {
        bool endless = limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > MOST;
        size = endless ? MOST : (size_t)limit.rlim_cur;
    }
    /* Only where the stack began; nothing reads through it. */
    // cppcheck-suppress autoVariables
    c->stack_base = (uintptr_t)&here;
    c->stack_size = size;
    c->stack_room = size > 2 * SPARE ? size - SPARE : size / 2;
}

Interp *interp_open(Ctx *c, Buf *out) {
    Interp *in = ctx_alloc_zero(c, sizeof *in);
    if (!in) return NULL;
    in->c = c;
    in->out = out;
    in->host_before = c->host;
    in->host_data_before = c->host_data;
    symbols_init(&in->symbols, c);
    c->host_data = in;
    host_install(c);
    measure_stack(c);
    if (intern_special_names(in)) return in;
    interp_close(in);
    return NULL;
}

/* Drops all that the notebook made. */
static void drop_notebook(Interp *in) {
    Ctx *c = in->c;
    obj_release(c, in->main);
    obj_release(c, in->modules);
    in->main = NULL;
    in->modules = NULL;
    in->warnings = NULL;
    ctx_break_cycles(c);
    classes_changed(in);
}

void interp_close(Interp *in) {
    if (!in) return;
    Ctx *c = in->c;
    drop_notebook(in);
    types_close(in);
    methods_close(in);
    stack_close(c, &in->stack);
    symbols_close(&in->symbols);
    ctx_free(c, in->op_starts, in->op_starts_cap * sizeof *in->op_starts);
    c->host = in->host_before;
    c->host_data = in->host_data_before;
    ctx_free(c, in, sizeof *in);
}

static bool predefine(Interp *in) {
    Module *torch = module_import(in, "torch", strlen("torch"));
    return torch && module_set_text(in->main, "torch", value_obj(torch)) &&
           module_set_text(in->main, "__name__", value_obj(in->main->name));
}

bool interp_start(Interp *in, uint64_t seed) {
    Ctx *c = in->c;
    drop_notebook(in);
    host_reset(c, seed);
    size_t mark = pool_mark(c);
    Str *name = symbols_from(&in->symbols, "__main__");
    in->main = name ? module_new(in, NULL, name) : NULL;
    in->modules = dict_new(c);
    bool ok = in->main && in->modules && predefine(in);
    pool_drain(c, mark);
    error_clear(c);
    return ok;
}

Names interp_names(Interp *in) {
    return (Names){&in->symbols, &in->main->table};
}

/* ---- the text of a cell ---- */

static bool is_hex(char ch) {
    return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f');
}

/* From `from` on, 0x and six or more hexadecimal digits become "0x...". */
static void mask_addresses(Buf *out, size_t from) {
    enum { LEAST_DIGITS = 6 };
    if (!out->data) return;
    char *to = out->data + from;
    const char *at = to, *end = out->data + out->len;
    while (at < end) {
        const char *digits = at + 2, *p = digits;
        if (at[0] == '0' && at[1] == 'x')
            while (p < end && is_hex(*p)) p++;
        if (p - digits < LEAST_DIGITS || p <= digits) {
            *to++ = *at++;
            continue;
        }
        memcpy(to, "0x...", 5);
        to += 5;
        at = p;
    }
    *to = '\0';
    out->len = (size_t)(to - out->data);
}

/* ---- running ---- */

static bool reserve_op_starts(Interp *in, const Program *p) {
    if (p->n_ops <= in->op_starts_cap) return true;
    size_t *starts =
        ctx_resize(in->c, in->op_starts, in->op_starts_cap * sizeof *starts,
                   p->n_ops * sizeof *starts);
    if (!starts) return false;
    in->op_starts = starts;
    in->op_starts_cap = p->n_ops;
    return true;
}

static Flow display(Frame *f, Expr *e) {
    Value v = eval_expr(f, e);
    if (value_is_null(v)) return FLOW_RAISE;
    if (value_is_none(v)) return FLOW_NEXT;
    Str *s = value_repr_str(f->c, v);
    if (!s) return FLOW_RAISE;
    buf_add(f->in->out, s->data, s->len);
    buf_putc(f->in->out, '\n');
    return FLOW_NEXT;
}

static void show_op(OpWatch *watch, const OpText *op, size_t index) {
    enum { MOST = sizeof watch->text - 1 };
    watch->line = op->line;
    watch->col = op->col;
    memcpy(watch->text, op->text, strnlen(op->text, MOST) + 1);
    watch->text[MOST] = '\0';
    watch->op = (uint32_t)index + 1;
}

/* Notes which operations the statement was written as, and where their output begins.
 */
static void begin_ops(Interp *in, const Program *p, const TopStmt *top) {
    in->current_op = top->first_op;
    for (uint32_t i = top->first_op; i <= top->last_op && i < p->n_ops; i++)
        in->op_starts[i] = in->out->len;
    if (in->watch && top->first_op < p->n_ops)
        show_op(in->watch, &p->ops[top->first_op], top->first_op);
}

/* What Python warns of while it compiles the cell, or the expression displayed. */
static Flow show_notes(Frame *f, const Program *p, bool of_display) {
    for (const SyntaxNote *n = p->notes; n; n = n->next) {
        if (n->of_display != of_display) continue;
        Class *category = class_named(f->in, n->category, strlen(n->category));
        size_t mark = pool_mark(f->c);
        Value message = value_obj(pool_add(f->c, str_from(f->c, n->message)));
        if (category) host_warn_class(f->c, category, message);
        pool_drain(f->c, mark);
        if (ctx_failed(f->c)) return FLOW_RAISE;
    }
    return FLOW_NEXT;
}

static Flow run_top(Frame *f, const Program *p, Stmt *s) {
    bool shown = p->display && (Stmt *)p->display == s;
    size_t mark = pool_mark(f->c), start = f->in->out->len;
    Flow flow = shown ? show_notes(f, p, true) : exec_stmt(f, s);
    if (shown && flow == FLOW_NEXT) flow = display(f, p->display->value);
    pool_drain(f->c, mark);
    mask_addresses(f->in->out, start);
    return flow;
}

static Flow run_program(Frame *f, Program *p) {
    Flow flow = show_notes(f, p, false);
    const Block *body = &p->code->body;
    for (uint32_t i = 0; i < body->n && flow == FLOW_NEXT; i++) {
        if (i < p->n_top) begin_ops(f->in, p, &p->top[i]);
        flow = run_top(f, p, body->items[i]);
    }
    return flow;
}

/* Prints the pending error and clears it. */
static void report(Interp *in) {
    Ctx *c = in->c;
    size_t mark = pool_mark(c), start = in->out->len;
    Value e = exception_take(in);
    if (value_is_null(e)) {
        in->last_error = MemoryError;
        buf_puts(in->out, "MemoryError\n");
        error_clear(c);
    } else {
        in->last_error = exception_show(in, in->out, e);
    }
    pool_drain(c, mark);
    mask_addresses(in->out, start);
}

bool interp_run_cell(Interp *in, Program *p) {
    Ctx *c = in->c;
    in->last_error = ERR_NONE;
    in->handled = value_null();
    in->current_op = 0;
    host_begin_cell(c);
    size_t mark = pool_mark(c);
    Frame f = {.module = in->main};
    bool ready = reserve_op_starts(in, p) && module_grow(in->main) &&
                 frame_begin(&f, in, p->code, NULL);
    Flow flow = ready ? run_program(&f, p) : FLOW_RAISE;
    if (f.in) frame_end(&f);
    if (flow == FLOW_RAISE) report(in);
    pool_drain(c, mark);
    return flow != FLOW_RAISE;
}

void interp_watch(Interp *in, OpWatch *watch) {
    in->watch = watch;
}

size_t interp_current_op(const Interp *in) {
    return in->current_op;
}

const size_t *interp_op_starts(const Interp *in) {
    return in->op_starts;
}

ErrorKind interp_last_error(const Interp *in) {
    return in->last_error;
}
