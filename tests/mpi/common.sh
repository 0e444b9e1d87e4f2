# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share. They source it, with the program as $1, and go on in a
# folder of their own, which is removed at the end.
set -u
trm=$(readlink -f "$1")
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
export ASAN_OPTIONS=detect_leaks=0 # MPI keeps some
number=0

# check NAME: passes if the last command succeeded
check() {
    status=$?
    number=$((number + 1))
    if [ $status -eq 0 ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        tail -n 5 log | sed 's/^/# /'
    fi
}

# of_rank RANK: of the processes read, those that are this rank
of_rank() {
    while read -r p; do
        tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qx "\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=$1" && echo "$p"
    done
}
