/* tensor_copy of tensor.h: by one memmove, by tiles where a matrix is turned, or by the
 * kernels of kernel/copy.h. */
#include "tensor.h"

#include "iter.h"
#include "kernel/copy.h"

#include <string.h>

/* The source runs along memory where the result steps over it: dimension 0 is the
 * result's inner one, dimension 1 the source's. */
static bool is_turned(const Iter *it, int64_t size) {
    return it->ndim >= 2 && it->strides[0][0] == size && it->strides[1][1] == size &&
           it->strides[0][1] != size && it->strides[0][1] != 0;
}

static void run_turned(Iter *it, DType d) {
    int64_t index[ITER_DIMS];
    for (int i = 2; i < it->ndim; i++) index[i] = 0;
    do
        kernel_transpose(d, it->data[0], it->strides[1][0], it->data[1],
                         it->strides[0][1], it->sizes[0], it->sizes[1]);
    while (iter_next(it, 2, index));
}

static void copy_strided(Tensor *dst, const Tensor *src) {
    Iter it;
    DType to = (DType)dst->dtype, from = (DType)src->dtype;
    iter_begin(&it, dst->ndim, dst->sizes);
    iter_add(&it, tensor_data(dst), to, dst->ndim, dst->sizes, dst->strides);
    iter_add(&it, tensor_data(src), from, src->ndim, src->sizes, src->strides);
    if (to != from) {
        iter_run_parallel(&it, kernel_cast, from, &to);
        return;
    }
    if (iter_plan(&it) && is_turned(&it, (int64_t)dtype_size(to)))
        run_turned(&it, to);
    else
        iter_run_parallel(&it, kernel_copy, to, NULL);
}

void tensor_copy(Tensor *dst, const Tensor *src) {
    if (!dst || !src) return;
    if (dst->contiguous && src->contiguous && dst->dtype == src->dtype &&
        dst->numel < PARALLEL_FROM && tensor_same_sizes(dst, src))
        memmove(tensor_data(dst), tensor_data(src),
                (size_t)dst->numel * dtype_size((DType)dst->dtype));
    else
        copy_strided(dst, src);
}
