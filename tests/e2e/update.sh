#!/bin/sh
# Writing expected texts; see lib.sh.
. "$(dirname "$0")/lib.sh"

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

conclude
