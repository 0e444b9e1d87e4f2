// SPDX-License-Identifier: Apache-2.0
#include "cli/play/puzzle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/text.h"

enum { BYTES_MAX = 1 << 26, BLOCK = 1 << 16 };

// Reads to the end, of a pipe too; malloc'd.
static char *read_all(FILE *in, size_t *size) {
    char *text = NULL;
    size_t have = 0, n;
    do {
        char *grown = realloc(text, have + BLOCK + 1);
        if (grown == NULL)
            break;
        text = grown;
        n = fread(text + have, 1, BLOCK, in);
        have += n;
    } while (n == BLOCK && have < BYTES_MAX);
    *size = have;
    if (text != NULL)
        text[have] = '\0';
    return text;
}

static bool back_to_terminal(trm_error *e) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
    if (!ok)
        trm_error_set(
            e, TRM_E_INPUT,
            "the board came from standard input, and there is no terminal to play at: name a file");
    if (fd >= 0)
        close(fd);
    return ok;
}

// A word of nothing but cells and what may stand between them, or of several lines.
static bool is_text(const char *word) {
    return strpbrk(word, "\n\r") != NULL ||
           (word[0] != '\0' && word[strspn(word, "0123456789.*_xX?- |+,;\t[]\"")] == '\0');
}

// A text of the one kind is none of the other; what is neither is told as what it looks like.
static bool parse(const char *option, const char *name, const char *text, size_t size,
                  trm_own_board *out, trm_error *e) {
    trm_error sudoku, maze;
    out->side = trm_puzzle_first(name, text, size, out->cells, &sudoku);
    if (out->side > 0 || trm_maze_first(name, text, size, &out->maze, &maze))
        return true;
    const char *first = text + strspn(text, " \t\r\n");
    const bool walls = first[0] == '+' || strncmp(first, "##", 2) == 0;
    return trm_error_set(e, TRM_E_INPUT, "%s: %s", option, walls ? maze.message : sudoku.message);
}

bool trm_own_board_read(const char *option, const char *word, trm_own_board *out, trm_error *e) {
    const bool standard = strcmp(word, "-") == 0;
    if (!standard && is_text(word))
        return parse(option, "the board", word, strlen(word), out, e);
    FILE *in = standard ? stdin : fopen(word, "re");
    if (in == NULL)
        return trm_error_set(e, TRM_E_INPUT, "%s %s: this is neither a board nor a file: %s",
                             option, word, strerror(errno));
    size_t size;
    char *text = read_all(in, &size);
    const bool failed = ferror(in) != 0;
    if (!standard)
        fclose(in);
    const bool ok = failed || text == NULL
                        ? trm_error_set(e, TRM_E_INPUT, "%s %s: cannot be read", option, word)
                        : parse(option, standard ? "standard input" : word, text, size, out, e) &&
                              (!standard || back_to_terminal(e));
    free(text);
    return ok;
}

void trm_own_board_fit(const trm_own_board *b, trm_env_config *c) {
    const trm_geometry room = trm_maze_room_for(&b->maze);
    trm_text_copy(c->type, sizeof c->type, b->side > 0 ? "sudoku" : "maze");
    c->size = b->side > 0 ? b->side : room.rows;
    c->width = b->side > 0 ? 0 : room.cols;
}

static bool set_maze(const trm_own_board *b, const char *option, const trm_env *env, void *state,
                     trm_error *e) {
    const trm_geometry g = trm_env_geometry(env), room = trm_maze_room_for(&b->maze);
    trm_maze fitted;
    trm_board board;
    if (g.box_rows > 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: a maze, and %s has no walls: choose a board or model of mazes",
                             option, trm_env_get_config(env)->type);
    if (!trm_maze_fit(&b->maze, &g, true, &fitted))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: a maze of %d x %d cells, and the board has %d x %d: set "
                             "env.size=%d env.width=%d",
                             option, b->maze.geometry.rows, b->maze.geometry.cols, g.rows, g.cols,
                             room.rows, room.cols);
    trm_maze_board(&fitted, &board);
    return trm_env_set_board(env, state, &board, e) || trm_error_prefix(e, "%s", option);
}

bool trm_own_board_set(const trm_own_board *b, const char *option, const trm_env *env, void *state,
                       trm_error *e) {
    const trm_geometry g = trm_env_geometry(env);
    int32_t cells[TRM_PUZZLE_CELLS];
    if (b->side == 0)
        return set_maze(b, option, env, state, e);
    if (g.box_rows == 0)
        return trm_error_set(e, TRM_E_INPUT, "%s has no digits: this puzzle is for sudokus",
                             trm_env_get_config(env)->type);
    if (g.rows != b->side)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: %d x %d cells, and the board has %d x %d: set env.size=%d",
                             option, b->side, b->side, g.rows, g.cols, b->side);
    for (int32_t i = 0; i < b->side * b->side; i++)
        cells[i] = b->cells[i];
    return trm_env_set_grid(env, state, cells, e);
}
