/* units: sizes and durations as people write them. */
#ifndef RUNNER_UNITS_H
#define RUNNER_UNITS_H

#include "core/core.h"

/* "512MiB", "64 KiB", "1.5GB", "4096": bytes, at least 1. False when it is none. */
bool units_bytes(const char *text, uint64_t *bytes);
/* "10s", "250ms", "1.5m", "1h", "30" (seconds); more than 0. */
bool units_seconds(const char *text, double *seconds);
/* Digits with an optional fraction and exponent, and nothing else; finite. */
bool units_number(const char *text, double *number);
/* Seconds on a clock that only goes forward. */
double run_clock(void);
/* "3.1 ms", "41 us", "2.25 s", "3 min 20 s". */
void units_print_seconds(Buf *out, double seconds);

#endif
