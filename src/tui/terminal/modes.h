// SPDX-License-Identifier: Apache-2.0
// What is written to a terminal that reads the sequences of xterm, beyond what curses writes: one
// list for whoever sets modes, gives them back, or cleans up behind a program that could not.
#ifndef TUI_TERMINAL_MODES_H
#define TUI_TERMINAL_MODES_H

#define TRM_FRAME_BEGINS "\033[?2026h"
#define TRM_FRAME_ENDS   "\033[?2026l"
#define TRM_MOUSE_ON     "\033[?1000h\033[?1003h\033[?1006h"
#define TRM_MOUSE_OFF    "\033[?1006l\033[?1003l\033[?1000l"
#define TRM_PASTE_ON     "\033[?2004h"
#define TRM_PASTE_OFF    "\033[?2004l"

// All of these, and curses' own: the other screen, the cursor, colours.
#define TRM_MODES_OFF TRM_FRAME_ENDS TRM_PASTE_OFF TRM_MOUSE_OFF "\033[?1049l\033[?25h\033[0m"

#endif
