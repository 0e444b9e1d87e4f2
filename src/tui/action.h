// SPDX-License-Identifier: Apache-2.0
// What keys do. A screen has one table of actions; dispatch, the bottom line and the help are all
// made from it, so that they cannot disagree.
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/canvas/canvas.h"
#include "tui/terminal/keys.h"

enum { TRM_ACTION_KEYS = 10 };

typedef struct trm_action {
    uint32_t keys[TRM_ACTION_KEYS]; // 0-terminated unless full; the first one is shown. A table
                                    // ends with a row without any
    const char *label;              // for the bottom line: one or two words
    const char *help;               // one line
    int32_t priority;               // place in the bottom line, from 1; 0: only in the help
    bool pair;    // stands with the row above it in the bottom line, whose label is for both
    int32_t arg;  // given to run: the direction, the panel, …
    int32_t step; // what each further key of the row adds to arg; 0: all mean the same
    bool (*usable)(const void *self);           // NULL: always
    const char *(*why_not)(const void *self);   // NULL, or returns it: usable; else why it is not
    const char *(*label_now)(const void *self); // NULL: label; else what it would do now
    bool leaves;                                // off the screen
    void (*act)(void *self);
    void (*run)(void *self, int32_t arg); // the same, where arg tells what is meant
} trm_action;

#define TRM_KEYS(...)                                                                              \
    { __VA_ARGS__ }

// Keys that move. With .step = 1 the arg is one of trm_way.
#define TRM_KEYS_MOVE                                                                              \
    { TRM_KEY_UP, TRM_KEY_DOWN, TRM_KEY_LEFT, TRM_KEY_RIGHT, 'k', 'j', 'h', 'l' }
typedef enum trm_way { TRM_WAY_UP, TRM_WAY_DOWN, TRM_WAY_LEFT, TRM_WAY_RIGHT, TRM_WAYS } trm_way;

// Rows and columns that a way goes; arg may be of either half of TRM_KEYS_MOVE.
int32_t trm_way_rows(int32_t arg);
int32_t trm_way_cols(int32_t arg);

// The cell of a grid that is next to `cell` that way; at the edge the cell itself.
int32_t trm_way_cell(int32_t arg, int32_t cell, int32_t rows, int32_t cols);

// The action of a key that is usable now, and what it is to be run with; or NULL.
const trm_action *trm_action_find(const trm_action *table, const void *self, uint32_t key,
                                  int32_t *arg);

// Why the action of a key is not usable now; NULL where there is none, or it says nothing.
const char *trm_action_refusal(const trm_action *table, const void *self, uint32_t key);

int32_t trm_action_count(const trm_action *table);

// "Space", "Ctrl-L", "+".
void trm_key_name(uint32_t key, char out[16]);

// "+  =", "1-9", "Arrows  hjkl": all keys of an action.
void trm_action_keys(const trm_action *a, char *out, int32_t size);

// What can be clicked in a row.
typedef struct trm_action_spots {
    int32_t count;
    struct {
        int32_t x, w;
        uint32_t key;
    } at[48];
} trm_action_spots;

// Draws the actions that matter now in row y from column x on, in order of priority, as many as
// fit. `last`, if not NULL, is there whenever it fits, at the end. Their places go to *spots.
void trm_action_bar(trm_canvas *c, int32_t y, int32_t x, const trm_action *table, const void *self,
                    const trm_action *last, trm_action_spots *spots);

// The key that a click into that row stands for; TRM_KEY_NONE: none.
uint32_t trm_action_spot(const trm_action_spots *spots, int32_t x);

#endif
