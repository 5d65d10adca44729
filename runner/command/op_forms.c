/* See op_forms.h. */
#include "runner/command/op_forms.h"

#include <stdio.h>

const OpForm op_forms[N_OP_FORMS] = {
    {OP_FUNCTION, "torch.", "", 0},          {OP_NN, "torch._C._nn.", "", 0},
    {OP_LINALG, "torch.linalg.", "", 7},     {OP_SPECIAL, "torch.special.", "", 8},
    {OP_METHOD, "Tensor.", "", 0},           {OP_INPLACE, "Tensor.", "_", 0},
    {OP_FUNCTION_INPLACE, "torch.", "_", 0}, {OP_NN_INPLACE, "torch._C._nn.", "_", 0},
};

const OpForm *op_first_form(const OpDef *def) {
    for (int i = 0; i < N_OP_FORMS; i++)
        if (def->forms & op_forms[i].form) return &op_forms[i];
    return NULL;
}

void op_form_name(char out[96], const OpDef *def, const OpForm *form, bool prefix) {
    int n = (int)schema_base_name(def->schema), skip = form->skip < n ? form->skip : 0;
    snprintf(out, 96, "%s%.*s%s", prefix ? form->prefix : "", n - skip,
             def->schema + skip, form->suffix);
}
