/* See vecmath.h. */
#include "vecmath.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Puts SLEEF's deterministic scalar function of that name into *function, a pointer to
 * a function of any type; leaves it alone when there is none. */
static void find(void *library, const char *name, void *function) {
    char symbol[64];
    snprintf(symbol, sizeof symbol, "Sleef_cinz_%spurec", name);
    void *address = library ? dlsym(library, symbol) : NULL;
    /* ISO C has no cast from an object pointer to a function pointer. */
    if (address) memcpy(function, &address, sizeof address);
}

bool vecmath_open(VecMath *v) {
    v->library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
#define X(name, symbol, range)                                                         \
    v->name = (MathFunction){name, name, range};                                       \
    find(v->library, symbol, &v->name.one);
    VECMATH_ONE(X)
#undef X
#define X(name, symbol)                                                                \
    v->name.two = name;                                                                \
    find(v->library, symbol, &v->name.two);
    VECMATH_TWO(X)
#undef X
    return v->library;
}

void vecmath_close(VecMath *v) {
    if (v->library) dlclose(v->library);
    v->library = NULL;
}
