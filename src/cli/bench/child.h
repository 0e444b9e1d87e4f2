// SPDX-License-Identifier: Apache-2.0
// The program itself as a child, on a pseudo-terminal that is read.
#ifndef TRM_CLI_BENCH_CHILD_H
#define TRM_CLI_BENCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trm/base/error.h"

typedef struct bench_child {
    pid_t pid;      // 0: none
    int fd;         // the terminal; -1: none
    double started; // trm_clock_now just before
    bool ended;
    int status; // of waitpid, once ended
} bench_child;

// args ends with NULL and does not hold the program's name.
bool bench_child_start(bench_child *c, char *const *args, int32_t cols, int32_t rows, trm_error *e);

// Takes in what the child shows for up to that long; the time when bytes came last, or a negative
// number if none did. *found becomes true once `word` (NULL: none) was among them.
double bench_child_read(bench_child *c, double seconds, const char *word, bool *found);

// Notes whether it has ended, without waiting.
bool bench_child_ended(bench_child *c);

// MiB of its memory that are resident; NaN if that cannot be told.
double bench_child_resident(const bench_child *c);

// Asks it to end (SIGTERM), then makes it; frees everything. Fine after it has ended.
void bench_child_stop(bench_child *c);

#endif
