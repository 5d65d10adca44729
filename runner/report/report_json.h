/* report_json: a run as lines of JSON, one record a line; share/report.schema.json says
 * what is in them.  JSON_SCHEMA goes up when a field changes its meaning or goes away;
 * readers pass over fields that they do not know. */
#ifndef RUNNER_REPORT_JSON_H
#define RUNNER_REPORT_JSON_H

#include "runner/read/sink.h"
#include "runner/report/report.h"

enum { JSON_SCHEMA = 1 };

/* From the arena, NULL when memory is short. The sink outlives it. */
Report *report_json_open(Arena *a, Sink *sink);

#endif
