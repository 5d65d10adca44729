/* See loss.h.  Sources: PointwiseOpsKernel.cpp, BinaryOpsKernel.cpp, Loss.cpp. */
#include "loss.h"

#include "by_blocks.h"
#include "loops.h"

#include <math.h>

/* The numbers, in the type computed in. */
#define WIDTH ((T)f->width)
#define NORM ((T)f->norm)

/* A half that is rounded at every step, by a function of floats and of the rounding. */
typedef float (*Round)(float);
#define STEPWISE_FLOAT16(LOOP, expr)                                                   \
    case DT_float16: {                                                                 \
        const Round r = half_rounded;                                                  \
        LOOP(0, Half, Half, float, half_to_float, half_from_float, expr)               \
        break;                                                                         \
    }
#define STEPWISE_BFLOAT16(LOOP, expr)                                                  \
    case DT_bfloat16: {                                                                \
        const Round r = bfloat16_rounded;                                              \
        LOOP(0, BFloat16, BFloat16, float, bfloat16_to_float, bfloat16_from_float,     \
             expr)                                                                     \
        break;                                                                         \
    }

/* ---- squares ---- */

static inline float squared_difference(float a, float b, Round r) {
    float d = r(a - b);
    return r(d * d);
}

KERNEL(kernel_mse) {
    (void)arg;
    switch (d) {
        FULL_FLOATING(LOOP2, ((a - b) * (a - b)))
        STEPWISE_FLOAT16(LOOP2, squared_difference(a, b, r))
        NO_OTHERS
    }
}

KERNEL(kernel_mse_backward) {
    const LossNumbers *f = arg;
    switch (d) {
        FULL_FLOATING(LOOP3, (NORM * (a - b) * c))
        NO_OTHERS
    }
}

/* ---- squares, then lines ---- */

static inline float smooth_steps(float a, float b, float width, Round r) {
    float z = fabsf(r(a - b));
    return z < width ? r(r(r(0.5F * z) * z) / width) : r(z - r(0.5F * width));
}

#define DISTANCE ((T)fabs(a - b))
#define SMOOTH                                                                         \
    (DISTANCE < WIDTH ? (T)0.5 * DISTANCE * DISTANCE / WIDTH                           \
                      : DISTANCE - (T)0.5 * WIDTH)
#define ONCE_BFLOAT16(LOOP, expr)                                                      \
    case DT_bfloat16:                                                                  \
        LOOP(0, BFloat16, BFloat16, float, bfloat16_to_float, bfloat16_from_float,     \
             expr)                                                                     \
        break;

KERNEL(kernel_smooth_l1) {
    const LossNumbers *f = arg;
    switch (d) {
        FULL_FLOATING(LOOP2, SMOOTH)
        ONCE_BFLOAT16(LOOP2, SMOOTH)
        STEPWISE_FLOAT16(LOOP2, smooth_steps(a, b, r(WIDTH), r))
        NO_OTHERS
    }
}

/* 1 or -1. */
#define SIDE(x) ((x) > 0 ? (T)1 : (T)-1)

/* Behind whole blocks the width is a double. */
#define SMOOTH_SLOPE_OF(x)                                                             \
    (IN_BLOCK           ? NORM * (fabs(x) >= WIDTH ? SIDE(x) : (x) / WIDTH) * c        \
     : (x) <= -f->width ? -NORM * c                                                    \
     : (x) >= f->width  ? NORM * c                                                     \
                        : (T)(NORM * (x)*c / f->width))
#define SMOOTH_SLOPE SMOOTH_SLOPE_OF(a - b)
/* bfloat16: a float. */
#define SMOOTH_SLOPE_BFLOAT16                                                          \
    (IN_BLOCK || fabsf(a - b) >= WIDTH ? SMOOTH_SLOPE : NORM * (a - b) * c / WIDTH)

BLOCK_KERNEL(kernel_smooth_l1_backward, LossNumbers, 4,
             FULL_FLOATING(LOOP3, SMOOTH_SLOPE)
                 ONCE_BFLOAT16(LOOP3, SMOOTH_SLOPE_BFLOAT16))

static inline float huber_steps(float a, float b, float width, Round r) {
    float z = fabsf(r(a - b));
    return z < width ? r(r(0.5F * z) * z) : r(width * r(z - r(0.5F * width)));
}

KERNEL(kernel_huber) {
    const LossNumbers *f = arg;
    switch (d) {
        FULL_FLOATING(LOOP2, (DISTANCE < WIDTH ? (T)0.5 * DISTANCE * DISTANCE
                                               : WIDTH * (DISTANCE - (T)0.5 * WIDTH)))
        STEPWISE_FLOAT16(LOOP2, huber_steps(a, b, r(WIDTH), r))
        STEPWISE_BFLOAT16(LOOP2, huber_steps(a, b, r(WIDTH), r))
        NO_OTHERS
    }
}

static inline float huber_slope_steps(float a, float b, float grad,
                                      const LossNumbers *f, bool in_block, Round r) {
    float x = r(a - b), width = r((float)f->width), norm = r((float)f->norm);
    if (in_block) {
        if (fabsf(x) >= width) x = x > 0 ? width : -width;
        return r(r(norm * x) * grad);
    }
    if (!(fabs(x) >= f->width)) return r(r(norm * x) * grad);
    return r((float)(r(x < 0 ? -norm * grad : norm * grad) * f->width));
}

/* Behind whole blocks the width is a double. */
#define HUBER_SLOPE_OF(x)                                                              \
    (IN_BLOCK                 ? NORM * (fabs(x) >= WIDTH ? SIDE(x) * WIDTH : (x)) * c  \
     : !(fabs(x) >= f->width) ? NORM * (x)*c /* nan stays */                           \
                              : (T)(SIDE(x) * NORM * c * f->width))
#define HUBER_SLOPE HUBER_SLOPE_OF(a - b)

BLOCK_KERNEL(kernel_huber_backward, LossNumbers, 4,
             FULL_FLOATING(LOOP3, HUBER_SLOPE)
                 STEPWISE_FLOAT16(LOOP3, huber_slope_steps(a, b, c, f, IN_BLOCK, r))
                     STEPWISE_BFLOAT16(LOOP3,
                                       huber_slope_steps(a, b, c, f, IN_BLOCK, r)))

/* ---- binary cross entropy ---- */

/* nan stays. */
#define BOUNDED_LOG(v) (MATH(log, v) < -100 ? (T)-100 : MATH(log, v))

C_KERNEL(kernel_bce, LossNumbers,
         FULL_FLOATING(LOOP2, ((b - 1) * BOUNDED_LOG(1 - a) - b * BOUNDED_LOG(a))))

#define AT_LEAST_TINY(v) ((v) < (T)1e-12 ? (T)1e-12 : (v))

KERNEL(kernel_bce_backward) {
    (void)arg;
    switch (d) {
        FULL_FLOATING(LOOP3, (c * (a - b) / AT_LEAST_TINY((1 - a) * a)))
        NO_OTHERS
    }
}
