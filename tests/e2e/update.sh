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

# Texts of which every kind of change is one.
changes() {
    mkdir .git
    cell 1 'for i in range(30):
      - print(i)'
    cell 2 'print("new")'
    cell 3 'x = 1'
    cell 4 'print("end")'
    cell 5 'print("a", end="")'
    cell 6 'print(6)'
    cell 'with "blank' 'print("blank")'
    mkdir -p expected/a
    seq 0 29 | sed 's/^2$/x/; s/^8$/y\n&/; /^20$/d; s/^29$/z/' >expected/a/1.txt
    put expected/a/4.txt was
    printf 'b' >expected/a/5.txt
    put expected/a/6.txt 6
    put 'expected/a/with "blank.txt' dark
    put expected/a/7.txt 'no cell' prints this
    : >expected/a/8.txt
}

test_case 'a dry run prints a patch that patch(1) and git take' && {
    changes
    run 1 update --dry-run --unreferenced delete
    says '+new'
    cp out patch
    [ ! -e expected/a/2.txt ] && [ -e expected/a/7.txt ] || fault 'it wrote'
    cp -r expected as-was
    if command -v git >/dev/null; then
        rm -r .git
        git init -q . && git apply patch >git-says 2>&1 || fault "git: $(cat git-says)"
        run 0 run --unreferenced fail
        rm -r expected && cp -r as-was expected
    fi
    if command -v patch >/dev/null; then
        patch -s -p1 <patch >patch-says 2>&1 || fault "patch: $(cat patch-says)"
        run 0 run --unreferenced fail
        rm -r expected && cp -r as-was expected
    fi
    run 0 update --unreferenced delete
    says 'delete  expected/a/7.txt'
    run 0 update --dry-run --unreferenced delete
    [ ! -s out ] || fault 'there is a patch still'
    run 0 run --unreferenced fail
    end
}

test_case 'an update with nothing to change writes nothing' && {
    changes
    run 0 update -q --unreferenced delete
    mkdir before && cp -a expected before
    sleep 0.01
    : >stamp
    run 0 update
    says '0 written, 7 unchanged'
    [ -z "$(find expected -newer stamp)" ] || fault 'something was written'
    diff -r expected before/expected >/dev/null || fault 'a text is another'
    end
}

test_case 'a filter limits what is written' && {
    changes
    run 0 update -k 2
    says '1 written'
    holds expected/a/2.txt new
    holds expected/a/4.txt was
    run 0 update --unreferenced delete cells/a/4.yaml
    holds expected/a/4.txt end
    [ -e expected/a/7.txt ] || fault 'what other cells have was deleted'
    run 2 update cells/a/6.yaml::1
    complains '`update` writes whole texts'
    end
}

test_case 'conflict markers are left to their merge' && {
    cell 1 'print(1)'
    cell 2 'print(2)'
    put expected/a/1.txt '<<<<<<< ours' 0 ======= 2 '>>>>>>> theirs'
    cp expected/a/1.txt merging
    run 1 update
    says 'FAIL  expected/a/1.txt:1:1'
    says 'conflict markers'
    says 'hint: finish the merge'
    cmp -s expected/a/1.txt merging || fault 'it was written over'
    holds expected/a/2.txt 2
    run 1 run
    run 0 accept
    cmp -s expected/a/1.txt merging || fault 'it was accepted'
    end
}

# ---- when the system refuses ----

test_case 'a directory that cannot be written is an error of its own' && {
    cell 1 'print(1)'
    put cells/b/1.yaml 'ops: [print(1)]'
    put expected/a/1.txt 0
    chmod 555 expected/a
    usual=$program
    if [ "$(id -u)" = 0 ]; then
        # root may write anywhere, unless it gives that up.
        printf '#!/bin/sh\nexec setpriv --bounding-set -dac_override "%s" "$@"\n' "$usual" >humble
        chmod +x humble
        program=$PWD/humble
    fi
    run 4 update
    program=$usual
    says 'FAIL  expected/a/1.txt  cannot write: Permission denied'
    says 'new   expected/b/1.txt'
    holds expected/a/1.txt 0
    holds expected/b/1.txt 1
    end
}

test_case 'a full disk leaves every text as it was' && {
    for i in 1 2 3 4 5 6 7 8 9; do
        cell $i "print(\"$i\" * 9000)"
        put expected/a/$i.txt old
    done
    cat >filled <<'END'
mount -t tmpfs -o size=64k none full || exit 77
cp -r expected full && "$1" update --expected full/expected cells >out 2>err
echo $? >code
cat full/expected/a/*.txt | cut -c 1-3 | sort | uniq -c | tr -s ' ' >texts
ls -A full/expected/a | wc -l >count
END
    mkdir full
    if unshare -rm sh ./filled "$program" 2>why; then
        [ "$(cat code)" = 4 ] || fault "exit $(cat code)"
        says 'cannot write: No space left on device'
        [ "$(cat count)" = 9 ] || fault 'a draft is left'
        grep -q ' old' texts || fault 'none is as it was'
        end
    else
        skip "no file system can be mounted here: $(head -n 1 why)"
    fi
}

test_case 'names and paths with dots stay below the texts' && {
    cell 'a..b' 'print(1)'
    cell '1...' 'print(2)'
    mkdir elsewhere
    run 0 update elsewhere/../cells
    holds expected/a/a..b.txt 1
    holds expected/a/1....txt 2
    [ -z "$(ls elsewhere)" ] || fault 'it wrote elsewhere'
    run 0 run cells/a/../../cells
    run 0 run ./cells//a/
    end
}

test_case 'a link in the place of a text is left alone' && {
    cell 1 'print(1)'
    cell 2 'print(2)'
    put outside keep
    mkdir -p expected/a
    ln -s ../../outside expected/a/1.txt
    run 4 update
    says 'FAIL  expected/a/1.txt  a symbolic link is in the way'
    holds outside keep
    holds expected/a/2.txt 2
    [ -L expected/a/1.txt ] || fault 'the link is gone'
    rm -r expected && mkdir real && ln -s real expected
    run 4 update
    [ -z "$(ls real)" ] || fault 'it wrote through a link'
    end
}

test_case 'Ctrl-C at any moment leaves texts old or new, and no process' && {
    for n in 1 2 3 4 5 6 7 8; do
        for i in 1 2 3; do
            put cells/n$n/$i.yaml 'ops:' '  - n = 0' '  - for i in range(20000):' \
                '      - n += i' '  - print("new")'
            put expected/n$n/$i.txt old
        done
    done
    echo "$PWD/cells" >where
    for moment in 0.01 0.02 0.03 0.05 0.07 0.09 0.12 0.15 0.2 0.3; do
        timeout --preserve-status -s INT $moment "$program" update -j 2 "$PWD/cells" >out 2>err
        got=$?
        case $got in 0 | 130) ;; *) fault "after $moment s: exit $got" ;; esac
        [ $got = 0 ] || [ ! -s out ] || says ' notebook'
        find expected -name '.*' | grep -q . && fault "after $moment s there is a draft"
        find expected -type f -exec cat {} + | grep -vx -e old -e new &&
            fault "after $moment s a text is neither"
        grep -qsaFf where /proc/[0-9]*/cmdline && fault 'a process is left'
        find expected -type f | while read -r text; do echo old >"$text"; done
    done
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
