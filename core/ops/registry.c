/* The families of operators.  A family file ends with its list; its name stands here,
 * in both lists. */
#include "core/op.h"

extern const OpDef *const cast_copy_ops[];
extern const OpDef *const create_ops[];
extern const OpDef *const create_range_ops[];
extern const OpDef *const index_ops[];
extern const OpDef *const join_split_ops[];
extern const OpDef *const matmul_ops[];
extern const OpDef *const slice_ops[];
extern const OpDef *const view_ops[];

const OpDef *const *const op_families[] = {
    cast_copy_ops, create_ops, slice_ops, view_ops, NULL,
};
