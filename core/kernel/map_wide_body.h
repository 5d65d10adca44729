/* The text of map_wide.h's functions; included with VECTOR (bytes), MAP_ONE and MAP_TWO
 * (their names) defined. */
#include "core/kernel/map_wide.h"

#include <string.h>

typedef float Floats __attribute__((vector_size(VECTOR)));
typedef double Doubles __attribute__((vector_size(VECTOR)));

/* What does not fill a vector is filled up with zeros. */
#define ONE_LOOP(V, T)                                                                 \
    {                                                                                  \
        V (*g)(V) = (V(*)(V))f;                                                        \
        const int64_t lanes = (int64_t)(sizeof(V) / sizeof(T));                        \
        const T *x = from;                                                             \
        T *r = to, rest[sizeof(V) / sizeof(T)] = {0};                                  \
        V a;                                                                           \
        for (; n >= lanes; n -= lanes, x += lanes, r += lanes) {                       \
            memcpy(&a, x, sizeof a);                                                   \
            a = logistic ? 1 / (1 + g(-a)) : g(a);                                     \
            memcpy(r, &a, sizeof a);                                                   \
        }                                                                              \
        if (n == 0) return;                                                            \
        for (int64_t i = 0; i < n; i++) rest[i] = x[i];                                \
        memcpy(&a, rest, sizeof a);                                                    \
        a = logistic ? 1 / (1 + g(-a)) : g(a);                                         \
        memcpy(rest, &a, sizeof a);                                                    \
        for (int64_t i = 0; i < n; i++) r[i] = rest[i];                                \
    }

void MAP_ONE(DType d, MathWide f, bool logistic, const void *from, void *to,
             int64_t n) {
    if (d == DT_float32)
        ONE_LOOP(Floats, float)
    else
        ONE_LOOP(Doubles, double)
}

#define TWO_LOOP(V, T)                                                                 \
    {                                                                                  \
        V (*g)(V, V) = (V(*)(V, V))f;                                                  \
        const int64_t lanes = (int64_t)(sizeof(V) / sizeof(T));                        \
        const T *x = (const T *)p[1], *y = (const T *)p[2];                            \
        V a, b;                                                                        \
        for (int64_t j = 0; j < lanes; j++) {                                          \
            a[j] = x[0];                                                               \
            b[j] = y[0];                                                               \
        }                                                                              \
        for (int64_t i = 0; i < n; i += lanes) {                                       \
            if (s[1]) memcpy(&a, x + i, sizeof a);                                     \
            if (s[2]) memcpy(&b, y + i, sizeof b);                                     \
            V r = g(a, b);                                                             \
            memcpy((T *)p[0] + i, &r, sizeof r);                                       \
        }                                                                              \
    }

void MAP_TWO(DType d, MathWide f, char *const *p, const int64_t *s, int64_t n) {
    if (d == DT_float32)
        TWO_LOOP(Floats, float)
    else
        TWO_LOOP(Doubles, double)
}
