/* loops: macros that write the inner loops of pointwise kernels.
 *
 * A kernel is one function of type Kernel (iter.h) with one switch over dtypes:
 *
 *   void kernel_mul(DType d, char *const *p, const int64_t *s, int64_t n,
 *                   const void *arg) {
 *       (void)arg;
 *       switch (d) {
 *           WRAPPING(LOOP2, a * b)
 *           FLOATING(LOOP2, a * b)
 *           BOOLEAN(LOOP2, a && b)
 *           NO_OTHERS
 *       }
 *   }
 *
 * In the expression `a`, `b` and `c` are the elements of operands 1, 2 and 3, and T is
 * the type they are computed in:
 *
 *   WRAPPING   the integers, as unsigned, so that overflow wraps
 *   INTEGER    the integers as they are, for division and comparison
 *   FLOATING   float and double; float16 and bfloat16 as float, rounded when stored
 *   BOOLEAN    bool
 *
 * LOOPn gives a result of the operands' own type, TESTn one of type bool, for n
 * operands.  Contiguous operands, and those that are one value for all elements
 * (stride 0), get loops of their own, which compilers vectorise, for the types that
 * matter.  The result may be the same array as an operand: elements are independent.
 */
#ifndef CORE_KERNEL_LOOPS_H
#define CORE_KERNEL_LOOPS_H

#include "core/iter.h"

#include <assert.h>

/* Elements may be computed in any order and several at a time. */
#define INDEPENDENT _Pragma("omp simd")

#define AS_IS(x) (x)
#define STEP(S) ((int64_t)sizeof(S))
#define NO_OTHERS                                                                      \
    default: assert(0 && "a kernel got a dtype that its operator refuses");

/* Rows: whether fast loops are worth their code, result type, stored type, computed
 * type, how to load and to store. LOOP is a macro that takes a row and an expression.
 */
#define WRAPPING(LOOP, expr)                                                           \
    case DT_uint8: LOOP(0, uint8_t, uint8_t, uint32_t, AS_IS, (uint8_t), expr) break;  \
    case DT_int8: LOOP(0, int8_t, int8_t, uint32_t, (uint32_t), (int8_t), expr) break; \
    case DT_int16:                                                                     \
        LOOP(0, int16_t, int16_t, uint32_t, (uint32_t), (int16_t), expr)               \
        break;                                                                         \
    case DT_int32:                                                                     \
        LOOP(1, int32_t, int32_t, uint32_t, (uint32_t), (int32_t), expr)               \
        break;                                                                         \
    case DT_int64:                                                                     \
        LOOP(1, int64_t, int64_t, uint64_t, (uint64_t), (int64_t), expr)               \
        break;

#define INTEGER(LOOP, expr)                                                            \
    case DT_uint8: LOOP(0, uint8_t, uint8_t, uint8_t, AS_IS, (uint8_t), expr) break;   \
    case DT_int8: LOOP(0, int8_t, int8_t, int8_t, AS_IS, (int8_t), expr) break;        \
    case DT_int16: LOOP(0, int16_t, int16_t, int16_t, AS_IS, (int16_t), expr) break;   \
    case DT_int32: LOOP(1, int32_t, int32_t, int32_t, AS_IS, (int32_t), expr) break;   \
    case DT_int64:                                                                     \
        LOOP(1, int64_t, int64_t, int64_t, AS_IS, (int64_t), expr) break;

#define FULL_FLOATING(LOOP, expr)                                                      \
    case DT_float32: LOOP(1, float, float, float, AS_IS, (float), expr) break;         \
    case DT_float64:                                                                   \
        LOOP(1, double, double, double, AS_IS, (double), expr) break;

#define FLOAT16(LOOP, expr)                                                            \
    case DT_float16:                                                                   \
        LOOP(0, Half, Half, float, half_to_float, half_from_double, expr)              \
        break;
#define BFLOAT16(LOOP, expr)                                                           \
    case DT_bfloat16:                                                                  \
        LOOP(0, BFloat16, BFloat16, float, bfloat16_to_float, bfloat16_from_double,    \
             expr)                                                                     \
        break;
#define HALF_FLOATING(LOOP, expr) FLOAT16(LOOP, expr) BFLOAT16(LOOP, expr)

#define FLOATING(LOOP, expr) FULL_FLOATING(LOOP, expr) HALF_FLOATING(LOOP, expr)

#define BOOLEAN(LOOP, expr)                                                            \
    case DT_bool: LOOP(0, bool, bool, bool, AS_IS, (bool), expr) break;

static inline BFloat16 bfloat16_from_double(double d) {
    return bfloat16_from_float((float)d);
}

/* ---- one operand ---- */

#define LOOP1(FAST, R, S, C, LOAD, STORE, expr)                                        \
    {                                                                                  \
        typedef C T;                                                                   \
        int64_t i = 0;                                                                 \
        if (FAST && s[0] == STEP(R) && s[1] == STEP(S)) {                              \
            R *out = (R *)p[0];                                                        \
            const S *in1 = (const S *)p[1];                                            \
            INDEPENDENT for (i = 0; i < n; i++) {                                      \
                const T a = LOAD(in1[i]);                                              \
                out[i] = STORE(expr);                                                  \
            }                                                                          \
        }                                                                              \
        for (; i < n; i++) {                                                           \
            const T a = LOAD(*(const S *)(p[1] + i * s[1]));                           \
            *(R *)(p[0] + i * s[0]) = STORE(expr);                                     \
        }                                                                              \
    }

/* ---- two operands ---- */

/* The contiguous loop where operand V (named v) moves and operand K (named k) is one
 * value, read before anything is written. */
#define LOOP2_SCALAR(R, S, LOAD, STORE, V, v, K, k, expr)                              \
    {                                                                                  \
        R *out = (R *)p[0];                                                            \
        const S *moving = (const S *)p[V];                                             \
        const T k = LOAD(*(const S *)p[K]);                                            \
        INDEPENDENT for (i = 0; i < n; i++) {                                          \
            const T v = LOAD(moving[i]);                                               \
            out[i] = STORE(expr);                                                      \
        }                                                                              \
    }

#define LOOP2(FAST, R, S, C, LOAD, STORE, expr)                                        \
    {                                                                                  \
        typedef C T;                                                                   \
        int64_t i = 0;                                                                 \
        if (FAST && s[0] == STEP(R)) {                                                 \
            if (s[1] == STEP(S) && s[2] == STEP(S)) {                                  \
                R *out = (R *)p[0];                                                    \
                const S *in1 = (const S *)p[1], *in2 = (const S *)p[2];                \
                INDEPENDENT for (i = 0; i < n; i++) {                                  \
                    const T a = LOAD(in1[i]), b = LOAD(in2[i]);                        \
                    out[i] = STORE(expr);                                              \
                }                                                                      \
            } else if (s[1] == STEP(S) && s[2] == 0)                                   \
                LOOP2_SCALAR(R, S, LOAD, STORE, 1, a, 2, b, expr)                      \
            else if (s[2] == STEP(S) && s[1] == 0)                                     \
                LOOP2_SCALAR(R, S, LOAD, STORE, 2, b, 1, a, expr)                      \
        }                                                                              \
        for (; i < n; i++) {                                                           \
            const T a = LOAD(*(const S *)(p[1] + i * s[1]));                           \
            const T b = LOAD(*(const S *)(p[2] + i * s[2]));                           \
            *(R *)(p[0] + i * s[0]) = STORE(expr);                                     \
        }                                                                              \
    }

/* ---- three operands ---- */

#define LOOP3(FAST, R, S, C, LOAD, STORE, expr)                                        \
    {                                                                                  \
        typedef C T;                                                                   \
        int64_t i = 0;                                                                 \
        if (FAST && s[0] == STEP(R) && s[1] == STEP(S) && s[2] == STEP(S) &&           \
            s[3] == STEP(S)) {                                                         \
            R *out = (R *)p[0];                                                        \
            const S *in1 = (const S *)p[1], *in2 = (const S *)p[2],                    \
                    *in3 = (const S *)p[3];                                            \
            INDEPENDENT for (i = 0; i < n; i++) {                                      \
                const T a = LOAD(in1[i]), b = LOAD(in2[i]), c = LOAD(in3[i]);          \
                out[i] = STORE(expr);                                                  \
            }                                                                          \
        }                                                                              \
        for (; i < n; i++) {                                                           \
            const T a = LOAD(*(const S *)(p[1] + i * s[1]));                           \
            const T b = LOAD(*(const S *)(p[2] + i * s[2]));                           \
            const T c = LOAD(*(const S *)(p[3] + i * s[3]));                           \
            *(R *)(p[0] + i * s[0]) = STORE(expr);                                     \
        }                                                                              \
    }

/* ---- a bool result ---- */

#define TEST1(FAST, R, S, C, LOAD, STORE, expr)                                        \
    LOOP1(FAST, bool, S, C, LOAD, (bool), expr)
#define TEST2(FAST, R, S, C, LOAD, STORE, expr)                                        \
    LOOP2(FAST, bool, S, C, LOAD, (bool), expr)

#endif
