/* See tensor_text.h. */
#include "runner/run/tensor_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    Arena *arena;
    const char *at, *end;
    TensorText *t;
    size_t cap;
    int64_t counts[TENSOR_TEXT_DIMS]; /* children so far of each open bracket */
    int depth;
    bool is_float, is_bool;
} Reader;

static void skip_space(Reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n')) r->at++;
}

static bool take(Reader *r, char ch) {
    skip_space(r);
    if (r->at == r->end || *r->at != ch) return false;
    r->at++;
    return true;
}

static bool take_word(Reader *r, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0) return false;
    r->at += n;
    return true;
}

static bool add_element(Reader *r, const char *start, double value) {
    TensorText *t = r->t;
    if (t->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        TensorElement *grown = arena_alloc(r->arena, cap * sizeof *grown);
        if (!grown) return false;
        if (t->n) memcpy(grown, t->elements, t->n * sizeof *grown);
        t->elements = grown;
        r->cap = cap;
    }
    t->elements[t->n++] = (TensorElement){start, (uint32_t)(r->at - start), value};
    return true;
}

/* A number, True, False, nan or inf. The text ends with a NUL at last, where strtod
 * stops. */
static bool read_element(Reader *r) {
    const char *start = r->at;
    bool yes = take_word(r, "True");
    if (yes || take_word(r, "False")) {
        r->is_bool = true;
        return add_element(r, start, yes);
    }
    if (*start == '+' || *start == ' ' || *start == '\0') return false;
    char *stop;
    double value = strtod(start, &stop);
    if (stop == start || stop > r->end) return false;
    r->at = stop;
    for (const char *s = start; s < stop; s++)
        if (*s == '.' || *s == 'e' || *s == 'n') r->is_float = true;
    return add_element(r, start, value);
}

static bool open_bracket(Reader *r) {
    if (r->depth == TENSOR_TEXT_DIMS) return false;
    r->counts[r->depth++] = 0;
    if (r->depth > r->t->ndim) r->t->ndim = r->depth;
    return true;
}

/* All brackets of one depth have the same number of children. */
static bool close_bracket(Reader *r) {
    int64_t count = r->counts[--r->depth], *dim = &r->t->dims[r->depth];
    if (*dim < 0) *dim = count;
    return *dim == count || r->t->summarized;
}

/* The brackets and what is in them. */
static bool read_body(Reader *r) {
    do {
        skip_space(r);
        if (r->at == r->end) return false;
        if (take(r, '[')) {
            if (r->depth) r->counts[r->depth - 1]++;
            if (!open_bracket(r)) return false;
        } else if (take(r, ']')) {
            if (r->depth == 0 || !close_bracket(r)) return false;
            if (r->depth) take(r, ',');
        } else if (take_word(r, "...")) {
            r->t->summarized = true;
            take(r, ',');
        } else {
            if (r->depth) r->counts[r->depth - 1]++;
            if (!read_element(r)) return false;
            if (r->depth) take(r, ',');
        }
    } while (r->depth);
    return true;
}

static const char *keep(Reader *r, const char *from) {
    return arena_text(r->arena, from, (size_t)(r->at - from));
}

/* "size=(0, 3)" gives the shape of what has no elements. */
static bool read_size(Reader *r) {
    TensorText *t = r->t;
    t->ndim = 0;
    if (!take(r, '(')) return false;
    while (!take(r, ')')) {
        char *stop;
        skip_space(r);
        int64_t dim = strtoll(r->at, &stop, 10);
        if (stop == r->at || stop > r->end || t->ndim == TENSOR_TEXT_DIMS) return false;
        r->at = stop;
        t->dims[t->ndim++] = dim;
        take(r, ',');
    }
    return true;
}

/* One "name=value" behind the brackets. */
static bool read_suffix(Reader *r) {
    skip_space(r);
    const char *start = r->at;
    if (take_word(r, "size=")) return read_size(r);
    if (take_word(r, "dtype=torch.")) {
        const char *name = r->at;
        while (r->at < r->end && is_ascii_word(*r->at)) r->at++;
        return (r->t->dtype = keep(r, name)) != NULL;
    }
    if (take_word(r, "grad_fn=<")) {
        while (r->at < r->end && *r->at != '>' && *r->at != '\n') r->at++;
        return take(r, '>') && (r->t->grad = keep(r, start)) != NULL;
    }
    if (take_word(r, "requires_grad=True"))
        return (r->t->grad = keep(r, start)) != NULL;
    return false;
}

bool tensor_text_read(Arena *a, const char *text, const char *end, TensorText *t) {
    *t = (TensorText){.text = text, .grad = ""};
    Reader r = {.arena = a, .at = text, .end = end, .t = t};
    for (int i = 0; i < TENSOR_TEXT_DIMS; i++) t->dims[i] = -1;
    if (!take_word(&r, "tensor(") || !read_body(&r)) return false;
    while (take(&r, ','))
        if (!read_suffix(&r)) return false;
    if (!take(&r, ')')) return false;
    if (!t->dtype)
        t->dtype = r.is_bool ? "bool" : r.is_float || t->n == 0 ? "float32" : "int64";
    t->len = (size_t)(r.at - text);
    return true;
}

void tensor_text_shape(Buf *out, const TensorText *t) {
    buf_putc(out, '(');
    for (int i = 0; i < t->ndim; i++)
        buf_printf(out, "%s%" PRId64, i ? ", " : "", t->dims[i]);
    buf_puts(out, t->ndim == 1 ? ",)" : ")");
}

/* ---- units in the last place ---- */

typedef struct FloatFormat {
    const char *dtype;
    int digits;   /* of the significand, in binary */
    int exponent; /* of the least number that has them all */
} FloatFormat;

static const FloatFormat *find_format(const char *dtype) {
    static const FloatFormat formats[] = {{"float32", 24, -126},
                                          {"float64", 53, -1022},
                                          {"float16", 11, -14},
                                          {"bfloat16", 8, -126}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].dtype, dtype) == 0) return &formats[i];
    return NULL;
}

/* How many numbers of the format lie between zero and this one. */
static uint64_t ordinal(const FloatFormat *f, double number) {
    int exponent;
    frexp(number, &exponent);
    exponent = exponent - 1 > f->exponent && number != 0 ? exponent - 1 : f->exponent;
    double significand = nearbyint(ldexp(fabs(number), f->digits - 1 - exponent));
    uint64_t binades = (uint64_t)(exponent - f->exponent);
    return (binades << (f->digits - 1)) + (uint64_t)significand;
}

double tensor_text_ulps(const char *dtype, double from, double to) {
    const FloatFormat *f = find_format(dtype);
    if (!f || !isfinite(from) || !isfinite(to)) return NAN;
    uint64_t x = ordinal(f, from), y = ordinal(f, to);
    if (signbit(from) != signbit(to)) return (double)(x + y);
    return (double)(x > y ? x - y : y - x);
}

void tensor_text_index(const TensorText *t, size_t i, int64_t *index) {
    for (int d = t->ndim - 1; d >= 0; d--) {
        size_t dim = t->dims[d] > 0 ? (size_t)t->dims[d] : 1;
        index[d] = (int64_t)(i % dim);
        i /= dim;
    }
}
