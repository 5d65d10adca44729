/* See print.h.
 *
 * Two walks over the elements shown: the first gathers what decides the format and
 * the column width, the second writes.  The widest text is that of an extreme of its
 * sign, so that four numbers at most are formatted to find the width.
 */
#include "print.h"

#include "decimal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* An element, widened; which member counts, the dtype says. */
typedef union Number {
    double f;
    int64_t i;
} Number;

/* The extremes of the finite values of one sign other than 0, as absolute values. */
typedef struct Extremes {
    bool any;
    double least, most;
} Extremes;

typedef struct Printer {
    const Tensor *t;
    const PrintOptions *options;
    Buf *out;
    DType dtype;
    size_t element; /* bytes */
    int indent;     /* of all lines but the first */
    bool summarise;

    Extremes positive, negative;
    bool whole; /* every finite value is an integer */
    int64_t least, most;

    bool scientific, as_integers;
    int64_t width;
} Printer;

/* Of the n items of a dimension, [0, head) and [tail, n) are shown. */
typedef struct Cut {
    bool cut;
    int64_t head, tail, n;
} Cut;

typedef void Visit(Printer *p, const char *element);

/* ---- which elements ---- */

static int64_t clamp(int64_t i, int64_t n) {
    return i < 0 ? 0 : i > n ? n : i;
}

/* The last dimension is cut as items[:edge] and items[-edge:], where an edge of 0 or
 * less counts as Python counts; the others by position. */
static Cut cut_of(const Printer *p, int dim) {
    int64_t n = p->t->sizes[dim], edge = p->options->edgeitems;
    if (!p->summarise || edge >= (n + 1) / 2) return (Cut){false, n, n, n};
    if (dim < p->t->ndim - 1)
        return edge > 0 ? (Cut){true, edge, n - edge, n} : (Cut){true, 0, n, n};
    int64_t head = edge >= 0 ? edge : clamp(n + edge, n);
    int64_t tail = edge > 0 ? n - edge : clamp(-edge, n);
    return (Cut){true, head, tail, n};
}

static const char *item_at(const Printer *p, const char *data, int dim, int64_t i) {
    return data + i * p->t->strides[dim] * (int64_t)p->element;
}

/* Calls visit for every element shown, in order. As deep as there are dimensions. */
static void walk(Printer *p, const char *data, int dim, Visit *visit) {
    if (dim == p->t->ndim) {
        visit(p, data);
        return;
    }
    Cut cut = cut_of(p, dim);
    for (int64_t i = 0; i < cut.head; i++)
        walk(p, item_at(p, data, dim, i), dim + 1, visit);
    for (int64_t i = cut.tail; i < cut.n; i++)
        walk(p, item_at(p, data, dim, i), dim + 1, visit);
}

/* ---- the format ---- */

static void extremes_add(Extremes *e, double a) {
    if (!e->any || a < e->least) e->least = a;
    if (!e->any || a > e->most) e->most = a;
    e->any = true;
}

static double load_float(DType d, const char *element) {
    switch (d) {
    case DT_float32: return (double)*(const float *)(const void *)element;
    case DT_float64: return *(const double *)(const void *)element;
    default: return element_load(d, element).as.f;
    }
}

static int64_t load_integer(DType d, const char *element) {
    if (d == DT_int64) return *(const int64_t *)(const void *)element;
    Value v = element_load(d, element);
    return v.tag == VAL_BOOL ? v.as.b : v.as.i;
}

static void look_at_float(Printer *p, const char *element) {
    double x = load_float(p->dtype, element);
    if (!isfinite(x) || x == 0) return;
    double a = fabs(x);
    /* From 2^52 on every double is whole. */
    if (a < 0x1p52 && (double)(int64_t)a != a) p->whole = false;
    extremes_add(x < 0 ? &p->negative : &p->positive, a);
}

static void look_at_integer(Printer *p, const char *element) {
    int64_t i = load_integer(p->dtype, element);
    if (i < p->least) p->least = i;
    if (i > p->most) p->most = i;
}

/* The length of what is written from `mark` on, which is taken back. */
static int64_t measured(Buf *out, size_t mark) {
    int64_t n = (int64_t)(out->len - mark);
    out->len = mark;
    return n;
}

static void add_number(Printer *p, double x, int64_t width) {
    int precision = (int)p->options->precision; /* checked where it counts */
    if (p->scientific) {
        decimal_scientific(p->out, x, precision, width);
    } else if (p->as_integers) {
        bool finite = isfinite(x);
        decimal_fixed(p->out, x, 0, width - finite);
        if (finite) buf_putc(p->out, '.');
    } else {
        decimal_fixed(p->out, x, precision, width);
    }
}

static void widen(Printer *p, double x) {
    size_t mark = p->out->len;
    add_number(p, x, 0);
    int64_t n = measured(p->out, mark);
    if (n > p->width) p->width = n;
}

/* Lengths grow with the size, but an exponent of -100 is longer than one of -99. */
static void widen_by(Printer *p, const Extremes *e, double sign) {
    if (!e->any) return;
    widen(p, sign * e->most);
    if (p->scientific) widen(p, sign * e->least);
}

static bool sizes_differ(const Printer *p) {
    const Extremes *a = &p->positive, *b = &p->negative;
    double least = !b->any || (a->any && a->least < b->least) ? a->least : b->least;
    double most = !b->any || (a->any && a->most > b->most) ? a->most : b->most;
    return most / least > 1000 || most > 1e8 || (!p->whole && least < 1e-4);
}

/* What Python says of such a format. */
static bool precision_check(Ctx *c, int64_t precision) {
    if (precision < 0)
        error_raise(c, ValueError, "Format specifier missing precision");
    else if (precision == INT64_MAX)
        error_raise(c, ValueError, "Too many decimal digits in format string");
    else if (precision > INT32_MAX)
        error_raise(c, ValueError, "precision too big");
    return !ctx_failed(c);
}

/* The width is that of the format the values ask for, even where sci_mode forces
 * another one upon them; a tensor of zeros and non-finite values knows no sci_mode. */
static bool choose_float_format(Ctx *c, Printer *p) {
    walk(p, tensor_data(p->t), 0, look_at_float);
    p->as_integers = p->whole;
    if (!p->positive.any && !p->negative.any) return true;
    p->scientific = sizes_differ(p);
    int forced = p->options->sci_mode;
    bool digits = p->scientific || !p->whole || forced > 0;
    if (digits && !precision_check(c, p->options->precision)) return false;
    widen_by(p, &p->positive, 1);
    widen_by(p, &p->negative, -1);
    if (forced >= 0) p->scientific = forced;
    return true;
}

static void choose_integer_format(Printer *p) {
    p->least = INT64_MAX;
    p->most = INT64_MIN;
    walk(p, tensor_data(p->t), 0, look_at_integer);
    if (p->least > p->most) return;
    if (p->dtype == DT_bool) {
        p->width = p->least ? 4 : 5;
        return;
    }
    size_t mark = p->out->len;
    decimal_integer(p->out, p->least, 0);
    p->width = measured(p->out, mark);
    decimal_integer(p->out, p->most, p->width);
    p->width = measured(p->out, mark);
}

static bool choose_format(Ctx *c, Printer *p) {
    p->width = 1;
    p->whole = true;
    if (dtype_is_floating(p->dtype)) return choose_float_format(c, p);
    choose_integer_format(p);
    return true;
}

/* ---- the elements ---- */

static void add_element(Printer *p, const char *element) {
    if (dtype_is_floating(p->dtype)) {
        add_number(p, load_float(p->dtype, element), p->width);
        return;
    }
    int64_t i = load_integer(p->dtype, element);
    if (p->dtype == DT_bool)
        decimal_aligned(p->out, i ? "True" : "False", i ? 4 : 5, p->width);
    else
        decimal_integer(p->out, i, p->width);
}

static void new_line(Buf *out, int lines, int64_t indent) {
    buf_putc(out, ',');
    buf_repeat(out, '\n', (size_t)lines);
    buf_repeat(out, ' ', (size_t)indent);
}

/* What goes before item number `k` of a row. */
static void separate(Printer *p, int64_t k, int64_t per_line, int64_t indent) {
    if (k == 0) return;
    if (k % per_line == 0)
        new_line(p->out, 1, indent + 1);
    else
        buf_add(p->out, ", ", 2);
}

/* The dots of a summary take the place of an element. */
static void add_row(Printer *p, const char *data, int dim, int64_t indent) {
    int64_t per_line = (p->options->linewidth - indent) / (p->width + 2);
    if (per_line < 1) per_line = 1;
    Cut cut = cut_of(p, dim);
    int64_t k = 0;
    buf_putc(p->out, '[');
    for (int64_t i = 0; i < cut.head; i++) {
        separate(p, k++, per_line, indent);
        add_element(p, item_at(p, data, dim, i));
    }
    if (cut.cut) {
        separate(p, k++, per_line, indent);
        buf_puts(p->out, " ...");
    }
    for (int64_t i = cut.tail; i < cut.n; i++) {
        separate(p, k++, per_line, indent);
        add_element(p, item_at(p, data, dim, i));
    }
    buf_putc(p->out, ']');
}

static void add_block(Printer *p, const char *data, int dim, int64_t indent);

static void add_items(Printer *p, const char *data, int dim, int64_t from, int64_t to,
                      int64_t indent) {
    for (int64_t i = from; i < to; i++) {
        if (i > 0) new_line(p->out, p->t->ndim - dim - 1, indent + 1);
        add_block(p, item_at(p, data, dim, i), dim + 1, indent + 1);
    }
}

/* Dimensions dim, dim + 1, ... of the part at `data`. As deep as there are of them. */
static void add_block(Printer *p, const char *data, int dim, int64_t indent) {
    int left = p->t->ndim - dim;
    if (left == 0) {
        add_element(p, data);
        return;
    }
    if (left == 1) {
        add_row(p, data, dim, indent);
        return;
    }
    Cut cut = cut_of(p, dim);
    buf_putc(p->out, '[');
    add_items(p, data, dim, 0, cut.head, indent);
    if (cut.cut) {
        new_line(p->out, left - 1, indent + 1);
        buf_puts(p->out, "...");
    }
    add_items(p, data, dim, cut.tail, cut.n, indent);
    buf_putc(p->out, ']');
}

/* Some dimension but the last would be cut down to nothing. */
static bool cut_to_nothing(const Printer *p) {
    for (int dim = 0; dim + 1 < p->t->ndim; dim++) {
        Cut cut = cut_of(p, dim);
        if (cut.cut && cut.head == 0) return true;
    }
    return false;
}

static bool add_elements(Ctx *c, Printer *p) {
    if (cut_to_nothing(p)) {
        error_raise(c, RuntimeError, "stack expects a non-empty TensorList");
        return false;
    }
    if (!choose_format(c, p)) return false;
    add_block(p, tensor_data(p->t), 0, p->indent);
    return true;
}

/* ---- the suffixes ---- */

typedef struct Suffixes {
    Buf *out;
    int64_t linewidth;
    int indent;
    int64_t line; /* length of the last line, as PyTorch counts it */
} Suffixes;

/* PyTorch counts two characters more than the line has, a broken line's exactly. */
static int64_t last_line(const Buf *out, size_t start) {
    size_t n = out->len;
    while (n > start && out->data[n - 1] != '\n') n--;
    return (int64_t)(out->len - n) + 2;
}

static void add_suffix(Suffixes *s, const char *text) {
    int64_t n = (int64_t)strlen(text);
    if (s->line + n + 2 > s->linewidth) {
        new_line(s->out, 1, s->indent);
        s->line = s->indent + n;
    } else {
        buf_add(s->out, ", ", 2);
        s->line += n + 2;
    }
    buf_add(s->out, text, (size_t)n);
}

static void add_size(Suffixes *s, const Tensor *t) {
    Buf text;
    buf_init(&text, s->out->mem);
    buf_puts(&text, "size=(");
    for (int i = 0; i < t->ndim; i++)
        buf_printf(&text, "%s%" PRId64, i ? ", " : "", t->sizes[i]);
    buf_putc(&text, ')');
    if (text.failed) s->out->failed = true;
    add_suffix(s, buf_text(&text));
    buf_free(&text);
}

/* The dtype is left out where the elements tell it; those of an empty tensor do not. */
static void add_dtype(Suffixes *s, DType d, DType usual, bool empty) {
    if (d == usual || (!empty && (d == DT_int64 || d == DT_bool))) return;
    char text[32] = "dtype=torch.";
    const char *name = dtype_name(d);
    memcpy(text + strlen(text), name, strlen(name) + 1);
    add_suffix(s, text);
}

static void add_grad_fn(Suffixes *s, const char *name) {
    Buf text;
    buf_init(&text, s->out->mem);
    buf_puts(&text, "grad_fn=<");
    buf_puts(&text, name);
    buf_putc(&text, '>');
    if (text.failed) s->out->failed = true;
    add_suffix(s, buf_text(&text));
    buf_free(&text);
}

void print_tensor_named(Ctx *c, Buf *out, const Tensor *t, const char *class_name,
                        const char *grad_fn_name) {
    Printer p = {.t = t,
                 .options = &c->print,
                 .out = out,
                 .dtype = (DType)t->dtype,
                 .element = dtype_size((DType)t->dtype),
                 .indent = (int)strlen(class_name) + 1,
                 .summarise = t->numel > c->print.threshold};
    size_t start = out->len;
    buf_printf(out, "%s(", class_name);
    bool empty = t->numel == 0;
    if (empty)
        buf_puts(out, "[]");
    else if (!add_elements(c, &p))
        return;
    if (out->failed) return;
    Suffixes s = {out, c->print.linewidth, p.indent, last_line(out, start)};
    if (empty && t->ndim != 1) add_size(&s, t);
    add_dtype(&s, p.dtype, c->default_dtype, empty);
    if (grad_fn_name)
        add_grad_fn(&s, grad_fn_name);
    else if (tensor_requires_grad(t))
        add_suffix(&s, "requires_grad=True");
    buf_putc(out, ')');
}

void print_tensor(Ctx *c, Buf *out, Tensor *t) {
    const Node *node = tensor_grad_fn(c, t);
    if (ctx_failed(c)) return;
    print_tensor_named(c, out, t, "tensor", node ? node_short_name(node) : NULL);
}

bool print_set_profile(PrintOptions *o, const char *profile) {
    bool is_short = strcmp(profile, "short") == 0, full = strcmp(profile, "full") == 0;
    if (!is_short && !full && strcmp(profile, "default") != 0) return false;
    o->precision = is_short ? 2 : print_options_default.precision;
    o->threshold = full ? INT64_MAX : print_options_default.threshold;
    o->edgeitems = is_short ? 2 : print_options_default.edgeitems;
    o->linewidth = print_options_default.linewidth;
    return true;
}
