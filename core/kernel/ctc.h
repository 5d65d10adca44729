/* ctc: connectionist temporal classification, for one sample.
 *
 * probs are the logarithms of probabilities [time, batch, labels] of float32 or
 * float64; a sample's targets are interleaved with blanks, so that there are 2 targets
 * + 1 states. alpha and beta are [time, states] in the same dtype; the loss of an
 * impossible alignment is inf.  Every step is rounded to the dtype.
 */
#ifndef CORE_KERNEL_CTC_H
#define CORE_KERNEL_CTC_H

#include "core/dtype.h"

typedef struct Ctc {
    DType d;
    const void *probs;
    int64_t first, step; /* of the sample in probs: element (t, label) is at
                          * first + t step + label */
    int64_t labels, blank;
    const int64_t *target;
    int64_t target_step, n_targets, n_times;
} Ctc;

/* The logarithms of the probabilities of all beginnings, into alpha at element `at`
 * with rows of `width` states, all -inf before; and minus the logarithm of the whole.
 */
double kernel_ctc_alpha(const Ctc *s, void *alpha, int64_t at, int64_t width);
/* The gradient of probs, into the sample's first n_times rows of out, which has their
 * layout: from alpha as above, loss, and the gradient of the loss. beta is room for two
 * rows of alpha. */
void kernel_ctc_backward(const Ctc *s, const void *alpha, int64_t at, int64_t width,
                         double loss, double grad, double *beta, void *out);

#endif
