/* map_wide: functions of vecmath.h over whole vectors.
 *
 * Each pair is compiled for one kind of processor, in a file of its own, since how
 * vectors are handed to functions depends on what the file is compiled for; they run
 * only where vecmath_open found that kind.
 */
#ifndef CORE_KERNEL_MAP_WIDE_H
#define CORE_KERNEL_MAP_WIDE_H

#include "core/dtype.h"
#include "core/kernel/vecmath.h"

/* to[i] = f(from[i]), or 1 / (1 + f(-from[i])) for the logistic function; n contiguous
 * elements of d, float32 or float64; `to` may be `from`. */
typedef void (*MapOneWide)(DType d, MathWide f, bool logistic, const void *from,
                           void *to, int64_t n);
/* p[0] = f(p[1], p[2]) for n elements, a multiple of the vector's; the strides s of the
 * operands are those of neighbours, or 0. */
typedef void (*MapTwoWide)(DType d, MathWide f, char *const *p, const int64_t *s,
                           int64_t n);

void map_one_avx2(DType d, MathWide f, bool logistic, const void *from, void *to,
                  int64_t n);
void map_two_avx2(DType d, MathWide f, char *const *p, const int64_t *s, int64_t n);
void map_one_avx512(DType d, MathWide f, bool logistic, const void *from, void *to,
                    int64_t n);
void map_two_avx512(DType d, MathWide f, char *const *p, const int64_t *s, int64_t n);

#endif
