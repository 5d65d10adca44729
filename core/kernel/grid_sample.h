/* grid_sample: an array looked at in places between its elements.
 *
 * Each point of a grid has one coordinate for each spatial dimension, the last
 * dimension first, from -1 at its beginning to 1 at its end.  Along a dimension a point
 * sees one element (nearest), two (linear) or four (cubic), each with a weight; the
 * weight of a combination is the product.
 */
#ifndef CORE_KERNEL_GRID_SAMPLE_H
#define CORE_KERNEL_GRID_SAMPLE_H

#include "core/dtype.h"

enum { GRID_DIMS = 3 };

typedef enum GridMode { GRID_LINEAR, GRID_NEAREST, GRID_CUBIC } GridMode;
typedef enum GridPadding { GRID_ZEROS, GRID_BORDER, GRID_REFLECTION } GridPadding;

/* x [images, channels, in...], grid [images, points, dims]. */
typedef struct GridSample {
    int dims; /* 2 or 3 */
    GridMode mode;
    GridPadding padding; /* what is seen outside of x */
    bool align_corners;  /* -1 and 1 are the centers of the outermost elements */
    int64_t images, channels, points;
    int64_t in[GRID_DIMS]; /* depth, height, width; the first is 1 for two dimensions */
    bool gradient;         /* for kernel_grid_sample_backward */
} GridSample;

/* out [images, channels, points]; float32 or float64, as the rest. */
void kernel_grid_sample(DType d, const GridSample *s, const void *x, const void *grid,
                        void *out);
/* x_grad and grid_grad, zeros before, of the sizes of x and grid; NULL: not wanted. */
void kernel_grid_sample_backward(DType d, const GridSample *s, const void *grad,
                                 const void *x, const void *grid, void *x_grad,
                                 void *grid_grad);

#endif
