// SPDX-License-Identifier: Apache-2.0
// A moment written down so that `trm probe` can be asked the same.
#ifndef TUI_INSPECTOR_SAVE_H
#define TUI_INSPECTOR_SAVE_H

#include "tui/inspector/inspection.h"

// Is there what is written? Of a sample, the configuration of its model.
bool trm_inspector_saves(const trm_inspection *s);

// Writes model.safetensors and state.json into a new directory. line: the command that asks the
// same.
bool trm_inspector_save(const trm_inspection *s, const void *state, int32_t prev_action,
                        const char *directory, char *line, size_t size, trm_error *e);

#endif
