/* tensor_diff: how two printed tensors differ: in shape, dtype, values, grad_fn or only
 * in how they are printed; the first of these is the class, the note tells of all.
 *
 *     1 of 6 elements moved, at most 1e-04, 2e-04 relative, 3355 ulp (element [1, 2]:
 *     -0.5000 to -0.4999); shape (2, 3), dtype float32, grad_fn: same
 *
 * The element told is the first of those that moved furthest.  Units in the last place
 * are those of the dtype, between the numbers as printed.
 */
#ifndef RUNNER_TENSOR_DIFF_H
#define RUNNER_TENSOR_DIFF_H

#include "runner/run/classify.h"

FailureClass tensor_diff(const TensorText *e, const TensorText *a, Buf *note,
                         Movement *m);
/* "1e-04, 4e-05 relative, 419 ulp", of two finite numbers, as far as that means
 * anything; bool and integers have only the first. */
void tensor_diff_distance(Buf *out, const char *dtype, double from, double to);
/* A small difference to one or two digits: "1e-04", "0.25", "inf". */
void print_difference(double far, char out[24]);

#endif
