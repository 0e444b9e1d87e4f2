// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/screens.h"

#include "tui/app.h"
#include "tui/compare/view.h"
#include "tui/demo/demo.h"
#include "tui/inspector/passes.h"
#include "tui/inspector/state.h"
#include "tui/inspector/what_if/state.h"
#include "tui/play/state.h"
#include "tui/replay/state.h"
#include "tui/runs/state.h"
#include "tui/terminal/crash.h"
#include "tui/terminal/terminal.h"
#include "tui/train/state.h"
#include "tui/versus/state.h"

typedef struct screen_row {
    const char *name, *summary;
    const trm_action *actions;
} screen_row;

// One row a screen.
static const screen_row screens[] = {
    {"start", "Two bundled models think about a sudoku and a maze: `trm`, `trm demo`.",
     trm_demo_actions},
    {"watch", "A model learning, live, by episodes or from a data set: `trm watch`.",
     trm_train_actions},
    {"microscope", "One decision, cycle by cycle and unit by unit: m on other screens.",
     trm_inspector_actions},
    {"passes", "Every pass of a supervision step of the paper's models: z in the microscope.",
     trm_passes_actions},
    {"what if", "One decision with the board or the model changed: w on other screens.",
     trm_what_if_actions},
    {"replay", "The course of a training: `trm replay`, or r in the live view.",
     trm_replay_actions},
    {"play", "A board to play by hand: `trm play`, or p in the live view.", trm_play_actions},
    {"versus", "Two models on one board: `trm versus`, or c in the live view.", trm_versus_actions},
    {"compare", "Several trainings side by side: `trm compare`.", trm_compare_actions},
    {"runs", "The runs in a folder: `trm runs`.", trm_runs_actions},
    {"every screen", "Keys that work on every screen.", trm_app_actions},
};
enum { SCREENS = sizeof screens / sizeof *screens };

const char *trm_screens_name(int32_t i) {
    return i >= 0 && i < SCREENS ? screens[i].name : NULL;
}

const char *trm_screens_summary(int32_t i) {
    return i >= 0 && i < SCREENS ? screens[i].summary : NULL;
}

bool trm_screens_key(int32_t i, int32_t row, trm_screen_key *out) {
    if (i < 0 || i >= SCREENS || row < 0 || row >= trm_action_count(screens[i].actions))
        return false;
    const trm_action *a = &screens[i].actions[row];
    trm_action_keys(a, out->keys, sizeof out->keys);
    out->help = a->help;
    return true;
}

bool trm_screens_built(void) {
    return true;
}

bool trm_screens_possible(trm_error *e) {
    return trm_terminal_possible(e);
}

void trm_screens_give_back(const char *line) {
    trm_crash_give_back(line);
}
