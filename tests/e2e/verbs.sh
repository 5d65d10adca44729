#!/bin/sh
# Usage, and the verbs that only tell; see lib.sh.
. "$(dirname "$0")/lib.sh"

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

conclude
