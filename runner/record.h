/* record: what the last runs left of a project: the cells that failed, and what they
 * printed.
 *
 * --lf and --ff go by it, and texts are accepted from it without another run.  It is
 * one file in the user's cache, a head and then the results as records (wire.h), which
 * is replaced as a whole.  A run replaces what is known of the cells that it ran, and
 * leaves the rest.  A record that is damaged, or of another version, is none.
 */
#ifndef RUNNER_RECORD_H
#define RUNNER_RECORD_H

#include "runner/project.h"
#include "runner/report.h"

/* A failure. All of the result is there but `notebook`. */
typedef struct RecordEntry {
    CellResult cell;   /* its paths are as they were given, from `cwd` */
    const char *cwd;   /* where autocell ran */
    const char *dir;   /* the notebook's directory, absolute */
    const char *name;  /* of the cell's file */
    ExpectedTree tree; /* where its expected text belongs; root is absolute */
} RecordEntry;

typedef struct Record {
    RecordEntry *entries; /* in the order they were reported */
    uint32_t n;
} Record;

/* Reads the record of the project; without one it is empty. Everything lies in the
 * arena. False: memory is short. */
bool record_read(Arena *a, const Project *project, Record *record);
/* The entry of cell `index` of the notebook; NULL when it has not failed. */
const RecordEntry *record_find(const Record *record, const char *cwd,
                               const NotebookFiles *nb, uint32_t index);
/* Writes the record anew without the entries whose `drop` is true. 0 or an errno. */
int record_drop(Arena *a, const Project *project, const Record *record,
                const bool *drop);

/* A report that keeps the record. What cannot be kept is left out in silence, for a run
 * is what it is without. */
typedef struct Recorder Recorder;
Report *recorder_open(Arena *a, const Project *project, const Collection *found);

#endif
