// SPDX-License-Identifier: Apache-2.0
#include "tui/play/draw.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/widgets/board.h"
#include "tui/widgets/grid.h"

enum { SIDE = 33, SIDE_MOST = 64, GAP = 2, STRIP = 8 };

// Columns that the board can make use of.
static int32_t board_width(const trm_play *p, int32_t rows) {
    const trm_board *b = trm_game_board(p->game);
    if (b->box_rows > 0) {
        const int32_t bands = b->rows / b->box_rows, stacks = b->cols / b->box_cols;
        int32_t h = (rows - 1 - bands) / b->rows;
        h = h < 1 ? 1 : h > 3 ? 3 : h;
        return (2 * h + 3) * b->cols + stacks + 1;
    }
    const int32_t h = (rows - 2) / b->rows;
    return (h < 1 ? 2 : 2 * h + 1) * b->cols + 2;
}

static trm_play_layout beside(const trm_play *p, int32_t rows, int32_t cols) {
    const int32_t h = rows - 2, want = board_width(p, h);
    int32_t side = cols - want - GAP;
    side = side < SIDE ? SIDE : side > SIDE_MOST ? SIDE_MOST : side;
    return (trm_play_layout){.board = {1, 0, h, cols - side - GAP},
                             .side = {1, cols - side, h, side}};
}

// Two boards, and what belongs to each below it.
static trm_play_layout race(const trm_play *p, int32_t rows, int32_t cols) {
    const int32_t half = (cols - GAP) / 2, room = rows - 2;
    int32_t strip = STRIP;
    if (room - strip < trm_game_board(p->game)->rows + 5)
        strip = room - trm_game_board(p->game)->rows - 5;
    strip = strip < 5 ? 5 : strip;
    const int32_t h = room - strip, y = 1 + h, x = half + GAP;
    return (trm_play_layout){.board = {2, 0, h - 1, half},
                             .rival = {2, x, h - 1, half},
                             .side = {y, 0, strip, half},
                             .rival_side = {y, x, strip, half}};
}

trm_play_layout trm_play_layout_of(const trm_play *p, int32_t rows, int32_t cols) {
    return p->racing ? race(p, rows, cols) : beside(p, rows, cols);
}

static void draw_title(trm_canvas *c, const trm_play *p) {
    char text[128], clock[32];
    int32_t x = 1 + trm_canvas_text(c, 0, 1, c->cols, TRM_STYLE_TITLE, "trm play");
    x += 2 + trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_STRONG,
                             trm_env_get_config(p->setup.env)->type);
    if (p->numbered)
        trm_text_format(text, sizeof text, "board %lld", (long long)p->setup.board);
    else
        trm_text_format(text, sizeof text, "%s", p->setup.start_name);
    trm_canvas_text(c, 0, x + 2, c->cols, TRM_STYLE_NORMAL, text);
    const int64_t s = (int64_t)trm_game_seconds(p->game);
    trm_text_format(clock, sizeof clock, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
    const int32_t at = c->cols - 1 - trm_text_columns(clock);
    trm_canvas_text(c, 0, at, c->cols, TRM_STYLE_STRONG, clock);
    const char *state = trm_game_paused(p->game) ? " paused " : p->noting ? " pencil marks " : "";
    trm_canvas_text(c, 0, at - 1 - trm_text_columns(state), c->cols, TRM_STYLE_SELECTED, state);
}

static void draw_board(trm_canvas *c, trm_rect r, const trm_game *g, const uint8_t *visits) {
    const trm_board *b = trm_game_board(g);
    if (b->box_rows > 0) {
        trm_grid_draw(c, r, &(trm_grid_view){.board = b, .cursor = -1});
        return;
    }
    const int32_t agent = trm_board_agent(b);
    const trm_board_view v = {
        .board = b, .visits = visits, .focus = agent >= 0 ? agent : b->rows * b->cols - 1};
    trm_board_draw(c, r, &v);
}

static void draw_own(trm_canvas *c, trm_rect r, const trm_play *p) {
    if (trm_game_paused(p->game)) {
        trm_canvas_frame(c, r, TRM_STYLE_WALL);
        trm_canvas_text(c, r.y + r.h / 2, r.x + (r.w - 21) / 2, 21, TRM_STYLE_STRONG,
                        "paused; Space goes on");
        return;
    }
    const trm_board *b = trm_game_board(p->game);
    if (b->box_rows == 0) {
        draw_board(c, r, p->game, p->visits);
        return;
    }
    const trm_grid_view v = {.board = b,
                             .cursor = p->cursor,
                             .notes = p->notes,
                             .tints = p->tints,
                             .tried = p->tried_digit};
    if (trm_grid_draw(c, r, &v).h == 0)
        trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "the board needs more room");
}

int32_t trm_play_wrap(trm_canvas *c, trm_rect r, trm_style style, const char *text) {
    int32_t y = 0;
    while (*text != 0 && y < r.h) {
        char line[256];
        size_t n = 0, end = 0; // end: bytes up to the last break that fits
        while (text[n] != 0 && n + 1 < sizeof line) {
            n++;
            memcpy(line, text, n);
            line[n] = 0;
            if (((unsigned char)text[n] & 0xC0) == 0x80)
                continue; // in the middle of a character
            if (trm_text_columns(line) > r.w)
                break;
            if (text[n] == ' ' || text[n] == 0 || end == 0 || strchr(line, ' ') == NULL)
                end = n;
        }
        memcpy(line, text, end);
        line[end] = 0;
        trm_canvas_text(c, r.y + y, r.x, r.w, style, line);
        y++;
        text += end;
        while (*text == ' ')
            text++;
    }
    return y;
}

void trm_play_draw(trm_canvas *c, const trm_play *p) {
    const trm_play_layout l = trm_play_layout_of(p, c->rows, c->cols);
    draw_title(c, p);
    draw_own(c, l.board, p);
    trm_play_draw_side(c, l.side, p);
    if (l.rival.h == 0)
        return;
    trm_canvas_heading(c, 1, l.board.x, l.board.w, "you", 0);
    trm_canvas_heading(c, 1, l.rival.x, l.rival.w, "the model", 0);
    draw_board(c, l.rival, p->rival, p->rival_visits);
    trm_play_draw_rival(c, l.rival_side, p);
}
