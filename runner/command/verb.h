/* verb: what `autocell VERB` can be, one file each. */
#ifndef RUNNER_VERB_H
#define RUNNER_VERB_H

#include "runner/command/options.h"

typedef struct Verb {
    const char *name;
    const char *arguments; /* "[PATH...]" */
    const char *summary;   /* one line */
    const char *details;   /* for `autocell help VERB`; lines of at most 80 columns */
    /* Gives the exit code. `c` is for the program's own needs; the verb leaves nothing
     * in it. */
    int (*run)(Ctx *c, const Options *o);
} Verb;

extern const Verb verb_run, verb_update, verb_review, verb_accept, verb_reject;
extern const Verb verb_list, verb_ops, verb_init, verb_help;
/* In the order of the help text; a NULL ends them. */
extern const Verb *const verbs[];

/* NULL when there is none. */
const Verb *verb_find(const char *name);

enum {
    EXIT_AS_EXPECTED = 0,
    EXIT_DIFFERS = 1,
    EXIT_USAGE = 2,
    EXIT_BUG = 3,
    EXIT_SYSTEM = 4,
    EXIT_NOTHING = 5
};

/* Whether expected texts may be written here; says why when not. */
bool may_write(const Options *o);
/* Says on standard error what is wrong, and gives the exit code for it. */
int complain(const Problem *p);
/* The same for memory that ran out. */
int complain_memory(void);

#endif
