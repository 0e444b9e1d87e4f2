// SPDX-License-Identifier: Apache-2.0
// Peers (trm/base/peers.h) that are threads of this process.
#ifndef TESTS_RANKS_H
#define TESTS_RANKS_H

#include "trm/base/peers.h"

// Runs body on `count` threads at once, each with peers of its own.
void ranks_run(int count, void (*body)(trm_peers *p, void *ctx), void *ctx);

#endif
