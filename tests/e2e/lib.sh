# What the tests of the whole program share; each of them begins with
#
#     . "$(dirname "$0")/lib.sh"
#
# and ends with `conclude`. They are called as TEST.sh AUTOCELL [WORD], for the cases
# whose name holds WORD, and speak TAP.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
only=${2:-}
top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
export LC_ALL=C XDG_CACHE_HOME="$scratch/cache"
unset TEST_TOTAL_SHARDS TEST_SHARD_INDEX TEST_SHARD_STATUS_FILE XML_OUTPUT_FILE CI GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITHUB_WORKSPACE NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE
number=0 failures=0

# test NAME: begins a case in an empty directory; false when it is not wanted.
test_case() {
    case $1 in *"$only"*) ;; *) return 1 ;; esac
    name=$1 faults=
    number=$((number + 1))
    mkdir "$scratch/$number" && cd "$scratch/$number"
}

# has TOOL: whether it is there; otherwise the case, which has just begun, is skipped.
has() {
    command -v "$1" >/dev/null && return
    echo "ok $number - $name # SKIP there is no $1"
    return 1
}

# has_terminal: whether pseudo-terminals are there, or the case is skipped.
has_terminal() {
    script -qec true /dev/null </dev/null >/dev/null 2>&1 && return
    echo "ok $number - $name # SKIP there are no pseudo-terminals"
    return 1
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

# skip REASON: ends a case that cannot be tried here.
skip() { echo "ok $number - $name # SKIP $*"; }

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

# conclude: the plan, and the verdict on all cases.
conclude() {
    echo "1..$number"
    [ $failures = 0 ]
}
