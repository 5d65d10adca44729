/* number: elements of floating dtypes as doubles, for kernels that walk by index.
 *
 * Sums, products and quotients of two float32 numbers computed in double and rounded
 * are those computed in float32, so one loop serves every dtype with PyTorch's bits,
 * when number_rounded follows each operation.
 */
#ifndef CORE_KERNEL_NUMBER_H
#define CORE_KERNEL_NUMBER_H

#include "core/dtype.h"

/* Element i of an array of dtype d, one of the four floating ones. */
static inline double number_load(DType d, const void *p, int64_t i) {
    switch (d) {
    case DT_float64: return ((const double *)p)[i];
    case DT_float16: return half_to_float(((const Half *)p)[i]);
    case DT_bfloat16: return bfloat16_to_float(((const BFloat16 *)p)[i]);
    default: return ((const float *)p)[i];
    }
}

static inline double number_load_or(DType d, const void *p, int64_t i, double absent) {
    return p ? number_load(d, p, i) : absent;
}

/* Rounded to float first, where d is narrower, as a float's result is. */
static inline void number_store(DType d, void *p, int64_t i, double v) {
    switch (d) {
    case DT_float64: ((double *)p)[i] = v; break;
    case DT_float16: ((Half *)p)[i] = half_from_float((float)v); break;
    case DT_bfloat16: ((BFloat16 *)p)[i] = bfloat16_from_float((float)v); break;
    default: ((float *)p)[i] = (float)v; break;
    }
}

static inline double number_rounded(DType d, double v) {
    switch (d) {
    case DT_float64: return v;
    case DT_float16: return half_rounded((float)v);
    case DT_bfloat16: return bfloat16_rounded((float)v);
    default: return (float)v;
    }
}

#endif
