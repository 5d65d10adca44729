/* Numbers. */
#include "runner/language/parser.h"

#include <stdlib.h>
#include <string.h>

static int radix_of(const char *s) {
    if (s[0] != '0') return 10;
    switch (s[1] | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
    }
}

static int digit_value(char ch) {
    return ch <= '9' ? ch - '0' : (ch | 0x20) - 'a' + 10;
}

/* False when the number does not fit 64 bits. */
static bool fits(const char *digits, int base, int64_t *out) {
    int64_t value = 0;
    for (const char *s = digits; *s; s++) {
        int d = digit_value(*s);
        if (value > (INT64_MAX - d) / base) return false;
        value = value * base + d;
    }
    *out = value;
    return true;
}

static Expr *make_number(Parser *p, ExprKind kind, const Token *t, Value value) {
    ConstantExpr *x = expr_new(p, kind, sizeof *x, t);
    if (!x) return NULL;
    x->value = value;
    return &x->head;
}

static Expr *make_int(Parser *p, const Token *t, const char *digits, int base) {
    int64_t value;
    if (fits(digits, base, &value))
        return make_number(p, E_CONSTANT, t, value_int(value));
    BigIntExpr *x = expr_new(p, E_BIGINT, sizeof *x, t);
    if (!x) return NULL;
    x->base = base;
    x->digits = digits;
    return &x->head;
}

/* `1if x`: a keyword without a blank before it. */
static bool note_keyword_behind(Parser *p, const Token *t, int base) {
    const char *kind = base == 16  ? "invalid hexadecimal literal"
                       : base == 8 ? "invalid octal literal"
                       : base == 2 ? "invalid binary literal"
                       : (t->text[t->len - 1] | 0x20) == 'j'
                           ? "invalid imaginary literal"
                           : "invalid decimal literal";
    if (t[1].kind < T_FALSE || t[1].text != t->text + t->len) return true;
    return parser_note(p, "SyntaxWarning", t, kind, "");
}

Expr *parse_number(Parser *p) {
    const Token *t = parser_token(p);
    int base = radix_of(t->text);
    if (!note_keyword_behind(p, t, base)) return NULL;
    size_t skip = base == 10 ? 0 : 2, n = 0;
    char *digits = arena_alloc(p->arena, t->len + 1);
    if (!digits) return NULL;
    for (size_t i = skip; i < t->len; i++)
        if (t->text[i] != '_') digits[n++] = t->text[i];
    p->at++;
    bool imaginary = base == 10 && n > 0 && (digits[n - 1] | 0x20) == 'j';
    if (imaginary) digits[n - 1] = '\0';
    if (imaginary || (base == 10 && strpbrk(digits, ".eE")))
        return make_number(p, imaginary ? E_IMAGINARY : E_CONSTANT, t,
                           value_float(strtod(digits, NULL)));
    return make_int(p, t, digits, base);
}
