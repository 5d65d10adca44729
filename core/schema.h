/* schema: an operator's signature, parsed from its ATen schema string.
 *
 *   "sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType?
 * dtype=None) -> Tensor"
 *
 * The string is the contract: names, order, defaults and keyword-only parameters are
 * PyTorch's.  A schema is parsed when its operator is first used.  Types that the
 * engine has no values for (Dimname ...) are parsed too, since PyTorch's messages list
 * them.
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "ctx.h"

enum { MAX_PARAMS = 24 };

typedef enum ParamType {
    PARAM_TENSOR,      /* Tensor */
    PARAM_TENSOR_LIST, /* Tensor[], Tensor?[] */
    PARAM_SCALAR,      /* Scalar: bool, int or float */
    PARAM_SCALAR_LIST,
    PARAM_INT,      /* int, SymInt */
    PARAM_INT_LIST, /* int[], int[2], SymInt[] */
    PARAM_FLOAT,
    PARAM_FLOAT_LIST,
    PARAM_BOOL,
    PARAM_BOOL_LIST,
    PARAM_STRING,
    PARAM_DTYPE, /* ScalarType */
    PARAM_LAYOUT,
    PARAM_DEVICE,
    PARAM_MEMORY_FORMAT,
    PARAM_GENERATOR,
    PARAM_DIMNAME,
    PARAM_DIMNAME_LIST,
    PARAM_OTHER /* Storage, Stream ... never matches a value */
} ParamType;

typedef struct Param {
    const char *name; /* not NUL-terminated: a part of the schema string */
    uint8_t name_len;
    uint8_t type;        /* ParamType */
    uint8_t list_size;   /* int[2]: 2, so that one int stands for a list of 2 */
    bool optional;       /* T? : takes None */
    bool optional_items; /* Tensor?[] */
    bool symbolic;       /* SymInt: "tuple of SymInts" in messages */
    bool keyword_only;
    bool written;  /* Tensor(a!) */
    bool constant; /* set by op.h: never gets a gradient */
    bool detached; /* set by op.h: a constant that may not require grad */
    bool has_default;
    Value default_value; /* owned; lists are tuples of ints */
} Param;

typedef struct Schema {
    const char *text;
    uint8_t base_len;  /* "sum" of "sum.dim_IntList" */
    uint8_t n;         /* parameters */
    uint8_t n_tensors; /* parameters of type Tensor or Tensor[] */
    uint8_t n_returns; /* 0 for "()" */
    uint8_t self;      /* index of the parameter self; 0 when there is none */
    bool returns_list; /* Tensor[] */
    bool is_view;      /* "Tensor(a)" without "!": the result shares self's memory */
    bool is_factory;   /* has dtype, layout, device and pin_memory */
    Param *params;
} Schema;

/* Parses text into *s. A schema that does not parse is a mistake of ours: false with
 * RuntimeError naming the text. schema_free releases. */
bool schema_parse(Ctx *c, const char *text, Schema *s);
void schema_free(Ctx *c, Schema *s);
/* Index of the parameter of that name, -1 when there is none. */
int schema_find(const Schema *s, const char *name, size_t len);
/* Length of the operator's name before '.' or '(' of a schema string, no parsing. */
size_t schema_base_name(const char *text);

#endif
