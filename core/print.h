/* print: the text of a tensor, as PyTorch 1.13 prints it.
 *
 *   tensor([[1.0000, 2.5000],
 *           [3.0000, 4.0000]], dtype=torch.float64, grad_fn=<MulBackward0>)
 *
 * One format serves all elements shown, chosen from them alone: whole numbers print
 * as "3.", others with `precision` digits, either in scientific notation where the
 * sizes differ too much.  More than `threshold` elements are summarised to
 * `edgeitems` at both ends of each dimension.  The options are those of c->print.
 *
 * Source: the layout follows PyTorch's torch/_tensor_str.py, rule by rule.
 */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include "node.h"

/* Adds the text of t to `out`. `class_name` is "tensor", or that of a class derived
 * from Tensor; `grad_fn_name` is the short name of t's grad_fn
 * ("MulBackward0"), NULL for a leaf.  ValueError "Format specifier missing precision"
 * for a negative precision, "precision too big"; RuntimeError "stack expects a
 * non-empty TensorList" where no edge items are wanted of a matrix. What was added
 * until then stays in `out`. */
void print_tensor_named(Ctx *c, Buf *out, const Tensor *t, const char *class_name,
                        const char *grad_fn_name);
/* The same with the grad_fn that t has now; RuntimeError where a view that was written
 * through another may have none (node.h). */
void print_tensor(Ctx *c, Buf *out, Tensor *t);

/* torch.set_printoptions(profile=...): "default", "short" or "full"; false, without
 * an error, for another name (PyTorch ignores those). sci_mode is not touched. */
bool print_set_profile(PrintOptions *o, const char *profile);

#endif
