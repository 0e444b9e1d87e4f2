#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two ranks on hosts of their own: network namespaces of this machine, joined by a pair of virtual
# cables. As TAP. Skipped where they may not be made.
. "$(dirname "$0")/common.sh"
one=trm-one-$$ two=trm-two-$$
clean() {
    ip netns del $one 2>/dev/null
    ip netns del $two 2>/dev/null
    rm -rf "$here"
}
trap clean EXIT

join() {
    ip netns add $one && ip netns add $two &&
        ip link add trm-a netns $one type veth peer name trm-b netns $two &&
        ip -n $one addr add 10.77.0.1/24 dev trm-a && ip -n $two addr add 10.77.0.2/24 dev trm-b &&
        ip -n $one link set trm-a up && ip -n $two link set trm-b up &&
        ip -n $one link set lo up && ip -n $two link set lo up
}
if ! join >log 2>&1 || ! mpirun --version 2>/dev/null | grep -q 'Open MPI'; then
    echo "1..0 # SKIP no network namespaces or no Open MPI: $(head -n 1 log)"
    exit 0
fi

# What mpirun calls for ssh: HOST COMMAND...
cat >agent <<END
#!/bin/sh
shift
exec ip netns exec $two unshare -u sh -c "hostname trm-two; \$*"
END
chmod +x agent

# both WORD...: trm on the two hosts. Keepalives tell of a host that is no longer there.
both() {
    timeout 120 ip netns exec $one unshare -u sh -c "hostname trm-one; exec mpirun --host 10.77.0.1,10.77.0.2 -n 2 \
        --mca plm_rsh_agent $here/agent --mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 \
        --mca oob_tcp_if_include 10.77.0.0/24 --mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 \
        --mca oob_tcp_keepalive_probes 3 $trm $*" >log 2>&1
}

"$trm" train maze-batch train.episodes=192 seed=3 --out alone >log 2>&1
both train maze-batch train.episodes=192 seed=3 --out both
cmp -s alone/checkpoint.safetensors both/checkpoint.safetensors
check "two hosts over TCP give the bytes of one process"
moved=$(ip -n $two -s link show trm-b | awk '/RX/ { getline; print $1 }')
[ "${moved:-0}" -gt 1000000 ]
check "what they exchanged went through the cable: $moved bytes"

# there RUN: the process of rank 1
there() {
    pgrep -f "^$trm train .*--out $1\$" | of_rank 1
}

for run in killed cut; do
    both train maze-batch train.episodes=1000000 run.checkpoint_every=1 --out $run &
    job=$!
    until [ -f $run/checkpoint.safetensors ] || ! kill -0 $job 2>/dev/null; do :; done
    before=$(date +%s)
    rank=$(there $run)
    [ $run = killed ] && kill -9 "$rank" || ip -n $two link set trm-b down
    wait $job
    [ $? -ne 0 ] && [ $(($(date +%s) - before)) -le 60 ] && grep -q 'rank 1 .*10.77.0.2 exited on signal 9\|lost communication' log
    check "the run ends where rank 1 or its host is gone, and mpirun names it: $run"
    kill -9 "$rank" 2>/dev/null
done
echo "1..$number"
