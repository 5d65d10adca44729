/* hostile: autocell with an operator that does harm, to show that a worker contains it.
 *
 *     torch.harm(x, "read /etc/passwd")
 *
 * The linker puts this file's list in the place of the family of dropouts, see
 * meson.build.  `deed` is the name of a deed below, with what it needs behind a blank.
 */
#define _GNU_SOURCE
#include "core/op.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void segfault(const char *with) {
    int *volatile nowhere = (int *)(uintptr_t)(with ? 8 : 16);
    *nowhere = 1;
}

static void overflow(const char *with) {
    void (*volatile again)(const char *) = overflow;
    volatile char frame[4096];
    frame[0] = *with;
    again(with);
    frame[1] = frame[0];
}

static void exhaust(const char *with) {
    size_t size = (size_t)1 << 24;
    (void)with;
    for (;;) {
        char *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) abort();
        memset(block, 1, size);
    }
}

static void hang(const char *with) {
    (void)with;
    for (volatile int i = 0;; i++) {
    }
}

static void leave(const char *with) {
    _exit(*with ? (int)strtol(with, NULL, 10) : 0);
}

static void read_file(const char *with) {
    int fd = open(with, O_RDONLY);
    fprintf(stderr, "harm: %s is open as %d\n", with, fd);
}

static void write_file(const char *with) {
    int fd = open(with, O_WRONLY | O_CREAT, 0666);
    fprintf(stderr, "harm: %s is open as %d\n", with, fd);
}

static void connect_out(const char *with) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    fprintf(stderr, "harm: a socket%s is open as %d\n", with, fd);
}

static void run_program(const char *with) {
    execl(with, with, (char *)NULL);
    fprintf(stderr, "harm: %s did not run\n", with);
}

static void start_process(const char *with) {
    pid_t pid = fork();
    if (pid == 0) sleep(1000);
    fprintf(stderr, "harm: a process%s runs as %d\n", with, (int)pid);
}

static void kill_parent(const char *with) {
    kill(getppid(), SIGKILL);
    fprintf(stderr, "harm: the parent%s was sent a signal\n", with);
}

static void be_killed(const char *with) {
    /* The one way to a signal from outside without a process outside. */
    (void)with;
    raise(SIGKILL);
}

static void write_garbage(const char *with) {
    static const char bytes[] = "\xff\xff\xff\x7f nothing that makes sense";
    (void)with;
    if (write(STDOUT_FILENO, bytes, sizeof bytes) < 0) abort();
    hang("");
}

static void run_code(const char *with) {
    static const unsigned char ret[] = {0xc3};
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fprintf(stderr, "harm: memory%s to execute at %p\n", with, page);
    if (page != MAP_FAILED) memcpy(page, ret, sizeof ret);
}

/* A process that nobody knows of holds the pipe open when this one has gone. */
static void hold(const char *with) {
    if (fork() == 0) {
        sleep(20);
        _exit(0);
    }
    if (*with) _exit(3);
}

static const struct {
    const char *name;
    void (*act)(const char *with);
} deeds[] = {
    {"segfault", segfault},
    {"overflow", overflow},
    {"exhaust", exhaust},
    {"hang", hang},
    {"leave", leave},
    {"read", read_file},
    {"write", write_file},
    {"socket", connect_out},
    {"exec", run_program},
    {"fork", start_process},
    {"kill", kill_parent},
    {"die", be_killed},
    {"garbage", write_garbage},
    {"code", run_code},
    {"hold", hold},
};

static Value harm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    const char *deed = call_string(k, 1);
    size_t n = strcspn(deed, " ");
    (void)c;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        if (strlen(deeds[i].name) == n && strncmp(deeds[i].name, deed, n) == 0)
            deeds[i].act(deed[n] ? deed + n + 1 : "");
    return value_obj(self);
}

static const OpDef op_harm = {
    .schema = "harm(Tensor self, str deed) -> Tensor",
    .doc = "self, after doing harm",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = harm_forward,
};

extern const OpDef *const __wrap_dropout_ops[];
const OpDef *const __wrap_dropout_ops[] = {&op_harm, NULL};

#ifdef UNFILTERED
/* In the place of the sandbox: nothing. */
bool __wrap_sandbox_enter(pid_t parent, uint64_t memory);
bool __wrap_sandbox_enter(pid_t parent, uint64_t memory) {
    return parent || memory;
}
#endif
