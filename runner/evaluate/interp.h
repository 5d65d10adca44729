/* interp: runs the operations of a notebook's cells and collects what they print.
 *
 * An interpreter belongs to one context and one notebook at a time.  It holds the
 * global variables, the imported modules and the warning filters.
 *
 * A cell prints, into the buffer given to interp_open:
 *   - what print(...) prints;
 *   - repr() of the last top-level operation, when it is an expression, not None;
 *   - "TypeName: message" ("TypeName" when the message is empty) for the exception
 *     that ends the cell;
 *   - "UserWarning: message" for a warning, at its point.
 * Memory addresses (0x and six or more hexadecimal digits) read "0x...".
 */
#ifndef RUNNER_INTERP_H
#define RUNNER_INTERP_H

#include "runner/language/parse.h"

typedef struct Interp Interp;

/* `c` is open; `out` outlives the interpreter and is only ever appended to. Takes the
 * place of c->host. NULL when memory is short. Take it near the bottom of the stack:
 * the room for nested calls is measured from here (see getrlimit, RLIMIT_STACK). */
Interp *interp_open(Ctx *c, Buf *out);
/* Drops every variable and what cycles keep. NULL is ignored. */
void interp_close(Interp *in);

/* A fresh notebook: no variables but `torch` and __name__ == "__main__", no
 * imports, default warning filters, the generator seeded. False: out of memory. */
bool interp_start(Interp *in, uint64_t seed);

/* Where the names of the cells are, for parse_cell. */
Names interp_names(Interp *in);

/* Runs the cell. Its functions and classes refer to `p`, which must therefore live
 * until the next interp_start or interp_close; the evaluator keeps caches in it. True
 * when it ran to its end, false when an exception ended it (which has been printed,
 * and is no longer pending in the context). */
bool interp_run_cell(Interp *in, Program *p);

/* The operation that runs, for those who look on, from another process even: op is 0
 * before the first; what else there is belongs to it. Long texts are cut. */
typedef struct OpWatch {
    uint32_t op, line, col;
    char text[96];
} OpWatch;
/* From now on *watch (NULL: nothing) tells which operation runs. */
void interp_watch(Interp *in, OpWatch *watch);

/* Index, among the top-level operations of the cell, of the one that runs, or that
 * ran last. */
size_t interp_current_op(const Interp *in);
/* Item i: the length of `out` when operation i of the last cell began, for each up to
 * interp_current_op; an `else` or `except` has that of its statement. Valid until the
 * next cell. */
const size_t *interp_op_starts(const Interp *in);
/* The exception that ended the last cell; ERR_NONE when none did. Exceptions that a
 * cell defines count as the kind they derive from. */
ErrorKind interp_last_error(const Interp *in);

#endif
