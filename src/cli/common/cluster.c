// SPDX-License-Identifier: Apache-2.0
#include "cli/common/cluster.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
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

static int run_here(const trm_command *command, int argc, char **argv) {
    return command ? trm_command_run(command, argc, argv) : trm_command_unknown(argv[0]);
}

// Or somebody waits for what one of many processors does.
static void say_alone(const trm_command *command) {
    char users[256] = "";
    const trm_command *c, *before = NULL;
    for (int32_t i = 0; (c = trm_command_at(i)) != NULL; i++) {
        if (c->ranks != TRM_RANKS_ALL)
            continue;
        if (before)
            trm_text_add(users, sizeof users, "%s%s", users[0] ? ", " : "", before->name);
        before = c;
    }
    fprintf(stderr, "trm: %s runs in one process, rank 0; %s and %s use all that mpirun starts\n",
            command->name, users, before->name);
}

int trm_cluster_run(const trm_command *command, int argc, char **argv) {
    trm_error e = {0};
    int32_t rank;
    if (!trm_cluster_asked(&rank))
        return run_here(command, argc, argv);
    if (!command || command->ranks != TRM_RANKS_ALL) {
        if (rank > 0)
            return TRM_EXIT_DONE;
        if (command)
            say_alone(command);
        return run_here(command, argc, argv);
    }
    if (!trm_cluster_join(&peers, &e))
        return trm_report_error(&e);
    if (peers.rank > 0)
        return serve();
    int status = run_here(command, argc, argv);
    trm_cluster_leave(&peers);
    return status;
}
