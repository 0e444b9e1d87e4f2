// SPDX-License-Identifier: Apache-2.0
// What the microscope and what-if write for `trm probe`, asked with the words that the screen
// gives.
#ifndef TESTS_TUI_SAVED_H
#define TESTS_TUI_SAVED_H

#include <stdbool.h>

#include "../cli/process.h"
#include "screen.h"

// The line of the screen that has the text.
bool saved_line_with(screen *s, const char *text, char line[SCREEN_LINE]);

// Saves what is in sight into a folder below `dir` and runs the screen's line with --json, and with
// `more` if it is not NULL.
outcome saved_probe(const char *dir, screen *s, const char *folder, const char *more);

#endif
