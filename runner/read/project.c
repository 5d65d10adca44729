/* See project.h. */
#include "runner/read/project.h"

#include "runner/read/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_UP = 64 };

static bool same_place(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool project_find(Arena *a, Project *project) {
    char path[MOST_UP * 3 + sizeof "autocell.yaml"];
    struct stat here, above;
    size_t n = 0;
    *project = (Project){.up = ""};
    if (stat(".", &here)) return true;
    for (; n < MOST_UP * 3; n += 3) {
        memcpy(path + n, "autocell.yaml", sizeof "autocell.yaml");
        bool config = access(path, F_OK) == 0;
        if (config) project->config = arena_text(a, path, strlen(path));
        memcpy(path + n, ".git", sizeof ".git");
        if (config || access(path, F_OK) == 0) {
            project->up = arena_text(a, path, n);
            return project->up && (!config || project->config);
        }
        memcpy(path + n, "../", sizeof "../");
        if (stat(path, &above) || same_place(&here, &above)) break;
        here = above;
    }
    return true;
}

const char *project_cwd(Arena *a) {
    char path[PATH_MAX];
    return getcwd(path, sizeof path) ? arena_text(a, path, strlen(path)) : NULL;
}

const char *project_root(Arena *a, const Project *project) {
    char path[PATH_MAX];
    if (!*project->up) return project_cwd(a);
    return realpath(project->up, path) ? arena_text(a, path, strlen(path)) : NULL;
}

const char *project_cache(Arena *a) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/') return path_join(a, cache, "autocell");
    if (!home || *home != '/') return NULL;
    const char *dir = path_join(a, home, ".cache");
    return dir ? path_join(a, dir, "autocell") : NULL;
}
