// SPDX-License-Identifier: Apache-2.0
// Texts as people have them, line by line: with or without a byte order mark, lines that end with
// LF, CRLF or CR.
#ifndef TRM_ENV_FILES_LINES_H
#define TRM_ENV_FILES_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"

typedef struct trm_lines {
    const char *at, *end;
    int32_t number; // of the line that was read last, from 1
} trm_lines;

enum { TRM_TEXT_BYTES = 1 << 28 }; // of a file of puzzles or mazes, at most

// Begins at the text's first line. The text belongs to the caller and stays. UTF-16 and other texts
// with zero bytes are refused.
bool trm_lines_open(trm_lines *l, const char *text, size_t size, trm_error *e);

// The next line without its end, [*line, *line + *length). False: there is none.
bool trm_lines_next(trm_lines *l, const char **line, size_t *length);

#endif
