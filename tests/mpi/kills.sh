#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills each rank in turn at a random moment and resumes with another number of ranks:
#   tests/mpi/kills.sh build/release/src/cli/trm [TIMES [SEED [PRESET KEY=VALUE...]]]
# Prints what went wrong, and how often a rank was killed before the training had ended.
set -u
trm=$(readlink -f "$1")
times=${2:-100}
seed=${3:-1}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- maze-batch train.episodes=1280
whole="$* run.checkpoint_every=1 seed=3"
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
"$trm" train $whole --out alone >/dev/null || exit 1
killed=0 wrong=0 i=0
while [ $i -lt "$times" ]; do
    ranks=$((2 + i % 3)) # of these, the one to be killed goes round
    looks=$(awk -v seed="$seed" -v i=$i 'BEGIN { srand(seed * 1000 + i); print int(4000 * rand()) }')
    timeout 300 mpirun -n $ranks "$trm" train $whole --out run$i >log 2>&1 &
    job=$!
    until [ -d run$i ] || ! kill -0 $job 2>/dev/null; do :; done
    while [ "$looks" -gt 0 ]; do looks=$((looks - 1)); [ -d run$i ]; done
    victim=$(pgrep -f "^$trm train .*--out run$i\$" | sed -n "$((1 + i % ranks))p")
    [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null
    wait $job
    status=$?
    if [ $status -eq 124 ]; then
        echo "$i: $ranks ranks did not end"
        wrong=$((wrong + 1))
    fi
    [ $status -ne 0 ] && killed=$((killed + 1))
    if [ -f run$i/checkpoint.safetensors ]; then
        timeout 300 mpirun -n $((1 + (i + 1) % 3)) "$trm" train run$i --resume >>log 2>&1
    else
        rm -rf run$i
        timeout 300 mpirun -n 2 "$trm" train $whole --out run$i >>log 2>&1
    fi
    if ! cmp -s alone/checkpoint.safetensors run$i/checkpoint.safetensors; then
        echo "$i: not the same bytes: $(tail -n 1 log)"
        wrong=$((wrong + 1))
    fi
    rm -rf run$i
    i=$((i + 1))
done
echo "$i tries, $killed times a rank was killed in time, $wrong wrong"
[ $wrong -eq 0 ]
