/* See tensor_diff.h. */
#include "runner/run/tensor_diff.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- distances ---- */

void print_difference(double far, char out[24]) {
    snprintf(out, 24, far > 0 && far < 1e-2 ? "%.1e" : "%.3g", far);
    char *zero = strstr(out, ".0e");
    if (zero) memmove(zero, zero + 2, strlen(zero + 2) + 1);
}

/* How far it is from one number to another; relative and ulps mean nothing for bool and
 * integers, or relative to 0. */
static void measure_step(const char *dtype, double from, double to, Movement *m) {
    m->absolute = fabs(to - from);
    m->ulps = tensor_text_ulps(dtype, from, to);
    m->relative = isnan(m->ulps) || from == 0 ? NAN : m->absolute / fabs(from);
}

static void put_step(Buf *out, const Movement *m) {
    char far[24], relative[24];
    print_difference(m->absolute, far);
    print_difference(m->relative, relative);
    buf_puts(out, far);
    if (!isnan(m->relative)) buf_printf(out, ", %s relative", relative);
    if (!isnan(m->ulps))
        buf_printf(out, m->ulps < 1e6 ? ", %.0f ulp" : ", %.1e ulp", m->ulps);
}

void tensor_diff_distance(Buf *out, const char *dtype, double from, double to) {
    Movement m;
    measure_step(dtype, from, to, &m);
    put_step(out, &m);
}

/* ---- elements ---- */

static bool same_shape(const TensorText *e, const TensorText *a) {
    return e->ndim == a->ndim && e->n == a->n &&
           memcmp(e->dims, a->dims, (size_t)e->ndim * sizeof *e->dims) == 0;
}

static bool same_element(const TensorElement *e, const TensorElement *a) {
    return e->value == a->value || (isnan(e->value) && isnan(a->value));
}

/* Of two tensors of one shape. */
static void measure(const TensorText *e, const TensorText *a, Movement *m) {
    size_t worst = 0;
    double most = -1;
    m->of = (uint32_t)e->n;
    for (size_t i = 0; i < e->n; i++) {
        if (same_element(&e->elements[i], &a->elements[i])) continue;
        double far = fabs(a->elements[i].value - e->elements[i].value);
        if (isnan(far)) far = INFINITY;
        if (far > most) {
            most = far;
            worst = i;
        }
        m->moved++;
    }
    if (!m->moved) return;
    const TensorElement *from = &e->elements[worst], *to = &a->elements[worst];
    measure_step(e->dtype, from->value, to->value, m);
    snprintf(m->from, sizeof m->from, "%.*s", (int)from->len, from->text);
    snprintf(m->to, sizeof m->to, "%.*s", (int)to->len, to->text);
    if (e->summarized) return;
    m->ndim = e->ndim;
    tensor_text_index(e, worst, m->index);
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

static void note_moved(Buf *out, const Movement *m) {
    buf_printf(out, "%" PRIu32 " of %" PRIu32 " element%s moved", m->moved, m->of,
               m->of == 1 ? "" : "s");
}

static void note_values(Buf *out, const TensorText *e, const TensorText *a,
                        const Movement *m) {
    note_moved(out, m);
    if (isfinite(m->absolute)) {
        buf_puts(out, ", at most ");
        put_step(out, m);
    }
    buf_puts(out, " (");
    if (m->ndim) {
        buf_puts(out, "element ");
        buf_dims(out, m->ndim, m->index);
        buf_puts(out, ": ");
    }
    buf_printf(out, "%s to %s); ", m->from, m->to);
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
    note_moved(out, m);
    buf_puts(out, "; ");
    note_shape(out, a);
    buf_puts(out, ", ");
    note_grad(out, e, a);
}

FailureClass tensor_diff(const TensorText *e, const TensorText *a, Buf *note,
                         Movement *m) {
    if (!same_shape(e, a)) {
        note_shapes(note, e, a);
        return FAILURE_SHAPE;
    }
    measure(e, a, m);
    if (strcmp(e->dtype, a->dtype) != 0) {
        note_dtypes(note, e, a, m);
        return FAILURE_DTYPE;
    }
    if (m->moved) {
        note_values(note, e, a, m);
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
