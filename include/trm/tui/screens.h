// SPDX-License-Identifier: Apache-2.0
// The screens and their keys, for help and manual. What is listed are the tables that the screens
// themselves dispatch by.
#ifndef TRM_TUI_SCREENS_H
#define TRM_TUI_SCREENS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"

// Names ("watch", "microscope") and one line on what they show; NULL past the last. The last is
// "every screen": keys that work everywhere.
const char *trm_screens_name(int32_t i);
const char *trm_screens_summary(int32_t i);

typedef struct trm_screen_key {
    char keys[80];    // "+  =", "1-9", "Ctrl-L"
    const char *help; // what they do
} trm_screen_key;

// Row `row` of the keys of screen i; false past the last.
bool trm_screens_key(int32_t i, int32_t row, trm_screen_key *out);

// True if standard input and output are a terminal that curses can drive; else *e (TRM_E_INPUT)
// says what is missing, and no more than that: the caller names what needs it.
bool trm_screens_possible(trm_error *e);

#endif
