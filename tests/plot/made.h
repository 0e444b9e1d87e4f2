// SPDX-License-Identifier: Apache-2.0
// Runs made up for the tests of this layer.
#ifndef TESTS_PLOT_MADE_H
#define TESTS_PLOT_MADE_H

#include "../run/support.h"

// temp/name, good until 32 more were asked for.
const char *made_path(const char *name);

// A run folder temp/name of the preset with the seed, holding `lines` lines of metrics. Episode i
// has reward i / 10 and succeeds from episode `from` on; epoch i has accuracies i / lines. Returns
// its path, good until the test ends.
const char *made_run(const char *name, const char *preset, int64_t seed, int32_t lines,
                     int32_t from);

// The same with a key=value word over the preset.
const char *made_run_with(const char *name, const char *preset, int64_t seed, int32_t lines,
                          int32_t from, const char *word);

#endif
