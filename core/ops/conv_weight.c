/* The third of conv_products.h's products.  A weight is the sum over all images, made
 * in their order from the sums of each. */
#include "conv_plan.h"

#include "core/kernel/conv_sums.h"
#include "core/kernel/copy.h"
#include "core/kernel/matmul.h"
#include "core/kernel/pointwise.h"

#include <string.h>

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* The sums of a slice: [window, channels, whole vectors of rows]. */
static int64_t slice_sums(const ConvPlan *plan) {
    return columns_kernel(&plan->p->columns) * plan->channels *
           grid_vectors(plan->p->rows);
}
static int64_t total_sums(const ConvPlan *plan) {
    return plan->p->groups * plan->slices * slice_sums(plan);
}
static char *slice_total(const ConvPlan *plan, int64_t task) {
    return plan->turned +
           task % (plan->p->groups * plan->slices) * slice_sums(plan) * plan->size;
}

/* The elements of the window from k on that see places side by side. */
static int64_t side_by_side(const ConvPlan *plan, int64_t k) {
    int64_t n = 1, kernel = columns_kernel(&plan->p->columns);
    while (k + n < kernel && plan->seen[k + n] == plan->seen[k] + n) n++;
    return n;
}

/* What lies where in a lane. */
typedef struct WeightTask {
    int64_t item, channels;
    char *grid;   /* [channels, places] */
    char *turned; /* [places, channels of a slice] */
    char *block;  /* [positions, rows] */
    char *sums;
} WeightTask;

static WeightTask weight_task_at(const ConvPlan *plan, int64_t task, char *room) {
    const int64_t slice = task % plan->slices,
                  grid = conv_grid_elements(&plan->grid, plan->channels);
    WeightTask t = {.item = task / plan->slices, .grid = room};
    t.channels =
        least(plan->channels, plan->p->columns.channels - slice * plan->channels);
    t.turned = t.grid + grid * plan->size;
    t.block = t.turned + plan->grid.channel * plan->channels * plan->size;
    t.sums = t.block +
             plan->block * plan->grid.cols * grid_apart(plan->p->rows) * plan->size;
    return t;
}

/* sums += narrow columns(wide)^T for a block; `seen`: the grid from its first place. */
static void sum_block(const ConvPlan *plan, const WeightTask *t, const Patch *b,
                      const char *seen) {
    const ConvProducts *p = plan->p;
    const int64_t size = plan->size, channels = plan->channels;
    const int64_t rows = grid_vectors(p->rows), pitch = grid_apart(p->rows);
    const int64_t kernel = columns_kernel(&p->columns);
    kernel_transpose(p->d, t->block, pitch * size, conv_narrow_of(plan, t->item, b),
                     p->places * size, p->rows, b->rows * b->cols);
    for (int64_t k = 0, n; k < kernel; k += n) {
        n = side_by_side(plan, k);
        int64_t at = plan->seen[k] * channels;
        MatmulLaid m = {.size = {n * channels, rows, b->rows * b->cols},
                        .a = {(char *)(uintptr_t)seen + at * size, 1, channels},
                        .b = {t->block, pitch, 1},
                        .c = {t->sums + k * channels * rows * size, rows, 1},
                        .b_rows = plan->b_rows,
                        .fused = conv_is_fused(p)};
        if (b->rows > 1) {
            m.a_run = b->cols;
            m.a_gap = (plan->grid.width - b->cols) * channels;
        }
        kernel_matmul_laid(p->d, &m);
    }
}

static void sum_item(const ConvPlan *plan, const WeightTask *t, char *wide) {
    const ConvProducts *p = plan->p;
    const int64_t size = plan->size, channels = plan->channels;
    for (int64_t i = 0; i < grid_patches(&plan->grid); i++) {
        Patch patch = grid_patch(&plan->grid, i);
        grid_take(p->d, &plan->grid, &patch, t->channels, wide, t->grid);
        kernel_transpose(p->d, t->turned, channels * size, t->grid,
                         plan->grid.channel * size, t->channels, plan->grid.channel);
        for (int64_t j = 0; j < conv_blocks(plan, &patch); j++) {
            Patch b = conv_block(plan, &patch, j);
            int64_t row = (b.row - patch.row) * plan->grid.width;
            sum_block(plan, t, &b, t->turned + row * channels * size);
        }
    }
}

static void weight_task(const ConvPlan *plan, int64_t task, char *room) {
    WeightTask t = weight_task_at(plan, task, room);
    memset(t.sums, 0, (size_t)(slice_sums(plan) * plan->size));
    sum_item(plan, &t,
             conv_wide_of(plan, t.item, task % plan->slices * plan->channels));
}

/* A slice of a group through all images: each goes on with the sums of those before. */
static void weight_chain_task(const ConvPlan *plan, int64_t task, char *room) {
    const int64_t tasks = plan->p->groups * plan->slices;
    for (int64_t i = 0; i < plan->p->images; i++) {
        WeightTask t = weight_task_at(plan, i * tasks + task, room);
        t.sums = slice_total(plan, task);
        sum_item(plan, &t,
                 conv_wide_of(plan, t.item, task % plan->slices * plan->channels));
    }
}

/* total += the sums of tasks that have been run. */
static void add_sums(const ConvPlan *plan) {
    const int64_t size = plan->size, strides[] = {size, size, size};
    for (int64_t t = plan->from; t < plan->to; t++) {
        char *room = plan->lane_room + (t - plan->from) * plan->room * size;
        char *total = slice_total(plan, t);
        kernel_add(plan->p->d,
                   (char *const[]){total, total, weight_task_at(plan, t, room).sums},
                   strides, slice_sums(plan), NULL);
    }
}

/* The weight from the total of each slice of each group. */
static void turn_totals(const ConvPlan *plan) {
    const ConvProducts *p = plan->p;
    const int64_t size = plan->size, channels = p->columns.channels;
    const int64_t kernel = columns_kernel(&p->columns), rows = grid_vectors(p->rows);
    for (int64_t i = 0; i < p->groups * channels; i++) {
        int64_t group = i / channels, channel = i % channels;
        char *total =
            slice_total(plan, group * plan->slices + channel / plan->channels);
        kernel_transpose(
            p->d, p->weight + (group * p->rows * p->depth + channel * kernel) * size,
            p->depth * size, total + channel % plan->channels * rows * size,
            plan->channels * rows * size, kernel, p->rows);
    }
}

static bool fold_lanes(Ctx *c, const ConvProducts *p) {
    ConvPlan plan = conv_plan(p, true);
    plan.grid = grid_of(&p->columns, p->columns.dims[1].out, p->columns.dims[2].out);
    plan.lanes = plan.slices = 1;
    if (!conv_plan_room(c, &plan, p->depth, 0,
                        conv_grid_elements(&plan.grid, p->columns.channels)))
        return false;
    conv_rows_in_grid(&plan);
    memset(p->weight, 0, (size_t)(p->groups * p->rows * p->depth * plan.size));
    for (int64_t n = 0; n < plan.items; n++)
        for (int64_t i = 0; i < grid_patches(&plan.grid); i++) {
            Patch patch = grid_patch(&plan.grid, i);
            grid_take(p->d, &plan.grid, &patch, p->columns.channels,
                      conv_wide_of(&plan, n, 0), plan.lane_room);
            kernel_lane_products(&(LaneProducts){
                .m = p->rows,
                .n = p->depth,
                .rows = patch.rows,
                .cols = patch.cols,
                .a = (const float *)conv_narrow_of(&plan, n, &patch),
                .a_step = p->places,
                .x = (const float *)plan.lane_room,
                .width = plan.grid.width,
                .seen = plan.b_rows,
                .c = (float *)p->weight + n % p->groups * p->rows * p->depth});
        }
    return true;
}

/* ---- the weight where each channel is a group ---- */

/* A slice of channels through all images. Places, positions and sums of all of them lie
 * side by side, and the chains of several run at once. */
static void channels_task(const ConvPlan *plan, int64_t task, char *room) {
    const ConvProducts *p = plan->p;
    const int64_t size = plan->size, kernel = columns_kernel(&p->columns);
    const int64_t first = task * plan->channels;
    const int64_t channels = least(plan->channels, p->columns.channels - first);
    char *turned = room + conv_grid_elements(&plan->grid, plan->channels) * size;
    char *block = turned + plan->grid.channel * plan->channels * size;
    char *sums = block + plan->block * plan->grid.cols * plan->channels * size;
    memset(sums, 0, (size_t)(kernel * channels * size));
    for (int64_t i = 0; i < p->images * grid_patches(&plan->grid); i++) {
        const int64_t image = i / grid_patches(&plan->grid);
        Patch patch = grid_patch(&plan->grid, i % grid_patches(&plan->grid));
        grid_take(p->d, &plan->grid, &patch, channels, conv_wide_of(plan, image, first),
                  room);
        kernel_transpose(p->d, turned, channels * size, room, plan->grid.channel * size,
                         channels, plan->grid.channel);
        for (int64_t j = 0; j < conv_blocks(plan, &patch); j++) {
            Patch b = conv_block(plan, &patch, j);
            kernel_transpose(p->d, block, channels * size,
                             conv_narrow_of(plan, image, &b) + first * p->places * size,
                             p->places * size, channels, b.rows * b.cols);
            kernel_channel_products(&(ChannelProducts){
                .channels = channels,
                .n = kernel,
                .rows = b.rows,
                .cols = b.cols,
                .a = (const float *)block,
                .x = (const float *)turned +
                     (b.row - patch.row) * plan->grid.width * channels,
                .width = plan->grid.width,
                .seen = plan->seen,
                .c = (float *)sums});
        }
    }
    kernel_transpose(p->d, p->weight + first * kernel * size, kernel * size, sums,
                     channels * size, kernel, channels);
}

/* It is planned like the work on one image, of one group with all channels. */
static bool weight_of_channels(Ctx *c, const ConvProducts *p) {
    ConvProducts all = *p;
    all.groups = all.images = 1;
    all.rows = all.columns.channels = p->groups;
    all.depth = p->groups * p->depth;
    ConvPlan plan = conv_plan(&all, true);
    all.images = p->images;
    plan.task = channels_task;
    const int64_t elements = plan.grid.channel + plan.block * plan.grid.cols + p->depth;
    if (!conv_plan_room(c, &plan, 0, 0,
                        conv_grid_elements(&plan.grid, plan.channels) +
                            elements * plan.channels))
        return false;
    conv_plan_run(&plan);
    return true;
}

enum { RUNS = 256 }; /* positions in several rows that a product may take in one go */

bool conv_weight(Ctx *c, const ConvProducts *p) {
    if (p->order == CONV_BY_COLUMNS) return fold_lanes(c, p);
    if (p->order == CONV_BY_WINDOW && p->rows == 1 && p->columns.channels == 1)
        return weight_of_channels(c, p);
    ConvPlan plan = conv_plan(p, true);
    if (plan.block > 1) plan.block = most(1, least(plan.block, RUNS / plan.grid.width));
    if (!conv_plan_room(c, &plan, plan.block * plan.grid.cols, total_sums(&plan),
                        conv_grid_elements(&plan.grid, plan.channels) +
                            plan.grid.channel * plan.channels +
                            plan.block * plan.grid.cols * grid_apart(p->rows) +
                            slice_sums(&plan)))
        return false;
    memset(plan.turned, 0, (size_t)(total_sums(&plan) * plan.size));
    memset(plan.lane_room, 0, (size_t)(plan.room * plan.lanes * plan.size));
    conv_rows_apart(&plan, plan.block * plan.grid.cols, grid_apart(p->rows));
    const int64_t tasks = plan.to;
    if (p->order == CONV_BY_WINDOW) {
        plan.task = weight_chain_task;
        plan.to = p->groups * plan.slices;
        conv_plan_run(&plan);
    } else {
        plan.task = weight_task;
        for (plan.from = 0; plan.from < tasks; plan.from = plan.to) {
            plan.to = least(plan.from + plan.lanes, tasks);
            conv_plan_run(&plan);
            add_sums(&plan);
        }
    }
    turn_totals(&plan);
    return true;
}
