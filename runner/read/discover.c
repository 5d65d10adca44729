/* See discover.h. */
#include "runner/read/discover.h"

#include "runner/read/file.h"
#include "runner/text/natural.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Finder {
    Arena *arena;
    const char *expected; /* --expected, or NULL */
    Collection *found;
    Problem *problem;
    const char *argument; /* the directory of the path under way */
    bool many;            /* several paths: the same notebook may come twice */
} Finder;

/* ---- paths ---- */

/* Without "./" at the start, "//" and "/" at the end; "." when nothing is left. */
static char *tidy(Arena *a, const char *path) {
    char *out = arena_text(a, path, strlen(path)), *end = out;
    if (!out) return NULL;
    for (const char *s = path; *s; s++) {
        bool start = s == path || s[-1] == '/';
        if (start && s != path && *s == '/') continue;
        if (start && s[0] == '.' && s[1] == '/' && end == out) {
            s++;
            while (s[1] == '/') s++;
            continue;
        }
        *end++ = *s;
    }
    while (end > out + 1 && end[-1] == '/') end--;
    if (end == out) *end++ = '.';
    *end = '\0';
    return out;
}

/* Where the last part of the path that is `name` begins; NULL when there is none. */
static const char *last_part(const char *path, const char *name) {
    size_t n = strlen(name);
    const char *last = NULL;
    for (const char *s = path; s; s = strchr(s, '/')) {
        if (*s == '/') s++;
        if (strncmp(s, name, n) == 0 && (s[n] == '/' || s[n] == '\0')) last = s;
    }
    return last;
}

static bool same_text(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static const char *skip_slash(const char *s) {
    return *s == '/' ? s + 1 : s;
}

/* Most have the root of the notebook before them. */
static const char *place_root(const Finder *f, const char *dir, size_t before) {
    uint32_t n = f->found->n;
    const char *last = n ? f->found->notebooks[n - 1].expected_root : "";
    if (strncmp(last, dir, before) == 0 && same_text(last + before, "expected"))
        return last;
    char *root = arena_alloc(f->arena, before + sizeof "expected");
    if (!root) return NULL;
    memcpy(root, dir, before);
    memcpy(root + before, "expected", sizeof "expected");
    return root;
}

static bool place_beside(const Finder *f, const char *dir, ExpectedTree *tree) {
    const char *part = last_part(dir, "cells");
    if (!part || last_part(part, "..")) return false;
    *tree = (ExpectedTree){place_root(f, dir, (size_t)(part - dir)),
                           skip_slash(part + strlen("cells"))};
    return tree->root;
}

/* Below --expected: the path below `cells` in the argument, or below the argument. */
static void place_below(const Finder *f, const char *dir, ExpectedTree *tree) {
    const char *part = last_part(f->argument, "cells");
    size_t base = part ? (size_t)(part - f->argument) + strlen("cells")
                  : strcmp(f->argument, ".") == 0 ? 0
                                                  : strlen(f->argument);
    bool itself = strcmp(dir, ".") == 0;
    *tree = (ExpectedTree){f->expected, itself ? "" : skip_slash(dir + base)};
}

/* False, without a problem, when the directory has no place. */
static bool find_place(const Finder *f, const char *dir, ExpectedTree *tree) {
    if (f->expected) {
        place_below(f, dir, tree);
        return true;
    }
    if (place_beside(f, dir, tree)) return true;
    char whole[PATH_MAX];
    if (!realpath(dir, whole)) return false;
    const char *kept = arena_text(f->arena, whole, strlen(whole));
    return kept && place_beside(f, kept, tree);
}

/* ---- what is found ---- */

static bool holds(const ExpectedTree *outer, const ExpectedTree *inner) {
    size_t n = strlen(outer->rel);
    return same_text(outer->root, inner->root) &&
           (n == 0 || (strncmp(outer->rel, inner->rel, n) == 0 &&
                       (inner->rel[n] == '/' || inner->rel[n] == '\0')));
}

static bool add_tree(const Finder *f, ExpectedTree tree) {
    Collection *c = f->found;
    for (uint32_t i = c->n_trees; i-- > 0;)
        if (holds(&c->trees[i], &tree)) return true;
    void *items = c->trees;
    if (!arena_grow(f->arena, &items, c->n_trees, &c->trees_cap, sizeof tree))
        return false;
    c->trees = items;
    c->trees[c->n_trees++] = tree;
    return true;
}

/* The same notebook again: what is asked for now is asked for too. */
static void merge(NotebookFiles *old, const NotebookFiles *nb) {
    for (uint32_t i = 0; i < nb->n && i < old->n; i++)
        if (nb->cells[i].selected) old->cells[i] = nb->cells[i];
    if (nb->n_run > old->n_run) old->n_run = nb->n_run;
}

static bool add_notebook(const Finder *f, const NotebookFiles *nb) {
    Collection *c = f->found;
    for (uint32_t i = 0; f->many && i < c->n; i++) {
        NotebookFiles *old = &c->notebooks[i];
        if (same_text(old->dir, nb->dir)) {
            merge(old, nb);
            return true;
        }
        if (!same_text(old->expected_root, nb->expected_root) ||
            !same_text(old->expected_rel, nb->expected_rel))
            continue;
        problem_set(f->problem, PROBLEM_INPUT,
                    "its expected texts would have the place of those of %s", old->dir);
        problem_hint(f->problem, "give one path at a time with --expected");
        return problem_at(f->problem, nb->dir, 0, 0);
    }
    void *items = c->notebooks;
    if (!arena_grow(f->arena, &items, c->n, &c->cap, sizeof *nb)) return false;
    c->notebooks = items;
    c->notebooks[c->n++] = *nb;
    return true;
}

static bool is_cell_name(const char *name) {
    size_t n = strlen(name);
    return n > 5 && same_text(name + n - 5, ".yaml") &&
           !same_text(name, "notebook.yaml");
}

/* The cells among the files of a directory; `only`, unless it is NULL, is the one asked
 * for. */
static bool fill_cells(const Finder *f, const DirNames *names, const CellFile *only,
                       NotebookFiles *nb) {
    size_t bytes = 0; /* of their names, which lie behind the cells */
    for (uint32_t i = 0; i < names->n_files; i++) {
        const char *name = names->files[i];
        nb->has_config |= same_text(name, "notebook.yaml");
        if (!is_cell_name(name)) continue;
        bytes += strlen(name) + 1;
        nb->n++;
    }
    nb->cells = arena_alloc(f->arena, nb->n * sizeof *nb->cells + bytes);
    if (!nb->cells) return false;
    CellFile *cell = nb->cells;
    char *text = (char *)(cell + nb->n);
    for (uint32_t i = 0; i < names->n_files; i++) {
        const char *name = names->files[i];
        if (!is_cell_name(name)) continue;
        bool selected = !only || same_text(only->name, name);
        if (selected && only) *cell = *only;
        size_t size = strlen(name) + 1;
        cell->name = memcpy(text, name, size);
        cell->selected = selected;
        cell++;
        text += size;
        if (selected) nb->n_run = (uint32_t)(cell - nb->cells);
    }
    return true;
}

static bool find_in(const Finder *f, const char *dir, const DirNames *names,
                    const CellFile *only) {
    NotebookFiles nb = {.dir = dir};
    if (!fill_cells(f, names, only, &nb)) return false;
    if (nb.n_run == 0) return true;
    ExpectedTree tree;
    if (!find_place(f, dir, &tree)) {
        if (ctx_failed(f->arena->ctx)) return false;
        problem_set(f->problem, PROBLEM_INPUT,
                    "no part of the path is named `cells`, so there is no `expected` "
                    "beside it");
        problem_hint(f->problem, "say where the expected texts are: --expected DIR");
        return problem_at(f->problem, dir, 0, 0);
    }
    nb.expected_root = tree.root;
    nb.expected_rel = tree.rel;
    if (!only && !add_tree(f, (ExpectedTree){tree.root, tree.rel})) return false;
    return add_notebook(f, &nb);
}

/* ---- the walk ---- */

/* Directories still to be looked at, the next one last. */
typedef struct Stack {
    const char **dirs;
    size_t n, cap;
} Stack;

static bool push(Arena *a, Stack *stack, const char *dir) {
    void *items = stack->dirs;
    if (!dir || !arena_grow(a, &items, stack->n, &stack->cap, sizeof dir)) return false;
    stack->dirs = items;
    stack->dirs[stack->n++] = dir;
    return true;
}

static bool list(const Finder *f, Arena *scratch, const char *dir, DirNames *names) {
    int error = file_list(scratch, dir, names);
    if (error == 0) return true;
    if (ctx_failed(f->arena->ctx)) return false;
    return problem_io(f->problem, dir, "cannot read the directory", error);
}

static bool look_into(const Finder *f, Arena *scratch, const char *dir, Stack *inner) {
    DirNames names;
    if (!list(f, scratch, dir, &names) || !find_in(f, dir, &names, NULL)) return false;
    for (uint32_t i = names.n_dirs; i-- > 0;)
        if (!push(f->arena, inner, path_join(f->arena, dir, names.dirs[i])))
            return false;
    return true;
}

static bool walk(const Finder *f, const char *dir) {
    Stack stack = {.n = 0};
    bool fine = push(f->arena, &stack, dir);
    while (fine && stack.n) {
        Arena scratch;
        arena_init(&scratch, f->arena->ctx);
        fine = look_into(f, &scratch, stack.dirs[--stack.n], &stack);
        arena_free(&scratch);
    }
    return fine;
}

/* Cuts ":NUMBER" off the end of the path. */
static bool cut_number(char *path, uint32_t *number) {
    char *end = path + strlen(path), *digits = end;
    while (digits > path && digits[-1] >= '0' && digits[-1] <= '9') digits--;
    if (digits == end || digits == path || digits[-1] != ':') return false;
    unsigned long n = strtoul(digits, NULL, 10);
    *number = n && n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    digits[-1] = '\0';
    return true;
}

/* Cuts "::OP", ":LINE" or ":LINE:COL" off the end of the path. */
static bool cut_place(char *path, CellFile *cell) {
    uint32_t last, line;
    if (!cut_number(path, &last)) return false;
    size_t n = strlen(path);
    if (n && path[n - 1] == ':') {
        path[n - 1] = '\0';
        cell->last_op = last;
    } else {
        cell->last_line = cut_number(path, &line) ? line : last;
    }
    return true;
}

static bool find_file(Finder *f, const char *path, CellFile *cell) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (!is_cell_name(name)) {
        problem_set(f->problem, PROBLEM_INPUT, "not a cell");
        problem_hint(f->problem,
                     "a cell is a file *.yaml; a notebook is its directory");
        return problem_at(f->problem, path, 0, 0);
    }
    const char *dir = slash == path ? "/" : ".";
    if (slash > path) dir = arena_text(f->arena, path, (size_t)(slash - path));
    if (!dir) return false;
    f->argument = dir;
    cell->name = name;
    Arena scratch;
    DirNames names;
    arena_init(&scratch, f->arena->ctx);
    bool fine = list(f, &scratch, dir, &names) && find_in(f, dir, &names, cell);
    arena_free(&scratch);
    return fine;
}

static bool find_path(Finder *f, const char *path) {
    char *whole = tidy(f->arena, path);
    CellFile cell = {.selected = true};
    struct stat st;
    if (!whole) return false;
    if (stat(whole, &st)) {
        int error = errno;
        if (!cut_place(whole, &cell) || stat(whole, &st))
            return problem_io(f->problem, path, "cannot read", error);
    }
    path = whole;
    if (!S_ISDIR(st.st_mode)) return find_file(f, path, &cell);
    if (cell.last_op || cell.last_line) {
        problem_set(f->problem, PROBLEM_INPUT, "a place is in the file of a cell");
        return problem_at(f->problem, path, 0, 0);
    }
    f->argument = path;
    ExpectedTree tree;
    if (find_place(f, path, &tree) && !add_tree(f, tree)) return false;
    return !ctx_failed(f->arena->ctx) && walk(f, path);
}

bool discover(Arena *a, const char *const *paths, size_t n, const char *expected,
              Collection *found, Problem *p) {
    *found = (Collection){.n = 0};
    Finder f = {
        .arena = a, .expected = expected, .found = found, .problem = p, .many = n > 1};
    for (size_t i = 0; i < n; i++)
        if (!find_path(&f, paths[i])) return false;
    return true;
}

/* ---- paths of a cell ---- */

const char *cell_path(Arena *a, const NotebookFiles *nb, uint32_t cell) {
    return path_join(a, nb->dir, nb->cells[cell].name);
}

const char *expected_name(Arena *a, const char *name) {
    size_t stem = strlen(name) - strlen(".yaml");
    char *text = arena_alloc(a, stem + sizeof ".txt");
    if (!text) return NULL;
    memcpy(text, name, stem);
    memcpy(text + stem, ".txt", sizeof ".txt");
    return text;
}

const char *cell_expected_name(Arena *a, const NotebookFiles *nb, uint32_t cell) {
    return expected_name(a, nb->cells[cell].name);
}

const char *cell_expected_path(Arena *a, const NotebookFiles *nb, uint32_t cell) {
    const char *name = cell_expected_name(a, nb, cell);
    const char *dir = path_join(a, nb->expected_root, nb->expected_rel);
    return name && dir ? path_join(a, dir, name) : NULL;
}
