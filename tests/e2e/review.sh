#!/bin/sh
# What becomes of the last run's failures without another run; see lib.sh.
. "$(dirname "$0")/lib.sh"

# Three cells, of which two print something else than they should.
two_changes() {
    cell 1 'print("one")'
    cell 2 'print("two")'
    cell 3 'print("three")'
    put expected/a/1.txt 1
    put expected/a/2.txt 2
    put expected/a/3.txt three
    mkdir .git
    run 1 run
}

# id N: the name of the N-th failure of the last run.
id() { sed -n 's/^    accept: autocell accept //p' out | sed -n "$1p"; }

# keys KEYS ARGS...: answers what autocell asks on a terminal; `out` is what it shows.
keys() {
    keys=$1
    shift
    rm -f shown
    # It asks once something is shown. Its input ends twice, since the first end is none to
    # a terminal that still collects a line.
    {
        for turn in 1 2 3 4 5 6 7 8 9; do
            [ "$(sed 1d shown 2>err)" ] || sleep "0.$turn"
        done
        sleep 0.3
        printf '%s' "$keys"
        sleep 0.3
        printf '\004'
        sleep 0.1
    } | script -qfec "'$program' $*; echo exit \$?" shown >/dev/null 2>err
    sed '1d;$d' shown | tr -d '\r' >out
}

# ---- accept and reject ----

test_case 'accept takes a failure by its name' && {
    two_changes
    first=$(id 1) second=$(id 2)
    [ ${#first} = 4 ] || fault "the name is '$first'"
    run 0 accept "$second"
    says 'accept  expected/a/2.txt  values changed'
    says '1 accepted, 1 left to review'
    holds expected/a/1.txt 1
    holds expected/a/2.txt two
    run 0 run --list --lf
    holds out cells/a/1.yaml
    run 2 accept "$second"
    complains "no failure on record is called \`$second\`"
    run 0 accept "$first"
    run 0 accept
    says '0 accepted: no change is waiting'
    run 0 run
    end
}

test_case 'a name is the same from everywhere, and may be longer or shorter' && {
    two_changes
    first=$(id 1)
    (cd cells/a && "$program" run . >../../out)
    [ "$(id 1)" = "$first" ] || fault "from elsewhere it is $(id 1), not $first"
    (cd cells/a && "$program" accept "$(printf %.3s "$first")" >../../out) || fault 'no prefix'
    holds expected/a/1.txt one
    [ ! -e cells/a/expected ] || fault 'it was written elsewhere'
    run 1 run
    second=$(id 1)
    run 2 accept ''
    complains 'no failure on record is called ``'
    run 2 accept "$second" zzzz
    complains '`zzzz`'
    holds expected/a/2.txt 2
    end
}

test_case 'a name that may be several is refused' && {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do cell $i "print($i)"; done
    run 1 run
    shared=$(id 1,17 | cut -c 1 | sort | uniq -d | head -1)
    run 2 accept "$shared"
    complains "\`$shared\` may be $shared"
    [ ! -e expected ] || fault 'something was written'
    run 0 accept
    says '17 accepted'
    run 0 run
    end
}

test_case 'without names all are meant' && {
    two_changes
    run 0 accept
    says '2 accepted'
    run 0 run
    end
}

test_case 'reject leaves the text and asks no more' && {
    two_changes
    run 0 reject "$(id 1)"
    says 'reject  expected/a/1.txt  stays as it is'
    says '1 rejected, 1 left to review'
    run 0 accept
    says '1 accepted'
    holds expected/a/1.txt 1
    holds expected/a/2.txt two
    run 0 run --list --lf
    holds out cells/a/1.yaml
    run 1 run
    run 0 accept
    holds expected/a/1.txt one
    end
}

test_case 'what is rejected can still be accepted by name' && {
    two_changes
    first=$(id 1)
    run 0 reject
    run 0 accept
    says '0 accepted'
    run 0 accept "$first"
    holds expected/a/1.txt one
    end
}

test_case 'what has changed since the run is refused' && {
    two_changes
    put expected/a/1.txt other
    cell 2 'print("two and more")'
    run 1 accept
    says 'refused  expected/a/1.txt  the expected text has changed since the cell ran'
    says 'refused  cells/a/2.yaml  the cell, or one before it, has changed since it ran'
    says '0 accepted, 2 refused'
    holds expected/a/1.txt other
    holds expected/a/2.txt 2
    rm expected/a/1.txt
    run 1 accept
    [ ! -e expected/a/1.txt ] || fault 'it was written'
    run 1 run
    put cells/a/0.yaml 'ops: [x = 1]'
    run 1 accept
    says '0 accepted, 2 refused'
    end
}

test_case 'a cell that is gone is forgotten' && {
    two_changes
    rm cells/a/2.yaml
    run 1 accept
    says 'refused  cells/a/2.yaml  the cell is there no more'
    says '1 accepted, 1 refused'
    run 0 run
    run 0 accept
    says '0 accepted: no change is waiting'
    end
}

test_case 'a failure without a text is refused by name and left by all' && {
    two_changes
    put cells/a/2.yaml 'ops: [print(1]'
    run 2 run
    run 0 accept
    says '1 accepted'
    run 0 run --list --lf
    holds out cells/a/2.yaml
    end
}

test_case 'under CI accept needs --force' && {
    two_changes
    CI=true run 2 accept
    complains 'under CI nothing is written'
    holds expected/a/1.txt 1
    CI=true run 0 accept --force -q
    holds expected/a/1.txt one
    end
}

test_case 'accept writes below --expected, and nothing through a link' && {
    put demo/x/1.yaml 'ops: [print(1)]'
    run 1 run --expected texts demo
    run 0 accept
    holds texts/x/1.txt 1
    rm -r texts
    run 1 run --expected texts demo
    mkdir outside
    ln -s outside texts
    run 4 accept
    says 'refused  texts/x/1.txt  a symbolic link is in the way'
    [ -z "$(ls outside)" ] || fault 'it wrote outside'
    end
}

test_case 'a record of another kind is none' && {
    two_changes
    record=$(grep -rl "$PWD" "$XDG_CACHE_HOME/autocell")
    sed 's/^autocell record [0-9]*/autocell record 1/' "$record" >old
    cp old "$record"
    run 0 accept
    says '0 accepted'
    end
}

# ---- review ----

test_case 'review needs a terminal' && {
    two_changes
    run 2 review
    complains '`review` asks questions, which needs a terminal'
    complains 'autocell accept [ID...]'
    end
}

test_case 'review takes a key for each change' && has_terminal && {
    two_changes
    keys xda review --color never
    says '1 of 2  accept, reject, skip'
    says '  q  quit; what is decided stays'
    says '2 of 2'
    says '2 changes: 1 accepted, 0 rejected, 1 left'
    says 'exit 0'
    holds expected/a/1.txt one
    holds expected/a/2.txt 2
    keys r review
    says '1 of 1'
    says '1 change: 0 accepted, 1 rejected, 0 left'
    holds expected/a/2.txt 2
    keys q review
    says '0 changes'
    end
}

test_case 'review takes a key for all changes' && has_terminal && {
    two_changes
    keys sq review
    says '2 changes: 0 accepted, 0 rejected, 2 left'
    keys A review --full
    says '2 changes: 2 accepted'
    run 0 run
    put expected/a/3.txt 3
    run 1 run
    keys R review
    says '1 change: 0 accepted, 1 rejected, 0 left'
    holds expected/a/3.txt 3
    end
}

test_case 'review under CI is refused on a terminal, too' && has_terminal && {
    two_changes
    export CI=1
    keys A review
    unset CI
    says 'is not done under CI'
    says 'exit 2'
    holds expected/a/1.txt 1
    end
}

test_case 'what a cell printed is no command for the terminal' && has_terminal && {
    cell 1 'print("\033]0;title\007\033[2J")'
    run 1 run
    keys d review --color never
    grep -q "$(printf '\033')" out && fault 'an escape came through'
    says '\x1b]0;title\x07\x1b[2J'
    end
}

conclude
