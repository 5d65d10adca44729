/* inplace: what writing into a tensor means for the graph.
 *
 * A write into a tensor gives it new history.  A write into a view gives new history
 * to its base (a CopySlices node that applies the operation to the view's part of the
 * gradient), and every view of that base gets a new AsStridedBackward0 when next looked
 * at: a view notices by comparing view_version with its version.
 */
#ifndef CORE_INPLACE_H
#define CORE_INPLACE_H

#include "node.h"

/* Whether t may be written in place; `recording`: gradients are being recorded for
 * this call. RuntimeError "a leaf Variable that requires grad is being used in an
 * in-place operation." and its relatives. */
bool inplace_check(Ctx *c, Tensor *t, bool recording);
/* After the write: one more version of t. RuntimeError for an inference tensor outside
 * inference mode. */
bool inplace_count(Ctx *c, Tensor *t);
/* After the write: node becomes t's history. */
bool inplace_history(Ctx *c, Tensor *t, Node *node);
/* Both; node may be NULL. */
bool inplace_done(Ctx *c, Tensor *t, Node *node);
/* The same after a view operator in place, which wrote no element: t_ gives a view
 * history of its own, and its base none. */
bool inplace_moved(Ctx *c, Tensor *t, Node *node);
/* Makes r a view of t: base, creation; multi: one of several views from one node. */
void view_attach(Ctx *c, Tensor *r, Tensor *t, bool multi);

#endif
