#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills each rank in turn at a random moment and resumes with another number of ranks:
#   tests/mpi/kills.sh build/release/src/cli/trm [TIMES [SEED [PRESET KEY=VALUE...]]]
# Wrong is a run whose end does not name the rank in one line, or that resumes to other bytes. Late
# is one that goes on for more than 10 s, as it may where other programs have the processors. Prints
# both, how many runs were killed before they had ended, and how many of these had a checkpoint.
. "$(dirname "$0")/common.sh"
times=${2:-100}
seed=${3:-1}
limit=3000 # seconds of a training: others may have the processors
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- maze-batch train.episodes=1280
whole="$* run.checkpoint_every=1 seed=3"
"$trm" train $whole --out alone >/dev/null || exit 1
killed=0 kept=0 late=0 wrong=0 i=0

# told RUN: its metrics but for the seconds
told() {
    sed 's/"seconds":[^,}]*//' "$1/metrics.jsonl"
}

# fault TEXT: of this try
fault() {
    echo "$i: $1"
    wrong=$((wrong + 1))
}

sum_up() {
    echo "$i tries, $killed times a rank was killed in time, $kept with a checkpoint, $late late, $wrong wrong"
}
trap 'sum_up; exit 1' INT TERM

while [ $i -lt "$times" ]; do
    ranks=$((2 + i % 3))
    # after so many lines of metrics, and so many looks more
    moment=$(awk -v seed="$seed" -v i=$i -v n="$(wc -l <alone/metrics.jsonl)" \
        'BEGIN { srand(seed * 1000 + i); print int(n * rand()), int(4000 * rand()) }')
    lines=${moment% *} looks=${moment#* }
    timeout $limit mpirun -n $ranks "$trm" train $whole --out run$i >log 2>&1 &
    job=$!
    until [ -f run$i/metrics.jsonl ] || ! kill -0 $job 2>/dev/null; do sleep 0.01; done
    while kill -0 $job 2>/dev/null && [ "$(wc -l <run$i/metrics.jsonl)" -lt "$lines" ]; do sleep 0.01; done
    while [ "$looks" -gt 0 ]; do looks=$((looks - 1)); [ -d run$i ]; done
    rank=$((i / 3 % ranks))
    victim=$(pgrep -f "^$trm train .*--out run$i\$" | sed -n "$((1 + rank))p")
    before=$(date +%s%3N)
    [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null
    wait $job
    status=$?
    took=$(($(date +%s%3N) - before))
    if [ $status -ne 0 ]; then
        killed=$((killed + 1))
        [ ! -f run$i/checkpoint.safetensors ] || kept=$((kept + 1))
        if [ $took -gt 10000 ]; then
            echo "$i: $ranks ranks took $took ms to end"
            late=$((late + 1))
        fi
        [ "$(grep -c "rank $rank .*exited on signal 9" log)" -eq 1 ] || fault "no line names rank $rank: $(tail -n 1 log)"
    fi
    if [ -f run$i/checkpoint.safetensors ]; then
        timeout $limit mpirun -n $((1 + (i + 1) % 3)) "$trm" train run$i --resume >>log 2>&1
    else
        rm -rf run$i
        timeout $limit mpirun -n 2 "$trm" train $whole --out run$i >>log 2>&1
    fi
    [ $? -ne 124 ] || fault "the resumed run did not end in $limit s"
    told alone >left
    told run$i >right
    cmp -s alone/checkpoint.safetensors run$i/checkpoint.safetensors && cmp -s left right ||
        fault "not the same bytes: $(tail -n 1 log)"
    rm -rf run$i
    i=$((i + 1))
done
sum_up
[ $((late + wrong)) -eq 0 ]
