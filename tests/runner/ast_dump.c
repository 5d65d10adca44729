/* See ast_dump.h. */
#include "ast_dump.h"

#include <inttypes.h>

typedef struct Dump {
    Buf *b;
    bool places;
} Dump;

static void expr(const Dump *d, const Expr *x);
static void block(const Dump *d, const Block *body);

static void optional(const Dump *d, const Expr *x) {
    buf_putc(d->b, ' ');
    if (x)
        expr(d, x);
    else
        buf_putc(d->b, '-');
}

static void items(const Dump *d, Expr *const *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        buf_putc(d->b, ' ');
        expr(d, list[i]);
    }
}

static void quoted(Buf *b, const Str *s) {
    buf_putc(b, '"');
    for (size_t i = 0; i < s->len; i++) {
        unsigned char ch = (unsigned char)s->data[i];
        if (ch < 0x20 || ch >= 0x7F || ch == '"' || ch == '\\')
            buf_printf(b, "\\x%02x", ch);
        else
            buf_putc(b, (char)ch);
    }
    buf_putc(b, '"');
}

static void constant(const Dump *d, const Expr *x) {
    Value v = ((const ConstantExpr *)x)->value;
    switch (v.tag) {
    case VAL_NONE: buf_puts(d->b, "None"); break;
    case VAL_BOOL: buf_puts(d->b, v.as.b ? "True" : "False"); break;
    case VAL_INT: buf_printf(d->b, "%" PRId64, v.as.i); break;
    case VAL_FLOAT: buf_printf(d->b, "f%.17g", v.as.f); break;
    case VAL_ELLIPSIS: buf_puts(d->b, "..."); break;
    default: quoted(d->b, value_str(v)); break;
    }
}

static void bigint(const Dump *d, const Expr *x) {
    const BigIntExpr *n = (const BigIntExpr *)x;
    buf_printf(d->b, "big%d:%s", n->base, n->digits);
}

static void name(const Dump *d, const NameExpr *n) {
    buf_puts(d->b, n->name->data);
    if (!d->places) return;
    static const char *const marks[] = {"?", "L", "C", "G", "K"};
    buf_printf(d->b, "@%s%s", n->outer ? "o" : "", marks[n->scope]);
    if (n->scope == NAME_LOCAL || n->scope == NAME_CELL)
        buf_printf(d->b, "%d", (int)n->index);
}

static void name_expr(const Dump *d, const Expr *x) {
    name(d, (const NameExpr *)x);
}

static void fstring(const Dump *d, const Expr *x) {
    const FStringExpr *f = (const FStringExpr *)x;
    buf_puts(d->b, "(f");
    for (uint32_t i = 0; i < f->n; i++) {
        const FStringPart *part = &f->parts[i];
        buf_putc(d->b, ' ');
        if (part->literal) {
            quoted(d->b, part->literal);
            continue;
        }
        buf_putc(d->b, '{');
        expr(d, part->value);
        if (part->conversion) buf_printf(d->b, "!%c", part->conversion);
        if (part->spec) {
            buf_putc(d->b, ':');
            expr(d, &part->spec->head);
        }
        buf_putc(d->b, '}');
    }
    buf_putc(d->b, ')');
}

static void sequence(const Dump *d, const Expr *x) {
    const SequenceExpr *s = (const SequenceExpr *)x;
    buf_puts(d->b, x->kind == E_TUPLE  ? "(tuple"
                   : x->kind == E_LIST ? "(list"
                                       : "(set");
    items(d, s->items, s->n);
    buf_putc(d->b, ')');
}

static void dict(const Dump *d, const Expr *x) {
    const DictExpr *s = (const DictExpr *)x;
    buf_puts(d->b, "(dict");
    for (uint32_t i = 0; i < s->n; i++) {
        buf_puts(d->b, s->items[i].key ? " " : " **");
        if (s->items[i].key) {
            expr(d, s->items[i].key);
            buf_puts(d->b, ":");
        }
        expr(d, s->items[i].value);
    }
    buf_putc(d->b, ')');
}

static void starred(const Dump *d, const Expr *x) {
    buf_putc(d->b, '*');
    expr(d, ((const StarredExpr *)x)->value);
}

static void unary(const Dump *d, const Expr *x) {
    const UnaryExpr *u = (const UnaryExpr *)x;
    buf_printf(d->b, "(%s ", unary_op_symbol((UnaryOp)u->op));
    expr(d, u->operand);
    buf_putc(d->b, ')');
}

static void binary(const Dump *d, const Expr *x) {
    const BinaryExpr *s = (const BinaryExpr *)x;
    for (uint32_t i = s->n; i-- > 0;)
        buf_printf(d->b, "(%s ", binary_op_symbol((BinaryOp)s->links[i].op));
    expr(d, s->first);
    for (uint32_t i = 0; i < s->n; i++) {
        buf_putc(d->b, ' ');
        expr(d, s->links[i].right);
        buf_putc(d->b, ')');
    }
}

static void boolean(const Dump *d, const Expr *x) {
    const BoolExpr *s = (const BoolExpr *)x;
    buf_puts(d->b, s->is_or ? "(or" : "(and");
    items(d, s->items, s->n);
    buf_putc(d->b, ')');
}

static void compare(const Dump *d, const Expr *x) {
    const CompareExpr *s = (const CompareExpr *)x;
    buf_puts(d->b, "(cmp ");
    expr(d, s->first);
    for (uint32_t i = 0; i < s->n; i++) {
        buf_printf(d->b, " %s ", compare_op_symbol((CompareOp)s->links[i].op));
        expr(d, s->links[i].right);
    }
    buf_putc(d->b, ')');
}

static void conditional(const Dump *d, const Expr *x) {
    const ConditionalExpr *s = (const ConditionalExpr *)x;
    buf_puts(d->b, "(if");
    optional(d, s->test);
    optional(d, s->then);
    optional(d, s->otherwise);
    buf_putc(d->b, ')');
}

static void named(const Dump *d, const Expr *x) {
    const NamedExpr *s = (const NamedExpr *)x;
    buf_puts(d->b, "(:= ");
    name(d, s->target);
    optional(d, s->value);
    buf_putc(d->b, ')');
}

static void params(const Dump *d, const Params *p) {
    buf_putc(d->b, '(');
    uint32_t named_n = p->n_pos + p->n_kwonly;
    for (uint32_t i = 0; i < named_n; i++) {
        if (i) buf_putc(d->b, ' ');
        if (i == p->n_pos) buf_puts(d->b, "* ");
        buf_puts(d->b, p->names[i]->data);
        const Expr *value = NULL;
        if (i >= p->n_pos)
            value = p->kw_defaults[i - p->n_pos];
        else if (i >= p->n_pos - p->n_defaults)
            value = p->defaults[i - (p->n_pos - p->n_defaults)];
        if (value) {
            buf_putc(d->b, '=');
            expr(d, value);
        }
        if (i + 1 == p->n_posonly) buf_puts(d->b, " /");
    }
    if (p->has_args) buf_printf(d->b, " *%s", p->names[named_n]->data);
    if (p->has_kwargs) buf_printf(d->b, " **%s", p->names[named_n + p->has_args]->data);
    buf_putc(d->b, ')');
}

/* " slots=2 cells=1 free=[0] " where that is asked for. */
static void frame(const Dump *d, const Code *code) {
    if (!d->places) return;
    buf_printf(d->b, " [%s slots=%d cells=%d free=", code->qualname->data,
               (int)code->n_slots, (int)code->n_cells);
    for (int32_t i = 0; i < code->n_free; i++)
        buf_printf(d->b, "%s%d", i ? "," : "", (int)code->free[i]);
    for (int32_t i = 0; i < code->n_param_cells; i++)
        buf_printf(d->b, " %d->%d", (int)code->param_cells[i].slot,
                   (int)code->param_cells[i].cell);
    if (code->class_cell >= 0) buf_printf(d->b, " class=%d", (int)code->class_cell);
    buf_putc(d->b, ']');
}

static void lambda(const Dump *d, const Expr *x) {
    const Code *code = ((const LambdaExpr *)x)->code;
    buf_puts(d->b, "(lambda ");
    params(d, &code->params);
    frame(d, code);
    optional(d, code->result);
    buf_putc(d->b, ')');
}

static void arguments(const Dump *d, const Arguments *a) {
    items(d, a->items, a->n);
    for (uint32_t i = 0; i < a->n_named; i++) {
        const KeywordArg *k = &a->named[i];
        buf_printf(d->b, " %s%s", k->name ? k->name->data : "**", k->name ? "=" : "");
        expr(d, k->value);
    }
}

static void call(const Dump *d, const Expr *x) {
    const CallExpr *c = (const CallExpr *)x;
    buf_puts(d->b, "(call ");
    expr(d, c->callee);
    arguments(d, &c->args);
    buf_putc(d->b, ')');
}

static void attribute(const Dump *d, const Expr *x) {
    const AttributeExpr *a = (const AttributeExpr *)x;
    buf_puts(d->b, "(. ");
    expr(d, a->object);
    buf_printf(d->b, " %s)", a->name->data);
}

static void subscript(const Dump *d, const Expr *x) {
    const SubscriptExpr *s = (const SubscriptExpr *)x;
    buf_puts(d->b, "([] ");
    expr(d, s->object);
    optional(d, s->index);
    buf_putc(d->b, ')');
}

static void slice(const Dump *d, const Expr *x) {
    const SliceExpr *s = (const SliceExpr *)x;
    buf_puts(d->b, "(:");
    optional(d, s->lower);
    optional(d, s->upper);
    optional(d, s->step);
    buf_putc(d->b, ')');
}

static void comprehension(const Dump *d, const Expr *x) {
    const CompExpr *s = (const CompExpr *)x;
    buf_printf(d->b, "(%s",
               x->kind == E_LIST_COMP   ? "listcomp"
               : x->kind == E_SET_COMP  ? "setcomp"
               : x->kind == E_DICT_COMP ? "dictcomp"
                                        : "genexp");
    if (s->code) frame(d, s->code);
    if (d->places && s->n_cells) buf_printf(d->b, " [fresh=%d]", (int)s->n_cells);
    optional(d, s->element);
    if (s->value) optional(d, s->value);
    for (uint32_t i = 0; i < s->n_clauses; i++) {
        buf_puts(d->b, " for");
        optional(d, s->clauses[i].target);
        optional(d, s->clauses[i].iter);
        for (uint32_t k = 0; k < s->clauses[i].n_conditions; k++) {
            buf_puts(d->b, " if");
            optional(d, s->clauses[i].conditions[k]);
        }
    }
    buf_putc(d->b, ')');
}

static void expr(const Dump *d, const Expr *x) {
    static void (*const table[EXPR_KIND_COUNT])(const Dump *, const Expr *) = {
        [E_CONSTANT] = constant,
        [E_BIGINT] = bigint,
        [E_FSTRING] = fstring,
        [E_NAME] = name_expr,
        [E_TUPLE] = sequence,
        [E_LIST] = sequence,
        [E_SET] = sequence,
        [E_DICT] = dict,
        [E_STARRED] = starred,
        [E_UNARY] = unary,
        [E_BINARY] = binary,
        [E_BOOL] = boolean,
        [E_COMPARE] = compare,
        [E_CONDITIONAL] = conditional,
        [E_NAMED] = named,
        [E_LAMBDA] = lambda,
        [E_CALL] = call,
        [E_ATTRIBUTE] = attribute,
        [E_SUBSCRIPT] = subscript,
        [E_SLICE] = slice,
        [E_LIST_COMP] = comprehension,
        [E_SET_COMP] = comprehension,
        [E_DICT_COMP] = comprehension,
        [E_GENERATOR] = comprehension,
    };
    table[x->kind](d, x);
}

/* ---- statements ---- */

static void assign(const Dump *d, const Stmt *s) {
    const AssignStmt *a = (const AssignStmt *)s;
    buf_puts(d->b, "(=");
    items(d, a->targets, a->n);
    optional(d, a->value);
    buf_putc(d->b, ')');
}

static void augmented(const Dump *d, const Stmt *s) {
    const AugAssignStmt *a = (const AugAssignStmt *)s;
    buf_printf(d->b, "(%s=", binary_op_symbol((BinaryOp)a->op));
    optional(d, a->target);
    optional(d, a->value);
    buf_putc(d->b, ')');
}

static void annotated(const Dump *d, const Stmt *s) {
    const AnnAssignStmt *a = (const AnnAssignStmt *)s;
    buf_puts(d->b, "(ann");
    optional(d, a->target);
    optional(d, a->value);
    buf_putc(d->b, ')');
}

static void delete (const Dump *d, const Stmt *s) {
    const DeleteStmt *a = (const DeleteStmt *)s;
    buf_puts(d->b, "(del");
    items(d, a->targets, a->n);
    buf_putc(d->b, ')');
}

static void word(const Dump *d, const Stmt *s) {
    buf_puts(d->b, s->kind == S_PASS    ? "(pass)"
                   : s->kind == S_BREAK ? "(break)"
                                        : "(continue)");
}

static void expression(const Dump *d, const Stmt *s) {
    expr(d, ((const ExprStmt *)s)->value);
}

static void result(const Dump *d, const Stmt *s) {
    buf_puts(d->b, "(return");
    optional(d, ((const ReturnStmt *)s)->value);
    buf_putc(d->b, ')');
}

static void raise_stmt(const Dump *d, const Stmt *s) {
    buf_puts(d->b, "(raise");
    optional(d, ((const RaiseStmt *)s)->exception);
    optional(d, ((const RaiseStmt *)s)->cause);
    buf_putc(d->b, ')');
}

static void assertion(const Dump *d, const Stmt *s) {
    buf_puts(d->b, "(assert");
    optional(d, ((const AssertStmt *)s)->test);
    optional(d, ((const AssertStmt *)s)->message);
    buf_putc(d->b, ')');
}

static void scope(const Dump *d, const Stmt *s) {
    const ScopeStmt *a = (const ScopeStmt *)s;
    buf_puts(d->b, s->kind == S_GLOBAL ? "(global" : "(nonlocal");
    for (uint32_t i = 0; i < a->n; i++) buf_printf(d->b, " %s", a->names[i]->data);
    buf_putc(d->b, ')');
}

static void import(const Dump *d, const Stmt *s) {
    const ImportStmt *a = (const ImportStmt *)s;
    buf_puts(d->b, "(import");
    for (uint32_t i = 0; i < a->n; i++) {
        buf_printf(d->b, " %s", a->items[i].module->data);
        if (!a->items[i].has_as) continue;
        buf_puts(d->b, " as ");
        name(d, a->items[i].target);
    }
    buf_putc(d->b, ')');
}

static void import_from(const Dump *d, const Stmt *s) {
    const ImportFromStmt *a = (const ImportFromStmt *)s;
    buf_printf(d->b, "(from %s%s", a->module->data, a->n ? "" : " *");
    for (uint32_t i = 0; i < a->n; i++) {
        buf_printf(d->b, " %s", a->items[i].name->data);
        if (a->items[i].name == a->items[i].target->name) continue;
        buf_puts(d->b, " as ");
        name(d, a->items[i].target);
    }
    buf_putc(d->b, ')');
}

static void orelse(const Dump *d, const char *head, const Block *body) {
    if (body->n == 0) return;
    buf_puts(d->b, head);
    block(d, body);
}

static void if_stmt(const Dump *d, const Stmt *s) {
    const IfStmt *a = (const IfStmt *)s;
    for (uint32_t i = 0; i < a->n; i++) {
        buf_puts(d->b, i ? " elif" : "(if");
        optional(d, a->arms[i].test);
        block(d, &a->arms[i].body);
    }
    orelse(d, " else", &a->orelse);
    buf_putc(d->b, ')');
}

static void while_stmt(const Dump *d, const Stmt *s) {
    const WhileStmt *a = (const WhileStmt *)s;
    buf_puts(d->b, "(while");
    optional(d, a->test);
    block(d, &a->body);
    orelse(d, " else", &a->orelse);
    buf_putc(d->b, ')');
}

static void for_stmt(const Dump *d, const Stmt *s) {
    const ForStmt *a = (const ForStmt *)s;
    buf_puts(d->b, "(for");
    optional(d, a->target);
    optional(d, a->iter);
    block(d, &a->body);
    orelse(d, " else", &a->orelse);
    buf_putc(d->b, ')');
}

static void try_stmt(const Dump *d, const Stmt *s) {
    const TryStmt *a = (const TryStmt *)s;
    buf_puts(d->b, "(try");
    block(d, &a->body);
    for (uint32_t i = 0; i < a->n; i++) {
        buf_puts(d->b, " except");
        optional(d, a->handlers[i].type);
        buf_putc(d->b, ' ');
        if (a->handlers[i].target)
            name(d, a->handlers[i].target);
        else
            buf_putc(d->b, '-');
        block(d, &a->handlers[i].body);
    }
    orelse(d, " else", &a->orelse);
    orelse(d, " finally", &a->finally);
    buf_putc(d->b, ')');
}

static void with_stmt(const Dump *d, const Stmt *s) {
    const WithStmt *a = (const WithStmt *)s;
    buf_puts(d->b, "(with");
    for (uint32_t i = 0; i < a->n; i++) {
        optional(d, a->items[i].context);
        optional(d, a->items[i].target);
    }
    block(d, &a->body);
    buf_putc(d->b, ')');
}

static void decorators(const Dump *d, Expr *const *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        buf_puts(d->b, " @");
        expr(d, list[i]);
    }
}

static void function_def(const Dump *d, const Stmt *s) {
    const FunctionDefStmt *a = (const FunctionDefStmt *)s;
    buf_puts(d->b, "(def");
    decorators(d, a->decorators, a->n_decorators);
    buf_putc(d->b, ' ');
    name(d, a->target);
    params(d, &a->code->params);
    frame(d, a->code);
    block(d, &a->code->body);
    buf_putc(d->b, ')');
}

static void class_def(const Dump *d, const Stmt *s) {
    const ClassDefStmt *a = (const ClassDefStmt *)s;
    buf_puts(d->b, "(class");
    decorators(d, a->decorators, a->n_decorators);
    buf_putc(d->b, ' ');
    name(d, a->target);
    buf_putc(d->b, '(');
    arguments(d, &a->bases);
    buf_putc(d->b, ')');
    frame(d, a->code);
    block(d, &a->code->body);
    buf_putc(d->b, ')');
}

static void stmt(const Dump *d, const Stmt *s) {
    static void (*const table[STMT_KIND_COUNT])(const Dump *, const Stmt *) = {
        [S_EXPR] = expression,
        [S_ASSIGN] = assign,
        [S_AUG_ASSIGN] = augmented,
        [S_ANN_ASSIGN] = annotated,
        [S_DELETE] = delete,
        [S_PASS] = word,
        [S_BREAK] = word,
        [S_CONTINUE] = word,
        [S_RETURN] = result,
        [S_RAISE] = raise_stmt,
        [S_ASSERT] = assertion,
        [S_GLOBAL] = scope,
        [S_NONLOCAL] = scope,
        [S_IMPORT] = import,
        [S_IMPORT_FROM] = import_from,
        [S_IF] = if_stmt,
        [S_WHILE] = while_stmt,
        [S_FOR] = for_stmt,
        [S_TRY] = try_stmt,
        [S_WITH] = with_stmt,
        [S_FUNCTION_DEF] = function_def,
        [S_CLASS_DEF] = class_def,
    };
    table[s->kind](d, s);
}

static void block(const Dump *d, const Block *body) {
    buf_puts(d->b, " {");
    for (uint32_t i = 0; i < body->n; i++) {
        if (i) buf_putc(d->b, ' ');
        stmt(d, body->items[i]);
    }
    buf_putc(d->b, '}');
}

static void program(const Dump *d, const Program *p) {
    for (uint32_t i = 0; i < p->code->body.n; i++) {
        if (i) buf_putc(d->b, '\n');
        stmt(d, p->code->body.items[i]);
    }
}

void dump_program(Buf *b, const Program *p) {
    program(&(Dump){b, false}, p);
}

void dump_program_places(Buf *b, const Program *p) {
    program(&(Dump){b, true}, p);
}

void dump_expr(Buf *b, const Expr *x) {
    expr(&(Dump){b, false}, x);
}
