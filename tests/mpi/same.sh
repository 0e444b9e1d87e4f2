#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One training each of several kinds with 1 to 4 ranks of 1 and 2 threads, and resumed with another
# number half way: the same checkpoint and metrics, but for the seconds?
#   tests/mpi/same.sh build/release/src/cli/trm [PRESET...]
# Prints a table, of these presets or of all below.
. "$(dirname "$0")/common.sh"
wrong=0 limit=3000 # seconds of a training: others may have the processors
shift
wanted=" $* "

# sum RUN: of what must be the same
sum() {
    { cat "$1/checkpoint.safetensors"; sed 's/"seconds":[^,}]*//' "$1/metrics.jsonl"; } | md5sum | cut -c 1-8
}

# row NAME KEY HALF WHOLE WORD...
row() {
    name=$1 key=$2 half=$3 whole=$4
    case "$wanted" in '  ' | *" $name "*) ;; *) return ;; esac
    shift 4
    printf '%s' "$name"
    first=''
    for n in 1 2 3 4; do
        for threads in 1 2; do
            run=$name-$n-$threads
            timeout $limit mpirun -n $n "$trm" train "$@" seed=1 $key=$whole train.threads=$threads --out $run >log 2>&1
            [ $? -ne 124 ] || printf ' (not ended in %d s)' $limit
            this=$(sum $run)
            first=${first:-$this}
            [ "$this" = "$first" ] || wrong=$((wrong + 1))
            printf ' %s' "$this"
        done
    done
    first='' # a length that is changed on the way may change the learning rate: these have their own
    for pair in '1 1' '1 4' '3 2'; do
        run=$name-then-${pair#* }
        timeout $limit mpirun -n ${pair% *} "$trm" train "$@" seed=1 $key=$half --out $run >log 2>&1 &&
            timeout $limit mpirun -n ${pair#* } "$trm" train $run --resume $key=$whole >>log 2>&1
        this=$(sum $run)
        first=${first:-$this}
        [ "$this" = "$first" ] || wrong=$((wrong + 1))
        printf ' %s' "$this"
    done
    echo
    rm -rf ./"$name"-*
}

row maze-batch train.episodes 1024 2048 maze-batch train.envs=512
row maze-ppo train.episodes 256 512 maze-ppo
row sudoku-6-peer train.epochs 1 2 sudoku-6-peer data.train=96 data.validation=16 data.test=16
row paper-sudoku-4 train.epochs 2 4 paper-sudoku-4 data.train=64 data.validation=16 data.test=16
echo "$wrong differ"
[ $wrong -eq 0 ]
