#!/bin/sh
# Processes for notebooks: what ends badly, limits, and what a hostile build cannot do;
# see lib.sh. A third argument is the hostile build (tests/hostile), a fourth the same
# without a sandbox, and a fifth says that system calls are filtered.
. "$(dirname "$0")/lib.sh"
[ -z "${3:-}" ] || hostile=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
[ -z "${4:-}" ] || unfiltered=$(cd "$(dirname "$4")" && pwd)/$(basename "$4")

# The cells of a notebook `b` beside the bad one, which must not be touched.
neighbour() {
    put cells/b/1.yaml 'ops: [print("fine")]'
    put expected/b/1.txt fine
}

# harm DEED: a hostile cell between two good ones; `run` uses the hostile build.
harm() {
    cell 1 'print(1)'
    cell 2 'x = torch.ones(1)' 'print("before")' "y = torch.harm(x, \"$1\")" 'print("after")'
    cell 3 'print(3)'
    put expected/a/1.txt 1
    put expected/a/2.txt before after
    put expected/a/3.txt 3
    neighbour
}

# contained CLASS [NOTE]: what is said of the harm; nothing else was harmed.
contained() {
    usual=$program program=$hostile
    run 1 run --timeout 20s
    program=$usual
    says "FAIL  cells/a/2.yaml:4:5  op 3  y = torch.harm("
    says "        $1"
    says '    + before'
    says "${2:-}"
    says 'the 1 cell after it did not run'
    says '2 notebooks, 4 cells: 2 passed, 1 failed, 1 blocked in '
    if grep -qF 'harm:' err; then fault "it could: $(cat err)"; fi
}

# await COMMAND...: until it succeeds, for some seconds.
await() {
    for turn in 1 2 3 4 5 6 7 8 9; do
        for part in 1 2 3 4 5 6 7 8 9; do
            "$@" && return
            sleep 0.1
        done
    done
}

# worker: sets it to the process that the program $pid has started.
has_worker() {
    worker=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (.*) . $pid .*/\1/p")
    [ -n "$worker" ]
}
gone() {
    case $(sed 's/.*) \(.\).*/\1/' "/proc/$worker/stat" 2>/dev/null) in '' | Z) ;; *) false ;; esac
}

# ---- limits ----

test_case 'a cell that hangs is ended at its timeout' && {
    put cells/a/1.yaml 'timeout: 200ms' 'title: forever' 'ops:' '  - print("before")' \
        '  - while True:' '      - pass'
    cell 2 'print(2)'
    neighbour
    run 1 run
    says 'FAIL  cells/a/1.yaml:5:5  "forever"  op 2  while True        timeout'
    says 'until then it printed'
    says '    + before'
    says 'it ran longer than 0.2 s; the 1 cell after it did not run'
    says '2 notebooks, 3 cells: 1 passed, 1 failed, 1 blocked in '
    end
}

test_case '--timeout is for cells that have none' && {
    put cells/a/1.yaml 'timeout: 60s' 'ops: [x = sum(range(10000))]'
    put cells/a/2.yaml 'ops:' '  - while True:' '      - pass'
    : >expected-of-1
    run 1 run --timeout 100ms
    says 'FAIL  cells/a/2.yaml:2:5  op 1  while True        timeout'
    says 'it ran longer than 0.1 s'
    run 2 run --timeout soon
    complains '--timeout does not take `soon`'
    end
}

test_case "a notebook's timeout is for all of its cells" && {
    put cells/a/notebook.yaml 'timeout: 300ms'
    cell 1 'print(1)'
    put cells/a/2.yaml 'ops:' '  - while True:' '      - pass'
    put expected/a/1.txt 1
    run 1 run --timeout 1h
    says 'op 1  while True        timeout'
    says '1 passed, 1 failed'
    end
}

test_case 'a failure is reported while others still run' && {
    put cells/a/1.yaml 'ops: [print(1)]'
    put cells/b/1.yaml 'timeout: 60s' 'ops:' '  - while True:' '      - pass'
    "$program" run -j 2 >out 2>err &
    pid=$!
    await grep -q 'missing expected' out
    kill -0 $pid 2>/dev/null || fault 'it has ended'
    says 'missing expected'
    kill -TERM $pid
    wait $pid 2>/dev/null
    end
}

test_case '--max-memory is for notebooks that have none' && {
    cell 1 'print(1)' 'x = torch.zeros(1000000)'
    put expected/a/1.txt 1
    run 0 run
    run 1 run --max-memory 1MiB
    says 'op 2  x = torch.zeros(1000000)        memory limit'
    says '    + 1'
    put cells/a/notebook.yaml 'max_memory: 64MiB'
    run 0 run --max-memory 1MiB
    run 2 run --max-memory lots
    end
}

test_case 'a long line arrives whole, and a flood ends the cell' && {
    cell 1 'print("a" * 10000000)'
    cell 2 's = "b" * 10000000' 'for i in range(9):
      - print(s)'
    run 1 run
    says 'cells/a/1.yaml:1:1        missing expected'
    says 'cells/a/2.yaml:3:5  op 2  for i in range(9)        memory limit'
    says 'the cell prints more than a text may hold'
    [ "$(wc -c <out)" -lt 100000 ] || fault 'the whole text is shown'
    run 1 update
    [ "$(wc -c <expected/a/1.txt)" = 10000001 ] || fault 'it was not written whole'
    end
}

test_case 'after a notebook that prints much comes the next' && {
    for notebook in a b c d; do
        put cells/$notebook/1.yaml 'ops: [print("x" * 400000)]'
    done
    run 0 update
    run 0 run -j 1
    run 0 run -j 2
    says '4 notebooks, 4 cells: 4 passed in '
    end
}

# ticks: the time that the program $pid itself has worked, in hundredths of a second.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat"; }

test_case 'who waits for a worker does not work' && {
    put cells/a/1.yaml 'timeout: 60s' 'ops:' '  - while True:' '      - pass'
    put cells/a/2.yaml 'ops: [print(2)]'
    neighbour
    "$program" run -j 2 >out 2>err &
    pid=$!
    sleep 0.3
    before=$(ticks)
    sleep 1
    [ $(($(ticks) - before)) -lt 20 ] || fault "it worked $(($(ticks) - before)) of 100 ticks"
    kill -TERM $pid
    wait $pid 2>/dev/null
    end
}

# ---- order ----

# The same text whatever -j is, but for the time it took.
test_case 'what is said does not depend on -j' && {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        put "cells/n$i/1.yaml" 'ops: ["x = torch.ones(3).exp()", "print(x)"]'
        put "cells/n$i/2.yaml" 'ops: ["print(x + '"$i"')"]'
        put "expected/n$i/1.txt" 'tensor([2.7183, 2.7183, 2.7183])'
    done
    run 1 run -j 1
    sed 's/ in [^ ]* [a-z]*$//' out >first
    says '12 notebooks, 24 cells: 12 passed, 12 failed in '
    for how in '-j 2' '-j 8' '-j 64' '-j 1 --seed 1' '-j 8 --seed 2' '-j 2 --repeat 100'; do
        # shellcheck disable=SC2086  # several words
        run 1 run $how
        sed 's/ in [^ ]* [a-z]*$//' out | cmp -s - first || fault "$how: another text"
    done
    run 2 run -j 0
    run 1 run -j 8 --maxfail 3
    says '3 notebooks, 6 cells: 3 passed, 3 failed in '
    says 'stopped after 3 failures; 9 notebooks not run'
    end
}

test_case 'a notebook prints the same when repeated' && {
    cell 1 'print(torch.randn(2))'
    cell 2 'n = 1' 'n'
    put expected/a/1.txt 'tensor([ 1.5410, -0.2934])'
    put expected/a/2.txt 1
    run 0 run --repeat 20
    says '1 notebook, 2 cells: 2 passed in '
    end
}

# What the C library asks of the system for larger work must not end a worker.
test_case 'large work needs no more of the system' && {
    cell 1 'x = torch.ones(3, requires_grad=True)' 'y = x.exp()' \
        'for i in range(3000):
      - y = y + x' 'torch.autograd.grad(y.sum(), x)' \
        'z = torch.randn(2000000).sort()[0].sum()' 's = sorted(range(100000, 0, -1))[0]' \
        'print("a" * 3000000)'
    run 0 update
    run 0 run
    end
}

# A worker cannot look for a library itself: its parent does, and the worker is told.
test_case 'a library that is missing is named' && {
    put libsleef.so.3 'no library'
    cell 1 'print(torch.exp(torch.ones(2)))'
    cell 2 'print(torch.ones(2))'
    put expected/a/2.txt 'tensor([1., 1.])'
    LD_LIBRARY_PATH=$PWD run 1 run --expected expected
    says 'RuntimeError: libsleef.so.3, which has the functions of mathematics, is missing'
    says '1 passed, 1 failed'
    end
}

# ---- signals ----

test_case 'Ctrl-C tells what has finished, and its signal' && {
    neighbour
    put cells/c/1.yaml 'ops:' '  - while True:' '      - pass'
    timeout --preserve-status -s INT 3 "$program" run -v >out 2>err
    got=$?
    [ $got = 130 ] || fault "exit $got, not 130"
    says '1 passed'
    says 'stopped by a signal; 1 notebook not run'
    end
}

test_case 'a worker dies with its parent' && {
    put cells/c/1.yaml 'ops:' '  - while True:' '      - pass'
    "$program" run >out 2>err &
    pid=$!
    await has_worker
    [ -n "$worker" ] || fault 'there is none'
    kill -KILL $pid
    wait $pid 2>/dev/null
    await gone
    gone || fault 'it lives on'
    end
}

test_case 'a worker that is killed fails its notebook alone' && {
    cell 1 'print(1)'
    put cells/a/2.yaml 'ops:' '  - print("before")' '  - while True:' '      - pass'
    put expected/a/1.txt 1
    neighbour
    put cells/0/1.yaml 'ops: [print(0)]'
    "$program" run -j 1 >out 2>err &
    pid=$!
    await grep -q 'cells/0' out
    sleep 0.5
    has_worker
    kill -KILL "$worker"
    wait $pid
    got=$?
    [ $got = 1 ] || fault "exit $got, not 1"
    says 'op 2  while True        crash'
    says '    + before'
    says 'ended by SIGKILL'
    says '2 passed, 2 failed'
    end
}

# ---- the hostile build ----

if [ -n "${hostile:-}" ]; then
    test_case 'a segmentation fault is contained' && {
        harm segfault
        contained crash 'ended by SIGSEGV'
        end
    }
    test_case 'a stack overflow is contained' && {
        harm overflow
        contained crash 'ended by SIGSEGV: wrong memory, or no stack left'
        end
    }
    test_case 'memory that nobody counts has an end' && {
        harm exhaust
        usual=$program program=$hostile
        run 1 run --max-memory 16MiB
        program=$usual
        says 'op 3  y = torch.harm(x, "exhaust")        crash'
        says '2 passed, 1 failed, 1 blocked'
        end
    }
    test_case 'a hang inside an operator is contained' && {
        harm hang
        sed -i '1i timeout: 300ms' cells/a/2.yaml
        usual=$program program=$hostile
        run 1 run
        program=$usual
        says 'FAIL  cells/a/2.yaml:5:5  op 3  y = torch.harm(x, "hang")        timeout'
        says '2 passed, 1 failed, 1 blocked'
        end
    }
    test_case 'an exit is no end of the notebook' && {
        harm leave
        contained crash 'its process ended with exit code 0'
        harm 'leave 7'
        contained crash 'its process ended with exit code 7'
        end
    }
    test_case 'garbage in place of results is contained' && {
        harm garbage
        contained crash 'what its process sent makes no sense'
        end
    }
    # Without a sandbox a worker can leave a process behind, which holds the pipe.
    test_case 'the end of a worker is seen though others hold its pipe' && {
        began=$(date +%s)
        harm 'hold 3'
        filtered=$hostile hostile=$unfiltered
        contained crash 'its process ended with exit code 3'
        hostile=$filtered
        harm hold
        usual=$program program=$unfiltered
        run 0 run
        program=$usual
        [ $(($(date +%s) - began)) -lt 15 ] || fault 'it waited for the other process'
        end
    }
    if [ -n "${5:-}" ]; then
        for deed in 'read /etc/passwd' 'write harm' socket 'exec /bin/true' fork kill code; do
            test_case "a worker cannot $deed" && {
                harm "$deed"
                contained crash 'ended by SIGSYS: it tried what cells may not do'
                [ ! -e harm ] || fault 'it wrote a file'
                end
            }
        done
    fi
fi

conclude
