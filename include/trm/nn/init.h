// SPDX-License-Identifier: Apache-2.0
// What the library does to the process it runs in, done on request and undone on request.
//
// The library runs threads of its own, and each of them multiplies small matrices. If OpenBLAS
// split these products over its own threads as well, they would be slower, and results would depend
// on the number of threads. So while the library computes, OpenBLAS must run on one thread. That is
// a setting of the whole process: it also holds for products that the host program makes itself.
//
// Nothing else about the process changes: no signal handler, no locale, no working directory,
// nothing at load time or at exit.
#ifndef TRM_NN_INIT_H
#define TRM_NN_INIT_H

#include <stdbool.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Sets OpenBLAS to one thread and ends the threads that it keeps waiting. Call it before the first
// model is made, while no other thread is inside OpenBLAS. Without it trm_model_new fails, with a
// message that says so. Calls are counted: a library may call it although its host did. Thread
// safe. Leave the number of OpenBLAS threads alone until trm_done.
void trm_init(void);

// Takes back one trm_init. The last one gives OpenBLAS back the number of threads it had before the
// first; it starts them again when it needs them. No model may be in use by then. One call too many
// is a programmer's error (asserted). Thread safe.
void trm_done(void);

// Is the library between trm_init and trm_done? Thread safe.
bool trm_initialised(void);

// "0.1.0". Static.
const char *trm_library_version(void);

TRM_END_DECLS

#endif
