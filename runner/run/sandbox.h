/* sandbox: what a process gives up before it runs cells.
 *
 * It dies with its parent, gains no privileges, opens no more files, writes no files,
 * starts no processes, leaves no core, takes no more memory than there is, and is the
 * first to go when the system runs out of it.  Of system calls those of
 * sandbox_filter.c are left; any other ends the process with SIGSYS.
 *
 * Operators open libraries when first used, which a sandboxed process cannot. So the
 * parent looks for them when a child has died of doing so; children have open what
 * their parent has, and know what it has not found.
 */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Why system calls are not filtered, for people; NULL when they are, as far as is
 * known without trying. */
const char *sandbox_missing(void);
/* Standard output and standard error are all that stays open. The process may take
 * `memory` bytes and something for itself (0: as much as there is); what it counts
 * itself is refused sooner, and more gently. False when the system would not filter
 * system calls; the rest holds all the same. */
bool sandbox_enter(pid_t parent, uint64_t memory);
/* How many libraries operators open at most. */
enum { SANDBOX_LIBRARIES = 2 };
/* Opens the next of them, if it is there. False: there is none left. */
bool sandbox_open_library(void);
/* Before the first child. Where system calls are not filtered no child dies for want of
 * a library, it merely finds none: so all are opened beforehand. */
void sandbox_prepare(void);

#endif
