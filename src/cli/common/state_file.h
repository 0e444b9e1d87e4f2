// SPDX-License-Identifier: Apache-2.0
// Observations given as JSON: an array of numbers, or an array of such arrays.
#ifndef TRM_CLI_STATE_FILE_H
#define TRM_CLI_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"

// Reads `path` ("-": standard input). *states is [*count, dim], malloc'd. Fails with one line that
// names the file and the place: no JSON, a wrong length, what is no finite number.
bool trm_state_file_read(const char *path, int32_t dim, float **states, size_t *count,
                         trm_error *e);

// The same from `size` bytes of text; errors call it `name`.
bool trm_state_file_parse(const char *name, const char *text, size_t size, int32_t dim,
                          float **states, size_t *count, trm_error *e);

#endif
