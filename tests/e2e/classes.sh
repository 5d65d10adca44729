#!/bin/sh
# Every class of failure, and every exit code; see lib.sh. What crashes is in workers.sh.
. "$(dirname "$0")/lib.sh"

# differs CLASS OP EXPECTED...: a cell of one operation prints something else than
# expected, and the failure has the class.
differs() {
    class=$1
    cell 1 "$2"
    shift 2
    put expected/a/1.txt "$@"
    run 1 run
    grep -q "^FAIL  cells/a/1.yaml:2:5  op 1  .*        $class\$" out ||
        fault "not of class $class: $(cat out)"
}

# ---- tensors ----

test_case 'values: which elements, from what to what, how far' && {
    differs 'values changed' 'torch.tensor([[1.0, 2.5], [3.0, -0.5]])' \
        'tensor([[ 1.0000,  2.5000],' '        [ 3.0001, -0.5002]])'
    says '    -         [ 3.0001, -0.5002]])'
    says '    +         [ 3.0000, -0.5000]])'
    says '                ^^^^^^  ^^^^^^^'
    says '2 of 4 elements moved, at most 2e-04, 4e-04 relative, 3355 ulp (element [1, 1]: -0.5002 to -0.5000); shape (2, 2), dtype float32, grad_fn: same'
    says 'would match with: compare: {atol: 2e-4}'
    differs 'values changed' 'torch.tensor([0.5, 0.25], dtype=torch.half)' \
        'tensor([0.5005, 0.2500], dtype=torch.float16)'
    says '1e-03 relative, 1 ulp (element [0]: 0.5005 to 0.5000)'
    differs 'values changed' 'torch.tensor([1, 2])' 'tensor([1, 7])'
    says '1 of 2 elements moved, at most 5 (element [1]: 7 to 2); shape (2,), dtype int64, grad_fn: same'
    silent 'would match'
    end
}

test_case 'values: numbers and words that are no tensors' && {
    differs 'values changed' 'print("loss", 0.25)' 'loss 0.26'
    says '0.26 to 0.25, by 0.01, 0.0385 relative'
    differs 'values changed' 'print("a b")' 'a c'
    end
}

test_case 'shape, dtype, grad_fn and format are told apart' && {
    differs 'shape changed' 'torch.ones(2, 2)' 'tensor([1., 1.])'
    says 'shape (2,) expected, (2, 2) printed; dtype float32, grad_fn: same'
    differs 'shape changed' 'torch.ones(2, 2).shape' 'torch.Size([2, 3])'
    differs 'dtype changed' 'torch.ones(2, dtype=torch.double)' 'tensor([1., 1.])'
    says 'dtype float32 expected, float64 printed; 0 of 2 elements moved; shape (2,), grad_fn: same'
    differs 'dtype changed' 'torch.ones(1).dtype' 'torch.float64'
    differs 'grad_fn changed' 'torch.ones(1, requires_grad=True) * 2' \
        'tensor([2.], grad_fn=<AddBackward0>)'
    says 'grad_fn=<AddBackward0> expected, grad_fn=<MulBackward0> printed; values, shape (1,), dtype float32: same'
    differs 'grad_fn changed' 'torch.ones(1)' 'tensor([1.], requires_grad=True)'
    says 'requires_grad=True expected, none printed'
    differs 'format changed' 'torch.ones(2)' 'tensor([1.0000, 1.0000])'
    says 'the same values, shape, dtype and grad_fn, printed in another way'
    differs 'format changed' 'print("a b")' 'a  b'
    says 'only white space differs'
    says '    - a··b'
    end
}

# ---- output and errors ----

test_case 'missing output, new output' && {
    differs 'missing output' 'print(1)' 1 2
    differs 'new output' 'print(1, 2, sep="\n")' 1
    end
}

test_case 'errors: type and message apart, unexpected, none' && {
    differs 'error type changed' '().x' "KeyError: 'x'"
    says 'expected KeyError, got AttributeError'
    differs 'error message changed' '().x' "AttributeError: 'tuple' object has no attribute 'y'"
    differs 'unexpected error' '().x' 'tensor(1.)'
    differs 'no error' 'print(1)' 'ValueError: x'
    end
}

test_case 'an error behind a difference does not hide it' && {
    cell 1 'print(1)' '().x'
    put expected/a/1.txt 2 "AttributeError: 'tuple' object has no attribute 'x'"
    run 1 run
    says 'op 1  print(1)        values changed'
    end
}

test_case 'limits: timeout, memory' && {
    put cells/a/1.yaml 'timeout: 100ms' 'ops:' '  - print("before")' '  - while True:' '      - pass'
    put cells/b/1.yaml 'max_memory: 1MiB' 'ops:' '  - print("before")' '  - x = torch.ones(1000, 1000)'
    put expected/a/1.txt before
    put expected/b/1.txt before
    run 1 run
    says 'FAIL  cells/a/1.yaml:4:5  op 2  while True        timeout'
    says 'FAIL  cells/b/1.yaml:4:5  op 2  x = torch.ones(1000, 1000)        memory limit'
    [ "$(grep -c 'until then it printed' out)" = 2 ] || fault 'what it printed is lost'
    end
}

# ---- blocked ----

test_case 'what only lacks a name of a failed cell is blocked' && {
    cell 1 'w = ().x'
    cell 2 'v = w + 1'
    cell 3 'print(v)'
    cell 4 'print("fine")'
    : >expected-none
    put expected/a/1.txt 1
    put expected/a/2.txt 2
    put expected/a/3.txt 3
    put expected/a/4.txt fine
    run 1 run
    says 'FAIL  cells/a/1.yaml:2:5  op 1  w = ().x        unexpected error'
    says 'block  cells/a/2.yaml:2:5  op 1  v = w + 1        blocked'
    says 'blocked by cells/a/1.yaml, which failed: `w` comes from there'
    says 'blocked by cells/a/2.yaml, which was blocked itself: `v` comes from there'
    says '1 notebook, 4 cells: 1 passed, 1 failed, 2 blocked in '
    [ "$(grep -c '+ NameError' out)" = 0 ] || fault 'consequences are shown at length'
    end
}

test_case 'a skipped cell blocks, too, and that fails the run' && {
    put cells/a/1.yaml 'skip: later' 'ops: [x = 1]'
    cell 2 'print(x)'
    put expected/a/2.txt 1
    run 1 run
    says 'blocked by cells/a/1.yaml, which did not run: `x` comes from there'
    says '2 cells: 1 blocked, 1 skipped in '
    end
}

# ---- files ----

test_case 'missing expected, conflict markers, bad cell, unexpected pass' && {
    cell 1 'print(1)'
    cell 2 'print(1)'
    put expected/a/2.txt '<<<<<<< ours' 1 '=======' 2 '>>>>>>> theirs'
    put cells/a/3.yaml 'xfail: known' 'ops: [print(1)]'
    put expected/a/3.txt 1
    run 1 run
    says 'FAIL  cells/a/1.yaml:1:1        missing expected'
    says 'FAIL  expected/a/2.txt:1:1        conflict markers'
    says 'FAIL  cells/a/3.yaml:1:1        unexpected pass'
    cell 4 'x = ('
    run 2 run
    says 'FAIL  cells/a/4.yaml:2:'
    says '        bad cell'
    end
}

# ---- rules of comparison ----

# rule RULE OP EXPECTED...: a cell of one operation with `compare: RULE`.
rule() {
    put cells/a/1.yaml "compare: $1" 'ops:' "  - $2"
    shift 2
    put expected/a/1.txt "$@"
}

test_case 'numbers may move within a tolerance, which is told' && {
    rule '{atol: 1e-3}' 'torch.tensor([1.0, 2.5])' 'tensor([1.0005, 2.5000])'
    run 0 run
    says 'note  cells/a/1.yaml  1 number moved within the tolerance, at most 5e-04'
    rule '{rtol: 1e-3}' 'torch.tensor([1000.5, 1.25])' 'tensor([1001.1000,    1.2500])'
    run 0 run
    rule '{atol: 1e-4}' 'torch.tensor([1.0, 2.5])' 'tensor([1.0005, 2.5000])'
    run 1 run
    says 'would match with: compare: {atol: 5e-4}'
    rule '{atol: 1}' 'torch.ones(2, dtype=torch.double)' 'tensor([1.5000, 1.0000])'
    run 1 run
    says 'dtype changed'
    end
}

test_case 'the tolerance that is told is the least that passes' && {
    for pair in '0.25 0.2537 4e-3' '0.1 0.10001 1e-5' '1.0 1.0009999 1e-3' '5e-7 8e-7 3e-7'; do
        # shellcheck disable=SC2086
        set -- $pair
        cell 1 "print($2)"
        put expected/a/1.txt "$1"
        run 1 run
        says "would match with: compare: {atol: $3}"
        rule "{atol: $3}" "print($2)" "$1"
        run 0 run
    done
    end
}

test_case 'masks are cut from both sides' && {
    rule '{mask: ["0x[0-9a-f]+"]}' 'print("at 0x12, 5")' 'at 0xabc, 5'
    run 0 run
    rule '{mask: ["0x[0-9a-f]+"]}' 'print("at 0x12, 5")' 'at 0xabc, 6'
    run 1 run
    says '    - at , 6'
    end
}

test_case 'a rule that does nothing is an error' && {
    rule '{mask: ["never", "x"]}' 'print("x")' x
    run 2 run
    says 'FAIL  cells/a/1.yaml:1:19        bad cell'
    says 'the mask `never` matches nothing'
    rule '{atol: 1e-3}' 'print("x")' x
    run 2 run
    says 'the tolerance has no number to compare'
    end
}

# ---- exit codes ----

test_case 'every exit code' && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    run 0 run
    put expected/a/1.txt 2
    run 1 run
    run 2 run --no-such-flag
    put cells/a/2.yaml 'opps: []'
    run 2 run
    rm cells/a/2.yaml
    CI=true run 2 update
    run 4 run cells/none
    run 4 run --json /dev/full
    run 5 run -k nothing
    rm -r cells
    run 5 run
    end
}

test_case 'of several exit codes the gravest counts' && {
    cell 1 'print(1)'
    put cells/a/2.yaml 'opps: []'
    run 2 run
    run 4 run --junit-xml /dev/full
    end
}

conclude
