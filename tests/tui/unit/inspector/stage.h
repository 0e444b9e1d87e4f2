// SPDX-License-Identifier: Apache-2.0
// An untrained model and an episode of it under the microscope, for tests without a terminal.
#ifndef TRM_TESTS_TUI_STAGE_H
#define TRM_TESTS_TUI_STAGE_H

#include "tui/inspector/draw.h"
#include "tui/inspector/view.h"

typedef struct stage {
    trm_env *env;
    trm_model *model;
    trm_inspection *scope;
    trm_inspector_view view; // of moment 0, known
    trm_policy_map map;
    trm_pca pca;
} stage;

// Six steps of a random walk, and the state after them. h 12, l 6
// and a halting head for trm-full.
stage *stage_open(const char *env, int32_t size, const char *model);

// The same where actions that change nothing are masked.
stage *stage_open_masked(const char *type, int32_t size, const char *model);
void stage_close(stage *s);

// To a moment, known and with everything worked out.
void stage_go(stage *s, int32_t moment);

// Some row of the canvas has this ASCII text.
bool stage_shows(const trm_canvas *c, const char *text);

#endif
