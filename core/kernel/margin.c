/* See margin.h.  Sums are taken in double, other steps rounded to d, as PyTorch's are.
 * Sources: LossMultiMargin.cpp, LossMultiLabelMargin.cpp. */
#include "margin.h"

#include "number.h"

/* ---- one label ---- */

/* What element i adds to the loss of row r, before its power; negative: nothing. */
static double excess(DType d, const Margin *m, const void *x, int64_t r, int64_t i) {
    int64_t at = r * m->classes, target = m->target[r];
    double gap = number_rounded(d, m->margin - number_load(d, x, at + target));
    return i == target ? -1 : number_rounded(d, gap + number_load(d, x, at + i));
}

static double weigh(DType d, const Margin *m, int64_t r, double h) {
    if (!m->weight) return h;
    return number_rounded(d, h * number_load(d, m->weight, m->target[r]));
}

static double row_loss(DType d, const Margin *m, const void *x, int64_t r) {
    double sum = 0;
    for (int64_t i = 0; i < m->classes; i++) {
        double z = excess(d, m, x, r, i);
        if (!(z > 0)) continue;
        double h = m->p == 1 ? z : number_rounded(d, z * z);
        sum = number_rounded(d, sum + weigh(d, m, r, h));
    }
    return number_rounded(d, sum / (double)m->classes);
}

void kernel_multi_margin(DType d, const Margin *m, bool mean, bool all, const void *x,
                         void *out) {
    double sum = 0;
    for (int64_t r = 0; r < m->rows; r++) {
        double loss = row_loss(d, m, x, r);
        if (all) number_store(d, out, r, loss);
        sum += loss;
    }
    if (!all) number_store(d, out, 0, mean ? sum / (double)m->rows : sum);
}

/* The gradients of row r, each of which counts g. */
static void row_gradient(DType d, const Margin *m, const void *x, int64_t r, double g,
                         double grad, void *out) {
    double of_target = 0;
    for (int64_t i = 0; i < m->classes; i++) {
        double z = excess(d, m, x, r, i), h = 0;
        if (z > 0) {
            h = m->p == 1 ? g : number_rounded(d, number_rounded(d, 2 * g) * z);
            h = weigh(d, m, r, h);
            of_target = number_rounded(d, of_target - h);
        }
        number_store(d, out, r * m->classes + i, number_rounded(d, h) * grad);
    }
    number_store(d, out, r * m->classes + m->target[r], of_target * grad);
}

static double share_of(DType d, const Margin *m, bool mean) {
    double n = (double)m->classes * (mean ? (double)m->rows : 1);
    return number_rounded(d, 1 / n);
}

void kernel_multi_margin_backward(DType d, const Margin *m, bool mean, const void *x,
                                  const void *grad, int grad_step, void *out) {
    double g = share_of(d, m, mean);
    for (int64_t r = 0; r < m->rows; r++)
        row_gradient(d, m, x, r, g, number_load(d, grad, r * grad_step), out);
}

/* ---- several labels ---- */

static int64_t count_labels(const Margin *m, int64_t r) {
    int64_t n = 0;
    while (n < m->classes && m->target[r * m->classes + n] >= 0) n++;
    return n;
}

static bool is_label(const Margin *m, int64_t r, int64_t n, int64_t i) {
    for (int64_t j = 0; j < n; j++)
        if (m->target[r * m->classes + j] == i) return true;
    return false;
}

void kernel_multilabel_margin(DType d, const Margin *m, bool mean, bool all,
                              const void *x, void *out, void *is_target) {
    double total = 0;
    for (int64_t r = 0; r < m->rows; r++) {
        int64_t at = r * m->classes, n = count_labels(m, r);
        double sum = 0;
        for (int64_t j = 0; j < n; j++)
            number_store(d, is_target, at + m->target[at + j], 1);
        for (int64_t j = 0; j < n; j++) {
            double target = number_load(d, x, at + m->target[at + j]);
            double gap = number_rounded(d, 1 - target);
            for (int64_t i = 0; i < m->classes; i++) {
                if (number_load(d, is_target, at + i) != 0) continue;
                double z = number_rounded(d, gap + number_load(d, x, at + i));
                if (z > 0) sum += z;
            }
        }
        if (all) number_store(d, out, r, sum / (double)m->classes);
        total += sum;
    }
    total /= (double)m->classes;
    if (!all) number_store(d, out, 0, mean ? total / (double)m->rows : total);
}

static void add_at(DType d, void *out, int64_t at, double v) {
    number_store(d, out, at, number_load(d, out, at) + v);
}

void kernel_multilabel_margin_backward(DType d, const Margin *m, bool mean,
                                       const void *x, const void *grad, int grad_step,
                                       void *out) {
    double g = share_of(d, m, mean);
    for (int64_t r = 0; r < m->rows; r++) {
        int64_t at = r * m->classes, n = count_labels(m, r);
        for (int64_t j = 0; j < n; j++) {
            int64_t target = m->target[at + j];
            double gap = number_rounded(d, 1 - number_load(d, x, at + target));
            for (int64_t i = 0; i < m->classes; i++) {
                double z = number_rounded(d, gap + number_load(d, x, at + i));
                if (!(z > 0) || is_label(m, r, n, i)) continue;
                add_at(d, out, at + target, -g);
                add_at(d, out, at + i, g);
            }
        }
        double scale = number_load(d, grad, r * grad_step);
        for (int64_t i = at; i < at + m->classes; i++)
            number_store(d, out, i, number_load(d, out, i) * scale);
    }
}
