/* See change_id.h. */
#include "runner/report/change_id.h"

#include "runner/read/file.h"
#include "runner/text/hash.h"

#include <stdio.h>
#include <string.h>

bool change_place(Arena *a, const Project *project, ChangePlace *place) {
    *place = (ChangePlace){a->ctx, project_cwd(a), project_root(a, project)};
    return place->cwd && place->root;
}

/* What of an absolute path lies below `root`; all of it when it does not. */
static const char *below(const char *root, const char *path) {
    size_t n = strlen(root);
    bool inside = strncmp(path, root, n) == 0 && path[n] == '/';
    return inside ? path + n + 1 : path;
}

void change_id(const ChangePlace *place, const ExpectedTree *dir, const char *name,
               ChangeId id) {
    Arena a;
    arena_init(&a, place->c);
    const char *path = path_absolute(&a, place->cwd, dir->root);
    if (path) path = path_join(&a, path, dir->rel);
    if (path) path = path_join(&a, path, name);
    if (path) path = below(place->root, path);
    uint64_t hash = path ? hash_text(path, strlen(path)) : 0;
    snprintf(id, sizeof(ChangeId), "%08x",
             (unsigned)((hash >> 32 ^ hash) & UINT32_MAX));
    if (!path) id[0] = '\0';
    arena_free(&a);
}
