#!/bin/sh
# What is installed: the program, its man page, completions and schemas; see lib.sh. A
# third argument is the build directory.
. "$(dirname "$0")/lib.sh"
build=$(cd "$3" && pwd)
man=$build/share/autocell.1 bash=$build/share/autocell zsh=$build/share/_autocell

# The commands, and "VERB --flag" lines, as the program's help names them.
verbs() { "$program" help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }
flags() { "$program" help "$1" | sed -n 's/^  \(    \|-., \)\(--[a-z-]*\).*/\2/p'; }

test_case 'meson installs the program and all that belongs to it' && {
    if DESTDIR=$PWD/root meson install --no-rebuild -C "$build" >log 2>&1; then
        (cd root && find . -type f | sed 's,^.*/\(bin\|share\)/,\1/,' | LC_ALL=C sort) >out
        holds out 'bin/autocell
share/autocell/cell.schema.json
share/autocell/list.schema.json
share/autocell/notebook.schema.json
share/autocell/report.schema.json
share/bash-completion/completions/autocell
share/man/man1/autocell.1
share/zsh/site-functions/_autocell'
        "$(find "$PWD/root" -name autocell -path '*/bin/*')" --version >out || fault 'it does not run'
        says 'autocell '
    else
        fault "meson: $(tail -n 3 log)"
    fi
    end
}

test_case 'the man page has every command and flag' && {
    sed 's/\\-/-/g; s/\\f[BIR]//g' "$man" >out
    for verb in $(verbs); do
        says "autocell $verb"
        for flag in $(flags "$verb"); do says "$flag"; done
    done
    [ "$(verbs | wc -l)" -ge 9 ] || fault 'few commands'
    silent @FLAGS@
    end
}

test_case 'the man page is sound' && {
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$man" >out 2>&1 || fault "mandoc: $(cat out)"
    elif command -v groff >/dev/null; then
        groff -man -Tutf8 -ww "$man" >/dev/null 2>out || fault 'groff fails'
        [ ! -s out ] || fault "groff: $(cat out)"
    else
        name="$name # SKIP neither mandoc nor groff here"
    fi
    end
}

# completes WORDS... : what bash would offer for the last of them.
completes() {
    bash -c 'source "$1"; shift; COMP_WORDS=(autocell "$@"); COMP_CWORD=$#; _autocell
        printf "%s\n" "${COMPREPLY[@]}"' - "$bash" "$@" >out 2>err
    [ ! -s err ] || fault "bash: $(cat err)"
}

if command -v bash >/dev/null; then
    test_case 'bash completes commands and flags' && {
        completes ''
        for verb in $(verbs); do grep -qx -- "$verb" out || fault "no $verb"; done
        completes up
        holds out update
        for verb in $(verbs); do
            completes "$verb" -
            grep -- -- out | LC_ALL=C sort >offered
            flags "$verb" | LC_ALL=C sort >known
            cmp -s offered known || fault "$verb: $(diff offered known)"
        done
        completes run --maxf
        holds out --maxfail
        end
    }
    test_case 'bash completes values and paths' && {
        completes run --color ''
        holds out 'auto
always
never'
        completes update --unreferenced d
        holds out delete
        completes run --maxfail ''
        holds out ''
        cell 1 'print(1)'
        put cells/a/notes.txt x
        completes run cells/a/
        holds out cells/a/1.yaml
        completes run ce
        holds out cells
        completes help re
        holds out 'review
reject'
        end
    }
fi

test_case 'the completion for zsh is sound' && {
    if command -v zsh >/dev/null; then
        zsh -n "$zsh" 2>err || fault "zsh: $(cat err)"
    fi
    cat "$zsh" >out
    for verb in $(verbs); do
        says "    $verb)"
        for flag in $(flags "$verb"); do says "$flag"; done
    done
    end
}

conclude
