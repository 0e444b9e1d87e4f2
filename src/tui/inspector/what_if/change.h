// SPDX-License-Identifier: Apache-2.0
// What is changed about a decision: the state or input, and how the model is run. Kept with its
// history, so that everything can be undone.
#ifndef TUI_INSPECTOR_WHAT_IF_CHANGE_H
#define TUI_INSPECTOR_WHAT_IF_CHANGE_H

#include "tui/inspector/inspection.h"

// One version. h_held and l_held of `otherwise` point into it; cycles is never 0.
typedef struct trm_version {
    char *state; // a state block, or a sample's input
    trm_agent_intervention otherwise;
    uint8_t *h_held, *l_held; // [H], [L]
} trm_version;

typedef struct trm_change {
    const trm_inspection *scope;
    trm_interventions can;
    int32_t own_cycles; // outputs that the model has by itself
    int32_t most_cycles;
    trm_version *versions;    // a ring of TRM_VERSIONS, and one to try things on
    int32_t first, now, last; // of the ring, as ever growing numbers
} trm_change;

enum { TRM_VERSIONS = 256 };

void trm_change_init(trm_change *c, const trm_inspection *scope, int32_t moment);
void trm_change_done(trm_change *c);

const trm_version *trm_change_now(const trm_change *c);

// The state becomes that of a moment, how the model is run stays; the history is empty then.
void trm_change_go(trm_change *c, int32_t moment);

// Each makes a new version. Refused, with *e filled and nothing changed, where the environment or
// the architecture cannot.
bool trm_change_edit(trm_change *c, const trm_edit *edit, trm_error *e);
bool trm_change_cycles(trm_change *c, int32_t by, trm_error *e);
bool trm_change_passes(trm_change *c, bool h, int32_t by, trm_error *e); // H or L cycles of a step
bool trm_change_prefix(trm_change *c, trm_error *e);                     // on, off
bool trm_change_feedback(trm_change *c, trm_error *e);                   // on, off
bool trm_change_carry(trm_change *c, trm_error *e);
// The previous action that the model is told of: the next one (by 1, -1), past the last none, past
// that what it was.
bool trm_change_before(trm_change *c, int32_t by, trm_error *e);
bool trm_change_unit(trm_change *c, bool h, int32_t unit, trm_error *e); // held, let go
bool trm_change_units(trm_change *c, const char *text, trm_error *e);    // held: "h:12,l:3"
void trm_change_nothing(trm_change *c, int32_t moment);                  // everything as it was

bool trm_change_undo(trm_change *c);
bool trm_change_redo(trm_change *c);

// The previous action that the model is told of, where `own` came before; -1: none.
int32_t trm_version_before(const trm_version *v, int32_t own);

// Units held in all.
int32_t trm_version_held(const trm_change *c, const trm_version *v);

// "K 3 to 5, no feedback, 2 units held"; "" where the model is run as it is.
void trm_version_words(const trm_change *c, const trm_version *v, char *out, int32_t size);

// The units held: "h:1,h:3,l:2"; "" for none.
void trm_version_units(const trm_change *c, const trm_version *v, char *out, int32_t size);

// The same as words for `trm probe`.
void trm_version_flags(const trm_change *c, const trm_version *v, char *out, int32_t size);

#endif
