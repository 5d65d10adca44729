/* margin: losses of rows of classes, by how near others come to the targets.
 *
 * x [rows, classes], contiguous, float32 or float64.  A loss is a mean over the
 * classes; those of the rows go to out [rows] with `all`, else their sum, or with
 * `mean` their mean, goes to out [].  Gradients take grad [rows] (grad_step 1) or []
 * (0).
 */
#ifndef CORE_KERNEL_MARGIN_H
#define CORE_KERNEL_MARGIN_H

#include "core/dtype.h"

#include <stdbool.h>

typedef struct Margin {
    int64_t rows, classes;
    const int64_t *target; /* [rows]; of several labels [rows, classes], ended by -1 */
    const void *weight;    /* [classes], or NULL; one label only */
    int p;                 /* 1 or 2; one label only */
    double margin;
} Margin;

/* Of a row: the sum of max(margin - x[target] + x[i], 0)^p, i other than target. */
void kernel_multi_margin(DType d, const Margin *m, bool mean, bool all, const void *x,
                         void *out);
void kernel_multi_margin_backward(DType d, const Margin *m, bool mean, const void *x,
                                  const void *grad, int grad_step, void *out);
/* Of a row: the sum of max(1 - x[t] + x[i], 0), t a target and i none. is_target
 * [rows, classes] is zero before. */
void kernel_multilabel_margin(DType d, const Margin *m, bool mean, bool all,
                              const void *x, void *out, void *is_target);
/* out holds zeros. */
void kernel_multilabel_margin_backward(DType d, const Margin *m, bool mean,
                                       const void *x, const void *grad, int grad_step,
                                       void *out);

#endif
