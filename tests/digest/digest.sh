#!/bin/sh
# The same bits everywhere: every kind of kernel on awkward sizes, each result hashed to a
# number, and all other cells, at each CPU level that this machine has (kernel/cpu.h),
# with one thread or several, and in one process or several. Speaks TAP.
#
# The numbers in expected/ are autocell's own, the same for every compiler and
# optimisation: a change there means that a kernel gives other bits than before.
#
# usage: digest.sh AUTOCELL [CELLS...]
set -u
export LC_ALL=C
autocell=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0

# report NAME STATUS: one TAP line; what $scratch/log says is the reason.
report() {
    number=$((number + 1))
    if [ "$2" = 0 ]; then
        echo "ok $number - $1"
    else
        failed=1
        echo "not ok $number - $1"
        sed 's/^/#   /' "$scratch/log" | head -n 20
    fi
}

# printed NAME FLAGS...: what all cells print, into a directory of that name; 1 when it
# could not be had.
printed() {
    into=$scratch/$1 && mkdir -p "$into"
    shift
    place=0 broken=0
    for dir in $cells; do
        place=$((place + 1))
        (unset CI && "$autocell" update "$@" --expected "$into/$place" "$dir") \
            >"$scratch/log" 2>&1
        [ $? -le 2 ] || broken=1
    done
    return $broken
}

# compared NAME WHAT FLAGS...: WHAT is how all cells are printed with FLAGS.
compared() {
    name=$1 what=$2
    shift 2
    if [ -z "$cells" ]; then
        number=$((number + 1))
        echo "ok $number - $what # SKIP no cells were named"
        return
    fi
    printed "$name" "$@" && diff -r "$scratch/one" "$scratch/$name" >"$scratch/log" 2>&1
    report "$what" $?
}

cells=$*
echo 1..10
for level in baseline avx2 avx512; do
    AUTOCELL_CPU=$level "$autocell" run --threads 2 "$here/cells" >"$scratch/log" 2>&1
    report "every kernel's digest, $level" $?
done
for threads in 1 3 8; do
    "$autocell" run --threads $threads "$here/cells" >"$scratch/log" 2>&1
    report "every kernel's digest, threads: $threads" $?
done
[ -z "$cells" ] || printed one -j 1 || { echo 'Bail out! autocell does not run'; exit 1; }
compared many 'all cells, in one process or in eight' -j 8
for level in baseline avx2 avx512; do
    AUTOCELL_CPU=$level
    export AUTOCELL_CPU
    compared $level "all cells, $level"
done
exit $failed
