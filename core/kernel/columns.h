/* columns: the blocks of an array that a window sees as it slides, as columns.
 *
 * x [channels, in...] -> columns [channels, kernel..., out...] and back; three spatial
 * dimensions, of which the first ones may be of size 1.  What a window sees outside of
 * x is zero.  Convolution is a product of matrices over these columns.
 */
#ifndef CORE_KERNEL_COLUMNS_H
#define CORE_KERNEL_COLUMNS_H

#include "core/dtype.h"

enum { WINDOW_DIMS = 3 };

/* One dimension over which a window slides. */
typedef struct Slide {
    int64_t in, out;                       /* sizes; out: positions of the window */
    int64_t kernel, stride, pad, dilation; /* all in elements of x */
} Slide;

/* A dimension of size 1 with a window of size 1. */
extern const Slide slide_of_one;

typedef struct Columns {
    int64_t channels;
    Slide dims[WINDOW_DIMS];
} Columns;

/* Elements of x, of a window, and positions of the window, of one channel. */
int64_t columns_in(const Columns *s);
int64_t columns_kernel(const Columns *s);
int64_t columns_out(const Columns *s);

/* All columns: [channels, kernel..., out...]. Any dtype. */
void kernel_im2col(DType d, const Columns *s, const void *x, void *columns);
/* x += what the columns hold of each element, which gets its parts in the order of the
 * window. */
void kernel_col2im(DType d, const Columns *s, const void *columns, void *x);

#endif
