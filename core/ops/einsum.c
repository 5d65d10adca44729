/* einsum: sums of products named by subscripts.
 *
 * The dimensions of every operand are brought into one order, those of the result
 * first, those summed over behind, missing ones with size 1; then operands are
 * multiplied two by two, from the left, each pair through one batched matrix product,
 * and what occurs in one of them alone is summed before.  Views and products are those
 * that PyTorch makes, for the graph shows them.  Source: Linear.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <string.h>

enum { LETTERS = 26, LABELS = 2 * LETTERS, ELLIPSIS = LABELS };

/* The subscripts of one operand or of the result. */
typedef struct Subscripts {
    int n;
    uint8_t at[MAX_DIMS + 1]; /* labels, at most one ELLIPSIS */
} Subscripts;

typedef struct Equation {
    const char *text, *arrow; /* arrow: NULL when there is no "->" */
    int count[LABELS];        /* how often a label occurs among the operands */
    int place[LABELS];        /* the dimension it gets, -1: none yet */
    int ellipsis_dims;        /* the most dimensions that an ellipsis stands for */
    int ellipsis_place;       /* the first of them */
    int out_dims, dims;       /* of the result; with those summed over */
    int64_t size[LABELS], ellipsis_size[MAX_DIMS];
    int uses[MAX_DIMS]; /* operands in which the dimension is not 1 */
} Equation;

static bool is_letter(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}
static uint8_t label_of(char ch) {
    return (uint8_t)(ch >= 'a' ? ch - 'a' + LETTERS : ch - 'A');
}
static char letter_of(uint8_t label) {
    return (char)(label >= LETTERS ? label - LETTERS + 'a' : label + 'A');
}

static bool push(Ctx *c, Subscripts *s, uint8_t label) {
    if (s->n > MAX_DIMS) {
        error_raise(c, RuntimeError, "einsum(): more than %d subscripts", MAX_DIMS);
        return false;
    }
    s->at[s->n++] = label;
    return true;
}

static bool push_letter(Ctx *c, const Equation *e, const char *at, Subscripts *s) {
    if (is_letter(*at)) return push(c, s, label_of(*at));
    error_raise(c, RuntimeError,
                "einsum(): invalid subscript given at index %td in the equation "
                "string, subscripts must be in [a-zA-Z]",
                at - e->text);
    return false;
}

/* ---- the left side ---- */

static bool push_ellipsis(Ctx *c, const char *at, const char *end, size_t operand,
                          Subscripts *s) {
    if (memchr(s->at, ELLIPSIS, (size_t)s->n)) {
        error_raise(c, RuntimeError,
                    "einsum(): found '.' for operand %zu for which an ellipsis was "
                    "already found",
                    operand);
        return false;
    }
    if (end - at > 2 && at[1] == '.' && at[2] == '.') return push(c, s, ELLIPSIS);
    error_raise(c, RuntimeError,
                "einsum(): found '.' for operand %zu that is not part of any ellipsis",
                operand);
    return false;
}

static bool parse_operands(Ctx *c, const Equation *e, size_t n, Subscripts *of) {
    const char *end = e->arrow ? e->arrow : e->text + strlen(e->text);
    size_t operand = 0;
    for (const char *at = e->text; at < end; at++) {
        if (*at == ' ') continue;
        if (*at == '.') {
            if (!push_ellipsis(c, at, end, operand, &of[operand])) return false;
            at += 2;
        } else if (*at == ',') {
            if (++operand < n) continue;
            error_raise(c, RuntimeError,
                        "einsum(): fewer operands were provided than specified in the "
                        "equation");
            return false;
        } else if (!push_letter(c, e, at, &of[operand])) {
            return false;
        }
    }
    if (operand == n - 1) return true;
    error_raise(c, RuntimeError,
                "einsum(): more operands were provided than specified in the equation");
    return false;
}

/* Counts labels and measures ellipses of operand i. */
static bool count_labels(Ctx *c, Equation *e, const Subscripts *s, const Tensor *t,
                         size_t i) {
    bool ellipsis = memchr(s->at, ELLIPSIS, (size_t)s->n);
    int labels = s->n - ellipsis;
    for (int j = 0; j < s->n; j++)
        if (s->at[j] != ELLIPSIS) e->count[s->at[j]]++;
    if (ellipsis && t->ndim - labels > e->ellipsis_dims)
        e->ellipsis_dims = t->ndim - labels;
    if (ellipsis ? labels <= t->ndim : labels == t->ndim) return true;
    error_raise(c, RuntimeError,
                "einsum(): the number of subscripts in the equation (%d%s%d) for "
                "operand %zu%s",
                labels,
                ellipsis ? ") is more than the number of dimensions ("
                         : ") does not match the number of dimensions (",
                t->ndim, i, ellipsis ? "" : " and no ellipsis was given");
    return false;
}

/* ---- the right side ---- */

static bool place_ellipsis(Ctx *c, Equation *e, const char *at, bool seen) {
    if (seen) {
        error_raise(c, RuntimeError,
                    "einsum(): found '.' for output but an ellipsis (...) was already "
                    "found");
        return false;
    }
    if (at[1] != '.' || at[2] != '.') {
        error_raise(c, RuntimeError,
                    "einsum(): found '.' for output that is not part of any ellipsis "
                    "(...)");
        return false;
    }
    e->ellipsis_place = e->dims;
    e->dims += e->ellipsis_dims;
    return true;
}

static bool place_letter(Ctx *c, Equation *e, const char *at) {
    Subscripts one = {0};
    if (!push_letter(c, e, at, &one)) return false;
    uint8_t label = one.at[0];
    if (e->count[label] > 0 && e->place[label] < 0) {
        e->place[label] = e->dims++;
        return true;
    }
    error_raise(c, RuntimeError, "einsum(): output subscript %c %s", *at,
                e->place[label] >= 0
                    ? "appears more than once in the output"
                    : "does not appear in the equation for any input operand");
    return false;
}

static bool parse_output(Ctx *c, Equation *e, bool *ellipsis) {
    for (const char *at = e->arrow + 2; *at; at++) {
        if (*at == ' ') continue;
        if (*at != '.') {
            if (!place_letter(c, e, at)) return false;
            continue;
        }
        if (!place_ellipsis(c, e, at, *ellipsis)) return false;
        *ellipsis = true;
        at += 2;
    }
    return true;
}

/* Without an arrow the result has the ellipsis and the labels that occur once. */
static void imply_output(Equation *e) {
    e->dims = e->ellipsis_dims;
    for (int label = 0; label < LABELS; label++)
        if (e->count[label] == 1) e->place[label] = e->dims++;
}

/* Gives every label its dimension. */
static bool place_labels(Ctx *c, Equation *e) {
    bool ellipsis = !e->arrow;
    for (int label = 0; label < LABELS; label++) e->place[label] = -1;
    if (!e->arrow)
        imply_output(e);
    else if (!parse_output(c, e, &ellipsis))
        return false;
    e->out_dims = e->dims;
    if (!ellipsis) {
        e->ellipsis_place = e->dims;
        e->dims += e->ellipsis_dims;
    }
    for (int label = 0; label < LABELS; label++)
        if (e->count[label] > 0 && e->place[label] < 0) e->place[label] = e->dims++;
    if (e->dims <= MAX_DIMS) return true;
    error_raise(c, RuntimeError, "einsum(): more than %d dimensions", MAX_DIMS);
    return false;
}

/* ---- operands in one order ---- */

/* The dimensions of operand i that its ellipsis covers, from *dim on. */
static bool align_ellipsis(Ctx *c, Equation *e, const Tensor *t, int covered, size_t i,
                           int64_t *order, int *dim) {
    for (int j = e->ellipsis_dims - covered; j < e->ellipsis_dims; j++) {
        int64_t size = t->sizes[*dim], *seen = &e->ellipsis_size[j];
        if (size != 1 && *seen != 1 && *seen != size) {
            error_raise(c, RuntimeError,
                        "einsum(): dimension %d covered by ellipsis in operand %zuhas "
                        "size %" PRId64
                        " which does not broadcast with previously seen ellipsis with "
                        "size %" PRId64 " for the respective dimension",
                        *dim, i, size, *seen);
            return false;
        }
        if (size != 1) {
            *seen = size;
            e->uses[e->ellipsis_place + j]++;
        }
        order[e->ellipsis_place + j] = (*dim)++;
    }
    return true;
}

static bool align_label(Ctx *c, Equation *e, uint8_t label, int64_t size, size_t i) {
    if (size == 1) return true;
    if (e->size[label] != 1 && e->size[label] != size) {
        error_raise(c, RuntimeError,
                    "einsum(): subscript %c has size %" PRId64
                    " for operand %zu which does not broadcast with previously seen "
                    "size %" PRId64,
                    letter_of(label), size, i, e->size[label]);
        return false;
    }
    e->size[label] = size;
    e->uses[e->place[label]]++;
    return true;
}

/* A label that occurs again in one operand: its diagonal, in the first one's place. */
static Tensor *take_diagonal(Ctx *c, Tensor *t, uint8_t label, int first, int dim,
                             size_t i) {
    if (t->sizes[dim] != t->sizes[first])
        return error_raise(c, RuntimeError,
                           "einsum(): subscript %c is repeated for operand %zu but the "
                           "sizes don't match, %" PRId64 " != %" PRId64,
                           letter_of(label), i, t->sizes[dim], t->sizes[first]);
    return t_movedim(c, t_diagonal(c, t, 0, first, dim), -1, first);
}

/* Operand i with the dimensions of the equation, in its order. */
static Tensor *align(Ctx *c, Equation *e, const Subscripts *s, Tensor *t, size_t i) {
    int64_t order[MAX_DIMS];
    int dim = 0, covered = t->ndim - (s->n - 1);
    for (int j = 0; j < e->dims; j++) order[j] = -1;
    for (int j = 0; j < s->n; j++) {
        uint8_t label = s->at[j];
        if (label == ELLIPSIS) {
            if (!align_ellipsis(c, e, t, covered, i, order, &dim)) return NULL;
        } else if (order[e->place[label]] < 0) {
            if (!align_label(c, e, label, t->sizes[dim], i)) return NULL;
            order[e->place[label]] = dim++;
        } else {
            t = take_diagonal(c, t, label, (int)order[e->place[label]], dim, i);
            if (!t) return NULL;
        }
    }
    for (int j = 0; j < e->dims; j++) {
        if (order[j] >= 0) continue;
        t = t_unsqueeze(c, t, dim);
        order[j] = dim++;
    }
    return t_permute(c, t, e->dims, order);
}

/* ---- products ---- */

/* Dimensions, and the product of their sizes. */
typedef struct DimList {
    int n;
    int64_t at[MAX_DIMS], size;
} DimList;

static void add_dim(DimList *l, int dim, int64_t size) {
    l->at[l->n++] = dim;
    l->size *= size;
}

static void append(DimList *to, const DimList *l) {
    memcpy(to->at + to->n, l->at, (size_t)l->n * sizeof *l->at);
    to->n += l->n;
}

/* The dimensions of a pair: in both and in the result, in one of them alone, summed. */
typedef struct Pair {
    DimList both, left, right, summed;
} Pair;

static Pair sort_dims(const Tensor *a, const Tensor *b, const DimList *sums) {
    Pair p = {.both.size = 1, .left.size = 1, .right.size = 1, .summed.size = 1};
    for (int i = 0, next = 0; i < a->ndim; i++) {
        bool in_a = a->sizes[i] != 1, in_b = b->sizes[i] != 1;
        if (next < sums->n && sums->at[next] == i) {
            next++;
            add_dim(&p.summed, i, a->sizes[i]);
        } else if (in_a && in_b) {
            add_dim(&p.both, i, a->sizes[i]);
        } else if (in_a) {
            add_dim(&p.left, i, a->sizes[i]);
        } else {
            add_dim(&p.right, i, b->sizes[i]);
        }
    }
    return p;
}

static Tensor *as_matrices(Ctx *c, Tensor *t, const DimList *batch, const DimList *rows,
                           const DimList *cols, const DimList *ones) {
    DimList order = *batch;
    append(&order, rows);
    append(&order, cols);
    append(&order, ones);
    int64_t sizes[3] = {batch->size, rows->size, cols->size};
    return t_reshape(c, t_permute(c, t, order.n, order.at), 3, sizes);
}

/* Whether the sizes of a and b that both have are the same. */
static bool pair_check(Ctx *c, const Tensor *a, const Tensor *b) {
    for (int i = 0; i < a->ndim && !ctx_failed(c); i++)
        if (a->sizes[i] != 1 && b->sizes[i] != 1 && a->sizes[i] != b->sizes[i])
            error_raise(c, RuntimeError, "non-broadcast dimensions must match");
    return !ctx_failed(c);
}

/* Batches of matrices, [both, left, summed] times [both, summed, right]. What one of
 * them alone has of the sums is summed before. */
Tensor *t_sum_product(Ctx *c, Tensor *a, Tensor *b, int n, const int64_t *dims) {
    if (!a || !b || ctx_failed(c)) return NULL;
    if (a->ndim != b->ndim)
        return error_raise(c, RuntimeError, "number of dimensions must match");
    if (n == 0) return t_mul(c, a, b);
    if (!pair_check(c, a, b)) return NULL;
    DimList sums = {.size = 1};
    for (int i = 0; i < n; i++) {
        add_dim(&sums, (int)dims[i], 1);
        bool in_a = a->sizes[dims[i]] != 1, in_b = b->sizes[dims[i]] != 1;
        if (in_a && !in_b) a = t_sum_dims(c, a, 1, &dims[i], true);
        if (in_b && !in_a) b = t_sum_dims(c, b, 1, &dims[i], true);
        if (!a || !b) return NULL;
    }
    Pair p = sort_dims(a, b, &sums);
    int64_t sizes[MAX_DIMS], back[MAX_DIMS];
    DimList order = p.both;
    append(&order, &p.left);
    append(&order, &p.summed);
    append(&order, &p.right);
    for (int i = 0; i < order.n; i++) {
        int dim = (int)order.at[i];
        bool summed = i >= p.both.n + p.left.n && i < order.n - p.right.n;
        sizes[i] = summed ? 1 : i < p.both.n + p.left.n ? a->sizes[dim] : b->sizes[dim];
        back[dim] = i;
    }
    a = as_matrices(c, a, &p.both, &p.left, &p.summed, &p.right);
    b = as_matrices(c, b, &p.both, &p.summed, &p.right, &p.left);
    Tensor *r = t_view(c, t_bmm(c, a, b), order.n, sizes);
    return t_permute(c, r, order.n, back);
}

/* The product of two operands; dimensions that no other one has are summed over. */
static Tensor *contract(Ctx *c, Equation *e, Tensor *a, Tensor *b) {
    DimList both = {.size = 1}, in_a = {.size = 1}, in_b = {.size = 1};
    if (!a || !b) return NULL;
    for (int dim = e->out_dims; dim < e->dims; dim++) {
        int *uses = &e->uses[dim];
        if (a->sizes[dim] != 1 && b->sizes[dim] != 1) {
            if (--*uses != 1) continue;
            add_dim(&both, dim, 1);
        } else if (*uses != 1) {
            continue;
        } else if (a->sizes[dim] != 1) {
            add_dim(&in_a, dim, 1);
        } else if (b->sizes[dim] != 1) {
            add_dim(&in_b, dim, 1);
        } else {
            continue;
        }
        *uses = 0;
    }
    if (in_a.n) a = t_sum_dims(c, a, in_a.n, in_a.at, true);
    if (in_b.n) b = t_sum_dims(c, b, in_b.n, in_b.at, true);
    return t_sum_product(c, a, b, both.n, both.at);
}

/* ---- the operator ---- */

/* What is left of the dimensions summed over: of one operand they still are to be
 * summed, of several they have size 1. */
static Tensor *drop_sums(Ctx *c, const Equation *e, Tensor *t, bool several) {
    int64_t dims[MAX_DIMS];
    if (!t || e->dims == e->out_dims) return t;
    if (several) return t_view(c, t, e->out_dims, t->sizes);
    for (int i = e->out_dims; i < e->dims; i++) dims[i - e->out_dims] = i;
    return t_sum_dims(c, t, e->dims - e->out_dims, dims, false);
}

static Tensor *run_equation(Ctx *c, Call *k, Equation *e, Subscripts *of) {
    size_t n = call_list_len(k, 1);
    if (!parse_operands(c, e, n, of)) return NULL;
    for (size_t i = 0; i < n; i++)
        if (!count_labels(c, e, &of[i], call_list_tensor(k, 1, i), i)) return NULL;
    if (!place_labels(c, e)) return NULL;
    for (int i = 0; i < LABELS; i++) e->size[i] = 1;
    for (int i = 0; i < MAX_DIMS; i++) e->ellipsis_size[i] = 1;
    /* All are aligned before the first product: errors come first. */
    Value aligned = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++)
        if (!tensor_tuple_put(c, aligned, i,
                              align(c, e, &of[i], call_list_tensor(k, 1, i), i)))
            return NULL;
    const Tuple *operands = value_tuple(aligned);
    Tensor *r = operands ? value_tensor(operands->items[0]) : NULL;
    for (size_t i = 1; r && i < n; i++)
        r = contract(c, e, r, value_tensor(operands->items[i]));
    return drop_sums(c, e, r, n > 1);
}

/* The path along which to contract, PyTorch's third argument, is the one it takes
 * without an optimiser: from the left. */
static Value einsum_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 1);
    Equation e = {.text = call_string(k, 0)};
    if (n == 0)
        return value_raise(c, RuntimeError,
                           "einsum(): must provide at least one operand");
    e.arrow = strstr(e.text, "->");
    Subscripts *of = ctx_alloc_zero(c, n * sizeof *of);
    if (!of) return value_null();
    Tensor *r = run_equation(c, k, &e, of);
    ctx_free(c, of, n * sizeof *of);
    return value_obj(r);
}
static const OpDef op_einsum = {
    .schema = "einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor",
    .doc = "Sums of products of elements, which subscripts name: 'ij,jk->ik'.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = einsum_forward,
    .example = "torch.einsum('ij,jk->ik', m, m)",
};

const OpDef *const einsum_ops[] = {
    &op_einsum,
    NULL,
};
