/* op_forms: the ways in which users write an operator: torch.add, Tensor.add_ ... */
#ifndef RUNNER_OP_FORMS_H
#define RUNNER_OP_FORMS_H

#include "core/core.h"

typedef struct OpForm {
    unsigned form; /* OP_FUNCTION ... */
    const char *prefix, *suffix;
    int skip; /* letters of the schema's name that the prefix says already */
} OpForm;

enum { N_OP_FORMS = 8 };
extern const OpForm op_forms[N_OP_FORMS];

/* The form that is shown first; NULL for operators of formulas alone. */
const OpForm *op_first_form(const OpDef *def);
/* "torch.linalg.det", "Tensor.add_"; of the name alone without `prefix`. */
void op_form_name(char out[96], const OpDef *def, const OpForm *form, bool prefix);

#endif
