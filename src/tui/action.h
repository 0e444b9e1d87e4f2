// SPDX-License-Identifier: Apache-2.0
// What keys do. A screen has one table of actions; dispatch, the bottom line and the help are all
// made from it, so that they cannot disagree.
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/canvas.h"

enum { TRM_ACTION_KEYS = 10 };

typedef struct trm_action {
    const char *id;
    uint32_t keys[TRM_ACTION_KEYS];   // 0-terminated unless full; the first one is shown
    const char *label;                // for the bottom line: one or two words
    const char *help;                 // one line
    int32_t priority;                 // place in the bottom line, from 1; 0: only in the help
    bool (*usable)(const void *self); // NULL: always
    const char *(*label_now)(const void *self); // NULL: label; else what it would do now
    void (*run)(void *self, uint32_t key);
} trm_action;

// The action of a key that is usable now, or NULL.
const trm_action *trm_action_find(const trm_action *table, int32_t n, const void *self,
                                  uint32_t key);

// "Space", "Ctrl-L", "+".
void trm_key_name(uint32_t key, char out[16]);

// "+  =", "1-9": all keys of an action.
void trm_action_keys(const trm_action *a, char *out, int32_t size);

// Draws the actions that matter now in row y from column x on, in order of priority, as many as
// fit. `last`, if not NULL, is there whenever it fits, at the end.
void trm_action_bar(trm_canvas *c, int32_t y, int32_t x, const trm_action *table, int32_t n,
                    const void *self, const trm_action *last);

#endif
