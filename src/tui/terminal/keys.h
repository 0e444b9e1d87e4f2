// SPDX-License-Identifier: Apache-2.0
// Keys: characters stand for themselves; the others are above Unicode.
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

enum {
    TRM_KEY_NONE = 0,
    TRM_KEY_TAB = '\t',
    TRM_KEY_ENTER = '\n',
    TRM_KEY_ESC = 27,
    TRM_KEY_LEFT = 0x110000,
    TRM_KEY_RIGHT,
    TRM_KEY_UP,
    TRM_KEY_DOWN,
    TRM_KEY_HOME,
    TRM_KEY_END,
    TRM_KEY_PAGE_UP,
    TRM_KEY_PAGE_DOWN,
    TRM_KEY_SHIFT_TAB,
    TRM_KEY_BACKSPACE,
    TRM_KEY_F1,
    TRM_KEY_MOUSE,
    TRM_KEY_HOVER, // the mouse was moved, no button is down
    TRM_KEY_WHEEL_UP,
    TRM_KEY_WHEEL_DOWN,
    TRM_KEY_OTHER,            // one that means nothing here
    TRM_KEY_PASTED = 0x200000 // added to a character that was pasted, not typed
};
#define TRM_CTRL(letter) ((uint32_t)(letter)&0x1Fu)

#endif
