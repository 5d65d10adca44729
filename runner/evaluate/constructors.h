/* constructors: what calling a built-in type does: int("7"), list(x), type(v) ...
 *
 * Each gets the class that was called, which matters to none of them, and the arguments
 * as written.
 */
#ifndef RUNNER_CONSTRUCTORS_H
#define RUNNER_CONSTRUCTORS_H

#include "runner/evaluate/classes.h"

Value object_make(Interp *in, Class *cls, const Args *args);
Value type_make(Interp *in, Class *cls, const Args *args);
Value bool_make(Interp *in, Class *cls, const Args *args);
Value int_make(Interp *in, Class *cls, const Args *args);
Value float_make(Interp *in, Class *cls, const Args *args);
Value complex_make(Interp *in, Class *cls, const Args *args);
Value str_make(Interp *in, Class *cls, const Args *args);
Value list_make(Interp *in, Class *cls, const Args *args);
Value tuple_make(Interp *in, Class *cls, const Args *args);
Value dict_make(Interp *in, Class *cls, const Args *args);
Value set_make(Interp *in, Class *cls, const Args *args);
Value frozenset_make(Interp *in, Class *cls, const Args *args);
Value range_make(Interp *in, Class *cls, const Args *args);
Value slice_make(Interp *in, Class *cls, const Args *args);
Value torch_size_make(Interp *in, Class *cls, const Args *args);
Value torch_tensor_make(Interp *in, Class *cls, const Args *args);
Value torch_device_make(Interp *in, Class *cls, const Args *args);
Value torch_generator_make(Interp *in, Class *cls, const Args *args);
Value torch_variable_make(Interp *in, Class *cls, const Args *args);

/* x.new(*args): as the class of x's dtype. */
Value torch_legacy_new(Ctx *c, Value self, const Args *args);
/* What isinstance asks torch.FloatTensor and the like, and torch.autograd.Variable. */
bool torch_legacy_holds(const Class *cls, Value v);
bool torch_variable_holds(const Class *cls, Value v);

#endif
