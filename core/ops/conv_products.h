/* conv_products: the three products of a convolution, as products of matrices over the
 * columns of kernel/columns.h, one for each image and group.
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

/* The convolution of one group as matrices: weight [rows, columns] takes the columns of
 * the wide side to the narrow side [rows, places]. */
typedef struct ConvProducts {
    DType d;
    ConvOrder order;
    Columns columns;
    int64_t images, groups, rows, depth, places;
    int64_t strip; /* rows of positions whose columns are looked at in one go */
    int64_t lanes; /* images that may be worked on at once */
    char *wide, *narrow, *weight;
    char *scratch; /* for each lane: the columns of a strip */
    char *sums;    /* for each lane: the weights of a group; conv_weight makes room */
} ConvProducts;

/* wide, narrow and weight: contiguous, of one dtype. The order is the fastest one.
 * False when there is no memory. */
bool conv_products(Ctx *c, const Conv *v, Tensor *wide, Tensor *narrow, Tensor *weight,
                   ConvProducts *p);
/* Whether a product is so small that its order is PyTorch's. */
bool conv_is_small(const ConvProducts *p);
/* Whether the library itself multiplies columns: for groups of channels that fill none
 * of its vectors, unless each channel is a group, and for windows of 1 with a pad. */
bool conv_library_has_columns(const Conv *v, const ConvProducts *p);

/* Each adds its product to what its side holds. */
void conv_narrow(const ConvProducts *p);
void conv_wide(const ConvProducts *p);
/* Without memory an error is pending. */
void conv_weight(Ctx *c, ConvProducts *p);

#endif
