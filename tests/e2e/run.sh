#!/bin/sh
# Running cells, and what is said of failures; see lib.sh.
. "$(dirname "$0")/lib.sh"

# ---- running ----

test_case 'what is as expected passes' && {
    cell 1 'print("one")' 'x = 2'
    cell 2 'x'
    put expected/a/1.txt one
    put expected/a/2.txt 2
    run 0 run
    says '1 notebook, 2 cells: 2 passed in '
    [ "$(wc -l <out)" = 1 ] || fault 'more than the summary'
    run 0 run -v
    says 'ok    cells/a/1.yaml'
    end
}

test_case 'a difference says what, where and what next' && {
    put cells/a/1.yaml 'title: two tensors' 'ops:' '  - x = torch.tensor([1.0, 2.5])' \
        '  - print(1)' '  - print(x)'
    put expected/a/1.txt 1 'tensor([1.0000, 2.4999])'
    run 1 run
    says 'FAIL  cells/a/1.yaml:5:5  "two tensors"  op 3  print(x)        values changed'
    says '- expected   + actual'
    says '    - tensor([1.0000, 2.4999])'
    says '    + tensor([1.0000, 2.5000])'
    says '                      ^^^^^^'
    says '1 of 2 elements moved, at most 1e-04, 4e-05 relative, 419 ulp (element [1]: 2.4999 to 2.5000); shape (2,), dtype float32, grad_fn: same'
    says 'would match with: compare: {atol: 1e-4}'
    says 'accept: autocell accept '
    says '1 notebook, 1 cell: 1 failed in '
    run 1 run -q
    silent '- expected'
    says 'values changed'
    end
}

test_case 'every failure is reported' && {
    cell 1 'print(1)'
    cell 2 'print(2)'
    cell 3 'print(3)'
    put expected/a/1.txt x
    put expected/a/2.txt 2
    put expected/a/3.txt x
    run 1 run
    says 'cells/a/1.yaml:2:5'
    says 'cells/a/3.yaml:2:5'
    says '1 passed, 2 failed'
    end
}

test_case 'an exception is output, and the next cell runs' && {
    cell 1 'x = 1' 'y + x' 'x = 2'
    cell 2 'print(x)'
    put expected/a/1.txt "NameError: name 'y' is not defined"
    put expected/a/2.txt 1
    run 0 run
    put expected/a/1.txt 1
    run 1 run
    says 'op 2  y + x        unexpected error'
    end
}

test_case 'a missing expected text shows what the cell prints' && {
    cell 1 'print("new")'
    run 1 run
    says 'FAIL  cells/a/1.yaml:1:1        missing expected'
    says 'there is no expected/a/1.txt'
    says '    + new'
    end
}

test_case 'conflict markers are their own failure' && {
    cell 1 'print(1)'
    put expected/a/1.txt '<<<<<<< ours' 1 '=======' 2 '>>>>>>> theirs'
    run 1 run
    says 'FAIL  expected/a/1.txt:1:1'
    says 'conflict markers'
    end
}

test_case 'skip and xfail' && {
    put cells/a/1.yaml 'skip: later' 'ops: [print(1)]'
    put cells/a/2.yaml 'xfail: known' 'ops: [print(2)]'
    put expected/a/2.txt 3
    run 0 run
    says '1 skipped, 1 xfailed'
    put expected/a/2.txt 2
    run 1 run
    says 'unexpected pass'
    says 'it was expected to fail: known'
    end
}

test_case 'a cell file runs its notebook up to itself' && {
    cell 1 'x = 5'
    cell 2 'print(x)'
    cell 3 'print(0)'
    put expected/a/1.txt && : >expected/a/1.txt
    put expected/a/2.txt 5
    run 0 run cells/a/2.yaml
    says '2 cells: 2 passed'
    end
}

test_case 'notebooks share nothing, and each is seeded' && {
    put cells/a/1.yaml 'ops: [x = torch.randn(2), print(x)]'
    put cells/b/1.yaml 'ops: [print(x)]'
    put cells/c/1.yaml 'ops: [print(torch.randn(2))]'
    put cells/d/notebook.yaml 'seed: 1'
    put cells/d/1.yaml 'ops: [print(torch.randn(2))]'
    put expected/a/1.txt 'tensor([ 1.5410, -0.2934])'
    put expected/b/1.txt "NameError: name 'x' is not defined"
    put expected/c/1.txt 'tensor([ 1.5410, -0.2934])'
    put expected/d/1.txt 'tensor([0.6614, 0.2669])'
    run 0 run
    end
}

test_case 'after -x no further notebook begins' && {
    put cells/a/1.yaml 'ops: [print(1)]'
    put cells/b/1.yaml 'ops: [print(1)]'
    run 1 run -x
    says 'stopped after 1 failure; 1 notebook not run'
    silent 'cells/b'
    end
}

# ---- files that are wrong ----

test_case 'broken YAML has a place, and the rest runs' && {
    put cells/a/1.yaml 'ops:' '  - print("a": 1, "b": 2)'
    cell 2 'print(2)'
    put expected/a/2.txt 2
    run 2 run
    says 'FAIL  cells/a/1.yaml:2:22'
    says 'not valid YAML: mapping values are not allowed in this context'
    says 'hint: quote'
    says 'bad cell'
    says '1 passed, 1 failed'
    end
}

test_case 'an unknown key names the nearest' && {
    put cells/a/1.yaml 'titel: x' 'ops: []'
    run 2 run
    says 'FAIL  cells/a/1.yaml:1:1'
    says 'unknown key `titel` in a cell'
    says 'hint: did you mean `title`?'
    end
}

test_case 'a statement that does not parse has a place' && {
    cell 1 'x = 1' 'y = (1 +'
    run 2 run
    says 'FAIL  cells/a/1.yaml:3:9  op 2  y = (1 +        bad cell'
    says "'(' was never closed"
    end
}

test_case 'what hangs on a bad cell is blocked' && {
    cell 1 'y = (1'
    cell 2 'print(y)'
    put expected/a/2.txt 1
    run 2 run
    says 'cells/a/2.yaml:2:5'
    says 'blocked'
    says 'blocked by cells/a/1.yaml, which did not run: `y` comes from there'
    end
}

test_case 'a cell that cannot be read is said' && {
    mkdir -p cells/a
    ln -s nowhere cells/a/1.yaml
    cell 2 'print(2)'
    put expected/a/2.txt 2
    run 4 run
    says 'cells/a/1.yaml:1:1'
    says 'cannot read: No such file or directory'
    says '1 passed, 1 failed'
    end
}

test_case 'a wrong notebook.yaml fails its notebook alone' && {
    put cells/a/notebook.yaml 'sed: 1'
    cell 1 'print(1)'
    put cells/b/1.yaml 'ops: [print(1)]'
    put expected/a/1.txt 1
    put expected/b/1.txt 1
    run 2 run
    says 'FAIL  cells/a/notebook.yaml:1:1  unknown key `sed` in notebook.yaml'
    says 'did not run'
    says '1 passed, 1 failed'
    end
}

test_case 'text from a cell cannot drive the terminal' && {
    cell 1 'print(chr(27) + "[31mred" + chr(7))'
    put expected/a/1.txt x
    run 1 run --color never
    if grep -q "$(printf '\033')" out; then fault 'an escape got through'; fi
    says '\x1b[31mred\x07'
    end
}

test_case 'memory beyond max_memory is a failure of the cell' && {
    put cells/a/1.yaml 'max_memory: 1MiB' 'ops:' '  - print(1)' '  - x = torch.zeros(1000000)'
    cell 2 'print(2)'
    put expected/a/1.txt 1
    put expected/a/2.txt 2
    run 1 run
    says 'op 2  x = torch.zeros(1000000)        memory limit'
    says '1 passed, 1 failed'
    end
}

# ---- compare ----

test_case 'tolerances and masks' && {
    put cells/a/1.yaml 'compare: {atol: 1e-3}' 'ops: ["print(torch.tensor([1.0, 2.5]))"]'
    put cells/a/2.yaml 'compare: {mask: ["[0-9]+ ms"]}' 'ops: [print("took 12 ms")]'
    put expected/a/1.txt 'tensor([1.0000, 2.5004])'
    put expected/a/2.txt 'took 7 ms'
    run 0 run
    says '2 passed'
    says 'note  cells/a/1.yaml  1 number moved within the tolerance, at most 4e-04'
    end
}

test_case 'a rule that does nothing is an error' && {
    put cells/a/1.yaml 'compare: {mask: [zzz]}' 'ops: [print(1)]'
    put cells/a/2.yaml 'compare: {atol: 1}' 'ops: [print("x")]'
    put expected/a/1.txt 1
    put expected/a/2.txt x
    run 2 run
    says 'cells/a/1.yaml:1:18'
    says 'the mask `zzz` matches nothing'
    says 'the tolerance has no number to compare'
    end
}

test_case "a notebook's rule counts over all its cells" && {
    put cells/a/notebook.yaml 'compare: {atol: 1e-3}'
    cell 1 'print("x")'
    cell 2 'print(0.5)'
    put expected/a/1.txt x
    put expected/a/2.txt 0.5001
    run 0 run
    cell 2 'print("y")'
    put expected/a/2.txt y
    run 2 run
    says 'FAIL  cells/a/notebook.yaml:1:10  the tolerance has no number to compare'
    end
}

# ---- processors and threads ----

test_case 'a processor without fused multiply-add gives the same bits or none' && {
    cell 1 'import torch' 'print((torch.ones(2) / 3).double())' 'torch.exp(torch.ones(2))'
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA run 0 update
    case $(uname -m) in
    x86_64)
        grep -qF '0.3333' expected/a/1.txt || fault 'no quotient'
        grep -qF 'need a processor with fused multiply-add' expected/a/1.txt ||
            fault "$(cat expected/a/1.txt)"
        end
        ;;
    *) skip 'every such processor has it' ;;
    esac
}

test_case 'several threads are asked for on the command line or in autocell.yaml' && {
    cell 1 'import torch' 'print((torch.ones(1000, 1000) + 1).sum().item())'
    put expected/a/1.txt 2000000.0
    run 0 run --threads 3
    put autocell.yaml 'threads: 2'
    run 0 run
    run 2 run --threads 0
    complains '--threads does not take `0`'
    end
}

conclude
