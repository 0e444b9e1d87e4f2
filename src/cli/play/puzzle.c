// SPDX-License-Identifier: Apache-2.0
#include "cli/play/puzzle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

enum { LINES_MAX = 10000 };

static bool is_line(const char *word) {
    return word[0] != '\0' && word[strspn(word, ".0123456789")] == '\0';
}

// The first line that holds something; what follows white space, a comma or a semicolon is passed
// over.
static bool first_line(FILE *in, char line[TRM_PUZZLE_LINE]) {
    for (int i = 0; i < LINES_MAX && fgets(line, TRM_PUZZLE_LINE, in) != NULL; i++) {
        size_t blank = strspn(line, " \t\r\n");
        memmove(line, line + blank, strlen(line + blank) + 1);
        line[strcspn(line, " \t\r\n,;")] = '\0';
        if (line[0] != '\0' && line[0] != '#')
            return true;
    }
    return false;
}

static bool back_to_terminal(trm_error *e) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
    if (!ok) {
        trm_error_set(e, TRM_E_INPUT,
                      "the puzzle came from standard input, and there is no terminal to play at");
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

bool trm_puzzle_line(const char *word, char line[TRM_PUZZLE_LINE], trm_error *e) {
    bool standard = strcmp(word, "-") == 0;
    if (!standard && is_line(word)) {
        return trm_text_copy(line, TRM_PUZZLE_LINE, word) ||
               trm_error_set(e, TRM_E_INPUT, "--puzzle: %zu cells are more than any board has",
                             strlen(word));
    }
    FILE *in = standard ? stdin : fopen(word, "re");
    if (in == NULL) {
        return trm_error_set(
            e, TRM_E_INPUT, "--puzzle %s: this is neither a line of digits and dots nor a file: %s",
            word, strerror(errno));
    }
    bool found = first_line(in, line);
    if (!standard)
        fclose(in);
    if (!found) {
        return trm_error_set(e, TRM_E_INPUT, "--puzzle %s: no puzzle found",
                             standard ? "standard input" : word);
    }
    return !standard || back_to_terminal(e);
}

int trm_puzzle_side_of(const char *line) {
    size_t length = strlen(line);
    for (size_t side = 1; side * side <= length; side++)
        if (side * side == length)
            return (int)side;
    return 0;
}

static bool read_cells(const char *line, int32_t count, int32_t *cells, trm_error *e) {
    size_t length = strlen(line);
    if (length != (size_t)count) {
        return trm_error_set(e, TRM_E_INPUT, "puzzle: %zu characters, the board has %d cells",
                             length, count);
    }
    for (int32_t i = 0; i < count; i++) {
        if (strchr(".0123456789", line[i]) == NULL) {
            return trm_error_set(e, TRM_E_INPUT,
                                 "puzzle: character %d is '%c', expected a digit or .", i + 1,
                                 line[i]);
        }
        cells[i] = line[i] == '.' ? 0 : line[i] - '0';
    }
    return true;
}

bool trm_puzzle_set(const trm_env *env, void *state, const char *line, trm_error *e) {
    const trm_geometry board = trm_env_geometry(env);
    const int32_t count = trm_geometry_cells(&board);
    if (board.box_rows == 0) {
        return trm_error_set(e, TRM_E_INPUT, "%s has no digits: a puzzle is for sudokus",
                             trm_env_get_config(env)->type);
    }
    int32_t *cells = trm_alloc((size_t)count, sizeof *cells);
    bool ok = read_cells(line, count, cells, e) && trm_env_set_grid(env, state, cells, e);
    free(cells);
    return ok;
}
