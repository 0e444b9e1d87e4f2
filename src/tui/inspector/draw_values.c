// SPDX-License-Identifier: Apache-2.0
// The latents of a sample or a state as a board: one value for every cell, on one scale for all
// cycles.
#include <math.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/inspector/draw.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/title.h"

enum { MOST = TRM_BOARD_MAX * TRM_BOARD_MAX };

// Floats that a cell has in H; 0: H does not lie on a board.
static int32_t width_of(const trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    return s->cells > 0 ? s->h / (s->prefix + s->cells) : 0;
}

static float norm_of(const trm_inspector_view *v, int32_t cycle, int32_t cell) {
    return trm_reading_cell_norm(&v->reading, false, cycle, cell);
}

static float change_of(const trm_inspector_view *v, int32_t cycle, int32_t cell) {
    return trm_reading_cell_change(&v->reading, false, cycle, cell);
}

static float unit_of(const trm_inspector_view *v, int32_t cycle, int32_t cell) {
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t n = width_of(v);
    return n > 0 ? trm_trace_h(s, v->trace, cycle)[(s->prefix + cell) * n + v->unit % n] : NAN;
}

static float confidence_of(const trm_inspector_view *v, int32_t cycle, int32_t cell) {
    const int32_t classes = trm_trace_classes(&v->scope->shape);
    if (!trm_inspection_samples(v->scope)) {
        const trm_policy_map *map = v->map;
        return map && cycle < map->cycles && cell < map->cells
                   ? map->prob[cycle * map->cells + cell]
                   : NAN;
    }
    if (!trm_reading_known(&v->reading, cycle))
        return NAN;
    return trm_reading_raw(&v->reading, cycle,
                           cell * classes + trm_reading_class(&v->reading, cycle, cell));
}

static const struct {
    const char *name;
    float (*of)(const trm_inspector_view *v, int32_t cycle, int32_t cell);
} kinds[TRM_VALUES] = {
    [TRM_VALUE_CHANGE] = {"change of each cell", change_of},
    [TRM_VALUE_NORM] = {"norm of each cell", norm_of},
    [TRM_VALUE_UNIT] = {"one unit of each cell", unit_of},
    [TRM_VALUE_CONFIDENCE] = {"how sure each cell is", confidence_of},
};

static float scale_of(const trm_inspector_view *v, int32_t cells) {
    float most = 0.0f;
    for (int32_t k = 0; k < v->scope->shape.cycles; k++)
        for (int32_t i = 0; i < cells; i++)
            most = fmaxf(most, fabsf(kinds[v->value].of(v, k, i)));
    return trm_heat_scale(0.0f, most);
}

bool trm_inspector_has_values(const trm_inspector_view *v, trm_rect panel) {
    enum { BESIDES = 10 }; // frames, headings, the words between the boards
    return trm_inspection_on_board(v->scope) && v->scope->shape.cells <= MOST &&
           panel.h >= 2 * v->board.rows + BESIDES;
}

void trm_inspector_draw_values(trm_canvas *c, trm_rect r, const trm_inspector_view *v) {
    const trm_subject subject = trm_inspection_subject(v->scope, v->at);
    float values[MOST];
    char range[32];
    const int32_t cells = v->scope->shape.cells;
    if (v->trace == NULL || r.h < v->board.rows + 1)
        return;
    for (int32_t i = 0; i < cells; i++)
        values[i] = kinds[v->value].of(v, v->cycle, i);
    const trm_answer_marks marks = {
        .set = subject.set, .board = &v->board, .heat = values, .scale = scale_of(v, cells)};
    trm_board_view board = trm_board_view_of(&v->board, trm_answer_mark, &marks);
    board.frame = false;
    board.cursor = v->cell;
    trm_text_format(range, sizeof range, "%s%g",
                    c->look.glyphs == TRM_GLYPHS_ASCII ? "+-" : "\u00B1", (double)marks.scale);
    r = trm_panel(c, r, kinds[v->value].name, false, TRM_WORDS(range));
    trm_board_draw(c, r, &board);
}
