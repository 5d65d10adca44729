#!/bin/sh
# The program as a user meets it: exit codes, messages, files. Speaks TAP.
# usage: e2e.sh AUTOCELL [WORD]    only the cases whose name holds WORD
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
only=${2:-}
top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
export LC_ALL=C
unset CI GITHUB_ACTIONS NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE
number=0 failures=0

# test NAME: begins a case in an empty directory; false when it is not wanted.
test_case() {
    case $1 in *"$only"*) ;; *) return 1 ;; esac
    name=$1 faults=
    number=$((number + 1))
    mkdir "$scratch/$number" && cd "$scratch/$number"
}

# end: prints the verdict of the case.
end() {
    if [ -z "$faults" ]; then
        echo "ok $number - $name"
    else
        failures=$((failures + 1))
        echo "not ok $number - $name"
        printf '%s\n' "$faults" "--- output:" | sed 's/^/# /'
        sed 's/^/#   /' out err 2>/dev/null
    fi
}

fault() { faults="$faults$*
"; }

# run CODE ARGS...: runs autocell and expects the exit code; out and err keep the text.
run() {
    want=$1
    shift
    "$program" "$@" >out 2>err
    got=$?
    [ $got = "$want" ] || fault "autocell $*: exit $got, not $want"
}

says() { grep -qF -- "$1" out || fault "out does not say: $1"; }
complains() { grep -qF -- "$1" err || fault "err does not say: $1"; }
silent() { if grep -qF -- "$1" out; then fault "out says: $1"; fi; }
holds() { [ "$(cat "$1" 2>/dev/null; echo .)" = "$2
." ] || fault "$1 does not hold: $2"; }

# put FILE LINE...: writes a file.
put() {
    mkdir -p "$(dirname "$1")"
    file=$1
    shift
    printf '%s\n' "$@" >"$file"
}

# cell NAME OP...: a cell of the notebook `a`.
cell() {
    file=cells/a/$1.yaml
    shift
    mkdir -p cells/a
    { echo 'ops:'; printf '  - %s\n' "$@"; } >"$file"
}

# ---- usage ----

test_case 'without a command there is usage' && {
    run 2
    complains 'a command is missing'
    complains 'hint: '
    end
}

test_case 'a mistyped command names the nearest' && {
    run 2 rnu
    complains '`rnu` is no command'
    complains 'did you mean `run`?'
    end
}

test_case 'a mistyped flag names the nearest' && {
    run 2 run --maxfial 2
    complains 'unknown flag --maxfial'
    complains 'did you mean --maxfail?'
    end
}

test_case 'help and version go to standard output' && {
    run 0 --version
    says 'autocell '
    run 0 help
    says 'update '
    run 0 help update
    says '--dry-run'
    run 0 update --help
    says '--dry-run'
    run 2 help banana
    end
}

test_case 'no cells is an exit code of its own' && {
    run 5 run
    complains 'there is no directory `cells` here'
    mkdir cells
    run 5 run
    complains 'no cells are there'
    end
}

test_case 'a path that does not exist cannot be read' && {
    run 4 run cells/x
    complains 'cells/x: cannot read: No such file or directory'
    end
}

test_case 'a path that is no cell is usage' && {
    put cells/notes.txt x
    run 2 run cells/notes.txt
    complains 'not a cell'
    end
}

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
    says '1 of 2 elements moved, at most 1e-04 (element [1]: 2.4999 to 2.5000); shape (2,), dtype float32, grad_fn: same'
    says 'would match with: compare: {atol: 1e-4}'
    says 'accept: autocell update cells/a/1.yaml'
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
    says '`y` comes from cells/a/1.yaml, which did not run'
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

# ---- update ----

test_case 'update writes what changed and says why' && {
    cell 1 'print(1)'
    cell 2 'print(2)'
    cell 3 'x = 1'
    put expected/a/1.txt 1
    put expected/a/2.txt x
    run 0 update
    says 'update  expected/a/2.txt  values changed'
    says 'new   expected/a/3.txt'
    silent '1.txt'
    says '1 notebook, 3 cells: 2 written, 1 unchanged in '
    holds expected/a/2.txt 2
    [ -f expected/a/3.txt ] && [ ! -s expected/a/3.txt ] || fault '3.txt is not empty'
    run 0 update
    says '0 written, 3 unchanged'
    run 0 run
    end
}

test_case 'update leaves what fails and writes the rest' && {
    cell 1 'y = (1'
    cell 2 'print(y)'
    cell 3 'print(3)'
    put expected/a/2.txt 1
    run 2 update
    says 'bad cell'
    says 'blocked'
    holds expected/a/2.txt 1
    holds expected/a/3.txt 3
    end
}

test_case 'update of a cell file writes that cell' && {
    cell 1 'print(1)'
    cell 2 'print(2)'
    run 0 update cells/a/2.yaml
    holds expected/a/2.txt 2
    [ ! -e expected/a/1.txt ] || fault '1.txt was written'
    end
}

test_case 'update leaves xfail and what a rule accepts' && {
    put cells/a/1.yaml 'xfail: known' 'ops: [print(1)]'
    put cells/a/2.yaml 'compare: {atol: 1}' 'ops: [print(2.5)]'
    put expected/a/1.txt 7
    put expected/a/2.txt 2.0
    run 0 update
    holds expected/a/1.txt 7
    holds expected/a/2.txt 2.0
    end
}

test_case 'update writes below --expected' && {
    put demo/x/1.yaml 'ops: [print(1)]'
    run 2 update demo
    complains '--expected DIR'
    run 0 update --expected texts/deep demo
    holds texts/deep/x/1.txt 1
    run 0 run demo --expected=texts/deep
    end
}

test_case 'update writes nothing through a link' && {
    cell 1 'print(1)'
    mkdir outside expected
    ln -s ../outside expected/a
    run 4 update
    says 'FAIL  expected/a/1.txt  a symbolic link is in the way; nothing is written through one'
    [ -z "$(ls outside)" ] || fault 'it wrote outside'
    end
}

test_case 'under CI update needs --force' && {
    cell 1 'print(1)'
    export CI=true
    run 2 update
    complains 'under CI nothing is written'
    [ ! -e expected ] || fault 'it wrote'
    run 0 update --force
    unset CI
    holds expected/a/1.txt 1
    end
}

test_case 'a dry run prints a patch that applies' && {
    cell 1 'print("a")' 'print("b")' 'print("c")'
    cell 2 'print("new")'
    put expected/a/1.txt a x c
    run 1 update --dry-run
    says '+b'
    [ ! -e expected/a/2.txt ] || fault 'it wrote'
    if command -v patch >/dev/null; then
        patch -s -p0 <out || fault 'the patch does not apply'
        run 0 run
    fi
    run 0 update
    run 0 update --dry-run
    end
}

# ---- texts without a cell ----

test_case 'texts without a cell are named' && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    put expected/a/2.txt 2
    put expected/gone/1.txt 1
    run 0 run
    says 'warn  expected/a/2.txt  unreferenced'
    says 'warn  expected/gone/1.txt  unreferenced'
    run 0 run --unreferenced ignore
    silent unreferenced
    run 1 run --unreferenced fail
    says 'FAIL  expected/a/2.txt'
    says '2 unreferenced'
    CI=1 run 1 run
    run 2 run --unreferenced delete
    run 0 run cells/a/1.yaml
    silent unreferenced
    run 0 update --unreferenced delete
    says 'delete  expected/a/2.txt'
    [ ! -e expected/a/2.txt ] && [ ! -e expected/gone/1.txt ] || fault 'still there'
    end
}

# ---- the other verbs ----

test_case 'list names notebooks and cells' && {
    put cells/a/notebook.yaml 'title: The A'
    put cells/a/10-b.yaml 'title: ten' 'ops: []'
    put cells/a/9-b.yaml 'title: nine' 'ops: []'
    run 0 list
    [ "$(cat out)" = 'cells/a  "The A"
cells/a/9-b.yaml  "nine"
cells/a/10-b.yaml  "ten"' ] || fault 'another list'
    run 0 list --json
    says '"path": "cells/a/9-b.yaml"'
    if command -v python3 >/dev/null; then
        python3 -m json.tool <out >/dev/null || fault 'not JSON'
    fi
    put cells/a/11.yaml 'opps: []'
    run 2 list
    complains 'cells/a/11.yaml:1:1: unknown key `opps` in a cell'
    end
}

test_case 'ops tells what is known of an operator' && {
    run 0 ops
    says 'AddBackward0'
    run 0 ops torch.add
    says 'schema: add.Tensor('
    says 'grad_fn: <AddBackward0>'
    run 2 ops addd
    complains 'did you mean `add`?'
    end
}

test_case 'output that cannot be written is an exit code of its own' && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    if [ -e /dev/full ]; then
        "$program" run >/dev/full 2>err
        got=$?
        [ $got = 4 ] || fault "exit $got, not 4"
    fi
    end
}

test_case 'the demos are as expected' && {
    cd "$top" && "$program" run cells >"$scratch/$number/out" 2>"$scratch/$number/err"
    got=$?
    cd "$scratch/$number"
    [ $got = 0 ] || fault "exit $got"
    end
}

echo "1..$number"
[ $failures = 0 ]
