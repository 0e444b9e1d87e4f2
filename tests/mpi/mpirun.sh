#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Trainings that mpirun starts: the same bytes as one process computes, resumed across numbers of
# ranks, and what happens to ranks that differ or die. As TAP. Skipped where mpirun does not work.
. "$(dirname "$0")/common.sh"

if ! timeout 60 mpirun -n 2 true >/dev/null 2>&1; then
    echo "1..0 # SKIP mpirun does not work here"
    exit 0
fi

# ranks N WORD...: trm on N ranks
ranks() {
    n=$1
    shift
    timeout 120 mpirun -n "$n" "$trm" "$@" >log 2>&1
}

# same RUN RUN: checkpoint and metrics are the same, but for the time they took
same() {
    sed 's/"seconds":[^,}]*//' "$1/metrics.jsonl" >left
    sed 's/"seconds":[^,}]*//' "$2/metrics.jsonl" >right
    cmp "$1/checkpoint.safetensors" "$2/checkpoint.safetensors" >>log 2>&1 && cmp left right >>log 2>&1
}

"$trm" train maze-batch train.episodes=192 seed=3 --out alone >log 2>&1
ranks 2 train maze-batch train.episodes=192 seed=3 --out two && same alone two
check "two ranks give the bytes of one process"
ranks 3 train maze-batch train.episodes=64 seed=3 --out parts &&
    ranks 2 train parts --resume train.episodes=128 &&
    "$trm" train parts --resume train.episodes=192 train.threads=2 >log 2>&1 && same alone parts
check "a run goes on with another number of ranks"

ranks 2 train maze-batch train.envs=0 --out none
[ $? -ne 0 ] && grep -q 'train.envs' log && [ "$(grep -c '^trm:' log)" -eq 1 ]
check "what is refused is refused once"

# Where no module is beside the program: these need none.
cp "$trm" bare
for words in "models" "probe sudoku4 --sample 7 --json" "presets maze-open"; do
    "$trm" $words >one
    timeout 120 mpirun -n 2 ./bare $words >many 2>log </dev/null &&
        [ "$(grep -c "^trm: ${words%% *} runs in one process, rank 0; .*train, .*use all" log)" -eq 1 ] &&
        [ -s one ] && cmp one many >>log 2>&1
    check "rank 0 alone, which says so: $words"
done
timeout 120 mpirun -n 2 "$trm" train --help >many 2>log </dev/null && ! grep -q '^trm:' log && grep -q '^usage' many
check "what uses ranks does not say that"

# env: mpirun gives every rank its own
timeout 60 mpirun -n 1 env OPENBLAS_CORETYPE=Prescott "$trm" train maze-batch train.episodes=64 --out other : \
    -n 1 env OPENBLAS_CORETYPE=Nehalem "$trm" train maze-batch train.episodes=64 --out other >log 2>&1
[ $? -ne 0 ] && grep -q 'rank 1 .*kernel' log && [ ! -e other ]
check "ranks with other BLAS kernels are refused"

# apart COMMAND WORD...: trm as rank 0 here and COMMAND as rank 1 in the folder `there`, with the same words
apart() {
    command=$1
    shift
    timeout 60 mpirun -n 1 "$trm" "$@" : -n 1 --wdir "$here/there" "$command" "$@" >log 2>&1
}

mkdir -p there/bin mpi
cp "$trm" there/bin/trm
echo >>there/bin/trm
cp -r "$(dirname "$trm")/../mpi" there/
for words in "train maze-batch train.episodes=64 --out other" "compare maze-batch maze-mlp train.episodes=64"; do
    apart "$here/there/bin/trm" $words
    [ $? -ne 0 ] && [ "$(grep -c '^trm:' log)" -eq 1 ] && grep -q '^trm: rank 1 on .* is another program' log && [ ! -e other ]
    check "a rank that is another program is refused: $words"
done

# blanks of a solved sudoku, which are others there
for seed in 1 2; do
    awk -v seed=$seed 'BEGIN {
        srand(seed)
        for (i = 0; i < 40; i++) {
            puzzle = "1234341221434321"
            for (blanks = 0; blanks < 1 + i / 10; blanks++) {
                at = int(16 * rand())
                puzzle = substr(puzzle, 1, at) "." substr(puzzle, at + 2)
            }
            print puzzle
        }
    }' >puzzles-$seed
done
mv puzzles-1 puzzles
mv puzzles-2 there/puzzles
for words in "train sudoku-easy env.type=sudoku env.size=4 env.puzzles=puzzles train.episodes=64 --out other" \
    "train sudoku-4-tiny env.puzzles=puzzles data.train=4 data.validation=1 data.test=1 train.batch=2 --out other"; do
    apart "$trm" $words
    [ $? -ne 0 ] && [ "$(grep -c '^trm:' log)" -eq 1 ] && grep -q '^trm: rank 1 on .* has other boards' log && [ ! -e other ]
    check "a rank that has other puzzles is refused: ${words%% env*}"
done
rm there/puzzles
apart "$trm" $words
[ $? -ne 0 ] && [ "$(grep -c '^trm:' log)" -eq 1 ] && grep -q '^trm: rank 1 on .*puzzles' log && [ ! -e other ]
check "a rank that has no such puzzles is refused"

# What a command prints is that of one process, but for the time it took.
for words in "compare maze-batch maze-mlp --seeds 2 --threads 1 --json train.episodes=64" \
    "compare sudoku-4-tiny --seeds 3 --threads 1 --json train.epochs=1 data.train=64 data.test=32 data.validation=32" \
    "compare sudoku-easy --seeds 2 --threads 1 --json train.mask_actions=true train.episodes=64" \
    "reproduce parameters-trm data-8 --seeds 3 --json" "eval maze-open --json --episodes 70" "eval sudoku4 --json --steps --episodes 40"; do
    timed='s/"[a-z_]*seconds[a-z_0-9]*":[^,}]*//g; s/"steps_per_second[a-z_]*":[^,}]*//g'
    [ "${words#*--plain}" = "$words" ] || timed='s/[0-9,.]* *[0-9.-]*$//' # columns of time
    "$trm" $words 2>log | sed "$timed" >one
    for n in 2 3; do
        timeout 120 mpirun -n $n "$trm" $words 2>>log | sed "$timed" >many
        [ -s one ] && cmp one many >>log 2>&1
        check "$n ranks: $words"
    done
done

timeout 120 mpirun -n 3 "$trm" compare maze-batch maze-mlp --plain train.episodes=100000000 seed=77 >log 2>&1 &
job=$!
until [ "$(pgrep -fc "^$trm compare .*seed=77\$")" -eq 3 ] || ! kill -0 $job 2>/dev/null; do :; done
kill -9 "$(pgrep -f "^$trm compare .*seed=77\$" | tail -n 1)"
wait $job
[ $? -ne 0 ] && grep -q 'rank [12] .*exited on signal 9' log
check "a rank that is killed ends a comparison, and mpirun names it"

# A rank is killed once there is a checkpoint.
whole="train.episodes=1024 run.checkpoint_every=1 seed=3"
"$trm" train maze-batch $whole --out long >log 2>&1
timeout 120 mpirun -n 3 "$trm" train maze-batch $whole --out killed >log 2>&1 &
job=$!
until [ -f killed/checkpoint.safetensors ] || ! kill -0 $job 2>/dev/null; do :; done
kill -9 "$(pgrep -f '/trm train maze-batch .*--out killed$' | tail -n 1)"
wait $job
[ $? -ne 0 ] && grep -q 'rank 2 .*exited on signal 9' log
check "a rank that is killed ends the run, and mpirun names it"
ranks 2 train killed --resume && same long killed
check "the run goes on from its last checkpoint to the same bytes"

for name in TERM USR1; do
    timeout 120 mpirun -n 2 "$trm" train maze-batch $whole --out "on-$name" >log 2>&1 &
    job=$!
    until [ -f "on-$name/checkpoint.safetensors" ] || ! kill -0 $job 2>/dev/null; do :; done
    kill -$name "$(pgrep -f "^mpirun .*--out on-$name\$" | tail -n 1)"
    wait $job
    [ $? -ne 0 ] && ranks 3 train "on-$name" --resume && same long "on-$name"
    check "SIG$name saves and ends, and the run goes on to the same bytes"
done
# until_seen TEXT: waits for it on the screen of the terminal, or for the terminal's end; not for ever
until_seen() {
    patience=$(($(date +%s) + 280))
    while tmux -L "$glass" has-session 2>/dev/null && ! tmux -L "$glass" capture-pane -p 2>/dev/null | grep -q "$1"; do
        [ "$(date +%s)" -lt $patience ] || break
    done
}

if tmux -V >/dev/null 2>&1; then
    glass=trm-mpi-$$
    tmux -L $glass new -d -x 120 -y 40 \
        "timeout --foreground 250 mpirun -n 2 $trm watch maze-batch --train --pace free train.episodes=100000 --out watched; echo \$? >ended"
    until_seen "ranks  *[23] at"
    tmux -L $glass capture-pane -p >log 2>&1
    grep -q 'ranks  *2 at .*%' log
    check "rank 0 shows the training and its ranks on the terminal of mpirun"
    tmux -L $glass resize-window -x 90 -y 30 2>>log
    tmux -L $glass send-keys q
    until_seen 'leave?'
    tmux -L $glass send-keys y
    until_seen 'never there'
    [ -f watched/checkpoint.safetensors ] && [ "$(cat ended)" = 0 ]
    check "q ends it"

    # process RANK: of the training that is shown
    process() {
        pgrep -f "^$trm watch .*--out $run\$" | of_rank "$1" | head -n 1
    }
    for name in TERM USR1; do
        run=ended-$name
        tmux -L $glass new -d -x 120 -y 40 \
            "timeout --foreground 250 mpirun -n 2 $trm watch maze-batch --pace free train.episodes=100000 --out $run; stty -a >modes; read line"
        until_seen "ranks  *2 at"
        kill -$name "$(pgrep -f "^mpirun .*--out $run\$")"
        until_seen "^trm: stopped by a signal"
        tmux -L $glass capture-pane -p >log 2>&1
        while tmux -L $glass send-keys Enter 2>/dev/null; do :; done
        grep -q '^trm: stopped by a signal' log && [ -f $run/checkpoint.safetensors ] && grep -q ' icanon' modes
        check "SIG$name ends what is shown, and the run is saved"
    done

    # Whoever is killed, the terminal is given back as it was, with a line that says who.
    for who in "rank 1 died" "rank 0 died" "mpirun died" "the process between this terminal and rank 0 was killed"; do
        run=shown-${who%% *}$number
        tmux -L $glass new -d -x 120 -y 40 \
            "timeout --foreground 250 mpirun -n 3 $trm watch maze-batch --pace free train.episodes=100000 --out $run; read line; stty -a >modes"
        until_seen "ranks  *[23] at"
        first=$(process 0)
        case $who in
        rank*) victim=$(process "$(echo "$who" | cut -d ' ' -f 2)") ;;
        mpirun*) victim=$(ps -o ppid= -p "$first") ;;
        *) victim=$(pgrep -P "$first" -f "^$trm watch") ;;
        esac
        kill -9 $victim
        until_seen "^trm: $who"
        tmux -L $glass capture-pane -p >log 2>&1
        while tmux -L $glass send-keys Enter 2>/dev/null; do :; done
        grep -q "^trm: $who" log && grep -q ' icanon' modes && grep -q ' echo ' modes
        check "the terminal is given back: $who"
        until [ -z "$(pgrep -f "^$trm watch .*--out $run\$")" ]; do :; done
        rm modes
    done
fi
ranks 2 watch maze-batch </dev/null
[ $? -ne 0 ] && grep -q 'trm watch RUN' log
check "without a terminal watch names what follows a run"
echo "1..$number"
