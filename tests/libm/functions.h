/* The functions of core/kernel/libm.h beside the C library's, all as functions of bits,
 * with inputs of every kind for them. */
#ifndef TESTS_LIBM_FUNCTIONS_H
#define TESTS_LIBM_FUNCTIONS_H

#include "core/kernel/float_bits.h"
#include "core/kernel/libm.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef enum Kind { ONE_FLOAT, TWO_FLOATS, ONE_DOUBLE, TWO_DOUBLES } Kind;

/* y is looked at by functions of two; a float is in the lower half. */
typedef uint64_t (*OfBits)(uint64_t x, uint64_t y);

typedef struct Function {
    const char *name;
    Kind kind;
    OfBits ours, theirs;
} Function;

#define LIBM_FUNCTIONS(X)                                                              \
    X(ONE_DOUBLE, erf)                                                                 \
    X(ONE_DOUBLE, erfc)                                                                \
    X(ONE_DOUBLE, lgamma)                                                              \
    X(ONE_DOUBLE, acosh)                                                               \
    X(ONE_DOUBLE, cbrt)                                                                \
    X(ONE_DOUBLE, exp2)                                                                \
    X(TWO_DOUBLES, hypot)                                                              \
    X(ONE_FLOAT, erff)                                                                 \
    X(ONE_FLOAT, erfcf)                                                                \
    X(ONE_FLOAT, lgammaf)                                                              \
    X(ONE_FLOAT, log1pf)                                                               \
    X(ONE_FLOAT, expm1f)                                                               \
    X(ONE_FLOAT, sinhf)                                                                \
    X(ONE_FLOAT, coshf)                                                                \
    X(ONE_FLOAT, tanhf)                                                                \
    X(ONE_FLOAT, asinhf)                                                               \
    X(ONE_FLOAT, acoshf)                                                               \
    X(ONE_FLOAT, atanhf)                                                               \
    X(ONE_FLOAT, tanf)                                                                 \
    X(ONE_FLOAT, asinf)                                                                \
    X(ONE_FLOAT, acosf)                                                                \
    X(ONE_FLOAT, atanf)                                                                \
    X(TWO_FLOATS, atan2f)

/* The bits of a result: every nan counts as the same. */
static inline uint64_t bits_of_float(float f) {
    uint32_t bits;
    if (f != f) f = NAN;
    memcpy(&bits, &f, sizeof bits);
    return f != f ? bits & 0x7fffffff : bits;
}

static inline uint64_t bits_of_double(double d) {
    uint64_t bits;
    if (d != d) d = (double)NAN;
    memcpy(&bits, &d, sizeof bits);
    return d != d ? bits & INT64_MAX : bits;
}

#define RESULT_ONE_FLOAT(f) bits_of_float(f(from_bits((uint32_t)x)))
#define RESULT_TWO_FLOATS(f)                                                           \
    bits_of_float(f(from_bits((uint32_t)x), from_bits((uint32_t)y)))
#define RESULT_ONE_DOUBLE(f) bits_of_double(f(double_of(x)))
#define RESULT_TWO_DOUBLES(f) bits_of_double(f(double_of(x), double_of(y)))
#define X(kind, name)                                                                  \
    static inline uint64_t ours_##name(uint64_t x, uint64_t y) {                       \
        (void)y;                                                                       \
        return RESULT_##kind(libm_##name);                                             \
    }                                                                                  \
    static inline uint64_t theirs_##name(uint64_t x, uint64_t y) {                     \
        (void)y;                                                                       \
        return RESULT_##kind(name);                                                    \
    }
LIBM_FUNCTIONS(X)
#undef X

static const Function functions[] = {
#define X(kind, name) {#name, kind, ours_##name, theirs_##name},
    LIBM_FUNCTIONS(X)
#undef X
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* Number i of a row of random numbers (SplitMix64). */
static inline uint64_t random_bits(uint64_t i) {
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Double number i: of every magnitude; of moderate ones; evenly in (-40, 40); beside
 * multiples of 1/16; a few steps from them. */
static inline uint64_t double_input(uint64_t i) {
    static const double special[] = {0, -0.0, INFINITY,  -INFINITY,  NAN,     0x1p-1074,
                                     1, -1,   0x1p-1022, -0x1p-1022, 1.7e308, -1.7e308};
    uint64_t r = random_bits(i), bits;
    double share = (double)(r >> 11) * 0x1p-53 - 0.5, d;
    double sixteenths = (double)(random_bits(r) % 4001) / 16 - 125;
    if (i < sizeof special / sizeof *special) return bits_of_double(special[i]);
    switch (i % 5) {
    case 0: return r;
    case 1: return (r & 0x800fffffffffffffu) | (1011 + random_bits(r) % 24) << 52;
    case 2: d = share * 80; break;
    case 3: d = sixteenths + share * 0x1p-20; break;
    default: memcpy(&bits, &sixteenths, sizeof bits); return bits + r % 9 - 4;
    }
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

/* Float number i, for functions of two. */
static inline uint64_t float_input(uint64_t i) {
    uint64_t r = random_bits(i);
    double d = double_of(double_input(i));
    float f = (float)d;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return i % 5 ? bits : (uint32_t)r;
}

/* Calls f for the inputs of number i; floats of one come in the order of their bits. */
static inline uint64_t called(Kind kind, OfBits f, uint64_t i) {
    switch (kind) {
    case ONE_FLOAT: return f(i, 0);
    case TWO_FLOATS: return f(float_input(i), float_input(random_bits(i) >> 8));
    case ONE_DOUBLE: return f(double_input(i), 0);
    default: return f(double_input(i), double_input(random_bits(i) >> 8));
    }
}

#endif
