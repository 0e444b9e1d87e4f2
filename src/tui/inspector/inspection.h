// SPDX-License-Identifier: Apache-2.0
// What is under the microscope: a model of one moment, a sequence of subjects, and what the model
// thinks of each, computed as it is needed. The subjects are called moments here: states of an
// episode, or samples.
#ifndef TUI_INSPECTOR_SCOPE_H
#define TUI_INSPECTOR_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "trm/agent/policy_map.h"
#include "trm/agent/subject.h"
#include "tui/inspector/inspector.h"

enum {
    TRM_INSPECTION_NAME = TRM_SUBJECT_NAME,
    TRM_INSPECTION_CYCLES = 16 /* that what-if offers */
};

typedef struct trm_inspection {
    const trm_env *env; // borrowed; NULL: the moments are samples
    trm_agent agent;    // a snapshot; as the model is, between calls
    trm_trace_shape shape;
    char title[64];
    const char *how; // what was done where it is not the best action: "sampled"
    int32_t actions;
    char (*names)[TRM_INSPECTION_NAME]; // [actions]
    const char *(*glyphs)[2];           // [actions] arrows in Unicode and in ASCII, "" where none
    int32_t name_width;                 // of the longest name
    trm_episode_step *steps;            // [length]
    char *states;                       // [length + 1], or the inputs of samples
    size_t state_size;
    int32_t length;  // 0 of samples
    int32_t moments; // samples, or states that can be looked at: those before a step, and the last
                     // one of an episode that is not over
    trm_dataset set; // of samples: copies, whose inputs are `states`
    int32_t number, total; // how samples are counted
    int32_t cell;          // of a sample, to begin with
    trm_config *config;    // of samples; NULL: the model is not written down

    // Thoughts, as many as there is room for. Where there is not room for all, those nearest to the
    // moment asked for are kept.
    int32_t slots;
    float *traces;       // [slots] of trm_trace_size(shape) floats
    int32_t *slot_of;    // [moments] -1: not known
    int32_t *moment_in;  // [slots] -1: free
    int32_t known;       // moments that are known
    int64_t looks;       // how often one became known
    double look_seconds; // that the slowest look has taken
} trm_inspection;

trm_inspection *trm_inspection_new(const trm_inspector_source *source, trm_error *e);
void trm_inspection_free(trm_inspection *s); // NULL is fine

// What it is made from, for another screen on the same.
trm_inspector_source trm_inspection_source(const trm_inspection *s, int32_t at);

// Samples instead of an episode?
bool trm_inspection_samples(const trm_inspection *s);

// Does H lie on the cells of the board?
bool trm_inspection_on_board(const trm_inspection *s);

// "step", "sample"; and its number there, counted from 1, of so many.
const char *trm_inspection_word(const trm_inspection *s);
int32_t trm_inspection_number(const trm_inspection *s, int32_t moment);
int32_t trm_inspection_total(const trm_inspection *s);

trm_subject trm_inspection_subject(const trm_inspection *s, int32_t moment);
const void *trm_inspection_state(const trm_inspection *s, int32_t moment);   // its block
int32_t trm_inspection_prev_action(const trm_inspection *s, int32_t moment); // -1: none

// What the model thinks there; NULL: not computed yet. Read only.
float *trm_inspection_trace(const trm_inspection *s, int32_t moment);

// Makes it known; NULL: the app's next key came before (trm_inspection_yield).
float *trm_inspection_compute(trm_inspection *s, int32_t moment);

// From here looks of models that ask between their passes end when a key is to be handled.
void trm_inspection_yield(trm_inspection *s, trm_app *app);
bool trm_inspection_quick(const trm_inspection *s); // are looks there within a few frames?

// How the logits there depend on units of the last cycle, as trm_model_head_gradient. False: the
// moment is not known, the head does not read that level, or the architecture does not tell.
bool trm_inspection_gradient(trm_inspection *s, int32_t moment, int32_t action0, int32_t actions,
                             int32_t unit0, int32_t units, float *out);

// The nearest moment to `at` that is not known and for which there is room; -1: none.
int32_t trm_inspection_next(const trm_inspection *s, int32_t at);

// An action's sign, or its name where it has none. inspection: a trm_inspection.
const char *trm_inspection_sign(const void *inspection, int32_t action, bool ascii);
const char *trm_inspection_glyph(const trm_inspection *s, int32_t action, const trm_look *look);

// The trace there (NULL: not computed yet) with what may be done there: in `legal` [actions]. Of a
// sample these are the classes of a cell, so that everything that is read is about that cell.
trm_reading trm_inspection_reading(const trm_inspection *s, int32_t moment, int32_t cell,
                                   bool *legal);

#endif
