// SPDX-License-Identifier: Apache-2.0
#include "cli/common/cluster.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/run/cluster.h"

// MPI itself is one to a process.
static trm_peers peers;
static pid_t *processes;

trm_peers *trm_cluster_peers(void) {
    return peers.count > 1 ? &peers : NULL;
}

const pid_t *trm_cluster_processes(void) {
    return processes;
}

static void leave(void) {
    free(processes);
    trm_cluster_leave(&peers);
}

// SIGALRM: what says so where a command takes too long to end.
static void ignore_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_IGN);
}

// Rank 0 answers signals, which go to all, and tells the others.
static int serve(void) {
    ignore_signals();
    trm_cluster_serve(&peers);
    leave();
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
    assert(before);
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
    // a rank that has met the others leaves it to rank 0 to say why they do not go on
    if (!trm_cluster_join(&peers, &processes, &e))
        return peers.rank > 0 ? TRM_EXIT_DONE : trm_report_error(&e);
    if (peers.rank > 0)
        return serve();
    int status = run_here(command, argc, argv);
    ignore_signals(); // it has said how it ended
    leave();
    return status;
}
