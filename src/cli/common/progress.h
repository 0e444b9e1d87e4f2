// SPDX-License-Identifier: Apache-2.0
// How far something is, on standard error: a bar when that is a terminal, a line now and then when
// not.
#ifndef TRM_CLI_PROGRESS_H
#define TRM_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm_progress {
    const char *unit; // "episodes"
    bool terminal;
    bool drawn;     // a bar stands on the line
    double started; // trm_clock_now
    double next;    // when to show again
    int64_t first;  // what was done at the start
} trm_progress;

// `done`: what was done before this began, for the time that is left. `unit` is borrowed.
void trm_progress_init(trm_progress *p, const char *unit, int64_t done);

// Shows, if it is time to. `note` is a few words that follow.
void trm_progress_show(trm_progress *p, int64_t done, int64_t total, const char *note);

// What a long function of the library is given as its progress: ctx is one of these. Shows how far
// it is, and is false once a signal has come.
typedef struct trm_progress_watch {
    trm_progress progress;
    int64_t total;
} trm_progress_watch;

bool trm_progress_go_on(void *watch, int64_t done);

// Takes the bar away, so that the next line stands alone.
void trm_progress_clear(trm_progress *p);

#endif
