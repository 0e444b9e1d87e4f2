// SPDX-License-Identifier: Apache-2.0
// Everything that the microscope shows, as plain data worked out from the thoughts of one moment.
// Drawing reads it and nothing else.
#ifndef TUI_INSPECTOR_VIEW_H
#define TUI_INSPECTOR_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/pca.h"
#include "tui/inspector/inspection.h"
#include "tui/widgets/board.h"

typedef enum trm_inspector_panel {
    TRM_INSPECTOR_BOARD,
    TRM_INSPECTOR_CYCLES,
    TRM_INSPECTOR_UNIT,
    TRM_INSPECTOR_PATH,
    TRM_INSPECTOR_PANELS
} trm_inspector_panel;

// The parts of a cycle's trace.
typedef enum trm_level { TRM_LEVEL_MID, TRM_LEVEL_L, TRM_LEVEL_H, TRM_LEVELS } trm_level;

typedef enum trm_unit_order {
    TRM_ORDER_NUMBER,
    TRM_ORDER_ACTIVITY, // falling magnitude at the selected cycle
    TRM_ORDER_WEIGHT,   // falling magnitude of the weight to the selected action; H only
    TRM_ORDERS
} trm_unit_order;

// What stands in the cells of the lower board, one value each: of a sample's latents.
typedef enum trm_cell_value {
    TRM_VALUE_CHANGE,     // norm of H less H a cycle before
    TRM_VALUE_NORM,       // … of H
    TRM_VALUE_UNIT,       // of every cell the unit that the cursor is on
    TRM_VALUE_CONFIDENCE, // probability of the answer
    TRM_VALUES
} trm_cell_value;

// A cycle in numbers. What it is compared with is the cycle before or, where a state is pinned, the
// same cycle there.
typedef struct trm_cycle_numbers {
    int32_t best;     // likeliest action; -1: no reading
    float norm;       // of H
    bool compared;    // there is something to compare with
    float difference; // norm of H minus H there
    float cosine;     // between the two; NaN where one is 0
} trm_cycle_numbers;

typedef struct trm_inspector_view {
    trm_inspection *scope; // owned by the screen
    int32_t at;            // the moment
    float *trace;          // NULL: being worked out
    trm_reading reading;   // the same, with what may be done
    trm_board board;
    int32_t agent; // cell, -1: none
    bool *legal;   // [actions] that may be taken there; the reading's where something is masked
    int32_t choice, choices; // the actions that are chosen between: the first, how many

    int32_t pinned;            // moment, -1: none
    float *pin;                // its trace, a copy
    int32_t cycle;             // the selected one
    int32_t decided;           // -1: no reading
    trm_cycle_numbers *cycles; // [cycles]
    float *difference;         // [cycles, h] of H; 0 where there is nothing to compare with
    float h_scale, l_scale, d_scale;

    trm_level level; // of the unit
    int32_t unit;
    int32_t action;  // whose weights are shown and sorted by
    bool action_set; // chosen by hand; else it is what the model would do
    trm_unit_order order;
    int32_t *place[2];   // [h], [l]: which unit stands at each place of H's and of L's maps
    bool has_weights;    // the head reads H, and the architecture tells how
    float *weights;      // [h] d logit(action) / d h of the last cycle
    bool reads_unit;     // the same of the level that the unit is of
    float *unit_weights; // [choices] d logits / d the unit of the last cycle
    float *sorted;       // scratch for maps: as many as the largest level has

    const trm_policy_map *map; // of this moment; cells 0: none
    int32_t cell;              // cursor on the board
    trm_cell_mark *marks;      // scratch for drawing: one for each cell
    trm_cell_value value;      // of the lower board

    const trm_pca *pca;
    bool path_known; // the directions are of all moments there are
    float path_low[2], path_high[2];
    float (*path)[2]; // [moments, cycles]

    trm_inspector_panel focus;
    trm_inspector_panel side; // the panel beside the board where only one fits
    bool wide;                // all fit
} trm_inspector_view;

// Room for a scope's traces. at: the moment to begin with.
void trm_inspector_view_init(trm_inspector_view *v, trm_inspection *scope, int32_t at);
void trm_inspector_view_done(trm_inspector_view *v);

// The moment is `at` now, clamped; what is known of it is taken over.
void trm_inspector_view_go(trm_inspector_view *v, int32_t at);

// What the model thinks at the moment has become known.
void trm_inspector_view_arrive(trm_inspector_view *v);

// Works out everything from the scope again: after the moment, a choice or a trace has changed.
void trm_inspector_view_refresh(trm_inspector_view *v);

// Size of a level; the part of a trace that it is.
int32_t trm_level_size(const trm_trace_shape *s, trm_level level);
float *trm_level_of(const trm_trace_shape *s, float *trace, trm_level level, int32_t cycle);

// "h", "L", "H": how the screens call a level.
const char *trm_level_name(const trm_trace_shape *s, trm_level level);

// Selects, clamped or round; refreshes.
void trm_inspector_view_select_cycle(trm_inspector_view *v, int32_t cycle);
void trm_inspector_view_select_unit(trm_inspector_view *v, trm_level level, int32_t unit);
void trm_inspector_view_select_action(trm_inspector_view *v, int32_t action);

// The cursor on the board. Of a sample it is that cell's answer that everything is about.
void trm_inspector_view_select_cell(trm_inspector_view *v, int32_t cell);

// Pins this moment to compare others with; again: lets it go.
void trm_inspector_view_pin(trm_inspector_view *v);

// Where the unit stands in its map, and which unit stands at a place.
int32_t trm_inspector_view_place(const trm_inspector_view *v);
int32_t trm_inspector_view_unit_at(const trm_inspector_view *v, trm_level level, int32_t place);

// Values of a level in the order of its map, in v->sorted.
const float *trm_inspector_view_sorted(const trm_inspector_view *v, trm_level level,
                                       const float *values);

// Projects all known thoughts on the directions.
void trm_inspector_view_take_path(trm_inspector_view *v);

// "decided at cycle 2 of 3: right, 0.31 to 0.88"
void trm_inspector_sentence(const trm_inspector_view *v, char *out, int32_t size);

float trm_vector_norm(const float *x, int32_t n);
float trm_vector_cosine(const float *x, const float *y, int32_t n); // NaN where one is 0

#endif
