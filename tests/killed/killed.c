/* killed: `autocell update` is killed at every system call, and each expected text is
 * the old one or the new one, never a part.
 *
 * usage: killed AUTOCELL
 *
 * Each run is traced (ptrace) from the moment that it starts its first worker, since
 * nothing is written before, and killed when it enters system call number 1, 2, 3 ...
 * until one run comes to its end.  What a killed update leaves besides, its drafts, is
 * gone after the next update.  Few texts are flushed one by one, many all at once
 * (expected.c): both are tried.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXTS_MOST = 40, ROOM = 64 };

static char program[PATH_MAX];

/* ---- the tree ---- */

static bool put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    if (!f) return false;
    fputs(text, f);
    return fclose(f) == 0;
}

/* Every third text is not there before. */
static bool is_new(int i) {
    return i % 3 == 0;
}

static void text_path(int i, char path[ROOM]) {
    snprintf(path, ROOM, "expected/a/%d.txt", i);
}

static void reset(int n) {
    char path[ROOM];
    for (int i = 0; i < n; i++) {
        text_path(i, path);
        if (is_new(i))
            unlink(path);
        else
            put(path, "what was printed before\n");
    }
}

static bool make(int n) {
    char path[ROOM], text[ROOM];
    mkdir("cells", 0777);
    mkdir("cells/a", 0777);
    mkdir("expected", 0777);
    mkdir("expected/a", 0777);
    bool made = true;
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "cells/a/%d.yaml", i);
        snprintf(text, sizeof text, "ops: [print(%d * 1111111)]\n", i);
        made = put(path, text) && made;
    }
    return made;
}

/* The text is the new one, or, unless `all_new`, as it was. */
static bool is_whole(int i, bool all_new) {
    char path[ROOM], text[ROOM] = "", wanted[ROOM];
    text_path(i, path);
    snprintf(wanted, sizeof wanted, "%d\n", i * 1111111);
    FILE *f = fopen(path, "r");
    if (!f) return is_new(i) && !all_new;
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    bool old = !is_new(i) && strcmp(text, "what was printed before\n") == 0;
    return strcmp(text, wanted) == 0 || (old && !all_new);
}

static bool are_whole(int n, bool all_new) {
    for (int i = 0; i < n; i++)
        if (!is_whole(i, all_new)) {
            printf("# text %d is neither old nor new\n", i);
            return false;
        }
    return true;
}

static int count_drafts(void) {
    DIR *dir = opendir("expected/a");
    int n = 0;
    if (!dir) return -1;
    for (struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] == '.' && strcmp(entry->d_name, ".") != 0 &&
             strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* ---- runs ---- */

static _Noreturn void exec_update(void) {
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execl(program, program, "update", "-j", "1", (char *)NULL);
    _exit(127);
}

static int update(void) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) exec_update();
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

/* The number of the system call that the process enters; -1 when it leaves one. */
static int64_t entered(pid_t pid) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return -1;
    return (int64_t)info.entry.nr;
}

static bool starts_process(int64_t number) {
#ifdef SYS_fork
    if (number == SYS_fork || number == SYS_vfork) return true;
#endif
    return number == SYS_clone || number == SYS_clone3;
}

/* Follows the process, and kills it at call number `at`. Whether it came to that. */
static bool kill_at(pid_t pid, int at) {
    int status, seen = 0, signal = 0;
    bool started = false;
    for (;;) {
        if (ptrace(PTRACE_SYSCALL, pid, NULL, (intptr_t)signal)) return false;
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
        signal = WSTOPSIG(status);
        bool call = signal == (SIGTRAP | 0x80);
        if (call || signal == SIGTRAP) signal = 0; /* the latter: a program began */
        if (!call) continue;
        int64_t number = entered(pid);
        started |= starts_process(number);
        seen += started && number >= 0;
        if (seen < at) continue;
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        return true;
    }
}

typedef enum Outcome { UNTRACED, KILLED, ENDED } Outcome;

static Outcome update_killed_at(int at) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL)) _exit(126);
        raise(SIGSTOP);
        exec_update();
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        return UNTRACED;
    intptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        return UNTRACED;
    }
    return kill_at(pid, at) ? KILLED : ENDED;
}

/* ---- cases ---- */

/* What is left after a run that was killed, and after the next update. */
static bool is_sound(int n) {
    if (!are_whole(n, false)) return false;
    if (count_drafts() == 0) return true;
    if (update() != 0 || !are_whole(n, true)) return false;
    int left = count_drafts();
    if (left) printf("# %d drafts are left after another update\n", left);
    return left == 0;
}

static bool try_texts(int number, int n) {
    char dir[] = "killed-XXXXXX";
    int at = 1;
    bool sound = mkdtemp(dir) && chdir(dir) == 0 && make(n);
    Outcome outcome = KILLED;
    for (; sound && outcome == KILLED; at++) {
        reset(n);
        outcome = update_killed_at(at);
        if (outcome != UNTRACED) sound = is_sound(n);
        if (!sound) printf("# killed at system call %d\n", at);
    }
    if (outcome == UNTRACED) {
        printf("ok %d - %d texts # SKIP no process can be traced here\n", number, n);
        return chdir("..") == 0;
    }
    sound = sound && at > n && are_whole(n, true);
    printf("%s %d - an update of %d texts, killed at each of %d system calls\n",
           sound ? "ok" : "not ok", number, n, at - 2);
    return chdir("..") == 0 && sound;
}

int main(int argc, char **argv) {
    /* In memory, where it can be: some hundred updates go to the disk each. */
    char scratch[ROOM] = "/dev/shm/killed-XXXXXX", command[2 * ROOM];
    if (access("/dev/shm", W_OK)) snprintf(scratch, ROOM, "/tmp/killed-XXXXXX");
    if (argc != 2 || !realpath(argv[1], program) || !mkdtemp(scratch) ||
        chdir(scratch)) {
        fputs("usage: killed AUTOCELL\n", stderr);
        return 2;
    }
    setenv("XDG_CACHE_HOME", scratch, 1);
    unsetenv("CI");
    /* A leak cannot be looked for in a process that is traced. */
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("1..2");
    bool sound = try_texts(1, 4);
    sound = try_texts(2, 17) && sound;
    snprintf(command, sizeof command, "rm -rf %s", scratch);
    return system(command) == 0 && sound ? 0 : 1;
}
