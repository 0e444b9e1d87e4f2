// SPDX-License-Identifier: Apache-2.0
// The projector: which step of which episode is in sight. It keeps a copy of the episode that the
// trainer records, follows it, shows a whole one again, or stands still where the viewer wants it.
#ifndef TUI_WATCH_SHOW_H
#define TUI_WATCH_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/train/trainer.h"
#include "tui/pace.h"

typedef enum trm_show_mode {
    TRM_SHOW_LIVE,   // the step that was done last
    TRM_SHOW_REPLAY, // a finished episode from its start, at a speed of its own
    TRM_SHOW_LINGER, // … and its end for a moment
    TRM_SHOW_AWAIT   // free pace: the next episode was asked for
} trm_show_mode;

typedef struct trm_show {
    trm_trainer *trainer; // borrowed
    trm_reel reel;
    trm_show_mode mode;
    int32_t cursor;  // step in sight; -1: none yet
    uint64_t played; // free pace: the reel that was shown last
    bool followed;   // the reel was seen live, every step of it, from its start
    double next;     // when the mode's next step is due
    double looked;   // when the trainer's reel was looked at last
    double stepped;  // when a single step was asked for, and of what reel and length
    uint64_t step_id;
    int32_t step_length;
    double speed;     // last told to the trainer
    bool hold;        // last told to the trainer
    bool resume_late; // the trainer stays paused until the episode shown again is over
} trm_show;

void trm_show_init(trm_show *s, trm_trainer *t, const trm_env *env, const trm_model *model);
void trm_show_done(trm_show *s);

// Tells the trainer its speed and moves on. state: the trainer's; paused: as the viewer wants it.
// True if another step is in sight than before.
bool trm_show_tick(trm_show *s, trm_director *d, const trm_pace_input *in, trm_trainer_state state,
                   bool paused);

// Pauses show and trainer, or lets them go on. Outside free pace an episode that is being shown
// again comes to its end before training goes on.
void trm_show_pause(trm_show *s, bool pause, const trm_director *d, bool done);

// One step forward (a real one at the end of what there is; from free pace to paced) or back; for a
// paused show.
void trm_show_forward(trm_show *s, trm_director *d, const trm_pace_input *in);
bool trm_show_back(trm_show *s);

// The pace was changed by hand: what the old one was at is given up.
void trm_show_cut(trm_show *s, trm_trainer_state state);

// Seconds until tick has something to do. pausing: the trainer has not come to its pause yet.
double trm_show_wait(const trm_show *s, double now, bool paused, bool pausing);

#endif
