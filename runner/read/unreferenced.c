/* See unreferenced.h. */
#include "runner/read/unreferenced.h"

#include "runner/read/file.h"
#include "runner/text/natural.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The depth of directories is bounded by the length of a path. */
enum { MAX_DEPTH = 128, NAMES_A_STEP = 64 };

/* A directory that is being read. */
typedef struct Level {
    DIR *dir;
    const NotebookFiles *notebook; /* that has its texts here, or NULL */
    size_t path_len, rel_len;
} Level;

struct TextSearch {
    Arena *arena;
    const Collection *found;
    const NotebookFiles **places; /* the notebooks by the place of their texts */
    uint32_t next_tree;
    Buf path, rel; /* of the deepest directory; below the root of its tree */
    Buf name;      /* of a cell */
    int depth;
    Level levels[MAX_DEPTH];
    Unreferenced *items;
    uint32_t n;
    size_t cap;
    bool failed;
    Problem problem;
};

/* ---- cells by their texts ---- */

static int compare_places(const char *root, const char *rel, const NotebookFiles *nb) {
    int order = root == nb->expected_root ? 0 : strcmp(root, nb->expected_root);
    return order ? order : strcmp(rel, nb->expected_rel);
}

static int order_places(const void *x, const void *y) {
    const NotebookFiles *nb = *(const NotebookFiles *const *)x;
    return compare_places(nb->expected_root, nb->expected_rel,
                          *(const NotebookFiles *const *)y);
}

static const NotebookFiles *find_notebook(const TextSearch *s, const char *root,
                                          const char *rel) {
    uint32_t low = 0, high = s->found->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_places(root, rel, s->places[middle]);
        if (order == 0) return s->places[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static int order_cells(const void *name, const void *cell) {
    return natural_compare(name, ((const CellFile *)cell)->name);
}

/* Cells lie in the natural order of their names. */
static bool has_cell(TextSearch *s, const NotebookFiles *nb, const char *text) {
    if (!nb) return false;
    buf_clear(&s->name);
    buf_add(&s->name, text, strlen(text) - strlen(".txt"));
    buf_puts(&s->name, ".yaml");
    return bsearch(buf_text(&s->name), nb->cells, nb->n, sizeof *nb->cells,
                   order_cells);
}

static bool is_text(const char *name) {
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".txt") == 0;
}

/* ---- the walk ---- */

static const ExpectedTree *current_tree(const TextSearch *s) {
    return &s->found->trees[s->next_tree - 1];
}

static bool fail(TextSearch *s, int error) {
    s->failed = true;
    if (error && error != ENOMEM)
        problem_io(&s->problem, arena_text(s->arena, buf_text(&s->path), s->path.len),
                   "cannot read the directory", error);
    return false;
}

static void add_part(Buf *path, const char *part) {
    if (path->len && *part && path->data[path->len - 1] != '/') buf_putc(path, '/');
    buf_puts(path, part);
}

static void cut(Buf *path, size_t len) {
    path->len = len;
    if (path->data) path->data[len] = '\0';
}

/* Opens the directory that the paths name. One that is not there has no texts. */
static bool enter(TextSearch *s) {
    if (s->path.failed || s->rel.failed) return fail(s, ENOMEM);
    if (s->depth == MAX_DEPTH) return true;
    DIR *dir = opendir(s->path.len ? buf_text(&s->path) : ".");
    if (!dir) return errno == ENOENT || fail(s, errno);
    s->levels[s->depth++] =
        (Level){dir, find_notebook(s, current_tree(s)->root, buf_text(&s->rel)),
                s->path.len, s->rel.len};
    return true;
}

static bool next_tree(TextSearch *s) {
    if (s->next_tree == s->found->n_trees) return false;
    const ExpectedTree *tree = &s->found->trees[s->next_tree++];
    buf_clear(&s->path);
    buf_clear(&s->rel);
    if (strcmp(tree->root, ".") != 0) buf_puts(&s->path, tree->root);
    add_part(&s->path, tree->rel);
    buf_puts(&s->rel, tree->rel);
    return enter(s);
}

static bool add(TextSearch *s, const char *name) {
    void *items = s->items;
    if (!arena_grow(s->arena, &items, s->n, &s->cap, sizeof *s->items))
        return fail(s, ENOMEM);
    s->items = items;
    const char *rel = arena_text(s->arena, buf_text(&s->rel), s->rel.len);
    const char *path = path_join(s->arena, buf_text(&s->path), name);
    if (!rel || !path) return fail(s, ENOMEM);
    name = path + strlen(path) - strlen(name);
    s->items[s->n++] = (Unreferenced){{current_tree(s)->root, rel}, name, path};
    return true;
}

/* The next name of the deepest directory. */
static bool next_name(TextSearch *s) {
    const Level *level = &s->levels[s->depth - 1];
    cut(&s->path, level->path_len);
    cut(&s->rel, level->rel_len);
    errno = 0;
    const struct dirent *entry = readdir(level->dir);
    if (!entry) {
        int error = errno;
        closedir(level->dir);
        s->depth--;
        return error == 0 || fail(s, error);
    }
    const char *name = entry->d_name;
    if (name[0] == '.') return true;
    switch (file_kind(level->dir, entry)) {
    case FILE_REGULAR:
        if (!is_text(name) || has_cell(s, level->notebook, name)) return true;
        /* A name cut short would say that a text has no cell, and it may be deleted. */
        return s->name.failed ? fail(s, ENOMEM) : add(s, name);
    case FILE_DIRECTORY:
        add_part(&s->path, name);
        add_part(&s->rel, name);
        return enter(s);
    default: return true;
    }
}

bool text_search_step(TextSearch *s) {
    bool more = !s->failed;
    for (int i = 0; more && i < NAMES_A_STEP; i++)
        more = s->depth ? next_name(s) : next_tree(s);
    return more;
}

/* ---- the whole ---- */

TextSearch *text_search_open(Arena *a, const Collection *found) {
    TextSearch *s = arena_alloc(a, sizeof *s);
    if (!s) return NULL;
    s->arena = a;
    s->found = found;
    s->places = arena_alloc(a, (found->n + 1) * sizeof *s->places);
    if (!s->places) return NULL;
    for (uint32_t i = 0; i < found->n; i++) s->places[i] = &found->notebooks[i];
    if (found->n) qsort(s->places, found->n, sizeof *s->places, order_places);
    buf_init(&s->path, &a->ctx->mem);
    buf_init(&s->rel, &a->ctx->mem);
    buf_init(&s->name, &a->ctx->mem);
    return s;
}

static int order_paths(const void *x, const void *y) {
    return natural_compare(((const Unreferenced *)x)->path,
                           ((const Unreferenced *)y)->path);
}

/* Trees may overlap when paths do. */
static uint32_t without_repeats(Unreferenced *items, uint32_t n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || strcmp(items[i].path, items[i - 1].path) != 0)
            items[kept++] = items[i];
    return kept;
}

bool text_search_end(TextSearch *s, const Unreferenced **items, uint32_t *n,
                     Problem *p) {
    while (text_search_step(s)) {
    }
    *p = s->problem;
    if (s->failed) return false;
    if (s->n) qsort(s->items, s->n, sizeof *s->items, order_paths);
    *items = s->items;
    *n = without_repeats(s->items, s->n);
    return true;
}

void text_search_close(TextSearch *s) {
    if (!s) return;
    while (s->depth) closedir(s->levels[--s->depth].dir);
    buf_free(&s->path);
    buf_free(&s->rel);
    buf_free(&s->name);
}
