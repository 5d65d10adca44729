/* The second derivative of convolution, made of convolutions, as PyTorch composes it.
 *
 * Of the backward that gave gI, gW and gb, the gradients are ggI, ggW and ggb.  Source:
 * Convolution.cpp (_convolution_double_backward). */
#include "convolution.h"

#include "ops.h"

#include <string.h>

typedef struct Second {
    Conv v;
    Tensor *gO, *input, *weight;
    Tensor *ggI, *ggW, *ggb; /* NULL where nothing flows back */
} Second;

static bool read_second(Ctx *c, const Grad *g, Second *s) {
    *s = (Second){.gO = saved_tensor(c, g, 0),
                  .input = saved_tensor(c, g, 1),
                  .weight = saved_tensor(c, g, 2),
                  .ggI = g->grads[0],
                  .ggW = g->grads[1],
                  .ggb = g->grads[2]};
    s->v.dims = saved_ints(g, 3, s->v.stride, MAX_DIMS);
    saved_ints(g, 4, s->v.pad, MAX_DIMS);
    saved_ints(g, 5, s->v.dilation, MAX_DIMS);
    s->v.transposed = saved_bool(g, 6);
    saved_ints(g, 7, s->v.output_pad, MAX_DIMS);
    s->v.groups = saved_int(g, 8);
    if (!s->gO || !s->input || !s->weight) return false;
    /* Lists may hold one int for all dimensions. */
    const int dims = s->weight->ndim - 2;
    int64_t *lists[4] = {s->v.stride, s->v.pad, s->v.dilation, s->v.output_pad};
    for (int i = 0; i < 4; i++)
        for (int d = 1; d < dims && s->v.dims == 1; d++) lists[i][d] = lists[i][0];
    s->v.dims = dims;
    return true;
}

/* ggb at every place of gO. */
static Tensor *spread_bias(Ctx *c, Tensor *ggb, const Tensor *gO) {
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < gO->ndim; i++) sizes[i] = i == 1 ? ggb->sizes[0] : 1;
    Tensor *t = t_view(c, t_contiguous(c, ggb), gO->ndim, sizes);
    return t_expand(c, t, gO->ndim, gO->sizes);
}

/* ggO = conv(ggI, weight) + conv(input, ggW) + ggb */
static Tensor *second_output(Ctx *c, const Second *s) {
    Tensor *t = NULL;
    if (s->input->numel && s->ggI) t = t_convolution(c, s->ggI, s->weight, NULL, &s->v);
    if (s->input->numel && s->ggW)
        t = t_add_some(c, t, t_convolution(c, s->input, s->ggW, NULL, &s->v));
    if (s->ggb) t = t_add_some(c, t, spread_bias(c, s->ggb, s->gO));
    return t;
}

/* Dimensions from 2 on cut to those of `like`. */
static Tensor *cut_to(Ctx *c, Tensor *t, const Tensor *like) {
    for (int d = 2; t && d < like->ndim; d++)
        if (t->sizes[d] > like->sizes[d]) t = t_narrow(c, t, d, 0, like->sizes[d]);
    return t;
}

/* Part g of the channels of t, which lie in dimension 0 here. */
static Tensor *group_part(Ctx *c, Tensor *t, int64_t groups, int64_t g) {
    if (!t || groups == 1) return t;
    int64_t n = t->sizes[0] / groups;
    return t_narrow(c, t, 0, g * n, n);
}

/* gW = conv(ggI, gO), where batch and channels, stride and dilation change places. */
static Tensor *second_weight(Ctx *c, const Second *s) {
    if (!s->ggI || s->input->numel == 0) return NULL;
    const int64_t groups = s->v.groups;
    Conv v = s->v;
    v.groups = 1;
    v.transposed = false;
    memcpy(v.stride, s->v.dilation, sizeof v.stride);
    memcpy(v.dilation, s->v.stride, sizeof v.dilation);
    Tensor *gO = t_transpose(c, s->gO, 0, 1), *ggI = t_transpose(c, s->ggI, 0, 1);
    Tuple *parts = pool_add(c, tuple_new(c, NULL, (size_t)groups, NULL));
    for (int64_t g = 0; parts && g < groups; g++) {
        Tensor *a = group_part(c, ggI, groups, g), *b = group_part(c, gO, groups, g);
        Tensor *t = t_convolution(c, s->v.transposed ? b : a, s->v.transposed ? a : b,
                                  NULL, &v);
        if (ctx_failed(c)) return NULL;
        if (groups == 1) return cut_to(c, t_transpose(c, t, 0, 1), s->weight);
        value_set(c, &parts->items[g], value_obj(t));
    }
    Tensor *t = t_cat(c, value_obj(parts), 1);
    return cut_to(c, t_transpose(c, t, 0, 1), s->weight);
}

/* gI = the convolution of gO with ggW that goes the other way. */
static Tensor *second_input(Ctx *c, const Second *s) {
    if (!s->ggW || s->input->numel == 0) return NULL;
    Conv v = s->v;
    v.transposed = !s->v.transposed;
    if (s->v.transposed)
        return cut_to(c, t_convolution(c, s->gO, s->ggW, NULL, &v), s->input);
    for (int d = 0; d < v.dims; d++) {
        int64_t size = (s->weight->sizes[d + 2] - 1) * v.dilation[d] - 2 * v.pad[d] +
                       v.stride[d] * (s->gO->sizes[d + 2] - 1) + 1;
        v.output_pad[d] = s->input->sizes[d + 2] - size;
    }
    return t_convolution(c, s->gO, s->ggW, NULL, &v);
}

void convolution_double_backward(Ctx *c, Grad *g) {
    Second s;
    if (!read_second(c, g, &s)) return;
    if (grad_wanted(g, 0)) grad_set(g, 0, second_output(c, &s));
    if (grad_wanted(g, 1)) grad_set(g, 1, second_input(c, &s));
    if (grad_wanted(g, 2)) grad_set(g, 2, second_weight(c, &s));
}
