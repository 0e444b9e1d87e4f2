// SPDX-License-Identifier: Apache-2.0
// Trained models that come with the program, found by name.
#ifndef TRM_RUN_ASSETS_H
#define TRM_RUN_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

// Path of the trained model of that name ("sudoku9"): NAME.safetensors in share/trm/models beside
// the folder of the running program (installed), or else in assets/models of a folder above it (the
// source tree of a build). False where there is none, or where the name is no plain name or the
// path does not fit in `size`; out is then "".
bool trm_model_asset_path(const char *name, char *out, size_t size);

#endif
