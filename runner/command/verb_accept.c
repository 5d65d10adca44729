/* autocell accept, autocell reject: what `review` does, for failures that are named. */
#include "runner/command/review.h"

#include <string.h>

/* ---- names ---- */

static bool refuse_unknown(const Review *r, const char *name) {
    Problem p = {.kind = PROBLEM_NONE};
    problem_set(&p, PROBLEM_INPUT, "no failure on record is called `%.40s`", name);
    problem_hint(&p, r->record.n
                         ? "each failure of a run is shown with its name; autocell run"
                         : "there is none; autocell run looks for some");
    return complain(&p) == EXIT_AS_EXPECTED;
}

static bool refuse_short(const char *name, const RecordEntry *one,
                         const RecordEntry *other) {
    Problem p = {.kind = PROBLEM_NONE};
    problem_set(&p, PROBLEM_INPUT, "`%.40s` may be %s or %s", name, one->id, other->id);
    problem_hint(&p, "%.100s, or %.100s", one->cell.path, other->cell.path);
    return complain(&p) == EXIT_AS_EXPECTED;
}

/* Chooses the entry whose name begins so. */
static bool choose(const Review *r, const char *name, RecordEntry **chosen) {
    size_t n = strlen(name);
    uint32_t found = r->record.n;
    for (uint32_t i = 0; i < r->record.n && n; i++) {
        RecordEntry *e = &r->record.entries[i];
        if (strncmp(e->id, name, n) != 0) continue;
        if (found < r->record.n)
            return refuse_short(name, &r->record.entries[found], e);
        found = i;
    }
    if (found == r->record.n) return refuse_unknown(r, name);
    chosen[found] = &r->record.entries[found];
    return true;
}

/* The entries that the command names, or all that wait, each at its place; NULL
 * elsewhere. False when there is no such entry, or memory is short. */
static bool choose_all(Review *r, RecordEntry **chosen) {
    const Options *o = r->options;
    for (size_t i = 0; i < o->n_paths; i++)
        if (!choose(r, o->paths[i], chosen)) return false;
    for (uint32_t i = 0; i < r->record.n && !o->n_paths; i++)
        if (review_is_pending(&r->record.entries[i])) chosen[i] = &r->record.entries[i];
    return true;
}

/* ---- the verbs ---- */

static void put_summary(Review *r, const char *did, uint32_t count) {
    uint32_t waiting = 0;
    Buf *out = &r->term.out;
    for (uint32_t i = 0; i < r->record.n; i++)
        waiting += review_is_pending(&r->record.entries[i]);
    buf_printf(out, "%u %s", (unsigned)count, did);
    if (r->refused) buf_printf(out, ", %u refused", (unsigned)r->refused);
    if (waiting)
        buf_printf(out, ", %u left to review", (unsigned)waiting);
    else if (!count && !r->refused)
        buf_puts(out, ": no change is waiting");
    buf_putc(out, '\n');
}

static int settle(Ctx *c, const Options *o, bool accepts) {
    Review r;
    if (!review_open(&r, c, o)) return complain_memory();
    RecordEntry **chosen = arena_alloc(&r.arena, (r.record.n + 1) * sizeof *chosen);
    if (!chosen || !choose_all(&r, chosen)) {
        int code = review_close(&r);
        return code == EXIT_AS_EXPECTED ? EXIT_USAGE : code;
    }
    (accepts ? review_accept : review_reject)(&r, chosen, r.record.n);
    put_summary(&r, accepts ? "accepted" : "rejected",
                accepts ? r.accepted : r.rejected);
    return review_close(&r);
}

static int accept_changes(Ctx *c, const Options *o) {
    return may_write(o) ? settle(c, o, true) : EXIT_USAGE;
}

static int reject_changes(Ctx *c, const Options *o) {
    return settle(c, o, false);
}

const Verb verb_accept = {
    .name = "accept",
    .arguments = "[ID...]",
    .summary = "make what failures of the last run printed the expected text",
    .details =
        "An ID stands with each failure, `accept: autocell accept 4f21`, and may be "
        "cut\n"
        "short; without one, all changes are meant that nobody has rejected. Nothing "
        "is\n"
        "run. A change is refused when its cell, one before it or its expected text "
        "is\n"
        "no longer what it was in that run.\n"
        "\n"
        "Exit code: 0 accepted, 1 some were refused, 2 there is no such ID, or it is\n"
        "forbidden under CI, 4 a file cannot be read or written.\n",
    .run = accept_changes,
};

const Verb verb_reject = {
    .name = "reject",
    .arguments = "[ID...]",
    .summary = "leave expected texts as they are, and ask no more",
    .details = "The other answer than `autocell accept`, with the same IDs. The cells "
               "fail on;\n"
               "`autocell review` asks for them again once they have run again.\n",
    .run = reject_changes,
};
