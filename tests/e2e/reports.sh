#!/bin/sh
# Reports for machines, read by readers of their formats, and the progress line; see
# lib.sh.
. "$(dirname "$0")/lib.sh"

# A cell of every outcome: a difference, an error, a cell it blocks; skipped, expected to
# fail, passed, without a text.
outcomes() {
    put cells/a/1.yaml 'title: "two <tensors> & # more"' 'ops:' \
        '  - x = torch.tensor([1.0, 2.5])' '  - print(x)'
    put expected/a/1.txt 'tensor([1.0000, 2.4999])'
    cell 2 'y = missing'
    : >expected/a/2.txt
    cell 3 'print(y)'
    put expected/a/3.txt 1
    put cells/b/1.yaml 'skip: "later # on"' 'ops: [print(1)]'
    put cells/b/2.yaml 'xfail: known' 'ops: [print(1)]'
    put expected/b/2.txt 2
    put cells/b/3.yaml 'ops: [print(1)]'
    put expected/b/3.txt 1
    put cells/b/4.yaml 'ops: [print(1)]'
}

# valid_xml FILE, valid_json FILE: held to its schema.
valid_xml() {
    faults_found=$(xmllint --noout --schema "$top/tests/e2e/junit.xsd" "$1" 2>&1) ||
        fault "$faults_found"
}
valid_json() {
    faults_found=$(jq -n --slurpfile schema "$top/share/report.schema.json" \
        -f "$top/tests/e2e/schema.jq" <"$1" 2>&1) || faults_found="no JSON: $faults_found"
    [ -z "$faults_found" ] || fault "$faults_found"
}
# proven FILE SUMMARY: what prove makes of TAP; it knows of no version beyond 13.
proven() {
    sed '1s/14/13/' "$1" >tap-13
    prove --exec cat tap-13 >proof 2>&1
    grep -qF -- "$2" proof || fault "prove says: $(cat proof)"
}
# xml XPATH, json FILTER: a value, `is` VALUE.
xml() { value=$(xmllint --xpath "string($1)" report.xml 2>&1); }
json() { value=$(jq -rs "$1" report.json 2>&1); }
is() { [ "$value" = "$1" ] || fault "it is '$value', not '$1'"; }

# ---- JUnit ----

test_case 'JUnit: a suite a notebook, a case a cell' && has xmllint && {
    outcomes
    run 1 run --junit-xml report.xml
    valid_xml report.xml
    says '2 notebooks, 7 cells: '
    xml 'count(//testsuite)' && is 2
    xml '//testsuite[1]/@name' && is cells/a
    xml '//testsuite[1]/@failures' && is 2
    xml '//testsuite[1]/@errors' && is 1
    xml '//testsuite[2]/@skipped' && is 2
    case=//testsuite[1]/testcase[1]
    xml "$case/@name" && is '1.yaml: two <tensors> & # more'
    xml "$case/@file" && is cells/a/1.yaml
    xml "$case/@line" && is 4
    xml "$case/failure/@type" && is values
    xml "contains($case/failure, '+ tensor([1.0000, 2.5000])')" && is true
    xml "$case/system-out" && is 'tensor([1.0000, 2.5000])'
    xml '//testcase[3]/error/@type' && is blocked
    xml '//testsuite[2]/testcase[1]/skipped/@message' && is 'later # on'
    xml 'count(//testsuite[2]/testcase[3]/*)' && is 0
    end
}

test_case 'JUnit: files that are no cells are cases' && has xmllint && {
    cell 1 'print(1)'
    put cells/a/notebook.yaml 'seeed: 1'
    put expected/gone.txt x
    CI=true run 2 run --junit-xml report.xml
    valid_xml report.xml
    xml '//testsuite[1]/testcase/@file' && is cells/a/notebook.yaml
    xml '//testsuite[1]/testcase/error/@type' && is trouble
    xml '//testsuite[2]/testcase/@name' && is expected/gone.txt
    end
}

test_case 'JUnit: Bazel says where' && has xmllint && {
    outcomes
    XML_OUTPUT_FILE=report.xml run 1 run
    valid_xml report.xml
    XML_OUTPUT_FILE=other.xml run 1 run --junit-xml report.xml
    [ ! -e other.xml ] || fault 'the flag does not beat the environment'
    end
}

# ---- JSON ----

test_case 'JSON: a record a line' && has jq && {
    outcomes
    run 1 run --json report.json
    valid_json report.json
    [ "$(wc -l <report.json)" = 11 ] || fault 'not 11 lines'
    json 'map(.record) | join(" ")'
    is 'run notebook cell cell cell notebook cell cell cell cell summary'
    json '.[0].schema' && is 1
    json 'map(.state // empty) | join(" ")'
    is 'failed failed blocked skipped xfailed passed failed'
    json 'map(.class // empty) | join(", ")'
    is 'values, unexpected error, blocked, missing expected'
    json '.[2] | "\(.file):\(.line):\(.column) \(.op) \(.op_text)"'
    is 'cells/a/1.yaml:4:5 2 print(x)'
    json '.[2].actual' && is 'tensor([1.0000, 2.5000])'
    json '.[2].elements | "\(.moved) \(.of) \(.index) \(.from) \(.to) \(.ulps)"'
    is '1 2 [1] 2.4999 2.5000 419'
    json '.[-1] | "\(.cells) \(.passed) \(.failed) \(.blocked)"' && is '7 1 3 1'
    end
}

test_case 'JSON: what list prints is held to its schema, too' && has jq && {
    outcomes
    put cells/b/5.yaml 'opps: []'
    run 2 list --json
    faults_found=$(jq -n --slurpfile schema "$top/share/list.schema.json" \
        -f "$top/tests/e2e/schema.jq" <out 2>&1)
    [ -z "$faults_found" ] || fault "$faults_found"
    cp out report.json
    json '.[0].notebooks[1].cells[0].skip' && is 'later # on'
    end
}

test_case 'JSON: the check of the schema can fail' && has jq && {
    put report.json '{"record": "cell", "path": 3, "state": "odd"}'
    valid_json report.json
    missed=
    for word in 'no string' 'none of' 'is missing'; do
        case $faults in *"$word"*) ;; *) missed="$missed $word" ;; esac
    done
    faults=$missed
    end
}

test_case 'JSON: the schema knows every class of failure' && has jq && {
    sed -n 's/^ *X([A-Z_]*, "\([^"][^"]*\)".*/\1/p' "$top/runner/run/classify.h" | sort >classes
    jq -r '."$defs".cell.properties.class.enum[]' "$top/share/report.schema.json" | sort |
        cmp -s - classes || fault 'its classes are not those of classify.h'
    end
}

# ---- TAP ----

test_case 'TAP: a test point a cell' && has prove && {
    outcomes
    run 1 run --tap
    [ "$(head -n 1 out)" = 'TAP version 14' ] || fault 'no version'
    says 'not ok 1 - cells/a/1.yaml "two <tensors> & \\x23 more"'
    says '  class: values'
    says '    + tensor([1.0000, 2.5000])'
    says 'ok 4 - cells/b/1.yaml # SKIP later \\x23 on'
    says 'not ok 5 - cells/b/2.yaml # TODO known'
    says '1..7'
    silent '2 notebooks'
    proven out 'Failed tests:  1-3, 7'
    put expected/a/1.txt 'tensor([1.0000, 2.5000])'
    run 0 run --tap cells/a/1.yaml
    proven out 'All tests successful.'
    end
}

test_case 'TAP: meson reads it' && has meson && {
    outcomes
    put project/meson.build "project('x')" "test('t', find_program('t'), protocol : 'tap')"
    put project/t '#!/bin/sh' "cd '$(pwd)'" "'$program' run --tap"
    chmod +x project/t
    meson setup build project >log 2>&1 || fault "$(cat log)"
    meson test -C build -v >out 2>&1
    grep -q 'cells/a/1.yaml.* FAIL' out || fault 'no failure'
    grep -q 'cells/b/1.yaml.* SKIP' out || fault 'none skipped'
    grep -q 'cells/b/2.yaml.* EXPECTEDFAIL' out || fault 'no xfail'
    grep -q 'cells/b/3.yaml.* OK' out || fault 'none passed'
    end
}

# ---- GitHub ----

test_case 'GitHub: annotations have a place' && {
    outcomes
    GITHUB_ACTIONS=true run 1 run
    says '::error file=cells/a/1.yaml,line=4,col=5,title=values changed::op 2  print(x)%0A'
    [ "$(grep -c '^::error ' out)" = 3 ] || fault 'not 3 annotations'
    tail -n 1 out | grep -q '^2 notebooks' || fault 'the summary is not last'
    GITHUB_WORKSPACE=$scratch run 1 run --github
    says "::error file=$number/cells/a/1.yaml,line=4,"
    run 1 run
    silent '::error'
    end
}

test_case 'GitHub: ten annotations are the most' && {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cell $i "print($i)"; done
    run 1 run --github
    [ "$(grep -c '^::' out)" = 10 ] || fault 'not 10 annotations'
    says '::error title=autocell::3 more failures are in the log'
    rm cells/a/12.yaml cells/a/11.yaml
    run 1 run --github
    [ "$(grep -c '^::' out)" = 10 ] || fault 'not 10 annotations'
    silent 'more failures'
    end
}

test_case 'GitHub: the step summary grows, up to its cap' && {
    outcomes
    put summary 'from before'
    export GITHUB_STEP_SUMMARY=summary
    run 1 run --github
    grep -q '^from before$' summary || fault 'it was overwritten'
    grep -q '^### autocell: failed$' summary || fault 'no verdict'
    grep -qF '<code>cells/a/1.yaml:4:5</code> values changed' summary || fault 'no failure'
    put cells/b/x 'ops:' '  - print("x", "\n" * 60)'
    seq -f '%0100.0f' 60 >expected/b/x
    for i in $(seq 250); do
        cp cells/b/x "cells/b/x$i.yaml"
        cp expected/b/x "expected/b/x$i.txt"
    done
    rm summary
    run 1 run -q --github
    size=$(wc -c <summary)
    [ "$size" -gt 900000 ] && [ "$size" -le 1048576 ] || fault "it has $size bytes"
    tail -n 2 summary | grep -q ' more are in the log' || fault 'nothing is counted'
    run 1 run -q --github
    complains 'the step summary has no room left'
    [ "$(wc -c <summary)" = "$size" ] || fault 'it was filled up'
    GITHUB_STEP_SUMMARY=no/such/directory run 1 run -q --github cells/a
    complains 'the step summary is not written'
    unset GITHUB_STEP_SUMMARY
    end
}

# ---- hostile texts ----

# What a cell, its file and its expected text can hold.
hostile() {
    put cells/a/1.yaml 'title: "::error::t ]]> </script> \e[31m \u202E \u2028 ##[group]x # \\ % \""' \
        'ops:' "  - 'x = \"::error::op ##[add-mask]secret %0A ]]> # TODO\"'" \
        '  - print(x + chr(0) + chr(27) + "[2J" + chr(0x202E) + chr(0x9B) + "</script>")' \
        '  - print("::set-output name=x::y")' '  - print("  ...")' '  - print("not ok 9 - forged")' \
        '  - print("<details>\n\n# heading ![i](http://x) @user `c` </pre>")' '  - print("a\tb\r::error::")'
    mkdir -p expected/a
    printf '::error::text\n\377\376 \303 ##[error]x\033]0;t\007 \000 \357\277\276 ]]>\n' >expected/a/1.txt
    put cells/b/1.yaml 'skip: "::error::s ]]> \e[31m \u202E # \\ ##[group]"' 'ops: []'
    put cells/b/2.yaml 'ops: [print(2)]' '"unknown ::error::<b>\\ ##[group]]]>": 1'
    put "cells/c d%,:]]>/e
f.yaml" 'ops: [print(2)]'
}

# tame FILE: no byte and no character in it does anything but show.
tame() {
    rest=$(tr -d '\n\t\040-\176\200-\377' <"$1" | wc -c)
    [ "$rest" = 0 ] || fault "$1 holds $rest control bytes"
    for bytes in '\342\200\256' '\342\200\250' '\302\205' '\302\233' '\357\277\276' \
        '##[g' '##[a' '##[e'; do
        if grep -qF -- "$(printf "$bytes")" "$1"; then fault "$1 holds $bytes"; fi
    done
}

test_case 'hostile texts do nothing on a terminal' && {
    hostile
    run 2 run --color always
    sed 's/\x1b\[[0-9;]*m//g' out >plain
    tame plain
    run 2 run -v --github
    tame out
    [ "$(grep -c '^[[:space:]]*::' out)" = "$(grep -c '^::error file=' out)" ] ||
        fault "forged: $(grep '^ *::' out)"
    [ "$(grep -c '^::error file=' out)" = 3 ] || fault 'not 3 annotations'
    says '::error file=cells/c d%25%2C%3A]]>/e\x0af.yaml,'
    end
}

test_case 'hostile texts stay text in XML' && has xmllint && {
    hostile
    run 2 run --full --junit-xml report.xml
    tame report.xml
    valid_xml report.xml
    xml 'count(//testcase)' && is 4
    xml "contains(//testcase[1]/system-out, '</script>')" && is true
    xml "contains(//testcase[1]/failure, '\\xff\\xfe \\xc3')" && is true
    end
}

test_case 'hostile texts stay text in JSON' && has jq && {
    hostile
    run 2 run --json report.json
    valid_json report.json
    [ "$(LC_ALL=C tr -d '\n\040-\176' <report.json | wc -c)" = 0 ] || fault 'not all ASCII'
    json '.[2].actual | explode[:60] | map(select(. == 0 or . == 27 or . == 8238)) | length'
    is 3
    json '.[2].expected | contains("\\xff\\xfe \\xc3")' && is true
    end
}

test_case 'hostile texts forge no test point' && has prove && {
    hostile
    run 2 run --tap
    tame out
    proven out 'Failed tests:  1, 3-4'
    grep -q 'Parse errors' proof && fault "$(cat proof)"
    [ "$(grep -c '^ok \|^not ok ' out)" = 4 ] || fault 'not 4 test points'
    end
}

test_case 'hostile texts stay text in the step summary' && {
    hostile
    GITHUB_STEP_SUMMARY=summary run 2 run --github
    tame summary
    [ "$(grep -c '^<details><summary><code>' summary)" = 3 ] || fault 'not 3 failures'
    sed '/^<details>/d; /^###/d; /^[0-9]* notebooks, /d; /^$/d' summary >rest
    [ ! -s rest ] || fault "forged: $(cat rest)"
    if grep -v '^<details>' summary | grep -q '<'; then fault 'HTML was forged'; fi
    grep -qF '</script>' summary && fault 'a tag came through'
    end
}

test_case 'lines of 10 MB are cut where people read' && has jq && has xmllint && {
    cell 1 'print("x" * 10_000_000)' 'print("<" * 10_000_000)'
    put expected/a/1.txt y
    GITHUB_STEP_SUMMARY=summary run 1 run --github --junit-xml report.xml --json report.json
    for file in out report.xml summary; do
        [ "$(wc -c <$file)" -lt 800000 ] || fault "$file has $(wc -c <$file) bytes"
    done
    says 'more bytes)'
    valid_xml report.xml
    valid_json report.json
    json '.[2].actual | length' && is 20000002
    run 1 run --tap
    [ "$(wc -c <out)" -lt 10000 ] || fault 'TAP is long'
    end
}

# ---- files ----

test_case 'a report that cannot be written ends the command before it runs' && {
    cell 1 'print(1)'
    put file x
    mkdir directory
    for flag in --junit-xml --json; do
        run 4 run $flag file/report
        complains 'autocell: file/report: cannot write: Not a directory'
        run 4 run $flag directory
        complains 'directory: cannot write: Is a directory'
        [ ! -s out ] || fault 'it ran'
    done
    run 2 run --json ''
    complains '--json does not take'
    run 4 run --json good.json --junit-xml file/report
    [ ! -e good.json ] || fault 'a report of nothing'
    [ "$(find . -name '.*report*' -o -name '.good*')" = '' ] || fault 'a draft is left'
    end
}

test_case 'directories of a report are made, links are followed' && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    run 0 run --json new/deep/report.json
    grep -q summary new/deep/report.json || fault 'no report'
    put real.json old
    ln -s real.json link.json
    run 0 run --json link.json
    [ -L link.json ] || fault 'the link is gone'
    grep -q summary real.json || fault 'the file behind it is old'
    end
}

test_case 'a disk that is full leaves the old report' && {
    for i in $(seq 30); do
        cell $i "print($i)"
        put expected/a/$i.txt $i
    done
    put report.json old
    put report.xml old
    (
        trap '' XFSZ
        ulimit -f 2
        "$program" run --json report.json --junit-xml report.xml >out 2>err
        echo $? >code
    )
    [ "$(cat code)" = 4 ] || fault "exit $(cat code), not 4"
    complains 'report.json: cannot write: File too large'
    holds report.json old
    holds report.xml old
    [ "$(find . -name '.report*')" = '' ] || fault 'a draft is left'
    run 4 run --json /dev/full
    complains '/dev/full: cannot write: No space left on device'
    end
}

test_case 'standard output has one report' && has jq && {
    outcomes
    run 1 run --json -
    cp out report.json
    valid_json report.json
    complains '2 notebooks, 7 cells'
    run 2 run --tap --json -
    complains 'only one report fits on standard output'
    run 1 run --tap --json report.json --junit-xml report.xml
    valid_json report.json
    says '1..7'
    [ ! -s err ] || fault "err says: $(cat err)"
    end
}

test_case 'autocell.yaml names reports, from where it stands' && has jq && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    put autocell.yaml 'json: report.json'
    (cd cells && run 0 run a)
    valid_json report.json
    rm report.json
    run 0 run --list
    run 0 list
    [ ! -e report.json ] || fault 'a report without a run'
    end
}

test_case 'only a run has reports for machines, whatever the environment says' && {
    outcomes
    export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=summary XML_OUTPUT_FILE=report.xml
    run 0 list
    run 0 run --list
    run 0 update
    unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY XML_OUTPUT_FILE
    for file in summary report.xml; do [ ! -e $file ] || fault "there is $file"; done
    silent '::error'
    end
}

test_case 'Ctrl-C leaves whole reports' && has jq && has xmllint && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    put cells/b/1.yaml 'ops:' '  - while True:' '      - pass'
    timeout --preserve-status -s INT 2 \
        "$program" run --json report.json --junit-xml report.xml >out 2>err
    valid_json report.json
    valid_xml report.xml
    json '.[-1].interrupted' && is true
    json '.[-1].passed' && is 1
    end
}

# ---- the same bytes ----

# without_times FILE...: what is left of reports when durations are taken out.
without_times() {
    sed -E 's/("seconds":|duration_ms: | time=")[0-9.e+-]*/\1/; s/ in [0-9.]+ (us|ms|s)$//' "$@"
}

# every_report NAME FLAG...: runs with each report and keeps all in NAME.
every_report() {
    kept=$1
    shift
    GITHUB_STEP_SUMMARY=summary run 1 run --github --json report.json \
        --junit-xml report.xml "$@"
    cp out text
    run 1 run --tap "$@"
    without_times report.json report.xml text summary out >"$kept"
    rm summary
}

test_case 'all reports are the same at any -j, in any order' && {
    for notebook in c d e f g; do
        put cells/$notebook/1.yaml 'ops: [print(torch.randn(3))]'
        put cells/$notebook/2.yaml 'ops: [x = sum(range(20000)), print(x)]'
        put expected/$notebook/2.txt 199990000
    done
    outcomes
    every_report first -j1
    [ "$(wc -l <first)" -gt 100 ] || fault 'the reports are short'
    for flags in -j1 -j2 -j8 '-j8 --shuffle' '--seed 3' '--repeat 2'; do
        # shellcheck disable=SC2086
        every_report again $flags
        cmp -s first again || fault "$flags: $(diff first again)"
    done
    end
}

# ---- the terminal ----

# on_terminal COMMAND: its output on a terminal.
on_terminal() { script -qec "$1" /dev/null </dev/null >out 2>&1; }

test_case 'a progress line comes on a terminal, after half a second' && has_terminal && {
    cell 1 'print(1)'
    put expected/a/1.txt 1
    on_terminal "$program run"
    silent '1/1 cells'
    put cells/b/1.yaml 'timeout: 800ms' 'ops:' '  - while True:' '      - pass'
    TERM=xterm on_terminal "$program run -j1"
    says '1/2 cells, cells/b'
    says "$(printf '\r\033[K')"
    # What script echoes of its own input may come behind it.
    tr '\r' '\n' <out | grep 'cells' | tail -n 1 | grep -q '2 notebooks, 2 cells' ||
        fault 'the summary is not last'
    TERM=xterm on_terminal "$program update -j1"
    says '1/2 cells, cells/b'
    TERM=dumb on_terminal "$program run"
    silent '1/2 cells'
    export CI=true
    on_terminal "$program run"
    silent '1/2 cells'
    unset CI
    run 1 run
    silent '1/2 cells'
    end
}

test_case 'what changed in the same way is told once, with a count' && {
    for i in 1 2 3; do
        cell $i 'print(1)'
        put expected/a/$i.txt 2
    done
    run 1 run
    [ "$(grep -c '^    - 2' out)" = 1 ] || fault 'it is told again'
    says 'FAIL  cells/a/3.yaml:2:5  op 1  print(1)        values changed, as at cells/a/1.yaml:2'
    says 'same  cells/a/1.yaml:2  the same change in 2 other cells'
    end
}

test_case '--full shows whole differences, --durations the slowest cells' && {
    cell 1 'for_ = [print("a", i) for i in range(100)]'
    cell 2 'x = 1'
    put expected/a/1.txt b
    : >expected/a/2.txt
    run 1 run --durations 1
    silent 'a 99'
    says 'more differ (--full shows all)'
    [ "$(grep -c '^slow  [0-9.]* [mu]*s  cells/a/[12].yaml$' out)" = 1 ] || fault 'not one slow cell'
    run 1 run --durations 5
    [ "$(grep -c '^slow  ' out)" = 2 ] || fault 'not two slow cells'
    run 1 run --full
    says 'a 99'
    silent 'more differ'
    end
}

conclude
