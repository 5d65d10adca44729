/* See embedding.h.  Sources: Embedding.cpp, EmbeddingBag.cpp. */
#include "embedding.h"

#include "number.h"

/* row[at] += scale * x[from], for dim elements, each product and sum rounded. */
static void add_row(DType d, void *row, int64_t at, const void *x, int64_t from,
                    int64_t dim, double scale) {
    for (int64_t j = 0; j < dim; j++) {
        double product = number_rounded(d, scale * number_load(d, x, from + j));
        number_store(d, row, at + j, number_load(d, row, at + j) + product);
    }
}

void kernel_embedding_backward(DType d, const Lookup *l, const void *grad, void *out) {
    for (int64_t i = 0; i < l->n; i++) {
        int64_t row = l->index[i];
        if (row == l->padding) continue;
        double scale = l->counts ? 1. / (double)l->counts[row] : 1;
        add_row(d, out, row * l->dim, grad, i * l->dim, l->dim,
                number_rounded(d, scale));
    }
}

/* ---- bags ---- */

static double weight_of(DType d, const Bags *b, int64_t i) {
    return b->weight ? number_load(d, b->weight, i) : 1;
}

/* Element j of the sum of one bag, which holds the indices from `first` to before
 * `end`, in float32 or float64. */
static double wide_sum(DType d, const Bags *b, const void *table, int64_t first,
                       int64_t end, int64_t j) {
    DType in = d == DT_float64 ? d : DT_float32;
    double sum = 0;
    for (int64_t i = first; i < end; i++) {
        if (b->index[i] == b->padding) continue;
        double x = number_load(d, table, b->index[i] * b->dim + j);
        sum = number_rounded(in, sum + number_rounded(in, weight_of(d, b, i) * x));
    }
    return sum;
}

static int64_t end_of_bag(const Bags *b, int64_t first) {
    int64_t end = first + 1;
    while (end < b->n && b->bag[end] == b->bag[first]) end++;
    return end;
}

static void sum_bags(DType d, const Bags *b, bool wide, const void *table, void *out) {
    for (int64_t i = 0, end; wide && i < b->n; i = end) {
        end = end_of_bag(b, i);
        for (int64_t j = 0; j < b->dim; j++)
            number_store(d, out, b->bag[i] * b->dim + j,
                         wide_sum(d, b, table, i, end, j));
    }
    for (int64_t i = 0; !wide && i < b->n; i++)
        if (b->index[i] != b->padding)
            add_row(d, out, b->bag[i] * b->dim, table, b->index[i] * b->dim, b->dim,
                    weight_of(d, b, i));
}

static void largest_in_bags(DType d, const Bags *b, const void *table, void *out,
                            int64_t *chosen) {
    int64_t last = -1;
    for (int64_t i = 0; i < b->n; i++) {
        int64_t row = b->index[i], at = b->bag[i] * b->dim;
        if (row == b->padding) continue;
        bool first = b->bag[i] != last;
        last = b->bag[i];
        for (int64_t j = 0; j < b->dim; j++) {
            double x = number_load(d, table, row * b->dim + j);
            if (!first && !(x > number_load(d, out, at + j))) continue;
            number_store(d, out, at + j, x);
            chosen[at + j] = row;
        }
    }
}

void kernel_bags(DType d, const Bags *b, bool wide, const void *table, void *out,
                 int64_t *chosen) {
    if (b->mode == BAG_MAX)
        largest_in_bags(d, b, table, out, chosen);
    else
        sum_bags(d, b, wide, table, out);
    if (b->mode != BAG_MEAN) return;
    for (int64_t i = 0; i < b->n_bags * b->dim; i++) {
        int64_t size = b->size[i / b->dim];
        number_store(d, out, i, number_load(d, out, i) / (double)(size ? size : 1));
    }
}

/* ---- gradients of bags ---- */

/* Each row's gradients are added in the order of its indices. */
void kernel_bags_backward(DType d, const Bags *b, const int64_t *counts,
                          const void *grad, void *out) {
    for (int64_t i = 0; i < b->n; i++) {
        int64_t row = b->index[i];
        if (row == b->padding) continue;
        double scale = weight_of(d, b, i);
        if (counts) scale /= (double)counts[i];
        if (b->mode == BAG_MEAN && b->size[b->bag[i]])
            scale /= (double)b->size[b->bag[i]];
        add_row(d, out, row * b->dim, grad, b->bag[i] * b->dim, b->dim,
                number_rounded(d, scale));
    }
}

void kernel_bags_max_backward(DType d, const Bags *b, const int64_t *chosen,
                              const void *grad, void *out) {
    for (int64_t i = 0; i < b->n_bags * b->dim; i++)
        if (b->size[i / b->dim])
            add_row(d, out, chosen[i] * b->dim + i % b->dim, grad, i, 1, 1);
}

void kernel_bags_weights_backward(DType d, const Bags *b, const void *grad,
                                  const void *table, void *out) {
    for (int64_t i = 0; i < b->n; i++) {
        double sum = 0;
        for (int64_t j = 0; j < b->dim && b->index[i] != b->padding; j++) {
            double g = number_load(d, grad, b->bag[i] * b->dim + j);
            double x = number_load(d, table, b->index[i] * b->dim + j);
            sum = number_rounded(d, sum + number_rounded(d, g * x));
        }
        number_store(d, out, i, sum);
    }
}
