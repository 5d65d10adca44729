/* See bind_parts.h. */
#include "bind_parts.h"

#include <string.h>

/* ---- what a row is ---- */

bool form_is_method(unsigned form) {
    return form & (OP_METHOD | OP_INPLACE);
}

const char *form_suffix(unsigned form) {
    return form & OP_ANY_INPLACE ? "_" : "";
}

static bool named(const Param *p, const char *name) {
    return p->name_len == strlen(name) && memcmp(p->name, name, p->name_len) == 0;
}

static bool is_self(const Param *p) {
    return p->type == PARAM_TENSOR && named(p, "self");
}

static bool ends_with(const Op *op, const char *end) {
    size_t n = strlen(end), len = op->schema.base_len;
    return len >= n && memcmp(op->schema.text + len - n, end, n) == 0;
}

bool signature_is_factory(const Op *op) {
    return op->schema.is_factory &&
           (op->schema.n_tensors == 0 || ends_with(op, "_like") ||
            strncmp(op->schema.text, "new_", 4) == 0);
}

/* dtype, layout, device, pin_memory */
static bool is_option(const Param *p) {
    return p->type == PARAM_DTYPE || p->type == PARAM_LAYOUT ||
           p->type == PARAM_DEVICE || named(p, "pin_memory");
}

static bool takes_out(const Op *op, unsigned form) {
    return (op->def->forms & OP_OUT) && !form_is_method(form) &&
           !(form & OP_ANY_INPLACE);
}

/* ---- slots ---- */

static void add(Signature *s, int slot) {
    s->slots[s->n++] = (int8_t)slot;
    if (slot >= 0 && !s->op->schema.params[slot].has_default) s->n_required++;
}

static void add_positional(Signature *s) {
    const Schema *schema = &s->op->schema;
    for (int i = 0; i < schema->n; i++) {
        const Param *p = &schema->params[i];
        if (!p->keyword_only && !(form_is_method(s->form) && is_self(p))) add(s, i);
    }
    s->n_positional = s->n;
}

/* The keyword-only parameters that are, or are not, a factory's options. */
static void add_keyword_only(Signature *s, bool factory, bool options) {
    const Schema *schema = &s->op->schema;
    for (int i = 0; i < schema->n; i++) {
        const Param *p = &schema->params[i];
        if (p->keyword_only && (factory && is_option(p)) == options) add(s, i);
    }
}

void signature_make(Signature *s, const Op *op, unsigned form) {
    *s = (Signature){.op = op, .form = form};
    bool factory = signature_is_factory(op);
    add_positional(s);
    add_keyword_only(s, factory, false);
    if (takes_out(op, form)) add(s, SLOT_OUT);
    if (!factory) return;
    add_keyword_only(s, factory, true);
    add(s, SLOT_REQUIRES_GRAD);
}

const Param *signature_param(const Signature *s, int i) {
    return s->slots[i] < 0 ? NULL : &s->op->schema.params[s->slots[i]];
}

Text signature_slot_name(const Signature *s, int i) {
    const Param *p = signature_param(s, i);
    if (!p)
        return s->slots[i] == SLOT_OUT ? (Text){"out", 3} : (Text){"requires_grad", 13};
    if (is_self(p)) return (Text){"input", 5};
    return (Text){p->name, p->name_len};
}

/* ---- text ---- */

static const char *param_type(const Param *p) {
    switch ((ParamType)p->type) {
    case PARAM_TENSOR: return "Tensor";
    case PARAM_TENSOR_LIST: return "tuple of Tensors";
    case PARAM_SCALAR: return "Number";
    case PARAM_SCALAR_LIST: return "tuple of Scalars";
    case PARAM_INT: return p->symbolic ? "SymInt" : "int";
    case PARAM_INT_LIST: return p->symbolic ? "tuple of SymInts" : "tuple of ints";
    case PARAM_FLOAT: return "float";
    case PARAM_FLOAT_LIST: return "tuple of floats";
    case PARAM_BOOL: return "bool";
    case PARAM_BOOL_LIST: return "tuple of bools";
    case PARAM_STRING: return "str";
    case PARAM_DTYPE: return "torch.dtype";
    case PARAM_LAYOUT: return "torch.layout";
    case PARAM_DEVICE: return "torch.device";
    case PARAM_MEMORY_FORMAT: return "torch.memory_format";
    case PARAM_GENERATOR: return "torch.Generator";
    case PARAM_DIMNAME: return "name";
    case PARAM_DIMNAME_LIST: return "tuple of names";
    case PARAM_OTHER: break;
    }
    return "torch.Storage";
}

const char *signature_slot_type(const Signature *s, int i) {
    const Param *p = signature_param(s, i);
    if (p) return param_type(p);
    if (s->slots[i] == SLOT_REQUIRES_GRAD) return "bool";
    return s->op->schema.n_returns > 1 ? "tuple of Tensors" : "Tensor";
}

void signature_print(Buf *out, const Signature *s) {
    buf_putc(out, '(');
    for (int i = 0; i < s->n; i++) {
        if (i) buf_puts(out, ", ");
        if (i == s->n_positional) buf_puts(out, "*, ");
        Text name = signature_slot_name(s, i);
        buf_printf(out, "%s %.*s", signature_slot_type(s, i), (int)name.n, name.s);
    }
    buf_putc(out, ')');
}

void bind_signature(Buf *out, const Op *op, unsigned form) {
    Signature s;
    signature_make(&s, op, form);
    signature_print(out, &s);
}
