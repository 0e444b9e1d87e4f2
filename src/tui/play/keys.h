// SPDX-License-Identifier: Apache-2.0
// The keys of the play screen.
#ifndef TUI_PLAY_KEYS_H
#define TUI_PLAY_KEYS_H

#include "tui/action.h"

enum { TRM_PLAY_ACTIONS = 23 };
extern const trm_action trm_play_actions[TRM_PLAY_ACTIONS];

#endif
