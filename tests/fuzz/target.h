// SPDX-License-Identifier: Apache-2.0
// A fuzz target: one reader of what comes from outside. libFuzzer drives it (./bootstrap fuzz), and
// replay.c gives it the committed inputs in the ordinary suite. What must not be is caught by a
// sanitizer or by must().
#ifndef TRM_TESTS_FUZZ_TARGET_H
#define TRM_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Aborts, naming what was promised.
void must_hold(bool holds, const char *promise);
#define must(promise) must_hold(promise, #promise)

// An error is one line that says something.
void must_tell(const trm_error *e);

// The bytes as a text, 0-terminated; free() it.
char *text_of(const uint8_t *data, size_t size);

// True for one input in 16, always the same ones, and for all of them in the suite: for checks that
// take longer than what is checked.
bool now_and_then(const uint8_t *data, size_t size);

#endif
