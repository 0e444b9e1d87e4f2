// SPDX-License-Identifier: Apache-2.0
// A command that mpirun has started several times.
#ifndef TRM_CLI_CLUSTER_H
#define TRM_CLI_CLUSTER_H

#include "trm/base/peers.h"

// Runs the command on rank 0 and serves it on the others; returns the exit status of this process.
int trm_cluster_run(int (*command)(int argc, char **argv), int argc, char **argv);

// The processes that train together with this one; NULL: it works alone.
trm_peers *trm_cluster_peers(void);

#endif
