/* See conv_products.h: the narrow and the wide side. */
#include "conv_plan.h"

#include "core/kernel/copy.h"
#include "core/kernel/matmul.h"
#include "dense.h"

#include <string.h>

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- sizes ---- */

static Columns columns_of(const Conv *v, int64_t channels, const int64_t *wide,
                          const int64_t *kernel, const int64_t *narrow) {
    Columns s = {channels, {slide_of_one, slide_of_one, slide_of_one}};
    for (int d = 0; d < v->dims; d++)
        s.dims[WINDOW_DIMS - v->dims + d] = (Slide){
            wide[d], narrow[d], kernel[d], v->stride[d], v->pad[d], v->dilation[d]};
    return s;
}

ConvProducts conv_products(const Conv *v, const Tensor *wide, const Tensor *narrow,
                           const Tensor *weight) {
    ConvProducts p = {.d = (DType)weight->dtype,
                      .columns =
                          columns_of(v, wide->sizes[1] / v->groups, wide->sizes + 2,
                                     weight->sizes + 2, narrow->sizes + 2),
                      .images = wide->sizes[0],
                      .groups = v->groups,
                      .rows = narrow->sizes[1] / v->groups,
                      .wide = tensor_data(wide),
                      .narrow = tensor_data(narrow),
                      .weight = tensor_data(weight)};
    p.depth = p.columns.channels * columns_kernel(&p.columns);
    p.places = columns_out(&p.columns);
    p.small = conv_multiplications(&p) < MATMUL_LARGE;
    return p;
}

double conv_multiplications(const ConvProducts *p) {
    return (double)p->rows * (double)p->places * (double)p->depth;
}

bool conv_library_has_columns(const Conv *v, const ConvProducts *p) {
    enum { VECTOR = 16 };
    if (v->groups > 1)
        return (p->rows % VECTOR || p->columns.channels % VECTOR) &&
               (p->rows != 1 || p->columns.channels != 1);
    return columns_kernel(&p->columns) == 1 &&
           !shape_equal(v->dims, v->pad, v->dims, (int64_t[MAX_DIMS]){0});
}

bool conv_is_fused(const ConvProducts *p) {
    return p->order != CONV_FASTEST || !p->small;
}

/* ---- the narrow side ---- */

/* The weight of each group as [depth, rows], in the order of the offsets. */
static void turn_for_narrow(const ConvPlan *plan) {
    const ConvProducts *p = plan->p;
    const int64_t size = plan->size, channels = p->columns.channels;
    const int64_t kernel = columns_kernel(&p->columns), pitch = grid_apart(p->rows);
    const bool window_first = p->order == CONV_BY_WINDOW;
    for (int64_t i = 0; i < p->groups * channels; i++) {
        int64_t group = i / channels, channel = i % channels;
        kernel_transpose(
            p->d,
            plan->turned + (group * p->depth + channel * (window_first ? 1 : kernel)) *
                               pitch * size,
            (window_first ? channels : 1) * pitch * size,
            p->weight + (group * p->rows * p->depth + channel * kernel) * size,
            p->depth * size, p->rows, kernel);
    }
}

static void narrow_block(const ConvPlan *plan, int64_t item, const Patch *b, char *grid,
                         char *block) {
    const ConvProducts *p = plan->p;
    const int64_t pitch = grid_apart(p->rows);
    if (p->started) conv_block_take(plan, b, conv_narrow_of(plan, item, b), block);
    kernel_matmul_laid(
        p->d, &(MatmulLaid){
                  .size = {p->rows, conv_block_places(plan, b), p->depth},
                  .a = {plan->turned + item % p->groups * p->depth * pitch * plan->size,
                        1, pitch},
                  .b = {grid, 0, 1},
                  .c = {block, plan->pitch, 1},
                  .fused = conv_is_fused(p),
                  .start = p->started ? MATMUL_AT_C : MATMUL_AT_ZERO,
                  .b_rows = plan->b_rows});
}

static void narrow_task(const ConvPlan *plan, int64_t task, char *room) {
    const ConvProducts *p = plan->p;
    const int64_t item = task / plan->slices, slice = task % plan->slices;
    const int64_t patches = grid_patches(&plan->grid);
    char *block = room + conv_grid_elements(&plan->grid, plan->channels) * plan->size;
    for (int64_t i = patches * slice / plan->slices;
         i < patches * (slice + 1) / plan->slices; i++) {
        Patch patch = grid_patch(&plan->grid, i);
        grid_take(p->d, &plan->grid, &patch, plan->channels,
                  conv_wide_of(plan, item, 0), room);
        for (int64_t j = 0; j < conv_blocks(plan, &patch); j++) {
            Patch b = conv_block(plan, &patch, j);
            plan->multiply(plan, item, &b, conv_block_in_grid(plan, &patch, &b, room),
                           block);
            conv_block_put(plan, &b, block, conv_narrow_of(plan, item, &b));
        }
    }
}

bool conv_narrow(Ctx *c, const ConvProducts *p) {
    ConvPlan plan = conv_plan(p, false);
    plan.task = narrow_task;
    plan.multiply = narrow_block;
    if (!conv_plan_room(c, &plan, p->depth, p->groups * p->depth * grid_apart(p->rows),
                        conv_grid_elements(&plan.grid, plan.channels) +
                            p->rows * plan.pitch))
        return false;
    conv_rows_in_grid(&plan);
    turn_for_narrow(&plan);
    conv_plan_run(&plan);
    return true;
}

/* ---- the wide side ---- */

/* The weight of each group as [window, rows, channels]. */
static void turn_for_wide(const ConvPlan *plan, const ConvProducts *p) {
    const int64_t size = plan->size, channels = p->columns.channels;
    const int64_t kernel = columns_kernel(&p->columns), pitch = grid_apart(channels);
    for (int64_t i = 0; i < p->groups * p->rows; i++)
        kernel_transpose(p->d,
                         plan->turned + (i / p->rows * kernel * p->rows + i % p->rows) *
                                            pitch * size,
                         p->rows * pitch * size, p->weight + i * p->depth * size,
                         kernel * size, channels, kernel);
}

/* A slice of the work of an item: its channels and what lies where in its lane. */
typedef struct WideTask {
    int64_t item, channel, channels;
    char *grid, *block, *mask;
} WideTask;

static void wide_block(const ConvPlan *plan, const WideTask *t, const Patch *b,
                       char *in_grid) {
    const ConvProducts *p = plan->p;
    const int64_t kernel = columns_kernel(&p->columns);
    const int64_t pitch = grid_apart(p->columns.channels);
    conv_block_take(plan, b, conv_narrow_of(plan, t->item, b), t->block);
    conv_block_mask(plan, b, t->mask);
    for (int64_t k = 0; k < kernel; k++) {
        int64_t weight =
            (t->item % p->groups * kernel + k) * p->rows * pitch + t->channel;
        int64_t seen = plan->seen[k];
        kernel_matmul_laid(
            p->d, &(MatmulLaid){
                      .size = {t->channels, conv_block_places(plan, b), p->rows},
                      .a = {plan->turned + weight * plan->size, 1, pitch},
                      .b = {t->block, plan->pitch, 1},
                      .c = {in_grid + seen * plan->size, plan->grid.channel, 1},
                      .fused = conv_is_fused(p),
                      .start = p->order == CONV_BY_WINDOW ? MATMUL_AT_C : MATMUL_ADDED,
                      .b_rows = plan->b_rows,
                      .mask = t->mask});
    }
}

/* An element has its parts in the order of the window when the last positions come
 * first. Products of columns are made for one depth after the other. */
static int64_t patch_in_order(const ConvPlan *plan, int64_t i) {
    int64_t all = grid_patches(&plan->grid), deep = all / plan->p->columns.dims[0].out;
    if (plan->p->order != CONV_BY_COLUMNS) return all - 1 - i;
    return i / deep * deep + deep - 1 - i % deep;
}

static void wide_task(const ConvPlan *plan, int64_t task, char *room) {
    const ConvProducts *p = plan->p;
    const int64_t item = task / plan->slices;
    const int64_t channel = task % plan->slices * plan->channels;
    WideTask t = {.item = item, .channel = channel, .grid = room};
    t.channels = least(plan->channels, p->columns.channels - channel);
    t.block = room + conv_grid_elements(&plan->grid, plan->channels) * plan->size;
    t.mask = t.block + p->rows * plan->pitch * plan->size;
    char *wide = conv_wide_of(plan, item, channel);
    memset(wide, 0, (size_t)(t.channels * columns_in(&p->columns) * plan->size));
    for (int64_t i = 0; i < grid_patches(&plan->grid); i++) {
        Patch patch = grid_patch(&plan->grid, patch_in_order(plan, i));
        grid_take(p->d, &plan->grid, &patch, t.channels, wide, t.grid);
        for (int64_t j = conv_blocks(plan, &patch) - 1; j >= 0; j--) {
            Patch b = conv_block(plan, &patch, j);
            wide_block(plan, &t, &b, conv_block_in_grid(plan, &patch, &b, t.grid));
        }
        grid_put(p->d, &plan->grid, &patch, t.channels, t.grid, wide);
    }
}

static bool scatter_wide(Ctx *c, const ConvProducts *p) {
    ConvPlan plan = conv_plan(p, true);
    const int64_t kernel = columns_kernel(&p->columns);
    plan.task = wide_task;
    if (!conv_plan_room(c, &plan, p->rows,
                        p->groups * kernel * p->rows * grid_apart(p->columns.channels),
                        conv_grid_elements(&plan.grid, plan.channels) +
                            (p->rows + 1) * plan.pitch))
        return false;
    conv_rows_apart(&plan, p->rows, plan.pitch);
    turn_for_wide(&plan, p);
    conv_plan_run(&plan);
    return true;
}

/* Where the window moves by 1, the wide side is what its mirror image sees of the
 * narrow one, so that each element is summed up in one place. */
static ConvProducts mirrored(const ConvProducts *p) {
    ConvProducts m = *p;
    m.wide = p->narrow;
    m.narrow = p->wide;
    m.rows = p->columns.channels;
    m.columns.channels = p->rows;
    for (int d = 0; d < WINDOW_DIMS; d++) {
        const Slide *s = &p->columns.dims[d];
        int64_t pad = s->dilation * (s->kernel - 1) - s->pad;
        m.columns.dims[d] = (Slide){s->out, s->in, s->kernel, 1, pad, s->dilation};
    }
    m.depth = m.columns.channels * columns_kernel(&m.columns);
    m.places = columns_out(&m.columns);
    return m;
}

/* The mirror image sees zeros around the narrow side: these must change no sum, and be
 * few. */
static bool can_gather(const ConvProducts *p) {
    for (int d = 0; d < WINDOW_DIMS; d++)
        if (p->columns.dims[d].stride != 1) return false;
    return p->order != CONV_BY_COLUMNS && 2 * p->places >= columns_in(&p->columns) &&
           dense_is_finite(p->d, p->weight, p->groups * p->rows * p->depth);
}

static void gather_block(const ConvPlan *plan, int64_t item, const Patch *b, char *grid,
                         char *block) {
    const ConvProducts *p = plan->p;
    const int64_t pitch = grid_apart(p->rows), size = plan->size;
    const int64_t weight = item % p->groups * p->depth * pitch;
    memset(block, 0, (size_t)(p->rows * plan->pitch * size));
    kernel_matmul_laid(
        p->d,
        &(MatmulLaid){.size = {p->rows, conv_block_places(plan, b), p->depth},
                      .a = {plan->turned + weight * size, 1, pitch},
                      .a_run = p->order == CONV_BY_WINDOW ? 0 : p->columns.channels,
                      .b = {grid, 0, 1},
                      .c = {block, plan->pitch, 1},
                      .fused = conv_is_fused(p),
                      .start = p->order == CONV_BY_WINDOW ? MATMUL_AT_C : MATMUL_ADDED,
                      .b_rows = plan->b_rows});
}

static bool gather_wide(Ctx *c, const ConvProducts *p) {
    const ConvProducts m = mirrored(p);
    const int64_t kernel = columns_kernel(&m.columns), channels = m.columns.channels;
    ConvPlan plan = conv_plan(&m, false);
    plan.task = narrow_task;
    plan.multiply = gather_block;
    if (!conv_plan_room(c, &plan, m.depth, m.groups * m.depth * grid_apart(m.rows),
                        conv_grid_elements(&plan.grid, plan.channels) +
                            m.rows * plan.pitch))
        return false;
    for (int64_t i = 0; i < m.depth; i++)
        plan.b_rows[i] =
            i % channels * plan.grid.channel + plan.seen[kernel - 1 - i / channels];
    turn_for_wide(&plan, p);
    conv_plan_run(&plan);
    return true;
}

bool conv_wide(Ctx *c, const ConvProducts *p) {
    return can_gather(p) ? gather_wide(c, p) : scatter_wide(c, p);
}
