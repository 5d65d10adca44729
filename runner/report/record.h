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

#include "runner/report/change_id.h"
#include "runner/report/report.h"

/* A failure. All of the result is there but `notebook`. */
typedef struct RecordEntry {
    CellResult cell;   /* its paths are as they were given, from `cwd` */
    const char *cwd;   /* where autocell ran */
    const char *dir;   /* the notebook's directory, absolute */
    const char *name;  /* of the cell's file */
    ExpectedTree tree; /* where its expected text belongs; root is absolute */
    ChangeId id;
    bool rejected; /* what it printed is not wanted */
    bool settled;  /* not to be saved: it fails no more */
} RecordEntry;

typedef struct Record {
    RecordEntry *entries; /* in the order they were reported */
    RecordEntry **sorted; /* by directory and name */
    uint32_t n;
} Record;

/* Reads the record of the project; without one it is empty. Everything lies in the
 * arena. False: memory is short. */
bool record_read(Arena *a, const Project *project, Record *record);
/* The entry of the cell `name` of the notebook in the absolute directory `dir`; NULL
 * when it has not failed. */
RecordEntry *record_find(const Record *record, const char *dir, const char *name);
/* Writes the record anew, without what is settled. 0 or an errno. */
int record_save(Arena *a, const Project *project, const Record *record);

/* A report that keeps the record. What cannot be kept is left out in silence, for a run
 * is what it is without. */
typedef struct Recorder Recorder;
Report *recorder_open(Arena *a, const Project *project, const Collection *found);

#endif
