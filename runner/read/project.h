/* project: where the files around the cells are: autocell.yaml, and what is remembered
 * from run to run.
 *
 * A project's root is the nearest directory, from the working directory upward, that
 * holds autocell.yaml or .git; without either it is the working directory.  What is
 * remembered lies in the user's cache, $XDG_CACHE_HOME/autocell or ~/.cache/autocell.
 */
#ifndef RUNNER_PROJECT_H
#define RUNNER_PROJECT_H

#include "runner/text/arena.h"

typedef struct Project {
    const char *up;     /* from the working directory to the root: "", "../", ... */
    const char *config; /* the path of autocell.yaml, or NULL */
} Project;

/* False: memory is short. */
bool project_find(Arena *a, Project *project);
/* The working directory; the root. NULL when the system does not tell. */
const char *project_cwd(Arena *a);
const char *project_root(Arena *a, const Project *project);
/* The directory for what is remembered; NULL when there is no place for it. */
const char *project_cache(Arena *a);

#endif
