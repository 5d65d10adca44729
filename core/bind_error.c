/* See bind_parts.h.
 *
 * PyTorch builds this text from the printed signatures, with a matching of its own that
 * knows types by their names only: "tuple of ints" is nobody's type, so that a list of
 * ints is always marked as wrong, and "*" and the empty list of parameters count as
 * parameters.  The functions here keep to that.
 */
#include "bind_parts.h"

#include <string.h>

enum { MAX_ITEMS = MAX_SLOTS + 1, MAX_KEYWORDS = 64 };

/* A printed signature, cut at its commas. */
typedef struct Item {
    const char *type;
    Text name;
} Item;

typedef struct Option {
    Item items[MAX_ITEMS];
    size_t n;
} Option;

typedef struct Report {
    Ctx *c;
    Buf *out;
    const Args *a;
    size_t n_keywords;
    uint8_t
        keywords[MAX_KEYWORDS]; /* indices into a->named, in the order of the text */
} Report;

/* ---- the order of keywords ---- */

/* They come out in the order of a hash table: libstdc++'s, with std::hash (the 64-bit
 * MurmurHash2) and, up to 13 entries, 13 buckets. */
enum { BUCKETS = 13 };

static uint64_t shift_mix(uint64_t v) {
    return v ^ (v >> 47);
}

static uint64_t load_bytes(const char *s, size_t n) {
    uint64_t v = 0;
    for (size_t i = n; i > 0; i--) v = v << 8 | (unsigned char)s[i - 1];
    return v;
}

static uint64_t text_hash(const char *s, size_t n) {
    static const uint64_t mul = 0xC6A4A7935BD1E995u, seed = 0xC70F6907u;
    uint64_t hash = seed ^ ((uint64_t)n * mul);
    size_t whole = n & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8)
        hash = (hash ^ shift_mix(load_bytes(s + i, 8) * mul) * mul) * mul;
    if (n > whole) hash = (hash ^ load_bytes(s + whole, n - whole)) * mul;
    return shift_mix(shift_mix(hash) * mul);
}

/* A new entry goes to the front of its bucket, and the first entry of a bucket to the
 * front of the whole list. */
static void order_keywords(Report *r) {
    uint8_t buckets[MAX_KEYWORDS];
    for (size_t i = 0; i < r->a->n_named && i < MAX_KEYWORDS; i++) {
        const Str *name = r->a->named[i].name;
        uint8_t bucket = (uint8_t)(text_hash(name->data, name->len) % BUCKETS);
        size_t at = 0;
        while (at < i && buckets[at] != bucket) at++;
        if (at == i) at = 0;
        memmove(buckets + at + 1, buckets + at, i - at);
        memmove(r->keywords + at + 1, r->keywords + at, i - at);
        buckets[at] = bucket;
        r->keywords[at] = (uint8_t)i;
        r->n_keywords = i + 1;
    }
}

static const Named *keyword(const Report *r, size_t i) {
    return &r->a->named[r->keywords[i]];
}

/* ---- options ---- */

static void option_make(Option *o, const Signature *s) {
    o->n = 0;
    if (s->n == 0) o->items[o->n++] = (Item){"", {"", 0}};
    for (int i = 0; i < s->n; i++) {
        if (i == s->n_positional) o->items[o->n++] = (Item){"*", {"*", 1}};
        o->items[o->n++] = (Item){signature_slot_type(s, i), signature_slot_name(s, i)};
    }
}

static bool is_item(const Item *it, const Str *name) {
    return it->name.n == name->len && memcmp(it->name.s, name->data, name->len) == 0;
}

static bool type_matches(const char *type, const char *given) {
    if (strcmp(type, "float") == 0 && strcmp(given, "int") == 0) return true;
    return strcmp(type, given) == 0;
}

static size_t count_given(const Report *r) {
    return r->a->n + r->n_keywords;
}

/* Whether a keyword is among the last items, as many as there are keywords. */
static bool is_known(const Report *r, const Option *o, const Str *name) {
    size_t from = o->n > r->n_keywords ? o->n - r->n_keywords : 0;
    for (size_t i = from; i < o->n; i++)
        if (is_item(&o->items[i], name)) return true;
    return false;
}

/* ---- text ---- */

static void drop_last_comma(Buf *b) {
    b->len -= b->len >= 2 ? 2 : 0;
    if (b->data) b->data[b->len] = '\0';
}

static void add_arg(Report *r, const Str *name, Value v, bool wrong) {
    const char *mark = wrong ? "!" : "";
    buf_puts(r->out, mark);
    if (name) buf_printf(r->out, "%s=", name->data);
    buf_printf(r->out, "%s%s, ", bind_type_name(r->c, v), mark);
}

/* "(Tensor, dim=int)"; without positional arguments the last comma stays. */
static void add_given(Report *r) {
    buf_putc(r->out, '(');
    for (size_t i = 0; i < r->a->n; i++) add_arg(r, NULL, r->a->pos[i], false);
    for (size_t i = 0; i < r->n_keywords; i++)
        add_arg(r, keyword(r, i)->name, keyword(r, i)->value, false);
    if (r->a->n) drop_last_comma(r->out);
    buf_putc(r->out, ')');
}

static const Named *find_named(const Report *r, const Item *it) {
    for (size_t i = 0; i < r->n_keywords; i++)
        if (is_item(it, keyword(r, i)->name)) return keyword(r, i);
    return NULL;
}

/* "(Tensor, !int!)": each argument against the item at its place. */
static void add_compared(Report *r, const Option *o) {
    buf_putc(r->out, '(');
    for (size_t i = 0; i < count_given(r); i++) {
        const Item *it = &o->items[i];
        const Named *named = i < r->a->n ? NULL : find_named(r, it);
        if (i >= r->a->n && !named) continue;
        Value v = named ? named->value : r->a->pos[i];
        bool matches = type_matches(it->type, bind_type_name(r->c, v));
        add_arg(r, named ? named->name : NULL, v, !matches);
    }
    if (r->a->n) drop_last_comma(r->out);
    buf_putc(r->out, ')');
}

/* The keywords that o does not know, separated by commas; false when it knows all. */
static bool add_unknown(Report *r, const Option *o, const char *before) {
    bool any = false;
    for (size_t i = 0; i < r->n_keywords; i++) {
        const Str *name = keyword(r, i)->name;
        if (is_known(r, o, name)) continue;
        buf_printf(r->out, "%s%s", any ? ", " : before, name->data);
        any = true;
    }
    return any;
}

static void add_only_option(Report *r, const Signature *s) {
    Option o;
    option_make(&o, s);
    if (add_unknown(r, &o, "got unrecognized keyword arguments: ")) return;
    buf_puts(r->out, "got ");
    if (count_given(r) == o.n)
        add_compared(r, &o);
    else
        add_given(r);
    buf_puts(r->out, ", but expected ");
    signature_print(r->out, s);
}

static void add_option(Report *r, const Signature *s) {
    static const char indent[] = "      didn't match because some of the ";
    Option o;
    option_make(&o, s);
    buf_puts(r->out, " * ");
    signature_print(r->out, s);
    buf_putc(r->out, '\n');
    if (count_given(r) != o.n) return;
    size_t before = r->out->len;
    buf_puts(r->out, indent);
    if (!add_unknown(r, &o, "keywords were incorrect: ")) {
        r->out->len = before;
        buf_printf(r->out, "%sarguments have invalid types: ", indent);
        add_compared(r, &o);
    }
    buf_putc(r->out, '\n');
}

/* ---- the whole ---- */

static bool listed(const OpDef *def) {
    return !(def->traits & OP_HIDDEN);
}

static size_t count_listed(const OverloadSet *set) {
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++) n += listed(set->defs[i]);
    return n;
}

static void add_options(Report *r, const OverloadSet *set) {
    size_t n = count_listed(set);
    if (n != 1) {
        buf_puts(r->out, "got ");
        add_given(r);
        buf_puts(r->out, ", but expected one of:\n");
    }
    for (size_t i = 0; i < set->n && !ctx_failed(r->c); i++) {
        const Op *op = listed(set->defs[i]) ? op_get(r->c, set->defs[i]) : NULL;
        if (!op) continue;
        Signature s;
        signature_make(&s, op, set->form);
        if (n == 1)
            add_only_option(r, &s);
        else
            add_option(r, &s);
    }
}

static void raise_text(Ctx *c, Buf *b) {
    if (b->failed)
        error_raise(c, MemoryError, "%s", "");
    else
        error_raise_text(c, TypeError, buf_text(b), b->len);
    buf_free(b);
}

void raise_no_match(Ctx *c, const OverloadSet *set, const Args *a) {
    const Op *first = op_get(c, set->defs[0]);
    if (!first) return;
    Buf b;
    buf_init(&b, &c->mem);
    Report r = {.c = c, .out = &b, .a = a};
    order_keywords(&r);
    buf_printf(&b, "%.*s%s() received an invalid combination of arguments - ",
               (int)first->schema.base_len, first->schema.text, form_suffix(set->form));
    add_options(&r, set);
    raise_text(c, &b);
}

/* ---- deprecated overloads ---- */

static void add_line(Buf *b, const Signature *s) {
    buf_printf(b, "\n\t%.*s%s", SIGNATURE_NAME(s));
    signature_print(b, s);
}

void warn_deprecated(Ctx *c, const OverloadSet *set, const Signature *s) {
    static const char key;
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, "This overload of %.*s%s is deprecated:", SIGNATURE_NAME(s));
    add_line(&b, s);
    if (count_listed(set))
        buf_puts(&b, "\nConsider using one of the following signatures instead:");
    for (size_t i = 0; i < set->n && !ctx_failed(c); i++) {
        const Op *op = listed(set->defs[i]) ? op_get(c, set->defs[i]) : NULL;
        if (!op) continue;
        Signature other;
        signature_make(&other, op, set->form);
        add_line(&b, &other);
    }
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        warn_once(c, &key, UserWarning, "%s", buf_text(&b));
    buf_free(&b);
}
