/* wire: results as bytes, between processes and between runs.
 *
 * A stream of records, each a length (of what follows it), a kind and its fields:
 * numbers as they lie in memory, texts with their length before and a NUL behind, so
 * that what is taken points into the record.  One function lists the fields of a kind
 * for both directions.  Whoever takes a record trusts nothing in it: lengths, NULs and
 * enumerations are checked, and what is wrong is refused whole.
 */
#ifndef RUNNER_WIRE_H
#define RUNNER_WIRE_H

#include "runner/report/report.h"

typedef enum WireKind {
    WIRE_CELL = 'c',
    WIRE_TROUBLE = 't',
    WIRE_ENTRY = 'f',      /* a failure of an earlier run; see record.h */
    WIRE_WAKE = 'w',       /* the deadline of the cell under way is sooner than known */
    WIRE_UNFILTERED = 'u', /* the system would not filter system calls */
    WIRE_MEMORY = 'm',     /* memory ran out for what is not a cell's */
    WIRE_END = 'e'         /* the notebook is at its end */
} WireKind;

/* ---- fields ---- */

/* Puts fields into `out`, or, when that is NULL, takes them from `at` on. */
typedef struct Wire {
    Buf *out;
    const char *at, *end;
    bool bad; /* what was to be taken is not there; then it is zero */
} Wire;

void wire_bool(Wire *w, bool *flag);
/* NULL stays NULL. */
void wire_text(Wire *w, const char **text);

/* All of a result but its notebook and its two paths. */
void wire_cell_fields(Wire *w, CellResult *cell);

/* ---- records ---- */

/* Begins a record, whose fields follow, and finishes it. */
size_t wire_begin(Buf *out, WireKind kind);
void wire_finish(Buf *out, size_t start);
/* Appends a record; out->failed when there is no room. */
void wire_put_cell(Buf *out, const CellResult *cell);
void wire_put_trouble(Buf *out, const Trouble *trouble);
void wire_put(Buf *out, WireKind kind);

typedef struct WireRecord {
    WireKind kind;
    Wire fields;
    size_t size; /* of the whole; 0: the bytes end before the record does */
} WireRecord;

/* The record that n bytes begin with. False when they are none. */
bool wire_next(const char *bytes, size_t n, WireRecord *record);
/* Its fields; texts point into the record. False when it is malformed. */
bool wire_take_cell(const WireRecord *record, CellResult *cell);
bool wire_take_trouble(const WireRecord *record, Trouble *trouble);

#endif
