// SPDX-License-Identifier: Apache-2.0
// Several processes that mpirun (or another starter of MPI programs) has started. Rank 0 runs the
// command. The others compute the training together with it, or take runs of a comparison, seeds of
// a measurement and batches of an evaluation as they become free.
#ifndef TRM_RUN_CLUSTER_H
#define TRM_RUN_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/peers.h"
#include "trm/run/config.h"
#include "trm/train/course.h"

TRM_BEGIN_DECLS

// Was this process started as one of several, and as which of them?
bool trm_cluster_asked(int32_t *rank);

// Meets the others. False: the module that speaks MPI is not there or cannot start, or a rank is
// another program or has another BLAS kernel, which all ranks are told. End with trm_cluster_leave
// if true. *processes [count] (free it): of the ranks on this machine; 0: it is on another one.
bool trm_cluster_join(trm_peers *p, pid_t **processes, trm_error *e);

// Rank 0: a course that all compute (trm_course_join). NULL with *e naming the rank where the
// course cannot be made, or where program, BLAS kernel or boards are others, for then the result
// would be another one.
trm_course *trm_cluster_course(trm_peers *p, const trm_config *c, trm_error *e);

// The other ranks: does what rank 0 asks for until it dismisses them.
void trm_cluster_serve(trm_peers *p);
void trm_cluster_dismiss(trm_peers *p); // rank 0

// All ranks, each once; rank 0 dismisses the others.
void trm_cluster_leave(trm_peers *p);

TRM_END_DECLS

#endif
