/* tensor_text: a tensor read back from its printed text.
 *
 * For telling how two outputs differ: the text of a tensor has its shape in its
 * brackets, its values to the digits shown, and dtype and grad_fn behind them.
 */
#ifndef RUNNER_TENSOR_TEXT_H
#define RUNNER_TENSOR_TEXT_H

#include "runner/text/arena.h"

enum { TENSOR_TEXT_DIMS = 16 };

typedef struct TensorElement {
    const char *text; /* as printed */
    uint32_t len;
    double value; /* True is 1 */
} TensorElement;

typedef struct TensorText {
    const char *text; /* "tensor(" ... ")" */
    size_t len;
    int ndim;
    int64_t dims[TENSOR_TEXT_DIMS];
    bool summarized; /* "..." stands for elements; dims are those that are shown */
    TensorElement *elements;
    size_t n;
    const char *dtype; /* "float32", also when it is the default and not printed */
    const char *grad;  /* "grad_fn=<AddBackward0>", "requires_grad=True" or "" */
} TensorText;

/* Reads the tensor whose text begins at `text`, which ends at `end`; elements and texts
 * come from the arena. False when no whole tensor begins there (or memory is short). */
bool tensor_text_read(Arena *a, const char *text, const char *end, TensorText *t);
/* "(2, 3)", "()" */
void tensor_text_shape(Buf *out, const TensorText *t);
/* How many steps from one number of that dtype to the next lie between two numbers, as
 * printed: units in the last place. NAN when the dtype is none of floating point, or a
 * number is not finite. */
double tensor_text_ulps(const char *dtype, double from, double to);
/* The index of element i. */
void tensor_text_index(const TensorText *t, size_t i, int64_t *index);

#endif
