// SPDX-License-Identifier: Apache-2.0
// Processors that are left to the process that is followed: followers that wake where it computes
// would take its time from it, even while others are idle. On Linux; elsewhere nothing happens.
#ifndef RUN_FOLLOW_BESIDE_H
#define RUN_FOLLOW_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm_beside {
    bool known;                       // which processors this process may use: those of `may`
    unsigned char may[128], now[128]; // as the system has them; those it uses
    double due;                       // when to look again
} trm_beside;

// Has all threads of this process use other processors than those on which the `threads` busiest
// of that process compute (0: there is none); all that it may use, where these are all. Looks twice
// a second, since threads move.
void trm_beside_keep_off(trm_beside *b, int64_t process, int32_t threads);

// All that it may use again.
void trm_beside_end(trm_beside *b);

#endif
