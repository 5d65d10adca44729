/* See conv_plan.h. */
#include "conv_plan.h"

#include "core/kernel/matmul.h"
#include "core/parallel.h"
#include "dense.h"

#include <string.h>

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

enum {
    GRID_BYTES = 192 * 1024, /* of a grid, that it stays in a processor's own cache */
    LONGEST = 1024,          /* positions of a row that is alone in its patch */
    BLOCK = 128,             /* positions in one product of matrices */
    FULL = 32,               /* channels of either side from which on that is enough */
    LANES = 8,               /* how much memory a cell takes does not hang on threads */
    SLICE = 16               /* channels, at least */
};

int64_t conv_grid_elements(const Grid *g, int64_t channels) {
    return channels * g->channel + GRID_SLACK;
}

/* Patches that are small enough, and at least so many in each depth where rows allow.
 */
static Grid grid_for(const ConvProducts *p, int64_t channels, int64_t patches) {
    const Slide *dims = p->columns.dims;
    const int64_t fitting = GRID_BYTES / (int64_t)dtype_size(p->d);
    Grid g = grid_of(&p->columns, 1, dims[2].out);
    while (g.cols > LONGEST ||
           (g.cols > 4 * SLICE && conv_grid_elements(&g, channels) > fitting))
        g = grid_of(&p->columns, 1, (g.cols + 1) / 2);
    if (g.cols < dims[2].out) return g;
    g = grid_of(&p->columns, dims[1].out, g.cols);
    while (g.rows > 1 && (conv_grid_elements(&g, channels) > fitting ||
                          dims[1].out < g.rows * (patches - 1) + 1))
        g = grid_of(&p->columns, (g.rows + 1) / 2, g.cols);
    return g;
}

/* More tasks than one at a time only where it pays to wake other threads. */
static bool plan_shares(const ConvProducts *p) {
    return conv_multiplications(p) * (double)(p->images * p->groups) >=
           4.0 * MATMUL_LARGE;
}

ConvPlan conv_plan(const ConvProducts *p, bool by_channels) {
    ConvPlan plan = {.p = p,
                     .size = (int64_t)dtype_size(p->d),
                     .items = p->images * p->groups,
                     .slices = 1,
                     .lanes = 1};
    const int64_t channels = p->columns.channels;
    const int64_t tasks = plan_shares(p) ? most(LANES / plan.items, 1) : 1;
    if (by_channels) plan.slices = most(least(tasks, channels / SLICE), 1);
    plan.channels = (channels + plan.slices - 1) / plan.slices;
    plan.grid = grid_for(p, plan.channels, by_channels ? 1 : tasks);
    if (!by_channels) plan.slices = least(tasks, grid_patches(&plan.grid));
    if (plan_shares(p)) plan.lanes = least(LANES, plan.items * plan.slices);
    plan.to = plan.items * plan.slices;
    /* Of few channels more positions are worth a product of their own. */
    int64_t positions = BLOCK * most(1, FULL / most(p->rows, plan.channels));
    plan.block = most(1, least(positions / plan.grid.width, plan.grid.rows));
    plan.pitch = grid_apart(grid_vectors(plan.block * plan.grid.width));
    return plan;
}

/* Room for n elements, from the start of a vector. */
static char *room_for(Ctx *c, const ConvPlan *plan, int64_t n) {
    enum { UNIT = sizeof(int64_t), VECTOR = 64 };
    int64_t units = (n * plan->size + VECTOR) / UNIT;
    char *room = dense_scratch(c, units, UNIT);
    return room ? room + VECTOR - (uintptr_t)room % VECTOR : NULL;
}

/* Room for numbers of rows, for the turned weight, and for each lane for so many
 * elements. */
bool conv_plan_room(Ctx *c, ConvPlan *plan, int64_t b_rows, int64_t turned,
                    int64_t lane) {
    plan->room = grid_vectors(lane);
    const int64_t kernel = columns_kernel(&plan->p->columns);
    plan->b_rows = dense_scratch(c, b_rows, sizeof(int64_t));
    plan->seen = dense_scratch(c, kernel, sizeof(int64_t));
    plan->turned = room_for(c, plan, turned);
    plan->lane_room = room_for(c, plan, plan->room * plan->lanes);
    for (int64_t k = 0; plan->seen && k < kernel; k++)
        plan->seen[k] = grid_offset(&plan->grid, k);
    return plan->b_rows && plan->seen && plan->turned && plan->lane_room;
}

/* The rows of a block are so far apart. */
void conv_rows_apart(const ConvPlan *plan, int64_t n, int64_t pitch) {
    for (int64_t i = 0; i < n; i++) plan->b_rows[i] = i * pitch;
}
/* The rows are what the elements of the window see in the grid, by depth. */
void conv_rows_in_grid(const ConvPlan *plan) {
    const ConvProducts *p = plan->p;
    const int64_t kernel = columns_kernel(&p->columns), channels = p->columns.channels;
    const bool window_first = p->order == CONV_BY_WINDOW;
    for (int64_t i = 0; i < channels; i++)
        for (int64_t k = 0; k < kernel; k++)
            plan->b_rows[window_first ? k * channels + i : i * kernel + k] =
                i * plan->grid.channel + plan->seen[k];
}

static void run_lane(const void *work, int64_t lane) {
    const ConvPlan *plan = work;
    for (int64_t t = plan->from + lane; t < plan->to; t += plan->lanes)
        plan->task(plan, t, plan->lane_room + lane * plan->room * plan->size);
}

void conv_plan_run(const ConvPlan *plan) {
    parallel_run(run_lane, plan, least(plan->lanes, plan->to - plan->from));
}

/* Where image and group n, in the order of memory, have their parts. */
char *conv_wide_of(const ConvPlan *plan, int64_t n, int64_t channel) {
    const Columns *s = &plan->p->columns;
    return plan->p->wide + (n * s->channels + channel) * columns_in(s) * plan->size;
}
char *conv_narrow_of(const ConvPlan *plan, int64_t n, const Patch *b) {
    const ConvProducts *p = plan->p;
    const Slide *dims = p->columns.dims;
    int64_t place = (b->deep * dims[1].out + b->row) * dims[2].out + b->col;
    return p->narrow + (n * p->rows * p->places + place) * plan->size;
}

/* Block i of a patch. */
int64_t conv_blocks(const ConvPlan *plan, const Patch *patch) {
    return (patch->rows + plan->block - 1) / plan->block;
}
Patch conv_block(const ConvPlan *plan, const Patch *patch, int64_t i) {
    Patch b = *patch;
    b.row += i * plan->block;
    b.rows = least(plan->block, patch->rows - i * plan->block);
    return b;
}
/* Its places, and where the grid has the first of them. */
int64_t conv_block_places(const ConvPlan *plan, const Patch *b) {
    return grid_vectors((b->rows - 1) * plan->grid.width + b->cols);
}
char *conv_block_in_grid(const ConvPlan *plan, const Patch *patch, const Patch *b,
                         char *grid) {
    return grid + (b->row - patch->row) * plan->grid.width * plan->size;
}

/* ---- blocks of the narrow side ---- */

void conv_block_take(const ConvPlan *plan, const Patch *b, const char *from, char *to) {
    const int64_t size = plan->size, places = conv_block_places(plan, b);
    for (int64_t r = 0; r < plan->p->rows; r++)
        for (int64_t i = 0; i < b->rows; i++) {
            int64_t at = i * plan->grid.width,
                    end = least(at + plan->grid.width, places);
            char *row = to + (r * plan->pitch + at) * size;
            memcpy(row,
                   from +
                       (r * plan->p->places + i * plan->p->columns.dims[2].out) * size,
                   (size_t)(b->cols * size));
            if (i + 1 == b->rows) end = places;
            memset(row + b->cols * size, 0, (size_t)((end - at - b->cols) * size));
        }
}

void conv_block_put(const ConvPlan *plan, const Patch *b, const char *from, char *to) {
    const int64_t size = plan->size;
    for (int64_t r = 0; r < plan->p->rows; r++)
        for (int64_t i = 0; i < b->rows; i++)
            memcpy(to + (r * plan->p->places + i * plan->p->columns.dims[2].out) * size,
                   from + (r * plan->pitch + i * plan->grid.width) * size,
                   (size_t)(b->cols * size));
}

/* All bits are set at positions. */
void conv_block_mask(const ConvPlan *plan, const Patch *b, char *mask) {
    memset(mask, 0, (size_t)(conv_block_places(plan, b) * plan->size));
    for (int64_t i = 0; i < b->rows; i++)
        memset(mask + i * plan->grid.width * plan->size, 0xff,
               (size_t)(b->cols * plan->size));
}
