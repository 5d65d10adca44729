/* load_ops: the operations of a cell, from their YAML nodes to texts in notation.
 *
 *   - a string is one statement;
 *   - a mapping of one key to a list is a block, its key the header;
 *   - a mapping of one key to a scalar is the statement `key: value` that YAML split;
 *   - a mapping with the key `op` is the explicit form, written out as its call:
 *     {op: torch.ones, args: [[2, 3]], requires_grad: true, out: w} is
 *     `w = torch.ones([2, 3], requires_grad=true)` with True for true.
 * Each text knows where its pieces stand in the file (TextSpan).
 */
#ifndef RUNNER_LOAD_OPS_H
#define RUNNER_LOAD_OPS_H

#include "runner/language/parse.h"
#include "runner/text/yaml_tree.h"

/* The items of `list`, from the arena, into *ops and *n. False with *p set, or
 * with MemoryError pending. */
bool load_ops(Arena *a, const char *file, const YamlNode *list, const OpSource **ops,
              uint32_t *n, Problem *p);

#endif
