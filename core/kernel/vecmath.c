/* See vecmath.h. */
#include "vecmath.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What SLEEF calls the variants that this processor can run. */
typedef struct Variants {
    const char *family, *scalar; /* "finz", "purecfma" */
    const char *wide;            /* "avx2"; NULL: one element at a time */
    int width;                   /* bytes */
} Variants;

#if defined(__x86_64__)
static Variants choose_variants(void) {
    const char *limit = getenv("AUTOCELL_CPU");
    if (!limit) limit = "";
    if (!__builtin_cpu_supports("fma")) return (Variants){"cinz", "purec", NULL, 0};
    Variants v = {"finz", "purecfma", NULL, 0};
    if (strcmp(limit, "baseline") == 0 || !__builtin_cpu_supports("avx2")) return v;
    v.wide = "avx2";
    v.width = 32;
    if (strcmp(limit, "avx2") == 0 || !__builtin_cpu_supports("avx512f")) return v;
    v.wide = "avx512f";
    v.width = 64;
    return v;
}
#elif defined(__aarch64__)
static Variants choose_variants(void) {
    return (Variants){"finz", "purecfma", NULL, 0};
}
#else
static Variants choose_variants(void) {
    return (Variants){"cinz", "purec", NULL, 0};
}
#endif

/* Puts the function of that name into *function, a pointer to a function of any type;
 * leaves it alone when there is none. lanes: elements at once. */
static bool find(void *library, const Variants *v, const char *name,
                 const char *accuracy, char type, int lanes, void *function) {
    char symbol[64];
    if (!library || !name || lanes == 0) return false;
    snprintf(symbol, sizeof symbol, "Sleef_%s_%s%c%d_%s%s", v->family, name, type,
             lanes, accuracy, lanes == 1 ? v->scalar : v->wide);
    void *address = dlsym(library, symbol);
    /* ISO C has no cast from an object pointer to a function pointer. */
    if (address) memcpy(function, &address, sizeof address);
    return address;
}

/* The functions of one member: f is its struct, whose types differ. */
#define FILL(f, of_double, of_float, sleef, accuracy, by_blocks)                       \
    f.one = f.block = of_double;                                                       \
    f.one_float = f.block_float = of_float;                                            \
    f.wide = f.wide_float = NULL;                                                      \
    f.blocks = by_blocks;                                                              \
    f.width = of.width;                                                                \
    if (find(v->library, &of, sleef, accuracy, 'd', 1, &f.block))                      \
        find(v->library, &of, sleef, accuracy, 'd', of.width / 8, &f.wide);            \
    if (find(v->library, &of, sleef, accuracy, 'f', 1, &f.block_float))                \
        find(v->library, &of, sleef, accuracy, 'f', of.width / 4, &f.wide_float);      \
    if (!by_blocks) {                                                                  \
        f.one = f.block;                                                               \
        f.one_float = f.block_float;                                                   \
    }

void vecmath_open(VecMath *v) {
    Variants of = choose_variants();
    v->library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
#define X(member, of_double, of_float, sleef, accuracy, by_blocks)                     \
    FILL(v->member, of_double, of_float, sleef, accuracy, by_blocks)
    VECMATH_ONE(X)
    VECMATH_TWO(X)
#undef X
}

void vecmath_close(VecMath *v) {
    if (v->library) dlclose(v->library);
    v->library = NULL;
}
