// SPDX-License-Identifier: Apache-2.0
// What what-if shows: a decision as it is beside what it would be. Plain data; drawing only reads.
#ifndef TUI_INSPECTOR_WHAT_IF_VIEW_H
#define TUI_INSPECTOR_WHAT_IF_VIEW_H

#include "tui/inspector/what_if/change.h"
#include "tui/widgets/policy.h"

// The two sides.
enum { TRM_AS_IS, TRM_WHAT_IF, TRM_SIDES };

typedef enum trm_what_if_focus {
    TRM_WHAT_IF_BOARD,
    TRM_WHAT_IF_H, // units of H, to hold
    TRM_WHAT_IF_L,
    TRM_WHAT_IF_FOCUSES
} trm_what_if_focus;

typedef struct trm_side {
    trm_board board;
    trm_trace_shape shape;
    float *trace;
    bool known;      // the trace is of now; else it is still to be looked at
    bool *legal;     // [actions] that may be taken there
    bool masks;      // some may not
    int32_t best;    // what the model would do; -1: no reading
    int32_t decided; // from which cycle on
    trm_policy_map map;
} trm_side;

typedef struct trm_what_if_view {
    trm_inspection *scope;
    const trm_change *change;
    int32_t at; // the moment
    trm_side sides[TRM_SIDES];
    bool later;          // looks that take long are left to trm_what_if_view_work
    double look_seconds; // that the last one took
    bool same;           // the two sides are equal, bit for bit
    float *difference;   // [h] of the last cycles' H
    float norm, cosine, scale, h_scale, l_scale;
    int32_t cell;                      // cursor on the board
    int32_t unit[TRM_WHAT_IF_FOCUSES]; // cursors on the maps
    trm_what_if_focus focus;
    trm_cell_mark *marks;
} trm_what_if_view;

void trm_what_if_view_init(trm_what_if_view *v, trm_inspection *scope, const trm_change *change,
                           int32_t at, bool later);
void trm_what_if_view_done(trm_what_if_view *v);

// What the model thinks on a side, with what may be done there. Only where it is known.
trm_reading trm_what_if_reading(const trm_what_if_view *v, int32_t side);

// The subject of a side: of what is changed the target is not known, where the input is another.
trm_subject trm_what_if_subject(const trm_what_if_view *v, int32_t side);

// The cursor on the board. Of a sample it is that cell's answer that both sides are about.
void trm_what_if_view_select_cell(trm_what_if_view *v, int32_t cell);

// Looks again: at what is changed, or at both sides at another moment.
void trm_what_if_view_refresh(trm_what_if_view *v);
void trm_what_if_view_go(trm_what_if_view *v, int32_t at);

// One look more, the most urgent: at a side, or at a cell of the policies. False: there is none.
bool trm_what_if_view_work(trm_what_if_view *v);
bool trm_what_if_view_busy(const trm_what_if_view *v);

// Both sides are known, and what is compared is of them.
bool trm_what_if_view_known(const trm_what_if_view *v);

// "right 0.64 becomes down 0.51"; "nothing is changed: the same, bit for bit".
void trm_what_if_sentence(const trm_what_if_view *v, char *out, int32_t size);

#endif
