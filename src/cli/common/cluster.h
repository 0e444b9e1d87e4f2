// SPDX-License-Identifier: Apache-2.0
// A command that mpirun has started several times.
#ifndef TRM_CLI_CLUSTER_H
#define TRM_CLI_CLUSTER_H

#include <sys/types.h>

#include "cli/commands.h"
#include "trm/base/peers.h"

// Runs the command (NULL: argv[0] is none, and rank 0 says so) here, or if mpirun has started
// several processes on rank 0. The others serve it, or end at once if it does not use them. Returns
// the exit status of this process.
int trm_cluster_run(const trm_command *command, int argc, char **argv);

// Of each rank; 0: it runs on another machine.
const pid_t *trm_cluster_processes(void);

// The processes that train together with this one; NULL: it works alone.
trm_peers *trm_cluster_peers(void);

#endif
