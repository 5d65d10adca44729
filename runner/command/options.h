/* options: the command line, parsed.
 *
 * `--flag value`, `--flag=value`, `-f value`, `-fvalue`, joined short flags (`-qx`),
 * `--` before paths that begin with '-'.  A flag that the verb does not know names the
 * nearest one.  Flags beat the environment, which beats
 * autocell.yaml (config.h).
 */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include "runner/read/project.h"
#include "runner/text/problem.h"

typedef enum UnreferencedMode {
    UNREFERENCED_DEFAULT, /* warn; under CI fail */
    UNREFERENCED_WARN,
    UNREFERENCED_FAIL,
    UNREFERENCED_DELETE,
    UNREFERENCED_IGNORE
} UnreferencedMode;

typedef enum ColourMode { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } ColourMode;

typedef struct Options {
    const struct Verb *verb;
    const Project *project; /* or NULL */
    const char **paths;
    size_t n_paths;
    bool help; /* --help was given */
    const char *expected;
    int verbosity;                /* -q counts down, -v up */
    ColourMode colour;            /* of the command line */
    ColourMode configured_colour; /* of autocell.yaml */
    bool configuring;             /* what is taken now is from there */
    bool full;
    uint32_t max_failures;
    const char *names; /* -k */
    bool last_failed, failed_first;
    uint32_t shard, shards; /* from 1; 0: not divided */
    bool shuffle, seeded;
    uint64_t seed;
    bool list;
    uint32_t durations;  /* how many of the slowest cells are shown */
    double timeout;      /* of a cell that has none, in seconds; 0: none */
    uint64_t max_memory; /* of a notebook that has none, in bytes; 0: none */
    uint32_t repeat;
    uint32_t workers; /* 0: as many as there are processors */
    uint32_t threads; /* of each; 0: processors divided by workers */
    UnreferencedMode unreferenced;
    bool force;
    bool dry_run;
    bool json; /* list */
    /* Reports for machines; "-" is standard output. */
    const char *junit_xml, *json_file;
    bool tap, github;
} Options;

/* One flag, for parsing and for help. */
typedef struct Flag {
    const char *name;  /* "maxfail" */
    char letter;       /* 0: none */
    const char *value; /* what it takes, "N"; NULL: nothing */
    const char *verbs; /* names of the verbs that know it, separated by spaces */
    const char *help;
    bool (*take)(Options *o, const char *value);
} Flag;

extern const Flag flags[];
extern const size_t n_flags;

/* Parses the arguments behind the program's name, ended by a NULL; `o` borrows them.
 * The first is the name of one of the verbs, which a NULL ends, too. False with *p set,
 * or with MemoryError pending. */
bool options_parse(Arena *a, char *const *argv, const struct Verb *const *known,
                   const Project *project, Options *o, Problem *p);

/* The first flag of that name, `len` bytes long; NULL when there is none. */
const Flag *flag_find(const char *name, size_t len);
/* True when `name` is one of the words of `verbs`. */
bool flag_has_verb(const Flag *flag, const char *name);

/* The environment variable CI is set, and neither empty, 0 nor false. */
bool under_ci(void);
/* Whether to colour what is written to fd: --color, NO_COLOR, FORCE_COLOR, CLICOLOR,
 * and then whether it is a terminal. */
bool use_colour(const Options *o, int fd);

#endif
