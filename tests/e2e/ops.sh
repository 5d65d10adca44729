#!/bin/sh
# autocell ops: what is known of each operator is there, and its example runs.
. "$(dirname "$0")/lib.sh"

# headings: of what `autocell ops NAME...` said, one line an operator with its headings.
headings() {
    awk '/^  schema: / { if (line) print line; line = $2; sub(/\(.*/, "", line) }
         line && /^  [a-z_ ]*: ?/ { sub(/:.*/, ":"); line = line $0 }
         END { print line }' out
}

test_case 'an operator is described whole' && {
    run 0 ops torch.tanh
    says 'tanh(Tensor input, *, Tensor out)'
    says '  schema: tanh(Tensor self) -> Tensor'
    says '  found as: torch.tanh, Tensor.tanh, Tensor.tanh_, torch.tanh_, out='
    says '  grad_fn: <TanhBackward0>'
    says '    grad_set(g, 0, t_tanh_backward(c, g->grad, saved_tensor(c, g, 0)));'
    says '  dtypes: float32, float64, bfloat16, int64, int32, int16, int8, uint8, bool'
    says '    torch.tanh(m)'
    says '    tensor([[0.9640, 0.7616],'
    says '  source: core/ops/trig.c:'
    end
}

# What takes complex numbers alone: it is there for its refusal.
refusing='imag|view_as_real'

test_case 'every operator has a sentence, forms, a source, and an example that runs' && {
    run 0 ops
    lacking=$(awk 'NF < 3 { print $1 }' out)
    [ -z "$lacking" ] || fault "no sentence: $lacking"
    # shellcheck disable=SC2046  # one word a name
    run 0 ops $(awk '{ print $1 }' out | sort -u | grep -vxE "$refusing")
    silent 'none runs'
    headings >described
    mv described out
    for heading in 'found as' differentiable dtypes example source; do
        lacking=$(grep -v "  $heading:" out | head -n 3)
        [ -z "$lacking" ] || fault "no $heading: $lacking"
    done
    [ "$(wc -l <out)" -gt 700 ] || fault "only $(wc -l <out) operators"
    end
}

test_case 'a function written with other operators is shown with its definition' && {
    run 0 ops nn.functional.softsign Tensor.float torch.einsum
    says 'softsign(input)'
    says '  found as: torch.nn.functional.softsign'
    says '    def softsign(input):'
    says '        return input / (input.abs() + 1)'
    says '  source: runner/prelude/torch.nn._functional_activation.py:'
    says '  found as: Tensor.float'
    run 2 ops softsigns
    complains 'there is no operator `softsigns`'
    end
}

# What operators.tsv lists and is no name: groups of calls.
groups='lp_pool|getitem|setitem|compare_operators|smooth_l1_loss_beta|unfold_im2col|'\
'dropout_off|logit_eps|positive_bool|round_decimals|bitwise_shift|scaled_dot_product'

test_case 'the operators of tiers 1 and 2 are there' && {
    awk -F '\t' -v groups="^($groups)$" '($8 == 1 || $8 == 2) && $1 !~ groups { print $1 }' \
        "$top/tests/conformance/operators.tsv" >wanted
    [ "$(wc -l <wanted)" -gt 250 ] || fault "no names in operators.tsv"
    # shellcheck disable=SC2046
    run 0 ops $(cat wanted)
    end
}

conclude
