// SPDX-License-Identifier: Apache-2.0
// The screens and their keys, for help and manual. What is listed are the tables that the screens
// themselves dispatch by.
#ifndef TRM_TUI_SCREENS_H
#define TRM_TUI_SCREENS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

// Colours, by what the terminal's background is and who looks.
typedef enum trm_theme {
    TRM_THEME_DARK,
    TRM_THEME_LIGHT,
    TRM_THEME_CONTRAST,
    TRM_THEME_BLIND, // told apart with any colour vision
    TRM_THEMES
} trm_theme;

// How a screen is drawn.
typedef struct trm_screen_options {
    bool ascii; // only ASCII characters, whatever the locale
    bool color; // false: NO_COLOR or --no-color
    bool mouse;
    trm_theme theme;
    const char *record; // a file for what is drawn: .cast, or .svg; NULL: none
    int32_t rows, cols; // of a screen that is drawn for a record only; 0: the terminal's
} trm_screen_options;

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

// Does this build have the screens (-Dtui)? Without them nothing is listed here, and what would
// open a screen fails with one line that says so.
bool trm_screens_built(void);

// True if standard input and output are a terminal that curses can drive; else *e (TRM_E_INPUT)
// says what is missing, and no more than that: the caller names what needs it.
bool trm_screens_possible(trm_error *e);

// For a process that ends where it is, on any thread: gives the terminal back if a screen has it,
// and says the line on standard error.
void trm_screens_give_back(const char *line);

TRM_END_DECLS

#endif
