/* report_tap: the Test Anything Protocol, version 14: a test point a cell, a failed one
 * with what is known of it in YAML.  The plan comes last. */
#ifndef RUNNER_REPORT_TAP_H
#define RUNNER_REPORT_TAP_H

#include "runner/read/sink.h"
#include "runner/report/failure_text.h"

/* From the arena, NULL when memory is short. The sink outlives it. */
Report *report_tap_open(Arena *a, Sink *sink, DiffStyle style);

#endif
