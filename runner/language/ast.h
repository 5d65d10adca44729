/* ast: the syntax tree of a cell or source, as the evaluator walks it.
 *
 * Everything lies in the arena of its Program and is freed with it at once; names and
 * string constants are interned (symbols.h).  Function and class objects point into
 * the Program (Code), so the environment keeps programs until it closes.
 *
 * Shape.  What input can make long is an array, never a chain of nodes: `a + b - c`
 * is one BinaryExpr with two links, `a and b and c` one BoolExpr, elif arms are an
 * array.  The depth of a tree is at most AST_MAX_DEPTH nodes (attribute and call
 * chains `a.b().c()` are the only deep ones; nested brackets end at 200, blocks
 * at 100), so the evaluator may recurse over nodes.
 *
 * Names are resolved: a NameExpr says where its value lives (NameScope).  A frame
 * holds `slots` (code->n_slots values: parameters first, then locals) and `cells`
 * (code->n_cells fresh ones made at entry, then code->n_free taken over from the
 * closure).  List, set and dict comprehensions run in the frame around them, their
 * variables having slots of their own; a generator expression is a Code of its own.
 */
#ifndef RUNNER_AST_H
#define RUNNER_AST_H

#include "runner/text/arena.h"
#include "runner/text/symbols.h"

enum { AST_MAX_DEPTH = 1000 };

/* X(kind, struct) */
#define EXPR_KINDS(X)                                                                  \
    X(CONSTANT, ConstantExpr)                                                          \
    X(BIGINT, BigIntExpr)                                                              \
    X(IMAGINARY, ConstantExpr)                                                         \
    X(FSTRING, FStringExpr)                                                            \
    X(NAME, NameExpr)                                                                  \
    X(TUPLE, SequenceExpr)                                                             \
    X(LIST, SequenceExpr)                                                              \
    X(SET, SequenceExpr)                                                               \
    X(DICT, DictExpr)                                                                  \
    X(STARRED, StarredExpr)                                                            \
    X(UNARY, UnaryExpr)                                                                \
    X(BINARY, BinaryExpr)                                                              \
    X(BOOL, BoolExpr)                                                                  \
    X(COMPARE, CompareExpr)                                                            \
    X(CONDITIONAL, ConditionalExpr)                                                    \
    X(NAMED, NamedExpr)                                                                \
    X(LAMBDA, LambdaExpr)                                                              \
    X(CALL, CallExpr)                                                                  \
    X(ATTRIBUTE, AttributeExpr)                                                        \
    X(SUBSCRIPT, SubscriptExpr)                                                        \
    X(SLICE, SliceExpr)                                                                \
    X(LIST_COMP, CompExpr)                                                             \
    X(SET_COMP, CompExpr)                                                              \
    X(DICT_COMP, CompExpr)                                                             \
    X(GENERATOR, CompExpr)

#define STMT_KINDS(X)                                                                  \
    X(EXPR, ExprStmt)                                                                  \
    X(ASSIGN, AssignStmt)                                                              \
    X(AUG_ASSIGN, AugAssignStmt)                                                       \
    X(ANN_ASSIGN, AnnAssignStmt)                                                       \
    X(DELETE, DeleteStmt)                                                              \
    X(PASS, Stmt)                                                                      \
    X(BREAK, Stmt)                                                                     \
    X(CONTINUE, Stmt)                                                                  \
    X(RETURN, ReturnStmt)                                                              \
    X(RAISE, RaiseStmt)                                                                \
    X(ASSERT, AssertStmt)                                                              \
    X(GLOBAL, ScopeStmt)                                                               \
    X(NONLOCAL, ScopeStmt)                                                             \
    X(IMPORT, ImportStmt)                                                              \
    X(IMPORT_FROM, ImportFromStmt)                                                     \
    X(IF, IfStmt)                                                                      \
    X(WHILE, WhileStmt)                                                                \
    X(FOR, ForStmt)                                                                    \
    X(TRY, TryStmt)                                                                    \
    X(WITH, WithStmt)                                                                  \
    X(FUNCTION_DEF, FunctionDefStmt)                                                   \
    X(CLASS_DEF, ClassDefStmt)

typedef enum ExprKind {
#define X(kind, type) E_##kind,
    EXPR_KINDS(X)
#undef X
        EXPR_KIND_COUNT
} ExprKind;

typedef enum StmtKind {
#define X(kind, type) S_##kind,
    STMT_KINDS(X)
#undef X
        STMT_KIND_COUNT
} StmtKind;

/* X(id, symbol, stem): the methods are __add__, __radd__, __iadd__. */
#define BINARY_OPS(X)                                                                  \
    X(ADD, "+", "add")                                                                 \
    X(SUB, "-", "sub")                                                                 \
    X(MUL, "*", "mul")                                                                 \
    X(MATMUL, "@", "matmul")                                                           \
    X(DIV, "/", "truediv")                                                             \
    X(FLOORDIV, "//", "floordiv")                                                      \
    X(MOD, "%", "mod")                                                                 \
    X(POW, "**", "pow")                                                                \
    X(LSHIFT, "<<", "lshift")                                                          \
    X(RSHIFT, ">>", "rshift")                                                          \
    X(AND, "&", "and")                                                                 \
    X(OR, "|", "or")                                                                   \
    X(XOR, "^", "xor")

typedef enum BinaryOp {
#define X(id, symbol, stem) BINARY_##id,
    BINARY_OPS(X)
#undef X
        BINARY_OP_COUNT
} BinaryOp;

/* X(id, symbol) */
#define UNARY_OPS(X)                                                                   \
    X(NEG, "-")                                                                        \
    X(POS, "+")                                                                        \
    X(INVERT, "~")                                                                     \
    X(NOT, "not")

typedef enum UnaryOp {
#define X(id, symbol) UNARY_##id,
    UNARY_OPS(X)
#undef X
        UNARY_OP_COUNT
} UnaryOp;

#define COMPARE_OPS(X)                                                                 \
    X(LT, "<")                                                                         \
    X(LE, "<=")                                                                        \
    X(GT, ">")                                                                         \
    X(GE, ">=")                                                                        \
    X(EQ, "==")                                                                        \
    X(NE, "!=")                                                                        \
    X(IS, "is")                                                                        \
    X(IS_NOT, "is not")                                                                \
    X(IN, "in")                                                                        \
    X(NOT_IN, "not in")

typedef enum CompareOp {
#define X(id, symbol) COMPARE_##id,
    COMPARE_OPS(X)
#undef X
        COMPARE_OP_COUNT
} CompareOp;

/* Scratch of the evaluator's in a node, zero at first. The tree neither reads nor
 * frees it; what it points to may come from the program's arena. */
typedef struct Cache {
    void *p[2];
    uint64_t n;
} Cache;

/* Head of every expression. Line and column (both from 1, in characters) are those
 * of the file the text came from. */
typedef struct Expr {
    uint8_t kind;   /* ExprKind */
    bool in_parens; /* written in parentheses of its own */
    uint32_t line, col;
} Expr;

typedef struct Stmt {
    uint8_t kind; /* StmtKind */
    uint32_t line, col;
} Stmt;

typedef struct Block {
    Stmt **items;
    uint32_t n;
} Block;

typedef struct Code Code;
typedef struct Program Program;

/* ---- expressions ---- */

/* None, a bool, an int that fits 64 bits, a float, a str, Ellipsis; of an imaginary
 * number the float before its j. */
typedef struct ConstantExpr {
    Expr head;
    Value value; /* borrowed from the Symbols */
} ConstantExpr;

/* An int beyond 64 bits. */
typedef struct BigIntExpr {
    Expr head;
    int base;           /* 2, 8, 10 or 16 */
    const char *digits; /* no prefix, no underscore */
    Cache cache;
} BigIntExpr;

/* f"..." joined with its neighbours; `literal` or `value` of a part is NULL. What
 * `{x=}` shows of its text is a literal part. */
typedef struct FStringExpr FStringExpr;
typedef struct FStringPart {
    Str *literal;
    Expr *value;
    char conversion;   /* 'r' 's' 'a', 0 when none */
    FStringExpr *spec; /* NULL when none */
} FStringPart;
struct FStringExpr {
    Expr head;
    uint32_t n;
    FStringPart *parts;
};

typedef enum NameScope {
    NAME_UNRESOLVED,
    NAME_LOCAL,  /* frame slots[index] */
    NAME_CELL,   /* frame cells[index] */
    NAME_GLOBAL, /* the module's globals[index], then the builtins */
    NAME_CLASS   /* the class body's namespace by name, then as NAME_GLOBAL */
} NameScope;

typedef struct NameExpr {
    Expr head;
    uint8_t scope; /* NameScope */
    bool outer;    /* belongs to an enclosing function: an unbound one is reported
                      as a free variable, not as a local one */
    int32_t index;
    Str *name;
} NameExpr;

typedef struct SequenceExpr {
    Expr head;
    uint32_t n;
    bool has_star;
    Expr **items;
} SequenceExpr;

typedef struct DictItem {
    Expr *key; /* NULL: **value */
    Expr *value;
} DictItem;
typedef struct DictExpr {
    Expr head;
    uint32_t n;
    DictItem *items;
} DictExpr;

typedef struct StarredExpr { /* only in displays, call arguments and targets */
    Expr head;
    Expr *value;
} StarredExpr;

typedef struct UnaryExpr {
    Expr head;
    uint8_t op; /* UnaryOp */
    Expr *operand;
    Cache cache;
} UnaryExpr;

/* first op0 right0 op1 right1 ... evaluated from the left: ((first op0 right0) op1
 * right1).  Precedence is already in the shape: a * b + c is one node with two links.
 */
typedef struct BinaryLink {
    uint8_t op;         /* BinaryOp */
    uint32_t line, col; /* of the operator */
    Expr *right;
    Cache cache;
} BinaryLink;
typedef struct BinaryExpr {
    Expr head;
    uint32_t n;
    Expr *first;
    BinaryLink *links;
} BinaryExpr;

typedef struct BoolExpr {
    Expr head;
    bool is_or;
    uint32_t n;
    Expr **items;
} BoolExpr;

typedef struct CompareLink {
    uint8_t op; /* CompareOp */
    uint32_t line, col;
    Expr *right;
    Cache cache;
} CompareLink;
typedef struct CompareExpr {
    Expr head;
    uint32_t n;
    Expr *first;
    CompareLink *links;
} CompareExpr;

typedef struct ConditionalExpr { /* then if test else otherwise */
    Expr head;
    Expr *test, *then, *otherwise;
} ConditionalExpr;

typedef struct NamedExpr { /* target := value */
    Expr head;
    NameExpr *target;
    Expr *value;
} NamedExpr;

typedef struct LambdaExpr {
    Expr head;
    Code *code;
} LambdaExpr;

typedef struct KeywordArg {
    Str *name; /* NULL: **value */
    Expr *value;
    uint32_t line, col;
} KeywordArg;
/* Positional arguments (E_STARRED for *a) are evaluated before the keyword ones. */
typedef struct Arguments {
    uint32_t n, n_named;
    Expr **items;
    KeywordArg *named;
    bool has_star, has_star_star;
} Arguments;
typedef struct CallExpr {
    Expr head;
    Expr *callee;
    Arguments args;
    Cache cache;
} CallExpr;

typedef struct AttributeExpr {
    Expr head; /* at the start of the object; the name's place follows */
    uint32_t name_line, name_col;
    Expr *object;
    Str *name;
    Cache cache;
} AttributeExpr;

typedef struct SubscriptExpr {
    Expr head;
    Expr *object;
    Expr *index; /* x[1, 2:3] has an E_TUPLE, with E_SLICE only here or in it */
    Cache cache;
} SubscriptExpr;

typedef struct SliceExpr {
    Expr head;
    Expr *lower, *upper, *step; /* each may be NULL */
} SliceExpr;

typedef struct CompClause { /* for target in iter if c0 if c1 ... */
    Expr *target, *iter;
    uint32_t n_conditions;
    Expr **conditions;
} CompClause;

/* A comprehension or generator expression.  The first clause's iter is evaluated in
 * the scope around it.  Without `code` it runs in the frame around it: at its start
 * the cells listed are made anew, at its end slots [first_slot, first_slot + n_slots)
 * and the cells are cleared.  With `code` (E_GENERATOR) it runs in a frame of its
 * own, a closure over the one around it, whose parameter slot 0 is the first iterator.
 */
typedef struct CompExpr {
    Expr head;
    uint32_t n_clauses;
    CompClause *clauses;
    Expr *element; /* of a dict: the key */
    Expr *value;   /* of a dict, else NULL */
    int32_t first_slot, n_slots;
    int32_t n_cells;
    int32_t *cells;
    Code *code;
} CompExpr;

/* ---- statements ---- */

typedef struct ExprStmt {
    Stmt head;
    Expr *value;
} ExprStmt;

typedef struct AssignStmt { /* targets[0] = targets[1] = ... = value */
    Stmt head;
    uint32_t n;
    Expr **targets; /* E_NAME, E_ATTRIBUTE, E_SUBSCRIPT, E_TUPLE, E_LIST */
    Expr *value;
} AssignStmt;

typedef struct AugAssignStmt {
    Stmt head;
    uint8_t op;   /* BinaryOp */
    Expr *target; /* E_NAME, E_ATTRIBUTE, E_SUBSCRIPT */
    Expr *value;
    Cache cache;
} AugAssignStmt;

typedef struct AnnAssignStmt { /* the annotation is dropped */
    Stmt head;
    Expr *target;
    Expr *value; /* NULL: nothing happens */
} AnnAssignStmt;

typedef struct DeleteStmt {
    Stmt head;
    uint32_t n;
    Expr **targets; /* as in AssignStmt, no E_STARRED */
} DeleteStmt;

typedef struct ReturnStmt {
    Stmt head;
    Expr *value; /* NULL: None */
} ReturnStmt;

typedef struct RaiseStmt {
    Stmt head;
    Expr *exception; /* NULL: the one being handled */
    Expr *cause;     /* NULL when there is no `from` */
} RaiseStmt;

typedef struct AssertStmt {
    Stmt head;
    Expr *test;
    Expr *message; /* NULL when none */
} AssertStmt;

typedef struct ScopeStmt { /* global, nonlocal: already in the names, does nothing */
    Stmt head;
    uint32_t n;
    Str **names;
} ScopeStmt;

/* import a.b binds the package a; import a.b as c binds the module a.b. */
typedef struct ImportItem {
    Str *module; /* dotted */
    bool has_as;
    NameExpr *target;
} ImportItem;
typedef struct ImportStmt {
    Stmt head;
    uint32_t n;
    ImportItem *items;
} ImportStmt;

typedef struct ImportFromItem {
    Str *name;
    NameExpr *target;
    uint32_t line, col;
} ImportFromItem;
typedef struct ImportFromStmt {
    Stmt head;
    Str *module;
    uint32_t n; /* 0: `*`, only at module level */
    ImportFromItem *items;
} ImportFromStmt;

typedef struct IfArm {
    Expr *test;
    Block body;
} IfArm;
typedef struct IfStmt {
    Stmt head;
    uint32_t n;
    IfArm *arms; /* if, then each elif */
    Block orelse;
} IfStmt;

typedef struct WhileStmt {
    Stmt head;
    Expr *test;
    Block body, orelse;
} WhileStmt;

typedef struct ForStmt {
    Stmt head;
    Expr *target, *iter;
    Block body, orelse;
} ForStmt;

typedef struct ExceptHandler {
    uint32_t line, col;
    Expr *type;       /* NULL: any */
    NameExpr *target; /* NULL when none; unbound again after the body */
    Block body;
} ExceptHandler;
typedef struct TryStmt {
    Stmt head;
    Block body;
    uint32_t n;
    ExceptHandler *handlers;
    Block orelse, finally;
} TryStmt;

typedef struct WithItem {
    Expr *context;
    Expr *target; /* NULL when none */
} WithItem;
typedef struct WithStmt {
    Stmt head;
    uint32_t n;
    WithItem *items;
    Block body;
} WithStmt;

typedef struct FunctionDefStmt {
    Stmt head;
    uint32_t n_decorators;
    Expr **decorators; /* evaluated first to last, applied last to first */
    NameExpr *target;
    Code *code;
} FunctionDefStmt;

typedef struct ClassDefStmt {
    Stmt head;
    uint32_t n_decorators;
    Expr **decorators;
    NameExpr *target;
    Arguments bases;
    Code *code; /* SCOPE_CLASS */
} ClassDefStmt;

/* ---- code ---- */

typedef enum ScopeKind {
    SCOPE_MODULE,
    SCOPE_FUNCTION,
    SCOPE_LAMBDA,
    SCOPE_GENERATOR, /* one parameter, the first iterator */
    SCOPE_CLASS
} ScopeKind;

/* Parameter i is slots[i]; names in the order: positional-only, positional, keyword-
 * only, *args, **kwargs.  Defaults are evaluated where the function is defined. */
typedef struct Params {
    uint32_t n_posonly;
    uint32_t n_pos; /* positional-only ones counted in */
    uint32_t n_kwonly;
    bool has_args, has_kwargs;
    uint32_t n_defaults; /* of the last positional ones */
    Str **names;
    Expr **defaults;
    Expr **kw_defaults; /* n_kwonly, NULL where there is none */
} Params;

static inline uint32_t params_count(const Params *p) {
    return p->n_pos + p->n_kwonly + p->has_args + p->has_kwargs;
}

typedef struct ParamCell {
    int32_t slot, cell;
} ParamCell;

/* The body of a function as text, until it is first called (parse_deferred). */
typedef struct DeferredBody {
    const char *text; /* outlives the program */
    size_t len;
    uint32_t line;                    /* of its first line */
    Str *class_name, *class_qualname; /* of the class around it; NULL: none */
} DeferredBody;

struct Code {
    uint8_t kind; /* ScopeKind */
    uint32_t line, col;
    Str *name;     /* "<lambda>", "<genexpr>", "<module>" */
    Str *qualname; /* "Outer.method", "f.<locals>.g" */
    Str *doc;      /* first string of the body, or NULL */
    const Program *program;
    Params params;
    Block body;             /* of a def, class or module */
    DeferredBody *deferred; /* of a def whose body is not parsed yet, else NULL */
    Expr *result;           /* of a lambda */
    CompExpr *comp;         /* of a generator expression */
    int32_t n_slots;
    Str **slot_names;
    int32_t n_cells;  /* cells made at entry */
    int32_t n_free;   /* cells of the closure, placed behind them */
    int32_t *free;    /* which cells of the frame around it the closure takes */
    Str **cell_names; /* n_cells + n_free */
    /* Parameters that are cells: at entry the value moves from the slot to the cell. */
    int32_t n_param_cells;
    ParamCell *param_cells;
    /* The cell of `__class__`, -1 when nothing needs it. In a class body: to be set to
     * the class once made. In a method: where super() finds the class. */
    int32_t class_cell;
};

/* One statement of a program's top level and the operations it was written as: a
 * decorated def or an if with its else spans several. */
typedef struct TopStmt {
    Stmt *stmt;
    uint32_t first_op, last_op; /* indices into ops, from 0 */
} TopStmt;

/* An operation of a cell as written, for reports. */
typedef struct OpText {
    const char *text; /* NUL-terminated; a block's is its header */
    uint32_t line, col;
} OpText;

/* What Python warns of while it compiles, in its order: before the first operation,
 * but what is found in the displayed expression comes before that one. */
typedef struct SyntaxNote {
    const char *category; /* "SyntaxWarning", "DeprecationWarning" */
    const char *message;
    uint32_t line, col;
    bool of_display;
    struct SyntaxNote *next;
} SyntaxNote;

struct Program {
    Arena arena;
    const char *file; /* shown in messages */
    Code *code;       /* SCOPE_MODULE; its body holds the statements of `top` */
    uint32_t n_top;
    TopStmt *top;
    uint32_t n_ops; /* 0 for a source that is no cell */
    OpText *ops;
    /* The last statement, when it is an expression: displayed by the notebook rule. */
    ExprStmt *display;
    SyntaxNote *notes, *last_note;
};

/* NULL is ignored. */
void program_free(Program *p);
/* Adds a note; false, MemoryError pending, when there is no room. */
bool program_note(Program *p, const char *category, uint32_t line, uint32_t col,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

const char *binary_op_symbol(BinaryOp op); /* "+" */
const char *unary_op_symbol(UnaryOp op);
const char *compare_op_symbol(CompareOp op);

#endif
