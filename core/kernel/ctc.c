/* See ctc.h.  Source: LossCTC.cpp; equations (6) to (16) are those of Graves et al.
 * 2006. */
#include "ctc.h"

#include "number.h"

#include <math.h>
#include <stdbool.h>

static double log_of(const Ctc *s, double v) {
    return s->d == DT_float64 ? log(v) : (double)logf((float)v);
}
static double exp_of(const Ctc *s, double v) {
    return s->d == DT_float64 ? exp(v) : (double)expf((float)v);
}
static double rounded(const Ctc *s, double v) {
    return number_rounded(s->d, v);
}

/* The label of a state: blanks and targets in turn. */
static int64_t label_of(const Ctc *s, int64_t state) {
    return state % 2 == 0 ? s->blank : s->target[state / 2 * s->target_step];
}
static int64_t prob_at(const Ctc *s, int64_t t, int64_t label) {
    return s->first + t * s->step + label;
}

/* log(exp a + exp b + exp c); -inf stands for nothing. */
static double log_sum(const Ctc *s, double a, double b, double c) {
    double top = a > b ? a : b;
    if (c > top) top = c;
    if (top == -INFINITY) top = 0;
    double sum =
        rounded(s, exp_of(s, rounded(s, a - top)) + exp_of(s, rounded(s, b - top)));
    sum = rounded(s, sum + exp_of(s, rounded(s, c - top)));
    return rounded(s, log_of(s, sum) + top);
}

/* Whether a path may go from state - 2 to state: past a blank, to another label. */
static bool may_skip(const Ctc *s, int64_t state) {
    return state > 1 && label_of(s, state) != label_of(s, state - 2);
}

/* ---- forward ---- */

static void first_row(const Ctc *s, void *alpha, int64_t at) {
    number_store(s->d, alpha, at, number_load(s->d, s->probs, prob_at(s, 0, s->blank)));
    if (s->n_targets > 0)
        number_store(s->d, alpha, at + 1,
                     number_load(s->d, s->probs, prob_at(s, 0, label_of(s, 1))));
}

double kernel_ctc_alpha(const Ctc *s, void *alpha, int64_t at, int64_t width) {
    int64_t states = 2 * s->n_targets + 1;
    if (s->n_times == 0) return s->n_targets == 0 ? -0.0 : INFINITY;
    first_row(s, alpha, at);
    for (int64_t t = 1; t < s->n_times; t++) {
        int64_t row = at + t * width, before = row - width;
        for (int64_t i = 0; i < states; i++) {
            double stay = number_load(s->d, alpha, before + i);
            double step = i > 0 ? number_load(s->d, alpha, before + i - 1) : -INFINITY;
            double skip =
                may_skip(s, i) ? number_load(s->d, alpha, before + i - 2) : -INFINITY;
            double p = number_load(s->d, s->probs, prob_at(s, t, label_of(s, i)));
            number_store(s->d, alpha, row + i, log_sum(s, stay, step, skip) + p);
        }
    }
    int64_t last = at + (s->n_times - 1) * width + states - 1;
    double a = number_load(s->d, alpha, last);
    if (s->n_targets == 0) return -a;
    return -log_sum(s, a, number_load(s->d, alpha, last - 1), -INFINITY);
}

/* ---- backward ---- */

/* out[t][label of state] = log(its exp + exp(alpha + beta)) */
static void collect(const Ctc *s, const void *alpha, int64_t alpha_at, double beta,
                    int64_t out_at, void *out) {
    double both = rounded(s, number_load(s->d, alpha, alpha_at) + beta);
    double now = number_load(s->d, out, out_at);
    if (now != -INFINITY) both = log_sum(s, now, both, -INFINITY);
    number_store(s->d, out, out_at, both);
}

/* beta of state i at time t, from those of the time after. */
static double beta_of(const Ctc *s, const double *after, int64_t t, int64_t i) {
    int64_t last = 2 * s->n_targets;
    double p = number_load(s->d, s->probs, prob_at(s, t, label_of(s, i)));
    if (t == s->n_times - 1) return i >= last - 1 ? p : -INFINITY;
    double step = i < last ? after[i + 1] : -INFINITY;
    double skip = i < last - 1 && may_skip(s, i + 2) ? after[i + 2] : -INFINITY;
    return rounded(s, log_sum(s, after[i], step, skip) + p);
}

void kernel_ctc_backward(const Ctc *s, const void *alpha, int64_t at, int64_t width,
                         double loss, double grad, double *beta, void *out) {
    int64_t states = 2 * s->n_targets + 1;
    for (int64_t t = s->n_times - 1; t >= 0; t--) {
        double *row = beta + t % 2 * width, *after = beta + (t + 1) % 2 * width;
        for (int64_t label = 0; label < s->labels; label++)
            number_store(s->d, out, prob_at(s, t, label), -INFINITY);
        for (int64_t i = states - 1; i >= 0; i--) {
            row[i] = beta_of(s, after, t, i);
            if (row[i] == -INFINITY && t == s->n_times - 1) continue;
            collect(s, alpha, at + t * width + i, row[i], prob_at(s, t, label_of(s, i)),
                    out);
        }
        for (int64_t label = 0; label < s->labels; label++) {
            int64_t here = prob_at(s, t, label);
            double p = number_load(s->d, s->probs, here);
            double path = rounded(s, number_load(s->d, out, here) + loss);
            path = exp_of(s, rounded(s, path - p));
            number_store(s->d, out, here, rounded(s, exp_of(s, p) - path) * grad);
        }
    }
}
