#!/bin/sh
# Beginning with autocell, and a first day with it; see lib.sh.
. "$(dirname "$0")/lib.sh"
# As a user has it.
PATH=$scratch/bin:$PATH
mkdir "$scratch/bin"
ln -s "$program" "$scratch/bin/autocell"

# ---- init ----

test_case 'init writes what passes as it stands' && {
    run 0 init
    says 'new   cells/first/01-a-gradient.yaml'
    says 'next: autocell run'
    (find . -type f | grep -v -e '^./out$' -e '^./err$' | LC_ALL=C sort) >files
    holds files './.gitattributes
./.github/workflows/autocell.yml
./autocell.yaml
./cells/first/01-a-gradient.yaml
./cells/first/02-a-step.yaml
./expected/first/01-a-gradient.txt
./expected/first/02-a-step.txt
./files'
    run 0 run
    says '1 notebook, 2 cells: 2 passed in '
    CI=true run 0 run --unreferenced fail
    run 0 update
    says '0 written'
    end
}

test_case 'init writes nothing over' && {
    put expected/first/02-a-step.txt mine
    run 2 init
    complains 'expected/first/02-a-step.txt: it is there already'
    [ ! -e cells ] && [ ! -e autocell.yaml ] || fault 'something was written'
    run 0 init demo/deep
    says 'next: cd demo/deep && autocell run'
    (cd demo/deep && autocell run) >out || fault 'it does not pass'
    run 2 init demo/deep
    complains 'demo/deep/cells/first/01-a-gradient.yaml: it is there already'
    run 2 init a b
    end
}

test_case 'init leaves what a project has' && {
    put autocell.yaml 'durations: 1'
    put .gitattributes '*.png binary'
    run 0 init
    says 'keep  autocell.yaml'
    holds autocell.yaml 'durations: 1'
    holds .gitattributes '*.png binary'
    : >file
    run 4 init file/x
    run 4 init /proc/nowhere
    end
}

# steps FILE: the shell commands of the workflow's steps, but for those that get autocell.
steps() {
    awk '/^ *run: [^|]/ { sub(/^ *run: /, ""); print }' "$1"
}

test_case 'the workflow passes where autocell is on the path' && {
    run 0 init
    workflow=.github/workflows/autocell.yml
    steps $workflow >commands
    holds commands 'autocell run'
    # The step that gets it ends at once.
    sed -n '/^        run: |$/,/^      - /p' $workflow | sed '1d;$d; s/^          //' >get
    CI=true AUTOCELL_SOURCES='' sh -e get >out 2>err || fault "getting it: $(cat err)"
    CI=true GITHUB_ACTIONS=true sh -e commands >out 2>err || fault "running: $(cat err)"
    says '2 passed'
    CI=true AUTOCELL_SOURCES='' PATH=/usr/bin:/bin sh -e get >out 2>err &&
        fault 'without autocell it passes'
    says '::error::autocell is not on the PATH'
    if python3 -c 'import yaml' 2>/dev/null; then
        python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' $workflow ||
            fault 'no YAML'
    fi
    end
}

# ---- a day with it ----

test_case 'a first day: init, run, break, read, review, accept, CI' && {
    git init -q . 2>/dev/null || mkdir .git
    autocell init >out 2>err || fault 'init'
    autocell run >out 2>err || fault 'run'
    # A better idea changes what both cells print.
    sed -i 's/x \*\* 2/x ** 3/' cells/first/01-a-gradient.yaml
    autocell run >out 2>err
    [ $? = 1 ] || fault 'a failure is exit code 1'
    says 'FAIL  cells/first/01-a-gradient.yaml:8:5  "A gradient"  op 5  print(y)'
    says '    - expected   + actual'
    says '    - tensor(14., grad_fn=<SumBackward0>)'
    says '    + tensor(36., grad_fn=<SumBackward0>)'
    says '    accept: autocell accept '
    says '1 notebook, 2 cells: 2 failed in '
    id=$(sed -n 's/^    accept: autocell accept //p' out | head -n 1)
    # CI says no, and writes nothing.
    CI=1 autocell run >out 2>err && fault 'CI passes'
    CI=1 autocell update >out 2>err
    [ $? = 2 ] || fault 'CI updates'
    autocell review >out 2>err </dev/null && fault 'review without a terminal'
    complains 'autocell accept'
    autocell update --dry-run >patch 2>err
    grep -q '^+tensor(36' patch || fault 'no patch'
    autocell accept "$id" >out 2>err || fault 'accept'
    says 'accept  expected/first/01-a-gradient.txt  values changed'
    says '1 accepted, 1 left to review'
    autocell run --lf >out 2>err && fault 'the other cell passes'
    says '1 notebook, 2 cells: 1 passed, 1 failed'
    autocell accept >out 2>err || fault 'accept the rest'
    CI=1 autocell run >out 2>err || fault 'CI fails'
    says '1 notebook, 2 cells: 2 passed'
    # A typo is told as what it is, with its place.
    sed -i 's/\.sum()/.smu()/' cells/first/01-a-gradient.yaml
    autocell run >out 2>err && fault 'a typo passes'
    says "AttributeError: 'Tensor' object has no attribute 'smu'"
    says 'unexpected error'
    end
}

# ---- with other tools ----

test_case 'a meson project runs notebooks as tests' && {
    cp -r "$top/examples/meson" project
    unset DESTDIR
    meson setup project/build project >log 2>&1 || fault "setup: $(tail -n 3 log)"
    meson test -C project/build >log 2>&1 || fault "test: $(tail -n 9 log)"
    grep -q '2 subtests passed' log || fault "no subtests: $(cat log)"
    echo wrong >project/expected/line/1-data.txt
    meson test -C project/build >log 2>&1 && fault 'a failure passes'
    grep -q '1/2 subtests passed\|ERROR\|FAIL' log || fault "no failure: $(cat log)"
    end
}

test_case 'the pre-commit hook runs the notebooks' && {
    run 0 init
    entry=$(sed -n 's/^ *entry: //p' "$top/.pre-commit-hooks.yaml")
    [ "$entry" = 'autocell run' ] || fault "its entry is $entry"
    $entry >out 2>err || fault 'it fails'
    files=$(sed -n "s/^ *files: '\(.*\)'/\1/p" "$top/.pre-commit-hooks.yaml")
    for path in cells/a/1.yaml sub/expected/1.txt autocell.yaml; do
        echo $path | grep -Eq "$files" || fault "$path does not start it"
    done
    echo src/a.c | grep -Eq "$files" && fault 'anything starts it'
    end
}

conclude
