/* See sandbox.h.  sandbox_filter.inc is what sandbox_filter.c makes of libseccomp's
 * rules while autocell is built, so that nothing has to be compiled when it starts. */
#define _GNU_SOURCE
#include "runner/run/sandbox.h"

#include "core/core.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifdef SANDBOX_FILTER
static struct sock_filter filter[] = {
#include <sandbox_filter.inc>
};

const char *sandbox_missing(void) {
    return NULL;
}

static bool filter_calls(void) {
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
const char *sandbox_missing(void) {
    return SANITIZED ? NULL
                     : "autocell was built without libseccomp: system calls of cells "
                       "are not filtered";
}

static bool filter_calls(void) {
    return true;
}
#endif

static void limit_resources(void) {
    /* Without files that can be opened there is none to write but standard error.
     * Processes are the filter's affair, since threads count as such here. */
    static const int none[] = {RLIMIT_CORE, RLIMIT_NOFILE,
#ifndef SANDBOX_FILTER
                               RLIMIT_NPROC
#endif
    };
    const struct rlimit zero = {0, 0};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        setrlimit((__rlimit_resource_t)none[i], &zero);
}

static void limit_memory(uint64_t memory) {
    enum { FOR_ITSELF = 256 * 1024 * 1024 };
    struct sysinfo all;
    if (memory)
        memory += FOR_ITSELF;
    else if (sysinfo(&all) == 0)
        memory = (uint64_t)all.totalram * all.mem_unit;
    const struct rlimit most = {memory, memory};
    /* A sanitizer takes as much as there are addresses. */
    if (memory && !SANITIZED) setrlimit(RLIMIT_DATA, &most);
}

/* Of all processes this one goes first when memory runs out. */
static void offer_memory(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    /* Without it the system chooses by itself. */
    if (write(fd, "1000", 4) < 0) { /* nothing to be done */
    }
    close(fd);
}

bool sandbox_enter(pid_t parent, uint64_t memory) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    offer_memory();
    close(STDIN_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    limit_resources();
    limit_memory(memory);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter_calls();
}

bool sandbox_open_library(void) {
    static int looked_for;
    VecMath functions; /* never closed, so that children find it open */
    Lapack routines;
    switch (looked_for++) {
    case 0: vecmath_open(&functions); return true;
    case 1: lapack_open(&routines); return true;
    default: return false;
    }
}

void sandbox_prepare(void) {
#ifndef SANDBOX_FILTER
    while (sandbox_open_library()) {
    }
#endif
}
