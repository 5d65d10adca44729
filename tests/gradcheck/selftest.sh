#!/bin/sh
# Shows that gradcheck can fail: runs it on a single line and expects the complaint.
# Speaks TAP. usage: selftest.sh GRADCHECK OPS
set -u
program=$1 ops=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cp "$here/check.py" "$scratch"
number=0 failed=0

# expect TEXT LINE: the run with this one line fails and says TEXT.
expect() {
    number=$((number + 1))
    echo "$2" >"$scratch/family.txt"
    if output=$("$program" "$scratch" "$ops"); then
        verdict='it passes'
    elif printf '%s\n' "$output" | grep -qF "$1"; then
        echo "ok $number - $2"
        return
    else
        verdict="it does not say: $1"
    fi
    failed=$((failed + 1))
    echo "not ok $number - $2"
    echo "#   $verdict"
}

echo '1..9'
expect 'family.txt:1: sin: the graph holds no node of this operator' 'sin: x=real(3): x.cos()'
expect 'GradcheckError: Jacobian mismatch' 'sin: x=real(3): x.sin().data + x.sin()'
expect 'AssertionError: there is a second derivative' 'sin once: x=real(3): x.sin()'
expect 'AssertionError: there is a derivative' 'sin never: x=real(3): x.sin()'
expect 'no operator with a backward has this name' 'sine: x=real(3): x.sin()'
expect 'not of the form NAME: INPUTS: EXPRESSION' 'sin: x.sin()'
expect "NameError: name 'z' is not defined" 'sin: x=real(3): z.sin()'
expect '1 of 2 samples of sin(' 'sin: x=real(3): x.sin()'
expect 'add to tests/gradcheck/trig.txt lines like' '# no sample'
[ "$failed" = 0 ]
