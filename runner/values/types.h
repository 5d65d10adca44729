/* types: the rows of the table of types (protocol.h), each where its type lives. */
#ifndef RUNNER_TYPES_H
#define RUNNER_TYPES_H

#include "runner/values/protocol.h"

extern const TypeOps none_ops, ellipsis_ops, not_implemented_ops; /* constants.c */
extern const TypeOps bool_ops, int_ops, bigint_ops, float_ops;    /* number.c */
extern const TypeOps complex_ops;                                 /* complex.c */
extern const TypeOps str_ops;                                     /* str.c */
extern const TypeOps list_ops, tuple_ops, size_ops;               /* sequences.c */
extern const TypeOps dict_ops;                                    /* dict_methods.c */
extern const TypeOps dict_view_ops, dict_values_ops;              /* dict_view.c */
extern const TypeOps set_ops, frozenset_ops;                      /* set_methods.c */
extern const TypeOps range_ops, slice_ops;                        /* range.c, slice.c */
extern const TypeOps iterator_ops;                                /* iterator.c */
extern const TypeOps function_ops, builtin_ops, bound_ops, class_ops,
    module_ops;                                                 /* callable_ops.c */
extern const TypeOps instance_ops;                              /* and exceptions */
extern const TypeOps property_ops, wrapped_ops, super_ops;      /* descriptors.c */
extern const TypeOps generator_ops;                             /* eval_comp.c */
extern const TypeOps item_iterator_ops;                         /* item_iterator.c */
extern const TypeOps tensor_ops, node_ops, handle_ops, rng_ops; /* tensor_ops.h */
extern const TypeOps dtype_ops, device_ops, layout_ops,
    memory_format_ops;             /* torch_types.c */
extern const TypeOps operator_ops; /* operator.c */
extern const TypeOps combiner_ops; /* combine.c */

extern const Native str_methods[], str_statics[]; /* str_methods.c */
/* Rows' methods and attributes that stand in files of their own. */
extern const Native int_methods[], float_methods[]; /* number_methods.c */
Value int_attr(Ctx *c, Value v, Str *name);
Value float_attr(Ctx *c, Value v, Str *name);

/* What a OP b is when the order of a and b is -1, 0, 1, or ORDER_NONE (a nan). */
enum { ORDER_NONE = 2 };
Value compare_answer(CompareOp op, int order);

/* The hash slot of types that change: TypeError "unhashable type: 'list'". */
bool hash_refused(Ctx *c, Value v, uint64_t *out);

#endif
