/* See schema.h.
 *
 * A schema is read once, from left to right, by one function for each rule:
 *
 *   schema  = name "(" [param {", " param}] ")" [" -> " returns]
 *   param   = "*" | type " " name ["=" default]
 *   type    = ident ["(" alias ")"] ["?"] ["[" [size] "]"] ["?"]
 *   returns = type | "(" [type [" " name] {", " type [" " name]}] ")"
 *
 * The first mistake sets `wrong`, and every rule after it does nothing.
 */
#include "schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    Ctx *c;
    const char *at;
    bool wrong;
    bool keyword_only; /* behind "*" */
} Reader;

typedef struct Type {
    ParamType type;
    int list_size;
    bool list, optional, optional_items, symbolic, aliased, written;
} Type;

/* ---- words ---- */

static bool take(Reader *r, const char *text) {
    size_t n = strlen(text);
    if (r->wrong || strncmp(r->at, text, n) != 0) return false;
    r->at += n;
    return true;
}

static void expect(Reader *r, const char *text) {
    if (!take(r, text)) r->wrong = true;
}

static size_t word(Reader *r, const char **start) {
    *start = r->at;
    while (is_ascii_word(*r->at)) r->at++;
    if (r->at == *start) r->wrong = true;
    return (size_t)(r->at - *start);
}

static bool same(const char *start, size_t n, const char *text) {
    return strlen(text) == n && memcmp(start, text, n) == 0;
}

/* ---- types ---- */

static const struct TypeName {
    const char *name;
    ParamType single, list;
} type_names[] = {
    {"Tensor", PARAM_TENSOR, PARAM_TENSOR_LIST},
    {"Scalar", PARAM_SCALAR, PARAM_SCALAR_LIST},
    {"int", PARAM_INT, PARAM_INT_LIST},
    {"SymInt", PARAM_INT, PARAM_INT_LIST},
    {"float", PARAM_FLOAT, PARAM_FLOAT_LIST},
    {"bool", PARAM_BOOL, PARAM_BOOL_LIST},
    {"str", PARAM_STRING, PARAM_OTHER},
    {"ScalarType", PARAM_DTYPE, PARAM_OTHER},
    {"Layout", PARAM_LAYOUT, PARAM_OTHER},
    {"Device", PARAM_DEVICE, PARAM_OTHER},
    {"MemoryFormat", PARAM_MEMORY_FORMAT, PARAM_OTHER},
    {"Generator", PARAM_GENERATOR, PARAM_OTHER},
    {"Dimname", PARAM_DIMNAME, PARAM_DIMNAME_LIST},
};

static void type_name(Reader *r, Type *t) {
    const char *start;
    size_t n = word(r, &start);
    t->symbolic = same(start, n, "SymInt");
    t->type = PARAM_OTHER;
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (!same(start, n, type_names[i].name)) continue;
        t->type = t->list ? type_names[i].list : type_names[i].single;
    }
}

/* "(a)", "(a!)", "(a -> *)" */
static void type_alias(Reader *r, Type *t) {
    if (!take(r, "(")) return;
    t->aliased = true;
    for (; *r->at && *r->at != ')'; r->at++) t->written |= *r->at == '!';
    expect(r, ")");
}

/* "[]" or "[2]", with a "?" on either side */
static void type_list(Reader *r, Type *t) {
    bool question = take(r, "?");
    t->list = take(r, "[");
    if (!t->list) {
        t->optional = question;
        return;
    }
    t->optional_items = question;
    while (*r->at >= '0' && *r->at <= '9' && t->list_size < 10)
        t->list_size = t->list_size * 10 + (*r->at++ - '0');
    expect(r, "]");
    t->optional = take(r, "?");
}

/* Whether the type is a list decides which ParamType its name stands for, so that the
 * name is looked up last. */
static Type type(Reader *r) {
    Type t = {.type = PARAM_OTHER};
    Reader name = *r;
    const char *start;
    word(r, &start);
    type_alias(r, &t);
    type_list(r, &t);
    type_name(&name, &t);
    return t;
}

/* ---- defaults ---- */

/* Words that stand for values: of Python, of at::Reduction, of ScalarType. PyTorch's
 * parser of calls reads at::Reduction::Mean as 0, which is "none", and so it is here:
 * torch.kl_div(x, y) is not reduced. */
static const struct NamedDefault {
    const char *name;
    Value value;
} named_defaults[] = {
    {"None", {.tag = VAL_NONE}},
    {"True", {.tag = VAL_BOOL, .as.b = true}},
    {"False", {.tag = VAL_BOOL, .as.b = false}},
    {"Mean", {.tag = VAL_INT, .as.i = 0}},
    {"Sum", {.tag = VAL_INT, .as.i = 2}},
    {"long", {.tag = VAL_DTYPE, .as.dtype = DT_int64}},
    {"contiguous_format", {.tag = VAL_MEMORY_FORMAT, .as.format = FORMAT_CONTIGUOUS}},
};

static Value default_word(Reader *r) {
    const char *start;
    size_t n = word(r, &start);
    for (size_t i = 0; i < sizeof named_defaults / sizeof *named_defaults; i++)
        if (same(start, n, named_defaults[i].name)) return named_defaults[i].value;
    r->wrong = true;
    return value_null();
}

static Value default_number(Reader *r) {
    char *int_end, *float_end;
    errno = 0;
    long long i = strtoll(r->at, &int_end, 10);
    double f = strtod(r->at, &float_end);
    if (float_end == r->at || errno == ERANGE) r->wrong = true;
    bool whole = int_end == float_end;
    r->at = float_end;
    return whole ? value_int(i) : value_float(f);
}

static Value default_string(Reader *r, char quote) {
    const char *start = ++r->at;
    while (*r->at && *r->at != quote) r->at++;
    size_t n = (size_t)(r->at - start);
    if (*r->at) r->at++;
    return value_obj(str_new(r->c, start, n));
}

/* "[0, 1]" */
static Value default_list(Reader *r) {
    Value items[MAX_PARAMS];
    size_t n = 0;
    r->at++;
    while (*r->at && *r->at != ']' && n < MAX_PARAMS && !r->wrong) {
        items[n++] = default_number(r);
        take(r, ",");
        take(r, " ");
    }
    expect(r, "]");
    return value_obj(tuple_new(r->c, NULL, n, items));
}

/* A number for int[2] stands for a list of two. */
static Value repeated(Reader *r, Value v, int n) {
    Value items[100];
    for (int i = 0; i < n; i++) items[i] = v;
    return value_obj(tuple_new(r->c, NULL, (size_t)n, items));
}

static Value default_any(Reader *r) {
    char ch = *r->at;
    if (ch == '"' || ch == '\'') return default_string(r, ch);
    if (ch == '[') return default_list(r);
    if (is_ascii_word(ch) && (ch < '0' || ch > '9')) return default_word(r);
    return default_number(r);
}

/* PyTorch's own print of a schema shows dtypes and memory formats as their numbers. */
static Value default_enum(Reader *r, ParamType as, int64_t i) {
    static const DType dtypes[] = {DT_uint8, DT_int8,    DT_int16,   DT_int32,
                                   DT_int64, DT_float16, DT_float32, DT_float64};
    if (as == PARAM_DTYPE && i >= 0 && i < (int64_t)(sizeof dtypes / sizeof *dtypes))
        return value_dtype(dtypes[i]);
    if (as == PARAM_MEMORY_FORMAT && i >= 0 && i <= FORMAT_CHANNELS_LAST_3D)
        return (Value){.tag = VAL_MEMORY_FORMAT, .as.format = (MemoryFormat)i};
    r->wrong = true;
    return value_null();
}

static Value default_value(Reader *r, const Type *t) {
    Value v = default_any(r);
    if (v.tag != VAL_INT) return v;
    if (t->list && t->list_size) return repeated(r, v, t->list_size);
    switch (t->type) {
    case PARAM_FLOAT: return value_float((double)v.as.i);
    case PARAM_DTYPE:
    case PARAM_MEMORY_FORMAT: return default_enum(r, t->type, v.as.i);
    default: return v;
    }
}

/* ---- parameters and results ---- */

static void param(Reader *r, Schema *s) {
    if (s->n == MAX_PARAMS) {
        r->wrong = true;
        return;
    }
    Type t = type(r);
    expect(r, " ");
    Param *p = &s->params[s->n++];
    *p = (Param){.type = (uint8_t)t.type,
                 .list_size = (uint8_t)t.list_size,
                 .optional = t.optional,
                 .optional_items = t.optional_items,
                 .symbolic = t.symbolic,
                 .keyword_only = r->keyword_only,
                 .written = t.written};
    p->name_len = (uint8_t)word(r, &p->name);
    p->has_default = take(r, "=");
    if (p->has_default) p->default_value = default_value(r, &t);
    /* An empty list may be given as None: "int[2] stride=[]". */
    const Tuple *list = value_tuple(p->default_value);
    if (list && list->n == 0) p->optional = true;
    if (t.type == PARAM_TENSOR || t.type == PARAM_TENSOR_LIST) s->n_tensors++;
    if (p->name_len == 4 && memcmp(p->name, "self", 4) == 0)
        s->self = (uint8_t)(p - s->params);
}

static void params(Reader *r, Schema *s) {
    expect(r, "(");
    if (take(r, ")")) return;
    do {
        if (take(r, "*"))
            r->keyword_only = true;
        else
            param(r, s);
    } while (take(r, ", "));
    expect(r, ")");
}

static void result(Reader *r, Schema *s) {
    Type t = type(r);
    s->n_returns++;
    s->returns_list |= t.list;
    s->is_view |= t.aliased && !t.written;
    const char *start;
    if (take(r, " ")) word(r, &start);
}

static void results(Reader *r, Schema *s) {
    if (!take(r, " -> ")) {
        s->n_returns = 1;
        return;
    }
    if (!take(r, "(")) {
        result(r, s);
        return;
    }
    if (take(r, ")")) return;
    do result(r, s);
    while (take(r, ", "));
    expect(r, ")");
}

/* ---- the whole ---- */

static bool has(const Schema *s, const char *name) {
    return schema_find(s, name, strlen(name)) >= 0;
}

static void shrink_params(Ctx *c, Schema *s, Param *room) {
    s->params = s->n ? ctx_alloc(c, s->n * sizeof *room) : NULL;
    if (s->params) memcpy(s->params, room, s->n * sizeof *room);
}

static void release_defaults(Ctx *c, const Param *p, size_t n) {
    for (size_t i = 0; i < n; i++) value_release(c, p[i].default_value);
}

bool schema_parse(Ctx *c, const char *text, Schema *s) {
    Param room[MAX_PARAMS];
    Reader r = {.c = c, .at = text + schema_base_name(text)};
    *s = (Schema){.text = text, .params = room};
    s->base_len = (uint8_t)schema_base_name(text);
    while (*r.at && *r.at != '(') r.at++;
    params(&r, s);
    results(&r, s);
    if (r.wrong || *r.at)
        error_raise(c, RuntimeError, "malformed schema at '%s' of %s", r.at, text);
    s->is_factory =
        has(s, "dtype") && has(s, "layout") && has(s, "device") && has(s, "pin_memory");
    if (!ctx_failed(c)) shrink_params(c, s, room);
    if (!ctx_failed(c)) return true;
    release_defaults(c, room, s->n);
    *s = (Schema){.text = text};
    return false;
}

void schema_free(Ctx *c, Schema *s) {
    release_defaults(c, s->params, s->n);
    ctx_free(c, s->params, s->n * sizeof *s->params);
    *s = (Schema){.text = s->text};
}

int schema_find(const Schema *s, const char *name, size_t len) {
    for (int i = 0; i < s->n; i++)
        if (s->params[i].name_len == len && memcmp(s->params[i].name, name, len) == 0)
            return i;
    return -1;
}

size_t schema_base_name(const char *text) {
    return strcspn(text, ".(");
}
