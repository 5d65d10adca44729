#!/bin/sh
# Which cells run, and in which order; what autocell.yaml says; see lib.sh.
. "$(dirname "$0")/lib.sh"

# Two notebooks of two cells each, all as expected.
four_cells() {
    for notebook in a b; do
        put "cells/$notebook/1-add.yaml" 'ops: [x = 1, print(x)]'
        put "cells/$notebook/2-Exp.yaml" 'ops: [print(x + 1)]'
        put "expected/$notebook/1-add.txt" 1
        put "expected/$notebook/2-Exp.txt" 2
    done
}

# lists NAME...: what `out` holds, one a line.
lists() { [ "$(cat out)" = "$(printf '%s\n' "$@")" ] || fault "it lists: $(cat out)"; }

# ---- names ----

test_case '-k selects by names' && {
    four_cells
    run 0 run --list -k exp
    lists cells/a/2-Exp.yaml cells/b/2-Exp.yaml
    run 0 run --list -k 'EXP and not a/'
    lists cells/b/2-Exp.yaml
    run 0 run --list -k 'not (exp or b/)'
    lists cells/a/1-add.yaml
    run 0 run --list -k ''
    lists cells/a/1-add.yaml cells/a/2-Exp.yaml cells/b/1-add.yaml cells/b/2-Exp.yaml
    run 0 list -q -k b/1
    lists cells/b cells/b/1-add.yaml
    run 0 run -k exp
    says '2 notebooks, 4 cells: 4 passed in '
    run 0 run -k 'a/1'
    says '1 notebook, 1 cell: 1 passed in '
    end
}

test_case 'a wrong -k has a place' && {
    four_cells
    run 2 run -k 'a and'
    complains '-k: a word is missing at character 6 of `a and`'
    run 2 run -k 'a b'
    complains '`and` or `or` is missing at character 3'
    run 2 run -k '(a'
    complains 'a parenthesis was not closed'
    run 2 run -k 'a)'
    complains 'this parenthesis was never opened'
    run 2 run -k 'a or ()'
    complains 'a word is missing'
    run 5 run -k nothing
    complains 'no cell is selected'
    end
}

test_case '-k leaves the texts of other cells alone' && {
    four_cells
    put expected/gone.txt x
    run 0 run -k a/1
    says 'warn  expected/gone.txt'
    silent 'expected/b'
    put cells/a/1-add.yaml 'ops: [x = 3, print(x)]'
    put cells/b/1-add.yaml 'ops: [x = 4, print(x)]'
    run 0 update -k b/1
    holds expected/b/1-add.txt 4
    holds expected/a/1-add.txt 1
    end
}

# ---- parts of a cell ----

test_case 'FILE::OP and FILE:LINE run a cell up to there' && {
    put cells/a/1.yaml 'ops:' '  - print(1)' '  - x = 2' '  - print(x)' '  - print(3)'
    put expected/a/1.txt 1 2 7
    run 1 run
    run 0 run cells/a/1.yaml::3
    run 0 run cells/a/1.yaml:4
    run 0 run cells/a/1.yaml:4:5
    run 1 run cells/a/1.yaml:5
    says 'op 4  print(3)'
    put expected/a/1.txt 1 7
    run 1 run cells/a/1.yaml::3
    silent 'accept:'
    run 2 run cells/a/1.yaml::9
    says 'there is no operation 9; the cell has 4'
    run 2 run cells/a/1.yaml:1
    says 'no operation stands on or before line 1'
    run 2 update cells/a/1.yaml::3
    complains '`update` writes whole texts'
    run 2 run cells/a:3
    complains 'a place is in the file of a cell'
    run 4 run cells/a/2.yaml:3
    end
}

test_case 'a file whose name looks like a place is a file' && {
    put 'cells/a/x:3.yaml' 'ops: [print(1)]'
    put 'expected/a/x:3.txt' 1
    run 0 run 'cells/a/x:3.yaml'
    run 0 run 'cells/a/x:3.yaml::1'
    end
}

# ---- what failed last ----

test_case '--lf runs what failed last' && {
    four_cells
    put expected/b/2-Exp.txt 7
    run 0 run --list --lf
    [ "$(wc -l <out)" = 4 ] || fault 'without a record --lf is not everything'
    run 1 run
    run 0 run --list --lf
    lists cells/b/2-Exp.yaml
    run 0 run cells/a
    run 1 run --lf
    says '1 notebook, 2 cells: 1 passed, 1 failed in '
    (cd cells && "$program" run --lf --list . >../out)
    [ "$(wc -l <out)" = 4 ] || fault 'another directory has the same record'
    run 0 update
    run 0 run --list --lf
    [ "$(wc -l <out)" = 4 ] || fault 'what was updated failed still'
    [ -z "$(find . -name '.cache*')" ] || fault 'something lies beside the cells'
    end
}

test_case '--ff begins with what failed last' && {
    four_cells
    put expected/b/2-Exp.txt 7
    run 1 run
    put expected/b/2-Exp.txt 2
    run 0 run --ff -v
    [ "$(sed -n '1s/  [0-9].*//p;3s/  [0-9].*//p' out)" = 'ok    cells/b/1-add.yaml
ok    cells/a/1-add.yaml' ] || fault 'another order'
    end
}

test_case 'the record belongs to the project' && {
    four_cells
    mkdir .git
    put expected/b/2-Exp.txt 7
    run 1 run
    (cd cells/b && "$program" run --list --lf . >../../out)
    lists 2-Exp.yaml
    end
}

test_case 'a damaged record is none' && {
    four_cells
    put expected/b/2-Exp.txt 7
    run 1 run
    record=$(grep -rl "$PWD" "$XDG_CACHE_HOME/autocell")
    [ -f "$record" ] || fault 'there is no record'
    size=$(wc -c <"$record")
    cp "$record" whole
    for cut in 1 20 $((size / 2)) $((size - 1)); do
        head -c "$cut" whole >"$record"
        run 0 run --list --lf
        [ "$(wc -l <out)" = 4 ] || fault "cut to $cut it is one"
    done
    for at in 30 60 $((size / 2)) $((size - 9)); do
        cp whole "$record"
        printf '\377\377\377\377' | dd of="$record" bs=1 seek="$at" conv=notrunc 2>/dev/null
        run 0 run --list --lf
    done
    end
}

test_case 'a cache that cannot be written does not matter' && {
    four_cells
    put expected/b/2-Exp.txt 7
    : >file
    XDG_CACHE_HOME=$PWD/file run 1 run
    XDG_CACHE_HOME='' HOME='' run 1 run
    end
}

# ---- parts of the notebooks, and their order ----

test_case '--shard takes every N-th notebook' && {
    four_cells
    put cells/c/1.yaml 'ops: [print(1)]'
    run 0 run --list --shard 1/2
    lists cells/a/1-add.yaml cells/a/2-Exp.yaml cells/c/1.yaml
    run 0 run --list --shard 2/2
    lists cells/b/1-add.yaml cells/b/2-Exp.yaml
    run 0 run --shard 9/9
    says '0 notebooks, 0 cells in '
    run 2 run --shard 0/2
    run 2 run --shard 3/2
    run 2 run --shard 3
    complains '--shard does not take `3`'
    end
}

test_case "Bazel's shards are honoured" && {
    four_cells
    TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 TEST_SHARD_STATUS_FILE=$PWD/status \
        run 0 run --list
    lists cells/b/1-add.yaml cells/b/2-Exp.yaml
    [ -f status ] || fault 'the status file was not touched'
    TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 run 0 run --list --shard 1/2
    lists cells/a/1-add.yaml cells/a/2-Exp.yaml
    end
}

test_case 'the order that notebooks begin in changes nothing' && {
    for i in 1 2 3 4 5 6 7 8; do
        put "cells/n$i/1.yaml" 'ops: ["print(torch.randn(1))"]'
        put "expected/n$i/1.txt" "$i"
    done
    run 1 run
    sed 's/ in [^ ]* [a-z]*$//' out >first
    for seed in 1 2 3; do
        run 1 run --shuffle --seed $seed -j 2
        sed 's/ in [^ ]* [a-z]*$//' out | cmp -s - first || fault "seed $seed: another text"
    done
    run 1 run --shuffle
    complains 'notebooks begin in the order of --seed '
    run 2 run --seed x
    end
}

test_case '--durations names the slowest' && {
    put cells/a/1.yaml 'ops: [print(1)]'
    put cells/a/2.yaml 'ops: ["x = sum(range(3000000))"]'
    put expected/a/1.txt 1
    : >expected/a/2.txt
    run 0 run --durations 1
    says 'cells/a/2.yaml'
    silent 'cells/a/1.yaml'
    end
}

# ---- autocell.yaml ----

test_case 'autocell.yaml holds flags' && {
    put texts/x/1.txt 1
    put demo/cells/x/1.yaml 'ops: [print(1)]'
    put demo/cells/x/2.yaml 'ops: [print(2)]'
    put demo/autocell.yaml '# of this project' 'expected: ../texts' 'maxfail: 1' 'verbose: true'
    cd demo
    "$program" run >../out 2>../err
    cd ..
    says 'ok    cells/x/1.yaml'
    says 'there is no ../texts/x/2.txt'
    cd demo/cells/x
    "$program" run . >../../../out 2>&1
    cd ../../..
    says 'there is no ../../../texts/2.txt'
    cd demo
    "$program" run -q >../out 2>&1
    cd ..
    silent 'ok  '
    end
}

test_case 'a wrong autocell.yaml has a place' && {
    four_cells
    put autocell.yaml 'maxfial: 1'
    run 2 run
    complains 'autocell.yaml:1:1: no flag is called --maxfial'
    complains 'did you mean `maxfail`?'
    put autocell.yaml 'maxfail: many'
    run 2 run
    complains 'autocell.yaml:1:10: `maxfail` does not take this value'
    put autocell.yaml 'verbose: [true]'
    run 2 run
    put autocell.yaml '- verbose'
    run 2 run
    complains 'autocell.yaml is a mapping'
    put autocell.yaml '# nothing'
    run 0 run
    run 0 help
    end
}

test_case 'flags beat the environment, and that beats autocell.yaml' && {
    four_cells
    put expected/a/1-add.txt 7
    put autocell.yaml 'color: always'
    run 1 run
    says "$(printf '\033')["
    NO_COLOR=1 run 1 run
    silent "$(printf '\033')["
    NO_COLOR=1 run 1 run --color always
    says "$(printf '\033')["
    end
}

conclude
