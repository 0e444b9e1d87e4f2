// SPDX-License-Identifier: Apache-2.0
// What is under the microscope: a model of one moment, an episode, and what the model thinks at
// each of its states, computed as it is needed.
#ifndef TUI_MICRO_SCOPE_H
#define TUI_MICRO_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "trm/agent/policy_map.h"
#include "tui/micro/micro.h"

enum { TRM_SCOPE_NAME = 16, TRM_SCOPE_CYCLES = 16 /* that what-if offers */ };

typedef struct trm_scope {
    const trm_env *env; // borrowed
    trm_agent agent;    // a snapshot; as the model is, between calls
    trm_trace_shape shape;
    char title[64];
    const char *how;  // what was done where it is not the best action: "sampled"
    const char *task; // "maze", "sudoku"
    int32_t actions;
    char (*names)[TRM_SCOPE_NAME]; // [actions]
    const char *(*glyphs)[2];      // [actions] arrows in Unicode and in ASCII, "" where none
    int32_t name_width;            // of the longest name
    trm_reel_step *steps;          // [length]
    char *states;                  // [length + 1]
    size_t state_size;
    int32_t length;
    int32_t moments; // states that can be looked at: those before a step, and the last one of an
                     // episode that is not over

    // Thoughts, as many as there is room for. Where there is not room for all, those nearest to the
    // moment asked for are kept.
    int32_t slots;
    float *traces;       // [slots] of trm_trace_size(shape) floats
    int32_t *slot_of;    // [moments] -1: not known
    int32_t *moment_in;  // [slots] -1: free
    int32_t known;       // moments that are known
    int64_t looks;       // how often one became known
    double look_seconds; // that the slowest look has taken
} trm_scope;

trm_scope *trm_scope_new(const trm_micro_source *source, trm_error *e);
void trm_scope_free(trm_scope *s); // NULL is fine

// What it is made from, for another screen on the same.
trm_micro_source trm_scope_source(const trm_scope *s, int32_t at);

const void *trm_scope_state(const trm_scope *s, int32_t moment);
int32_t trm_scope_prev_action(const trm_scope *s, int32_t moment); // -1: none

// What the model thinks there; NULL: not computed yet. Read only.
float *trm_scope_trace(const trm_scope *s, int32_t moment);

// Makes it known.
float *trm_scope_look(trm_scope *s, int32_t moment);

// How the logits there depend on units of the last cycle, as trm_model_head_gradient. False: the
// moment is not known, the head does not read that level, or the architecture does not tell.
bool trm_scope_gradient(trm_scope *s, int32_t moment, int32_t action0, int32_t actions,
                        int32_t unit0, int32_t units, float *out);

// The nearest moment to `at` that is not known and for which there is room; -1: none.
int32_t trm_scope_next(const trm_scope *s, int32_t at);

const char *trm_scope_glyph(const trm_scope *s, int32_t action, const trm_look *look);

// The trace there (NULL: not computed yet) with what may be done there: in `legal` [actions].
trm_reading trm_scope_reading(const trm_scope *s, int32_t moment, bool *legal);

#endif
