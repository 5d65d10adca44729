/* See diff.h.  Diagonal k holds the points x - y == k.  After `depth` edits,
 * reach[k] is the furthest x on diagonal k; the rows of all depths are kept, so that
 * the way back can be found. */
#include "runner/text/diff.h"

#include <string.h>

static size_t count_lines(const char *s, size_t len) {
    size_t n = 0;
    for (const char *end = s + len; s < end; n++) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        s = nl ? nl + 1 : end;
    }
    return n;
}

static bool split(Lines *lines, Mem *mem, const char *s, size_t len) {
    lines->cap = count_lines(s, len);
    lines->items = mem_alloc(mem, lines->cap * sizeof *lines->items);
    if (!lines->items) return false;
    for (const char *end = s + len; s < end;) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        size_t n = nl ? (size_t)(nl - s) + 1 : (size_t)(end - s);
        lines->items[lines->n++] = (Line){s, n};
        s += n;
    }
    return true;
}

static bool same_line(const Diff *d, size_t x, size_t y) {
    const Line *a = &d->a.items[x], *b = &d->b.items[y];
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Adds a difference; it joins the hunk before when no same line lies between. */
static bool add_hunk(Diff *d, Hunk h) {
    if (h.a_n == 0 && h.b_n == 0) return true;
    Hunk *last = d->n ? &d->hunks[d->n - 1] : NULL;
    if (last && last->a + last->a_n == h.a && last->b + last->b_n == h.b) {
        last->a_n += h.a_n;
        last->b_n += h.b_n;
        return true;
    }
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        Hunk *grown =
            mem_resize(d->mem, d->hunks, d->cap * sizeof *grown, cap * sizeof *grown);
        if (!grown) return false;
        d->hunks = grown;
        d->cap = cap;
    }
    d->hunks[d->n++] = h;
    return true;
}

/* One line of a deleted, or one of b inserted, at (x, y). */
typedef struct Edit {
    int32_t x, y;
    bool deletes;
} Edit;

/* The part of both texts that is still to be compared, and room for one search. */
typedef struct Search {
    size_t x, y, x_end, y_end;
    int32_t *rows; /* row `depth` starts at depth * depth and has 2 depth + 1 */
    Edit *edits;   /* the way found, points relative to (x, y) */
} Search;

static int32_t *row(const Search *s, int depth) {
    return s->rows + (size_t)depth * (size_t)depth + depth;
}

static size_t span(size_t from, size_t to) {
    return to - from;
}

/* Walks from (x, y) along same lines. */
static int32_t slide(const Diff *d, const Search *s, int32_t x, int32_t y) {
    size_t n = span(s->x, s->x_end), m = span(s->y, s->y_end);
    while ((size_t)x < n && (size_t)y < m &&
           same_line(d, s->x + (size_t)x, s->y + (size_t)y))
        x++, y++;
    return x;
}

/* The x that diagonal k starts from at this depth: from the diagonal above it by a
 * line of b, or from the one below by a line of a. */
static int32_t step(const Search *s, int depth, int k, bool *deletes) {
    const int32_t *last = row(s, depth - 1);
    *deletes = k != -depth && (k == depth || last[k - 1] >= last[k + 1]);
    return *deletes ? last[k - 1] + 1 : last[k + 1];
}

/* Fills the rows until a diagonal comes to the end or DIFF_REACH is used up. Gives the
 * depth, and in *k the diagonal that came furthest. */
static int explore(const Diff *d, const Search *s, int *k_found) {
    int64_t n = (int64_t)span(s->x, s->x_end), m = (int64_t)span(s->y, s->y_end);
    row(s, 0)[0] = slide(d, s, 0, 0);
    for (int depth = 1;; depth++) {
        int64_t best = -1;
        for (int k = -depth; k <= depth; k += 2) {
            bool deletes;
            int32_t x = step(s, depth, k, &deletes), y = x - k;
            if (x <= n && y <= m) x = slide(d, s, x, y);
            row(s, depth)[k] = x;
            /* A point outside is kept, so that its neighbours can be told apart, but
             * nothing may end there. */
            if (x > n || x - k > m || 2 * (int64_t)x - k <= best) continue;
            best = 2 * (int64_t)x - k;
            *k_found = k;
        }
        if (best == n + m || depth == DIFF_REACH) return depth;
    }
}

/* Notes the edits that lead to diagonal k at `depth`, and moves s behind them. */
static bool follow(Diff *d, Search *s, int depth, int k) {
    size_t x0 = s->x, y0 = s->y;
    s->x += (size_t)row(s, depth)[k];
    s->y += (size_t)(row(s, depth)[k] - k);
    for (int i = depth; i > 0; i--) {
        bool deletes;
        step(s, i, k, &deletes);
        k += deletes ? -1 : 1;
        int32_t x = row(s, i - 1)[k];
        s->edits[i - 1] = (Edit){x, x - k, deletes};
    }
    for (int i = 0; i < depth; i++) {
        const Edit *e = &s->edits[i];
        Hunk h = {x0 + (size_t)e->x, e->deletes, y0 + (size_t)e->y, !e->deletes};
        if (!add_hunk(d, h)) return false;
    }
    return true;
}

/* Leaves out what is the same at both ends. False when nothing is left. */
static bool trim(const Diff *d, Search *s) {
    while (s->x < s->x_end && s->y < s->y_end && same_line(d, s->x, s->y))
        s->x++, s->y++;
    while (s->x < s->x_end && s->y < s->y_end &&
           same_line(d, s->x_end - 1, s->y_end - 1))
        s->x_end--, s->y_end--;
    return s->x < s->x_end || s->y < s->y_end;
}

static bool search(Diff *d, Search *s) {
    while (trim(d, s)) {
        if (s->x == s->x_end || s->y == s->y_end)
            return add_hunk(
                d, (Hunk){s->x, span(s->x, s->x_end), s->y, span(s->y, s->y_end)});
        int k = 0, depth = explore(d, s, &k);
        if (!follow(d, s, depth, k)) return false;
    }
    return true;
}

bool diff_texts(Diff *d, Mem *mem, const char *a, size_t a_len, const char *b,
                size_t b_len) {
    *d = (Diff){.mem = mem};
    if (!split(&d->a, mem, a, a_len) || !split(&d->b, mem, b, b_len)) return false;
    size_t depths = DIFF_REACH + 1, rows_size = depths * depths * sizeof(int32_t);
    Search s = {.x_end = d->a.n, .y_end = d->b.n};
    if (!trim(d, &s)) return true;
    s.rows = mem_alloc(mem, rows_size);
    s.edits = mem_alloc(mem, DIFF_REACH * sizeof *s.edits);
    bool done = s.rows && s.edits && search(d, &s);
    mem_free(mem, s.rows, rows_size);
    mem_free(mem, s.edits, DIFF_REACH * sizeof *s.edits);
    return done;
}

void diff_free(Diff *d) {
    mem_free(d->mem, d->a.items, d->a.cap * sizeof *d->a.items);
    mem_free(d->mem, d->b.items, d->b.cap * sizeof *d->b.items);
    mem_free(d->mem, d->hunks, d->cap * sizeof *d->hunks);
    *d = (Diff){.mem = d->mem};
}
