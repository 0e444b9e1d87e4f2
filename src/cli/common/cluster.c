// SPDX-License-Identifier: Apache-2.0
#include "cli/common/cluster.h"

#include <signal.h>
#include <stddef.h>

#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/run/cluster.h"

// MPI itself is one to a process.
static trm_peers peers;

trm_peers *trm_cluster_peers(void) {
    return peers.count > 1 ? &peers : NULL;
}

// Rank 0 answers signals, which go to all, and tells the others.
static int serve(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_IGN);
    trm_cluster_serve(&peers);
    trm_cluster_leave(&peers);
    return TRM_EXIT_DONE;
}

int trm_cluster_run(int (*command)(int argc, char **argv), int argc, char **argv) {
    trm_error e = {0};
    if (!trm_cluster_join(&peers, &e))
        return trm_report_error(&e);
    if (peers.rank > 0)
        return serve();
    int status = command(argc, argv);
    trm_cluster_leave(&peers);
    return status;
}
