/* report_junit: JUnit's XML: a test suite a notebook, a test case a cell, each with its
 * file and line.
 *
 * A failure has its class as `type`.  What keeps a cell from being compared (a bad
 * cell, a crash, a limit, a cell before it) is an error, what differs a failure; an
 * xfail cell is skipped.  What is wrong with a file that is no cell is a test case of
 * its own.  A suite's counts stand at its beginning, so it is kept until its notebook
 * ends.
 */
#ifndef RUNNER_REPORT_JUNIT_H
#define RUNNER_REPORT_JUNIT_H

#include "runner/read/sink.h"
#include "runner/report/failure_text.h"

/* From the arena, NULL when memory is short. The sink outlives it. */
Report *report_junit_open(Arena *a, Sink *sink, DiffStyle style);

#endif
