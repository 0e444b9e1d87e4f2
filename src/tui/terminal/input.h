// SPDX-License-Identifier: Apache-2.0
// What a terminal sends, byte by byte, as keys. Escape sequences are read to their end whatever
// they mean, and those that mean nothing here do nothing: no part of one is ever taken for keys.
// It does no input of its own.
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/terminal/keys.h"

// A sequence that is not over after so many seconds is given up, and a paste without an end.
#define TRM_INPUT_PATIENCE 0.5
#define TRM_INPUT_PASTE    2.0

typedef enum trm_input_state {
    TRM_INPUT_GROUND,
    TRM_INPUT_UTF8,
    TRM_INPUT_ESC,     // ESC: that key, the beginning of a sequence, or Alt with what follows
    TRM_INPUT_CSI,     // ESC [ numbers final
    TRM_INPUT_CONSOLE, // ESC [ [ letter: function keys of the Linux console
    TRM_INPUT_SS3,     // ESC O letter
    TRM_INPUT_STRING,  // ESC ] … and its kin: replies, to BEL or ESC backslash
    TRM_INPUT_STRING_ESC,
    TRM_INPUT_MOUSE // ESC [ M and three bytes
} trm_input_state;

enum { TRM_INPUT_NUMBERS = 4 };

// Zeros are a good start.
typedef struct trm_input {
    trm_input_state state;
    bool alt;     // an ESC came before the sequence: Alt is held
    bool pasting; // between the marks of a bracketed paste
    bool again;   // that byte has to be given once more: it ended what came before as a key
    bool strange; // the sequence has bytes that none of those below has
    uint8_t mark; // '<' or '?' after ESC [; 0: none
    int32_t numbers[TRM_INPUT_NUMBERS], count; // of a CSI, or the bytes of a mouse event
    uint32_t character, least; // UTF-8 so far, the least that so many bytes may mean …
    int32_t missing;           // … and the bytes that it lacks
    double began;              // when the sequence or the paste last got a byte
    int32_t y, x;              // where the mouse was, at TRM_KEY_MOUSE and the wheel
} trm_input;

// The key that is complete with this byte; TRM_KEY_NONE if none is. `now`: seconds, rising. What
// was pasted has TRM_KEY_PASTED added.
uint32_t trm_input_byte(trm_input *in, uint8_t byte, double now);

// True after an ESC of which it cannot be told what it is until more comes.
bool trm_input_wonders(const trm_input *in);

// Nothing more has come: that ESC was the key.
uint32_t trm_input_idle(trm_input *in);

#endif
