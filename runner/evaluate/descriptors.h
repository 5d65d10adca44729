/* descriptors: property, staticmethod, classmethod and super() as objects; what
 * attr_bind does with them is in attr.c. */
#ifndef RUNNER_DESCRIPTORS_H
#define RUNNER_DESCRIPTORS_H

#include "runner/evaluate/classes.h"

/* property(fget, fset, fdel, doc); staticmethod(f); classmethod(f). */
Value property_make(Interp *in, Class *cls, const Args *args);
Value staticmethod_make(Interp *in, Class *cls, const Args *args);
Value classmethod_make(Interp *in, Class *cls, const Args *args);
/* super(), super(type, obj). RuntimeError "super(): no arguments". */
Value super_make(Interp *in, Class *cls, const Args *args);

#endif
