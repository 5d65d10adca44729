/* See session.h. */
#include "runner/run/session.h"

#include <string.h>

bool session_open(Session *s, uint64_t seed, SessionView view) {
    *s = (Session){.out = view.out};
    if (!core_open(&s->ctx)) return false;
    s->interp = interp_open(&s->ctx, view.out);
    if (s->interp) interp_watch(s->interp, view.watch);
    if (s->interp && interp_start(s->interp, seed)) return true;
    session_close(s);
    return false;
}

void session_close(Session *s) {
    s->ctx.mem.budget = 0;
    interp_close(s->interp);
    for (size_t i = 0; i < s->n; i++) program_free(s->programs[i]);
    ctx_free(&s->ctx, s->programs, s->cap * sizeof *s->programs);
    core_close(&s->ctx);
}

void session_limit(Session *s, uint64_t total, uint64_t more) {
    Mem *mem = &s->ctx.mem;
    uint64_t budget = more ? mem->live_bytes + more : total;
    if (total && total < budget) budget = total;
    mem->budget = budget < PTRDIFF_MAX ? (size_t)budget : 0;
}

static bool reserve_program(Session *s) {
    if (s->n < s->cap) return true;
    size_t cap = s->cap ? s->cap * 2 : 16, size = sizeof(Program *);
    Program **grown = ctx_resize(&s->ctx, s->programs, s->cap * size, cap * size);
    if (!grown) return false;
    s->programs = grown;
    s->cap = cap;
    return true;
}

static void run_program(Session *s, Program *p, SessionRun *run) {
    run->ops = p->ops;
    run->n_ops = p->n_ops;
    bool done = interp_run_cell(s->interp, p);
    run->starts = interp_op_starts(s->interp);
    run->last_op = (uint32_t)interp_current_op(s->interp);
    run->error = interp_last_error(s->interp);
    run->end = done ? SESSION_DONE : SESSION_RAISED;
    run->flooded = s->out->failed;
    if (run->flooded || (run->error == MemoryError && s->ctx.mem.budget))
        run->end = SESSION_MEMORY;
}

/* Leaves the statements from operation `n_ops` on away; false when there are none. */
static bool cut(Program *p, uint32_t n_ops) {
    uint32_t n = 0;
    while (n < p->n_top && p->top[n].first_op < n_ops) n++;
    if (n == p->n_top) return false;
    p->code->body.n = n;
    return true;
}

void session_run(Session *s, const char *file, const CellSource *cell, uint32_t n_ops,
                 SessionRun *run) {
    *run = (SessionRun){.end = SESSION_MEMORY};
    buf_clear(s->out);
    Program *p = NULL;
    if (reserve_program(s))
        p = parse_cell(&s->ctx, interp_names(s->interp), file, cell->ops, cell->n_ops,
                       &run->parse);
    if (p) {
        s->programs[s->n++] = p;
        run->cut_short = cut(p, n_ops);
        run_program(s, p, run);
    } else if (!ctx_failed(&s->ctx)) {
        run->end = SESSION_REFUSED;
    }
    error_clear(&s->ctx);
    run->out = buf_text(s->out);
    run->len = s->out->len;
}
