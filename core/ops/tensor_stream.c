/* How C++ writes a tensor to a stream, as some of PyTorch's messages show one: the
 * elements, then "[ torch.FloatTensor{2,3} ]".  Python's repr is print.h's.
 * Source: Formatting.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <math.h>

enum { LINE = 80 };

/* How the elements of one matrix are written. */
typedef struct Style {
    char conversion; /* of printf: 'g', 'e' or 'f' */
    int precision, width;
    double scale; /* what they are divided by, in a line of its own */
} Style;

/* Digits before the point of the smallest and the largest |x|, of finite elements. */
static void exponents(const double *x, int64_t n, double *low, double *high) {
    int64_t first = 0;
    *low = *high = 1;
    while (first < n && !isfinite(x[first])) first++;
    if (first == n) return;
    double least = fabs(x[first]), most = least;
    for (int64_t i = first; i < n; i++) {
        double size = fabs(x[i]);
        if (!isfinite(size)) continue;
        if (size < least) least = size;
        if (x[i] > most) most = size;
    }
    if (least != 0) *low = floor(log10(least)) + 1;
    if (most != 0) *high = floor(log10(most)) + 1;
}

static Style style_of(const double *x, int64_t n) {
    bool whole = true;
    double low, high;
    for (int64_t i = 0; i < n; i++)
        whole = whole && (!isfinite(x[i]) || x[i] == ceil(x[i]));
    exponents(x, n, &low, &high);
    if (whole && high <= 9) return (Style){'g', 6, (int)high + 1, 1};
    if (whole) return (Style){'e', 4, 11, 1};
    if (high - low > 4)
        return (Style){'e', 4, fabs(high) > 99 || fabs(low) > 99 ? 12 : 11, 1};
    if (high > 5 || high < 0) return (Style){'f', 4, 7, pow(10, high - 1)};
    return (Style){'f', 4, high == 0 ? 7 : (int)high + 6, 1};
}

static void put_element(Buf *b, const Style *s, double x) {
    x /= s->scale;
    if (s->conversion == 'g')
        buf_printf(b, "%*.*g", s->width, s->precision, x);
    else if (s->conversion == 'e')
        buf_printf(b, "%*.*e", s->width, s->precision, x);
    else
        buf_printf(b, "%*.*f", s->width, s->precision, x);
}

static void put_scale(Buf *b, const Style *s, int indent) {
    if (s->scale == 1) return;
    buf_printf(b, "%.*g *\n%*s", s->precision, s->scale, indent, "");
}

/* Columns from `first` to `last` of a matrix [rows, columns]. */
static void put_columns(Buf *b, const Style *s, const double *x, int64_t rows,
                        int64_t columns, int64_t first, int64_t last, int indent) {
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = first; i <= last; i++) {
            put_element(b, s, x[row * columns + i]);
            buf_puts(b, i == last ? "\n" : " ");
        }
        if (row < rows - 1) buf_printf(b, "%*s", indent, "");
        if (row < rows - 1 && s->scale != 1) buf_puts(b, " ");
    }
}

static void put_matrix(Buf *b, const double *x, int64_t rows, int64_t columns,
                       int indent) {
    Style s = style_of(x, rows * columns);
    int64_t fit = (LINE - indent) / (s.width + 1);
    buf_printf(b, "%*s", indent, "");
    for (int64_t first = 0; first < columns; first += fit) {
        int64_t last = first + fit <= columns ? first + fit - 1 : columns - 1;
        if (fit < columns)
            buf_printf(b, "%sColumns %" PRId64 " to %" PRId64 "%*s", first ? "\n" : "",
                       first + 1, last + 1, indent, "");
        put_scale(b, &s, indent);
        put_columns(b, &s, x, rows, columns, first, last, indent);
    }
}

/* Matrix by matrix, the first dimension counting fastest. */
static void put_matrices(Buf *b, const Tensor *t, const double *x) {
    int outer = t->ndim - 2;
    int64_t rows = t->sizes[outer], columns = t->sizes[outer + 1], at[MAX_DIMS] = {0};
    for (bool more = true, start = true; more; start = false) {
        int64_t place = 0;
        buf_puts(b, start ? "(" : "\n(");
        for (int i = 0; i < outer; i++) {
            buf_printf(b, "%" PRId64 ",", at[i] + 1);
            place = place * t->sizes[i] + at[i];
        }
        buf_puts(b, ".,.) = \n");
        put_matrix(b, x + place * rows * columns, rows, columns, 1);
        more = false;
        for (int i = 0; i < outer && !more; i++) {
            more = ++at[i] < t->sizes[i];
            if (!more) at[i] = 0;
        }
    }
}

static void put_vector(Buf *b, const double *x, int64_t n) {
    Style s = style_of(x, n);
    put_scale(b, &s, 0);
    for (int64_t i = 0; i < n; i++) {
        put_element(b, &s, x[i]);
        buf_puts(b, "\n");
    }
}

const char *tensor_stream_text(Ctx *c, const Tensor *t) {
    Tensor *x = tensor_make(c, DT_float64, t->ndim, t->sizes);
    if (!x) return "";
    tensor_copy(x, t);
    const double *data = tensor_data(x);
    Buf b;
    buf_init(&b, &c->mem);
    if (t->ndim == 0)
        buf_printf(&b, "%.6g\n", data[0]);
    else if (t->numel && t->ndim == 1)
        put_vector(&b, data, t->numel);
    else if (t->numel && t->ndim == 2)
        put_matrix(&b, data, t->sizes[0], t->sizes[1], 0);
    else if (t->numel)
        put_matrices(&b, t, data);
    buf_printf(&b, "[ %s{", tensor_cpp_type(t));
    for (int i = 0; i < t->ndim; i++)
        buf_printf(&b, "%s%" PRId64, i ? "," : "", t->sizes[i]);
    buf_puts(&b, "} ]");
    return text_take(c, &b);
}
