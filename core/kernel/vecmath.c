/* See vecmath.h. */
#include "vecmath.h"

#include "core/kernel/cpu.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What SLEEF calls the vectors that this processor has. */
typedef struct Vectors {
    const char *wide; /* "avx2"; NULL: one element at a time */
    int width;        /* bytes */
} Vectors;

static Vectors choose_vectors(void) {
    switch (cpu_level()) {
    case CPU_AVX512: return (Vectors){"avx512f", 64};
    case CPU_AVX2: return (Vectors){"avx2", 32};
    default: return (Vectors){NULL, 0};
    }
}

/* Puts the function of that name into *function, a pointer to a function of any type.
 * False when the library lacks it. lanes: elements at once; 0: no such function. */
static bool find(void *library, const Vectors *v, const char *name,
                 const char *accuracy, char type, int lanes, void *function) {
    char symbol[64];
    if (lanes == 0 || !name) return true;
    snprintf(symbol, sizeof symbol, "Sleef_finz_%s%c%d_%s%s", name, type, lanes,
             accuracy, lanes == 1 ? "purecfma" : v->wide);
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
    whole = whole && find(v->library, &of, sleef, accuracy, 'd', 1, &f.block) &&       \
            find(v->library, &of, sleef, accuracy, 'd', of.width / 8, &f.wide) &&      \
            find(v->library, &of, sleef, accuracy, 'f', 1, &f.block_float) &&          \
            find(v->library, &of, sleef, accuracy, 'f', of.width / 4, &f.wide_float);  \
    if (!by_blocks) {                                                                  \
        f.one = f.block;                                                               \
        f.one_float = f.block_float;                                                   \
    }

bool vecmath_open(VecMath *v) {
    static bool missing;
    Vectors of = choose_vectors();
    if (missing || !cpu_has_fma()) return false;
    v->library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
    missing = !v->library;
    if (missing) return false;
    bool whole = true;
#define X(member, of_double, of_float, sleef, accuracy, by_blocks)                     \
    FILL(v->member, of_double, of_float, sleef, accuracy, by_blocks)
    VECMATH_ONE(X)
    VECMATH_TWO(X)
#undef X
    if (!whole) vecmath_close(v);
    missing = !whole;
    return whole;
}

const VecMath c_math = {
#define X(member, of_double, of_float, sleef, accuracy, by_blocks)                     \
    .member = {of_double, of_float, of_double, of_float, NULL, NULL, 0, by_blocks},
    VECMATH_ONE(X) VECMATH_TWO(X)
#undef X
};

void vecmath_close(VecMath *v) {
    dlclose(v->library);
    v->library = NULL;
}
