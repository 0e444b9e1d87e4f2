// SPDX-License-Identifier: Apache-2.0
// A moment written down so that `trm probe` can be asked the same.
#ifndef TUI_MICRO_SAVE_H
#define TUI_MICRO_SAVE_H

#include "tui/micro/scope.h"

// Is there what is written? Of a sample, the configuration of its model.
bool trm_micro_saves(const trm_scope *s);

// Writes model.safetensors and state.json into a new directory. line: the command that asks the
// same.
bool trm_micro_save(const trm_scope *s, const void *state, int32_t prev_action,
                    const char *directory, char *line, size_t size, trm_error *e);

#endif
