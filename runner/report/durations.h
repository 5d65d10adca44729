/* durations: the slowest cells of a run, for --durations. */
#ifndef RUNNER_DURATIONS_H
#define RUNNER_DURATIONS_H

#include "runner/report/report.h"

typedef struct SlowCell SlowCell;

typedef struct Durations {
    Mem *mem;
    SlowCell *cells; /* the slowest first */
    uint32_t n, most;
} Durations;

/* Keeps the `most` slowest; with 0, or without memory, none. */
void durations_open(Durations *d, Mem *mem, uint32_t most);
void durations_close(Durations *d);
void durations_add(Durations *d, const CellResult *cell);
/* One a line: "slow  12.3 ms  cells/a/04-x.yaml". */
void durations_print(const Durations *d, Buf *out);

#endif
