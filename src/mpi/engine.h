// SPDX-License-Identifier: Apache-2.0
// What the module on MPI has for the program, which finds it by its name.
#ifndef TRM_MPI_ENGINE_H
#define TRM_MPI_ENGINE_H

#include "trm/base/peers.h"

TRM_BEGIN_DECLS

// Starts MPI and fills *p. NULL, or what went wrong.
const char *trm_mpi_join(trm_peers *p);

TRM_END_DECLS

#endif
