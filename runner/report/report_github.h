/* report_github: annotations beside the lines of a pull request, and the summary page
 * of a step, for GitHub Actions.
 *
 * GitHub shows ten annotations of a step: the first failures, the last of the ten being
 * a count when there are more; blocked cells have none, for the cells that block them
 * do.  The summary file, $GITHUB_STEP_SUMMARY, may hold 1 MiB, which other parts of the
 * step share; failures beyond that are counted.  It is written in one piece, at the
 * end. Paths in annotations are those from $GITHUB_WORKSPACE.
 */
#ifndef RUNNER_REPORT_GITHUB_H
#define RUNNER_REPORT_GITHUB_H

#include "runner/report/failure_text.h"

typedef struct GithubPlaces {
    Buf *log;             /* where workflow commands go */
    const char *summary;  /* the file, or NULL */
    const char *cwd_path; /* of the working directory in the workspace: "", "sub/" */
} GithubPlaces;

/* The places that the environment names. */
GithubPlaces report_github_places(Arena *a, Buf *log);
/* From the arena, NULL when memory is short. */
Report *report_github_open(Arena *a, GithubPlaces places);

#endif
