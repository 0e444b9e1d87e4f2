// SPDX-License-Identifier: Apache-2.0
// From a subject to its board: played by hand, or by two models side by side.
#ifndef TUI_PLAY_OPEN_H
#define TUI_PLAY_OPEN_H

#include "trm/agent/subject.h"
#include "tui/app.h"
#include "tui/inspector/inspector.h"

// Push the screen on the board of a subject: of a state that of its environment, which must outlive
// the screen, of a sample the one it makes. Models are taken over, also on failure. A model that
// cannot act there, as those that answer with whole paths, is left out of play, which says so, and
// refused by versus. name: of a model; start_name: of the board; board: the number that the next
// ones are counted from; config: the model's, borrowed, or NULL.
bool trm_play_push(trm_app *app, const trm_subject *s, trm_model *model, const trm_config *config,
                   const char *name, const char *start_name, int64_t board, trm_error *e);
bool trm_versus_push(trm_app *app, const trm_subject *s, trm_model *const models[2],
                     const char *const names[2], const char *start_name, int64_t board,
                     trm_error *e);

// On samples that both models answer: those of a source for the inspector, which are copied.
bool trm_versus_push_samples(trm_app *app, const trm_inspector_source *source,
                             trm_model *const models[2], const char *const names[2], trm_error *e);

#endif
