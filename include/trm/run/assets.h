// SPDX-License-Identifier: Apache-2.0
// Trained models that come with the program, found by name.
#ifndef TRM_RUN_ASSETS_H
#define TRM_RUN_ASSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Path of the trained model of that name ("sudoku9"): NAME.safetensors in share/trm/models beside
// the folder of the running program (installed), or else in assets/models of a folder above it (the
// source tree of a build), or else where the program was built to find them. False where there is
// none, or where the name is no plain name or the path does not fit in `size`; out is then "".
bool trm_model_asset_path(const char *name, char *out, size_t size);

// The folder they are in; where there is none, the last that was looked in.
void trm_model_asset_folder(char *out, size_t size);

enum { TRM_MODEL_ASSET_NAME = 64, TRM_MODEL_ASSETS = 64 };

// Their names, sorted: names [TRM_MODEL_ASSETS]. Returns how many there are.
int32_t trm_model_asset_names(char (*names)[TRM_MODEL_ASSET_NAME]);

// A row of a model's card (NAME.md beside its weights): the text of the cell after `key`, without
// marks of emphasis. False, with out "": there is no card, or no such row.
enum { TRM_MODEL_CARD_TEXT = 160 };
bool trm_model_asset_card(const char *name, const char *key, char out[TRM_MODEL_CARD_TEXT]);

// Does a word name a model rather than anything else: is it the name of a bundled one, of a file in
// safetensors form, or of a file that holds no text? Files and folders of that name come first.
bool trm_model_named(const char *word);

TRM_END_DECLS

#endif
