/* parallel: work done by several threads at once.
 *
 * Work is cut into parts at borders that depend on its size alone, never on how many
 * threads there are or which of them comes first, and no part reads what another
 * writes.  So results have the same bits with any number of threads, one included.
 *
 * The threads are the process's, not a context's: they are started when the first work
 * arrives that is worth them, sleep when there is none (after having looked out for
 * some 20 us), and end with the process.  Where none can be started, the caller does
 * all the work.  Parts neither allocate nor fail.
 */
#ifndef CORE_PARALLEL_H
#define CORE_PARALLEL_H

#include <stdint.h>

enum {
    PARALLEL_MOST = 64,       /* threads, the caller among them */
    PARALLEL_GRAIN = 1 << 16, /* elements of a part where an element is cheap */
    PARALLEL_FROM = 4 * PARALLEL_GRAIN /* so many elements are worth other threads */
};

/* How many threads work from now on, the caller among them; 1 at the start. Before the
 * first work: threads that have been started stay. */
void parallel_set_threads(int n);
/* The number set, or how many the system had to give. */
int parallel_threads(void);

typedef void ParallelPart(const void *work, int64_t part);
/* Runs f(work, i) for each i < parts, in any order, and returns when all have ended.
 * One after the other when another call is under way. */
void parallel_run(ParallelPart *f, const void *work, int64_t parts);

/* How many parts of `grain` units a range of n makes. */
static inline int64_t parallel_parts(int64_t n, int64_t grain) {
    return (n + grain - 1) / grain;
}

#endif
