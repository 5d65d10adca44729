/* sandbox_filter: the system calls that a process with cells may make, as a program for
 * the kernel.
 *
 * Runs while autocell is built, and prints the initialisers of struct sock_filter.
 * What is allowed: memory, but none that can be executed; threads, but no processes;
 * writing to the pipe and to standard error; looking at the time and at limits; an end.
 * All else ends the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static int allow(scmp_filter_ctx f) {
    static const int calls[] = {
        SCMP_SYS(brk),          SCMP_SYS(munmap),         SCMP_SYS(mremap),
        SCMP_SYS(madvise),      SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
        SCMP_SYS(time),         SCMP_SYS(futex),          SCMP_SYS(sched_yield),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
        SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(sysinfo),
        SCMP_SYS(rseq),         SCMP_SYS(set_robust_list)};
    enum { THREAD = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND };
    const struct scmp_arg_cmp a_thread = SCMP_A0(SCMP_CMP_MASKED_EQ, THREAD, THREAD);
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp no_file =
        SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
    const struct scmp_arg_cmp only_look = SCMP_A2(SCMP_CMP_EQ, 0, 0); /* no new limit */
    const struct scmp_arg_cmp to_pipe = SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO, 0);
    const struct scmp_arg_cmp to_people = SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0);
    int error = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_exec, no_file);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to_pipe);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to_people);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, to_people);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, only_look);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, a_thread);
    /* Its flags lie in memory, where no filter can look; clone is tried next. */
    error |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* What abort() does besides; it ends the process all the same. */
    error |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 0);
    error |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(rt_sigaction), 0);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(getpid), 0);
    error |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(gettid), 0);
    return error;
}

int main(void) {
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
    FILE *program = tmpfile();
    struct sock_filter step;
    if (!f || !program || allow(f) ||
        seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ||
        seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2) ||
        seccomp_export_bpf(f, fileno(program))) {
        fputs("sandbox_filter: libseccomp cannot make the filter\n", stderr);
        return 1;
    }
    rewind(program);
    while (fread(&step, sizeof step, 1, program) == 1)
        printf("{%#x, %u, %u, %#x},\n", (unsigned)step.code, (unsigned)step.jt,
               (unsigned)step.jf, (unsigned)step.k);
    fclose(program);
    seccomp_release(f);
    return fflush(stdout) ? 1 : 0;
}
