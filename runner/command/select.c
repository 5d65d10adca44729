/* See select.h. */
#include "runner/command/select.h"

#include "runner/read/file.h"
#include "runner/text/match.h"

#include <string.h>

/* ---- which ---- */

/* Runs the notebook up to its last selected cell. */
static void settle(NotebookFiles *nb) {
    nb->n_run = 0;
    for (uint32_t i = 0; i < nb->n; i++)
        if (nb->cells[i].selected) nb->n_run = i + 1;
}

static bool select_names(Arena *a, const char *expression, Collection *found,
                         Problem *p) {
    Match match;
    if (!match_parse(a, expression, &match, p)) return false;
    for (uint32_t i = 0; i < found->n; i++) {
        NotebookFiles *nb = &found->notebooks[i];
        for (uint32_t k = 0; k < nb->n; k++) {
            const char *path = cell_path(a, nb, k);
            if (!path) return false;
            nb->cells[k].selected &= match_test(&match, path);
        }
        settle(nb);
    }
    return true;
}

/* The notebook's directory as records have it; NULL when the system does not tell. */
static const char *record_dir(Arena *a, const NotebookFiles *nb) {
    const char *cwd = project_cwd(a);
    return cwd ? path_absolute(a, cwd, nb->dir) : NULL;
}

static bool has_failed(Arena *a, const Record *record, const NotebookFiles *nb) {
    const char *dir = record->n ? record_dir(a, nb) : NULL;
    for (uint32_t k = 0; k < nb->n_run && dir; k++)
        if (nb->cells[k].selected && record_find(record, dir, nb->cells[k].name))
            return true;
    return false;
}

/* Leaves what failed last; everything when none of it is here. */
static bool select_failed(Arena *a, const Record *record, Collection *found) {
    bool any = false;
    for (uint32_t i = 0; i < found->n; i++)
        any |= has_failed(a, record, &found->notebooks[i]);
    for (uint32_t i = 0; i < found->n && any; i++) {
        NotebookFiles *nb = &found->notebooks[i];
        const char *dir = record_dir(a, nb);
        for (uint32_t k = 0; k < nb->n && dir; k++)
            nb->cells[k].selected &=
                record_find(record, dir, nb->cells[k].name) != NULL;
        settle(nb);
    }
    return !ctx_failed(a->ctx);
}

static void select_shard(uint32_t shard, uint32_t shards, Collection *found) {
    uint32_t turn = 0;
    for (uint32_t i = 0; i < found->n; i++) {
        NotebookFiles *nb = &found->notebooks[i];
        if (nb->n_run == 0 || turn++ % shards == shard - 1) continue;
        for (uint32_t k = 0; k < nb->n; k++) nb->cells[k].selected = false;
        nb->n_run = 0;
    }
}

bool select_cells(Arena *a, const Options *o, const Record *record, Collection *found,
                  Problem *p) {
    if (o->names && !select_names(a, o->names, found, p)) return false;
    if (o->last_failed && !select_failed(a, record, found)) return false;
    if (o->shards) select_shard(o->shard, o->shards, found);
    return true;
}

/* ---- in which order ---- */

/* The notebooks that have failed, or the others, behind the n that are there. */
static uint32_t add_notebooks(const Collection *found, const bool *failed, bool wanted,
                              uint32_t *order, uint32_t n) {
    for (uint32_t i = 0; i < found->n; i++)
        if (found->notebooks[i].n_run && failed[i] == wanted) order[n++] = i;
    return n;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void shuffle(uint32_t *order, uint32_t n, uint64_t seed) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = (uint32_t)(next_random(&seed) % i), other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
}

bool select_order(Arena *a, const Options *o, const Record *record,
                  const Collection *found, Order *order) {
    bool *failed = arena_alloc(a, (found->n + 1) * sizeof *failed);
    uint32_t *told = arena_alloc(a, (found->n + 1) * sizeof *told);
    uint32_t *begun = arena_alloc(a, (found->n + 1) * sizeof *begun);
    if (!failed || !told || !begun) return false;
    for (uint32_t i = 0; i < found->n && o->failed_first; i++)
        failed[i] = has_failed(a, record, &found->notebooks[i]);
    uint32_t n = add_notebooks(found, failed, true, told, 0);
    n = add_notebooks(found, failed, false, told, n);
    for (uint32_t i = 0; i < n; i++) begun[i] = i;
    if (o->shuffle) shuffle(begun, n, o->seed);
    *order = (Order){n, told, begun};
    return true;
}
