/* See tensor_diff.h. */
#include "runner/run/tensor_diff.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- distances ---- */

void print_difference(double far, char out[24]) {
    snprintf(out, 24, far > 0 && far < 1e-2 ? "%.1e" : "%.3g", far);
    char *zero = strstr(out, ".0e");
    if (zero) memmove(zero, zero + 2, strlen(zero + 2) + 1);
}

void tensor_diff_distance(Buf *out, const char *dtype, double from, double to) {
    char far[24], relative[24];
    double ulps = tensor_text_ulps(dtype, from, to);
    print_difference(fabs(to - from), far);
    print_difference(fabs((to - from) / from), relative);
    buf_puts(out, far);
    if (isnan(ulps)) return;
    if (from != 0) buf_printf(out, ", %s relative", relative);
    buf_printf(out, ulps < 1e6 ? ", %.0f ulp" : ", %.1e ulp", ulps);
}

/* ---- elements ---- */

static bool same_shape(const TensorText *e, const TensorText *a) {
    return e->ndim == a->ndim && e->n == a->n &&
           memcmp(e->dims, a->dims, (size_t)e->ndim * sizeof *e->dims) == 0;
}

static bool same_element(const TensorElement *e, const TensorElement *a) {
    return e->value == a->value || (isnan(e->value) && isnan(a->value));
}

/* How far the elements of two tensors of one shape are from each other. */
typedef struct Movement {
    size_t moved, worst; /* how many; the first of those that moved furthest */
    double most;
} Movement;

static Movement measure(const TensorText *e, const TensorText *a) {
    Movement m = {0, 0, -1};
    for (size_t i = 0; i < e->n; i++) {
        if (same_element(&e->elements[i], &a->elements[i])) continue;
        double far = fabs(a->elements[i].value - e->elements[i].value);
        if (isnan(far)) far = INFINITY;
        if (far > m.most) {
            m.most = far;
            m.worst = i;
        }
        m.moved++;
    }
    return m;
}

/* ---- notes ---- */

static void note_shape(Buf *out, const TensorText *t) {
    buf_puts(out, "shape ");
    tensor_text_shape(out, t);
}

/* "grad_fn: same"; what is the same on both sides may stand before it. */
static void note_grad(Buf *out, const TensorText *e, const TensorText *a) {
    if (strcmp(e->grad, a->grad) == 0)
        buf_puts(out, "grad_fn: same");
    else
        buf_printf(out, "grad_fn: %s, not %s", *a->grad ? a->grad : "none",
                   *e->grad ? e->grad : "none");
}

static void note_moved(Buf *out, const TensorText *e, const Movement *m) {
    buf_printf(out, "%zu of %zu element%s moved", m->moved, e->n, e->n == 1 ? "" : "s");
}

static void note_values(Buf *out, const TensorText *e, const TensorText *a,
                        const Movement *m) {
    const TensorElement *from = &e->elements[m->worst], *to = &a->elements[m->worst];
    note_moved(out, e, m);
    if (isfinite(m->most)) {
        buf_puts(out, ", at most ");
        tensor_diff_distance(out, e->dtype, from->value, to->value);
    }
    buf_puts(out, " (");
    if (e->ndim && !e->summarized) {
        buf_puts(out, "element ");
        tensor_text_index(out, e, m->worst);
        buf_puts(out, ": ");
    }
    buf_printf(out, "%.*s to %.*s); ", (int)from->len, from->text, (int)to->len,
               to->text);
    note_shape(out, a);
    buf_printf(out, ", dtype %s, ", a->dtype);
    note_grad(out, e, a);
}

static void note_shapes(Buf *out, const TensorText *e, const TensorText *a) {
    note_shape(out, e);
    buf_puts(out, " expected, ");
    tensor_text_shape(out, a);
    buf_puts(out, " printed; ");
    if (strcmp(e->dtype, a->dtype) == 0)
        buf_printf(out, "dtype %s, ", a->dtype);
    else
        buf_printf(out, "dtype %s, not %s, ", a->dtype, e->dtype);
    note_grad(out, e, a);
}

static void note_dtypes(Buf *out, const TensorText *e, const TensorText *a,
                        const Movement *m) {
    buf_printf(out, "dtype %s expected, %s printed; ", e->dtype, a->dtype);
    note_moved(out, e, m);
    buf_puts(out, "; ");
    note_shape(out, a);
    buf_puts(out, ", ");
    note_grad(out, e, a);
}

FailureClass tensor_diff(const TensorText *e, const TensorText *a, Buf *note) {
    if (!same_shape(e, a)) {
        note_shapes(note, e, a);
        return FAILURE_SHAPE;
    }
    Movement m = measure(e, a);
    if (strcmp(e->dtype, a->dtype) != 0) {
        note_dtypes(note, e, a, &m);
        return FAILURE_DTYPE;
    }
    if (m.moved) {
        note_values(note, e, a, &m);
        return FAILURE_VALUES;
    }
    if (strcmp(e->grad, a->grad) != 0) {
        buf_printf(note, "%s expected, %s printed; values, ",
                   *e->grad ? e->grad : "none", *a->grad ? a->grad : "none");
        note_shape(note, a);
        buf_printf(note, ", dtype %s: same", a->dtype);
        return FAILURE_GRAD_FN;
    }
    buf_puts(note, "the same values, shape, dtype and grad_fn, printed in another way");
    return FAILURE_FORMAT;
}
