// SPDX-License-Identifier: Apache-2.0
// The terminal that mpirun was started on, for the rank that runs on the same machine.
#ifndef TRM_CLI_RELAY_H
#define TRM_CLI_RELAY_H

#include <stdbool.h>

// mpirun gives a rank a pipe as standard input, and a terminal of its own as standard output. This
// puts a pseudo-terminal in the place of both and starts a process between that and the real one:
// keys come as mpirun sends them, what is shown goes straight to the terminal, sizes follow. False:
// there is no terminal to be had.
bool trm_relay_start(void);

// Gives the terminal back as it was; nothing where none was taken. False: that process was killed.
bool trm_relay_stop(void);

#endif
