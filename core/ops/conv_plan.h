/* conv_plan: how a product of a convolution is cut into tasks and products of matrices.
 *
 * The work on an image and group is cut into slices where images and groups are few: of
 * positions for the narrow side, of channels for the others.  Several threads take a
 * task each, in lanes with memory of their own.
 *
 * A task goes through the patches of kernel/grid.h, and through each of them in blocks,
 * some rows of positions. In a block the narrow side lies as in the grid, in rows of
 * `width` places of which the last ones are no positions: what is computed there is
 * left out.
 */
#ifndef CORE_OPS_CONV_PLAN_H
#define CORE_OPS_CONV_PLAN_H

#include "conv_products.h"
#include "core/kernel/grid.h"

typedef struct ConvPlan ConvPlan;
typedef void ConvTask(const ConvPlan *plan, int64_t task, char *room);
/* From what the window sees of a block in the grid to the block [rows, pitch]. */
typedef void ConvBlock(const ConvPlan *plan, int64_t item, const Patch *b, char *grid,
                       char *block);

struct ConvPlan {
    const ConvProducts *p;
    int64_t size; /* of an element */
    Grid grid;
    int64_t block;         /* rows of positions in one product */
    int64_t pitch;         /* elements between rows of a block */
    int64_t items, slices; /* each slice of each item is a task */
    int64_t channels;      /* of a slice */
    int64_t lanes, room;   /* tasks at once, and the elements each has room for */
    int64_t *b_rows;       /* where the rows of a product's right side begin */
    int64_t *seen;         /* where the elements of the window see the first position */
    char *turned, *lane_room; /* the weight as a product reads it; for all lanes */
    ConvTask *task;
    ConvBlock *multiply; /* for tasks that give the narrow side */
    int64_t from, to;    /* tasks to be run */
};

/* Slices are of channels or of positions. */
ConvPlan conv_plan(const ConvProducts *p, bool by_channels);
/* Room for numbers of rows, for the turned weight, and for each lane for so many
 * elements. False, with an error pending, when there is none. */
bool conv_plan_room(Ctx *c, ConvPlan *plan, int64_t b_rows, int64_t turned,
                    int64_t lane);
/* Runs the tasks [from, to), which are all of them at first. */
void conv_plan_run(const ConvPlan *plan);

/* b_rows where a block is the right side: `pitch` apart; and where the grid is: what
 * the elements of the window see, by depth. */
void conv_rows_apart(const ConvPlan *plan, int64_t n, int64_t pitch);
void conv_rows_in_grid(const ConvPlan *plan);

/* The elements of a grid of so many channels. */
int64_t conv_grid_elements(const Grid *g, int64_t channels);
/* Where image and group n, in the order of memory, have their parts. */
char *conv_wide_of(const ConvPlan *plan, int64_t n, int64_t channel);
char *conv_narrow_of(const ConvPlan *plan, int64_t n, const Patch *block);

/* The blocks of a patch, and block i. */
int64_t conv_blocks(const ConvPlan *plan, const Patch *patch);
Patch conv_block(const ConvPlan *plan, const Patch *patch, int64_t i);
/* Its places, filled up to whole vectors, and where the patch's grid has the first. */
int64_t conv_block_places(const ConvPlan *plan, const Patch *block);
char *conv_block_in_grid(const ConvPlan *plan, const Patch *patch, const Patch *block,
                         char *grid);
/* From the narrow side to [rows, pitch], with zeros between the positions, and back. */
void conv_block_take(const ConvPlan *plan, const Patch *block, const char *narrow,
                     char *to);
void conv_block_put(const ConvPlan *plan, const Patch *block, const char *from,
                    char *narrow);
/* All bits are set at positions. */
void conv_block_mask(const ConvPlan *plan, const Patch *block, char *mask);

#endif
