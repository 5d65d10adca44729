/* conv_products: the three products of a convolution, as products of matrices over the
 * grids of kernel/grid.h, one for each image and group.
 *
 * A transposed convolution is the gradient of another with respect to its input, and
 * the other way round; so the products are named by what they give: the `narrow` side
 * (what a window makes of the other), the `wide` side, and the weight.
 */
#ifndef CORE_OPS_CONV_PRODUCTS_H
#define CORE_OPS_CONV_PRODUCTS_H

#include "convolution.h"
#include "core/kernel/columns.h"

/* The order in which an element's products are summed up. PyTorch's library (oneDNN)
 * has ways of its own, which small products follow; large ones go the fastest way. */
typedef enum ConvOrder {
    CONV_FASTEST,   /* through the channels, and for each of them through the window */
    CONV_BY_WINDOW, /* the other way round; products and sums are rounded together */
    CONV_BY_COLUMNS /* as the fastest, but lane by lane and depth by depth */
} ConvOrder;

/* The convolution of one group as matrices: weight [rows, depth] takes what the window
 * sees of the wide side to the narrow side [rows, places]. */
typedef struct ConvProducts {
    DType d;
    ConvOrder order;
    Columns columns;
    int64_t images, groups, rows, depth, places;
    char *wide, *narrow, *weight;
    bool small;   /* so small that the order may be PyTorch's */
    bool started; /* narrow holds the start of its sums; otherwise they start at 0 */
} ConvProducts;

/* wide, narrow and weight: contiguous, of one dtype. The order is the fastest one. */
ConvProducts conv_products(const Conv *v, const Tensor *wide, const Tensor *narrow,
                           const Tensor *weight);
/* Multiplications for an image and group. */
double conv_multiplications(const ConvProducts *p);
/* Whether products and sums are rounded together. */
bool conv_is_fused(const ConvProducts *p);
/* Whether the library itself multiplies columns: for groups of channels that fill none
 * of its vectors, unless each channel is a group, and for windows of 1 with a pad. */
bool conv_library_has_columns(const Conv *v, const ConvProducts *p);

/* Each sets its side. False, with an error pending, where there is no memory. */
bool conv_narrow(Ctx *c, const ConvProducts *p);
bool conv_wide(Ctx *c, const ConvProducts *p);
bool conv_weight(Ctx *c, const ConvProducts *p);

#endif
