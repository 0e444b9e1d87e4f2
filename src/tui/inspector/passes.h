// SPDX-License-Identifier: Apache-2.0
// Every pass through a net within one supervision step of a model that has such passes: z_L and z_H
// cell by cell. Nothing of it is kept: the step is computed again.
#ifndef TUI_INSPECTOR_PASSES_H
#define TUI_INSPECTOR_PASSES_H

#include "tui/inspector/inspection.h"

// Pushes the screen on one step of a sample; the scope must outlive it.
bool trm_passes_push(trm_app *app, trm_inspection *scope, int32_t at, int32_t step, int32_t cell,
                     trm_error *e);

extern const trm_action trm_passes_actions[];

#endif
