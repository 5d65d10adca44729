/* Compares the functions of core/kernel/libm.h with the C library's: those of one float
 * for every float, others for COUNT inputs of every kind.  They must agree where the C
 * library is glibc 2.36 for x86-64 on a processor with fused multiply-add.
 *
 * usage: libm_compare COUNT [NAME...]; 1 when bits differ. Minutes a function. */
#include "functions.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints what differs; whether nothing does. */
static bool agree(const Function *f, uint64_t count) {
    uint64_t different = 0, first = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (called(f->kind, f->ours, i) == called(f->kind, f->theirs, i)) continue;
        if (different++ == 0) first = i;
    }
    printf("%-8s %" PRIu64 " inputs, %" PRIu64 " differ", f->name, count, different);
    if (different) printf(", the first: number %" PRIu64, first);
    printf("\n");
    fflush(stdout);
    return different == 0;
}

static bool named(const char *name, char **names, int n) {
    for (int i = 0; i < n; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return n == 0;
}

int main(int argc, char **argv) {
    bool all = true;
    if (argc < 2) {
        fprintf(stderr, "usage: libm_compare COUNT [NAME...]\n");
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10);
    for (int i = 0; i < FUNCTIONS; i++) {
        const Function *f = &functions[i];
        if (!named(f->name, argv + 2, argc - 2)) continue;
        all &= agree(f, f->kind == ONE_FLOAT ? (uint64_t)1 << 32 : count);
    }
    return !all;
}
