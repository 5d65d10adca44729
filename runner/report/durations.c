/* See durations.h. */
#include "runner/report/durations.h"

#include "runner/report/shown.h"
#include "runner/text/units.h"

#include <stdio.h>
#include <string.h>

struct SlowCell {
    double seconds;
    char path[240]; /* cut where it is longer */
};

void durations_open(Durations *d, Mem *mem, uint32_t most) {
    *d = (Durations){.mem = mem, .most = most};
    if (most) d->cells = mem_alloc(mem, most * sizeof *d->cells);
    if (!d->cells) d->most = 0;
}

void durations_close(Durations *d) {
    mem_free(d->mem, d->cells, d->most * sizeof *d->cells);
    *d = (Durations){.mem = d->mem};
}

void durations_add(Durations *d, const CellResult *cell) {
    uint32_t at = d->n;
    while (at > 0 && d->cells[at - 1].seconds < cell->seconds) at--;
    if (at == d->most) return;
    uint32_t behind = d->n - at - (d->n == d->most);
    memmove(&d->cells[at + 1], &d->cells[at], behind * sizeof *d->cells);
    d->n += d->n < d->most;
    SlowCell *slow = &d->cells[at];
    slow->seconds = cell->seconds;
    snprintf(slow->path, sizeof slow->path, "%s", cell->path);
}

void durations_print(const Durations *d, Buf *out) {
    for (uint32_t i = 0; i < d->n; i++) {
        buf_puts(out, "slow  ");
        units_print_seconds(out, d->cells[i].seconds);
        buf_puts(out, "  ");
        show_text(out, d->cells[i].path, strlen(d->cells[i].path));
        buf_putc(out, '\n');
    }
}
