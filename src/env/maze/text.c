// SPDX-License-Identifier: Apache-2.0
// Mazes in a text. trm/env/maze.h tells the forms.
#include <stdlib.h>
#include <string.h>

#include "env/files/lines.h"
#include "env/maze/collection.h"
#include "trm/base/arena.h"

enum { SIDE = TRM_BOARD_MAX, WIDEST = 512 }; // WIDEST: characters of a line of art

// The lines of one maze, as they stand in the text.
typedef struct block {
    const char *lines[2 * SIDE];
    size_t lengths[2 * SIDE];
    int32_t count, first; // the line where it begins
    bool art;
} block;

static bool is_start(char c) {
    return c == 'S' || c == 's';
}

static bool is_goal(char c) {
    return c != '\0' && strchr("GgEe", c);
}

static char char_at(const block *b, int32_t line, size_t col) {
    return col < b->lengths[line] ? b->lines[line][col] : ' ';
}

static bool put(trm_maze *m, int32_t row, int32_t col, char c, trm_error *e) {
    const int32_t cell = trm_geometry_cell(&m->geometry, row, col);
    int32_t *end = is_start(c) ? &m->start : is_goal(c) ? &m->goal : NULL;
    m->wall[cell] = c == '#';
    if (end && *end >= 0)
        return trm_error_set(e, TRM_E_INPUT, "a second %s in row %d, column %d: expected one",
                             is_start(c) ? "start" : "goal", row + 1, col + 1);
    if (end)
        *end = cell;
    return true;
}

static bool take_size(trm_maze *m, size_t rows, size_t cols, trm_error *e) {
    if (rows < 2 || cols < 2 || rows > SIDE || cols > SIDE)
        return trm_error_set(e, TRM_E_INPUT, "a maze of %zu x %zu cells, expected 2 to %d a side",
                             rows, cols, (int)SIDE);
    *m = (trm_maze){
        .geometry = {.rows = (int32_t)rows, .cols = (int32_t)cols}, .start = -1, .goal = -1};
    return true;
}

static size_t widest(const block *b) {
    size_t most = 0;
    for (int32_t i = 0; i < b->count; i++)
        most = b->lengths[i] > most ? b->lengths[i] : most;
    return most;
}

static bool read_cells(const block *b, trm_maze *m, trm_error *e) {
    if (!take_size(m, (size_t)b->count, widest(b), e))
        return false;
    for (int32_t row = 0; row < m->geometry.rows; row++)
        for (int32_t col = 0; col < m->geometry.cols; col++) {
            const char c = char_at(b, row, (size_t)col);
            if (!strchr("# .o*", c) && !is_start(c) && !is_goal(c))
                return trm_error_set(e, TRM_E_INPUT,
                                     "row %d, column %d is '%c', expected # for wall, space or . "
                                     "for free, S and G",
                                     row + 1, col + 1, c);
            if (!put(m, row, col, c, e))
                return false;
        }
    return true;
}

// ---- line art -----------------------------------------------------------------------------------

// What stands between two columns of +: a start or goal, a wall, or nothing.
static char between(const block *b, int32_t line, size_t from, size_t to) {
    char found = ' ';
    for (size_t col = from; col < to; col++) {
        const char c = char_at(b, line, col);
        if (is_start(c) || is_goal(c))
            return c;
        if (c == '-' || c == '|' || c == '#' || c == '=' || c == '_')
            found = '#';
    }
    return found;
}

static bool read_art(const block *b, trm_maze *m, trm_error *e) {
    size_t left = 0, step = 1;
    const size_t width = widest(b);
    while (left < width && char_at(b, 0, left) == ' ')
        left++;
    while (left + step < width && char_at(b, 0, left + step) != '+')
        step++;
    if (b->count % 2 == 0 || char_at(b, 0, left) != '+' || left + step >= width || step < 2 ||
        (width - left - 1) % step != 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "line art has an odd number of lines, the first +--+--+ with all + as "
                             "far apart, found %d lines and %zu characters",
                             b->count, width - left);
    if (!take_size(m, (size_t)b->count, 2 * ((width - left - 1) / step) + 1, e))
        return false;
    for (int32_t row = 0; row < m->geometry.rows; row++)
        for (int32_t col = 0; col < m->geometry.cols; col++) {
            const size_t at = left + (size_t)(col / 2) * step;
            const char c = char_at(b, row, at);
            const char cell = col % 2 ? between(b, row, at + 1, at + step) : c;
            const char is = cell == '+' || cell == '|' || cell == '-' ? '#' : cell;
            if (!put(m, row, col, is, e))
                return false;
        }
    return true;
}

// ---- blocks -------------------------------------------------------------------------------------

bool trm_maze_is_bordered(const trm_maze *m) {
    const trm_geometry *g = &m->geometry;
    for (int32_t i = 0; i < trm_geometry_cells(g); i++) {
        const int32_t row = trm_geometry_row(g, i), col = trm_geometry_col(g, i);
        if ((!row || !col || row == g->rows - 1 || col == g->cols - 1) && !m->wall[i])
            return false;
    }
    return true;
}

static bool read_block(const block *b, trm_maze *m, trm_error *e) {
    if (!(b->art ? read_art(b, m, e) : read_cells(b, m, e)))
        return false;
    if (m->start < 0 || m->goal < 0)
        return trm_error_set(e, TRM_E_INPUT, "the maze has no %s: write %s into a free cell",
                             m->start < 0 ? "start" : "goal", m->start < 0 ? "S" : "G");
    m->bordered = trm_maze_is_bordered(m);
    return true;
}

static bool has_any(const char *line, size_t length, const char *chars) {
    for (size_t i = 0; i < length; i++)
        if (strchr(chars, line[i]))
            return true;
    return false;
}

static bool has_others(const char *line, size_t length, const char *chars) {
    for (size_t i = 0; i < length; i++)
        if (!strchr(chars, line[i]))
            return true;
    return false;
}

// "Maze 1"
static bool is_title(const char *line, size_t length) {
    return !has_any(line, length, "#|+") && has_others(line, length, " .o*SsGgEe");
}

static bool add_line(block *b, const trm_lines *lines, const char *line, size_t length,
                     trm_error *e) {
    if (b->count == 0 && is_title(line, length))
        return true;
    if (b->count == 2 * SIDE || length > WIDEST)
        return trm_error_set(e, TRM_E_INPUT, "a maze has at most %d x %d cells", (int)SIDE,
                             (int)SIDE);
    if (b->count == 0)
        b->first = lines->number;
    b->art = b->art || has_any(line, length, "+");
    b->lines[b->count] = line;
    b->lengths[b->count++] = length;
    return true;
}

static bool finish(block *b, trm_maze *m, trm_maze_take take, void *ctx, trm_error *e) {
    const bool ok = b->count == 0 || (read_block(b, m, e) && take(ctx, m, e));
    if (ok)
        *b = (block){.count = 0};
    return ok;
}

static bool scan(trm_lines *lines, block *b, trm_maze *m, trm_maze_take take, void *ctx,
                 trm_error *e) {
    const char *line;
    size_t length;
    while (trm_lines_next(lines, &line, &length)) {
        while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
            length--;
        if (length == 0 ? !finish(b, m, take, ctx, e) : !add_line(b, lines, line, length, e))
            return false;
    }
    return finish(b, m, take, ctx, e);
}

bool trm_maze_scan(const char *name, const char *text, size_t size, trm_maze_take take, void *ctx,
                   trm_error *e) {
    trm_lines lines;
    block b = {.count = 0};
    if (!trm_lines_open(&lines, text, size, e))
        return trm_error_prefix(e, "%s", name);
    trm_maze *m = trm_alloc(1, sizeof *m);
    const bool ok = scan(&lines, &b, m, take, ctx, e);
    free(m);
    if (ok || (e && e->code == TRM_OK))
        return ok;
    return trm_error_prefix(e, "%s:%d", name, b.count > 0 ? b.first : lines.number);
}
