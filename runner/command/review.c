/* See review.h. */
#include "runner/command/review.h"

#include "runner/read/expected.h"
#include "runner/read/file.h"
#include "runner/report/notebook_text.h"
#include "runner/run/stops.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool review_open(Review *r, Ctx *c, const Options *o) {
    TermStyle style = {.colour = use_colour(o, STDOUT_FILENO),
                       .full = o->full,
                       .verbosity = o->verbosity,
                       .fd = STDOUT_FILENO};
    *r = (Review){.c = c, .options = o};
    arena_init(&r->arena, c);
    if (!record_read(&r->arena, o->project, &r->record)) {
        arena_free(&r->arena);
        return false;
    }
    term_open(&r->term, &c->mem, style);
    return true;
}

bool review_is_pending(const RecordEntry *entry) {
    return !entry->settled && !entry->rejected && result_can_accept(&entry->cell);
}

void review_show(Review *r, const RecordEntry *entry, bool full) {
    bool usual = r->term.style.full;
    r->term.style.full = full;
    r->term.n_changes = 0;
    report_cell(&r->term.report, NULL, &entry->cell);
    r->term.style.full = usual;
}

/* ---- whether all is as it was ---- */

/* Where the text belongs. */
static const char *text_path(Arena *a, const RecordEntry *entry) {
    const char *dir = path_join(a, entry->tree.root, entry->tree.rel);
    const char *name = expected_name(a, entry->name);
    return dir && name ? path_join(a, dir, name) : NULL;
}

static bool same_source(Arena *a, const RecordEntry *entry, Problem *p) {
    const char *path = path_join(a, entry->dir, entry->name);
    Collection found = {.n = 0};
    NotebookText text;
    Buf bytes;
    if (path && access(path, F_OK) && errno == ENOENT) {
        problem_set(p, PROBLEM_INPUT, "the cell is there no more");
        return problem_at(p, entry->cell.path, 0, 0);
    }
    if (!path || !discover(a, &path, 1, entry->tree.root, &found, p)) return false;
    buf_init(&bytes, &a->ctx->mem);
    bool same = notebook_text_read(a, &found.notebooks[0], &bytes, &text) &&
                notebook_hash(&text) == entry->cell.source_hash;
    buf_free(&bytes);
    if (same) return true;
    problem_set(p, PROBLEM_INPUT,
                "the cell, or one before it, has changed since it ran");
    return problem_at(p, entry->cell.path, 0, 0);
}

static bool same_expected(Arena *a, const RecordEntry *entry, Problem *p) {
    FileText file = {.path = text_path(a, entry)};
    Buf bytes;
    if (!file.path) return false;
    buf_init(&bytes, &a->ctx->mem);
    file.error = expected_read(file.path, &bytes);
    file.text = buf_text(&bytes);
    file.len = bytes.len;
    bool same = expected_hash(&file) == entry->cell.expected_hash;
    buf_free(&bytes);
    if (same) return true;
    problem_set(p, PROBLEM_INPUT, "the expected text has changed since the cell ran");
    return problem_at(p, entry->cell.expected_path, 0, 0);
}

static void refuse(Review *r, Problem *p) {
    r->refused++;
    r->broken |= p->kind == PROBLEM_IO;
    if (p->kind == PROBLEM_INPUT && !*p->hint) problem_hint(p, "autocell run, again");
    if (p->kind != PROBLEM_NONE) term_problem(&r->term, COLOUR_FAIL, "refused", p);
}

/* Refuses what cannot be accepted. */
static bool may_accept(Review *r, const RecordEntry *entry) {
    Problem p = {.kind = PROBLEM_NONE};
    Arena scratch;
    arena_init(&scratch, r->c);
    bool may = result_can_accept(&entry->cell);
    if (!may) {
        problem_set(&p, PROBLEM_INPUT, "%s: there is no text to accept",
                    failure_shown(entry->cell.difference.kind));
        problem_hint(&p, "autocell run --lf shows it again");
        problem_at(&p, entry->cell.path, 0, 0);
    }
    may = may && same_source(&scratch, entry, &p) && same_expected(&scratch, entry, &p);
    if (!may) refuse(r, &p);
    arena_free(&scratch);
    return may;
}

/* ---- what becomes of them ---- */

static void save(Review *r) {
    Problem p = {.kind = PROBLEM_NONE};
    int error = record_save(&r->arena, r->options->project, &r->record);
    if (!error) return;
    problem_io(&p, NULL, "cannot keep what became of the failures", error);
    term_problem(&r->term, COLOUR_FAIL, "FAIL", &p);
    r->broken = true;
}

static void tell_accepted(Review *r, RecordEntry *entry, int error) {
    Problem p = {.kind = PROBLEM_NONE};
    const char *path = entry->cell.expected_path;
    if (error) {
        expected_problem(&p, path, error);
        refuse(r, &p);
        return;
    }
    entry->settled = true;
    r->accepted++;
    if (r->term.style.verbosity >= 0)
        term_note(&r->term, COLOUR_PASS, "accept", path,
                  failure_shown(entry->cell.difference.kind));
}

void review_accept(Review *r, RecordEntry *const *entries, uint32_t n) {
    ExpectedFile *files = arena_alloc(&r->arena, (n + 1) * sizeof *files);
    RecordEntry **sound = arena_alloc(&r->arena, (n + 1) * sizeof(RecordEntry *));
    uint32_t n_sound = 0;
    for (uint32_t i = 0; i < n && files && sound; i++) {
        RecordEntry *e = entries[i];
        const char *name = e ? expected_name(&r->arena, e->name) : NULL;
        if (!name || !may_accept(r, e)) continue;
        files[n_sound] = (ExpectedFile){.dir = e->tree,
                                        .name = name,
                                        .text = e->cell.printed,
                                        .len = e->cell.printed_len};
        sound[n_sound++] = e;
    }
    if (!n_sound) return;
    sigset_t before, held;
    stops_hold(&before, &held);
    expected_write(files, n_sound);
    for (uint32_t i = 0; i < n_sound; i++) tell_accepted(r, sound[i], files[i].error);
    save(r);
    int stop = stops_release(&before, &held);
    if (stop) stops_die(stop);
}

void review_reject(Review *r, RecordEntry *const *entries, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (!entries[i]) continue;
        entries[i]->rejected = true;
        r->rejected++;
        if (r->term.style.verbosity >= 0)
            term_note(&r->term, COLOUR_SKIP, "reject", entries[i]->cell.expected_path,
                      "stays as it is");
    }
    save(r);
}

int review_close(Review *r) {
    bool written = term_close(&r->term);
    arena_free(&r->arena);
    if (ctx_failed(r->c)) return complain_memory();
    if (r->broken || !written) return EXIT_SYSTEM;
    return r->refused ? EXIT_DIFFERS : EXIT_AS_EXPECTED;
}
