// SPDX-License-Identifier: Apache-2.0
// Playback: what is in sight. Of a course of episodes it is a step of one: a copy of the episode
// that the trainer records is followed, shown again from its start, or stands still where the
// viewer wants it. Of a course of epochs it is a sample and its answer, asked for again when there
// is something new about it; after training one sample follows the other, step by step.
#ifndef TUI_TRAIN_PLAYBACK_H
#define TUI_TRAIN_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/train/trainer.h"
#include "tui/pacing.h"

typedef enum trm_playback_mode {
    TRM_PLAYBACK_LIVE,   // the step that was done last, the newest answer
    TRM_PLAYBACK_REPLAY, // a finished episode, or a sample, from its start, at a speed of its own
    TRM_PLAYBACK_LINGER, // … and its end for a moment
    TRM_PLAYBACK_AWAIT   // free pace: the next episode was asked for
} trm_playback_mode;

typedef struct trm_playback {
    bool samples;            // else episodes
    trm_trainer *trainer;    // borrowed
    trm_trainer_state state; // of it, when it was looked at last
    trm_playback_mode mode;
    int32_t cursor;   // step in sight: of the episode (-1: none yet), or of the model
    double next;      // when the mode's next step is due
    double looked;    // when the trainer was looked at, or asked, last
    double speed;     // last told to the trainer
    bool hold;        // last told to the trainer
    bool resume_late; // the trainer stays paused until the episode shown again is over

    // Episodes.
    int32_t envs, max_steps;
    trm_episode_trace episode_trace;
    uint64_t played;  // free pace: the episode trace that was shown last
    uint64_t seeking; // the next episode is wanted, and this episode trace is not it; 0: none is
    bool followed;    // the episode trace was seen live, every step of it, from its start
    double stepped;   // when a single step was asked for, and of what episode trace and length
    uint64_t step_id;
    int32_t step_length;

    // Samples.
    int32_t first, steps;      // of the model: the first that is read, and how many
    trm_sample sample, before; // the newest answer, and the one before it; id 0: none
    bool back;                 // the one before is in sight
    trm_split side;
    int32_t wanted;       // sample asked for, of `side`
    const int32_t *order; // held-out samples in this order, borrowed; NULL: as they were drawn
    int32_t order_count;
    bool ask, asked;  // … and it is to be, or has been, but was not answered yet
    int64_t answered; // batches done when it was asked for last
} trm_playback;

void trm_playback_init(trm_playback *s, trm_trainer *t, const trm_course *course);
void trm_playback_done(trm_playback *s);

// What the pacing is told of a training: all but `now`, `done` and `training`.
void trm_playback_tell(const trm_playback *s, const trm_snapshot *snap, trm_pace_input *in);

// Tells the trainer its speed and moves on. paused: as the viewer wants it. True if something else
// is in sight than before.
bool trm_playback_tick(trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                       const trm_snapshot *snap, bool paused);

// Seconds until tick has something to do.
double trm_playback_wait(const trm_playback *s, double now, bool paused);

// Steps or batches a second in sight; 0: as fast as it goes. before: what it was.
double trm_playback_speed(const trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                          double before);

// Pauses show and trainer, or lets them go on. Outside free pace an episode that is being shown
// again comes to its end before training goes on.
void trm_playback_pause(trm_playback *s, bool pause, const trm_pacing *d, bool done);

// The pace was changed by hand: what the old one was at is given up.
void trm_playback_cut(trm_playback *s);

// The first or the last step of what is in sight.
void trm_playback_edge(trm_playback *s, bool last);

// Of a paused show one step on: a real one, of the environment or a batch, at the end of what there
// is (from free pace to paced); and back. NULL, or why nothing could be done.
const char *trm_playback_forward(trm_playback *s, trm_pacing *d, const trm_pace_input *in);
const char *trm_playback_back(trm_playback *s, const trm_pace_input *in);

// To the next episode or sample (by 1), or to the start of the episode or the sample before (-1),
// for which episodes are paused; likewise.
const char *trm_playback_turn(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused,
                              int32_t by);

// Held-out samples in an order of their numbers, `count` of them, borrowed, from its first on;
// NULL: as they were drawn.
void trm_playback_order(trm_playback *s, const int32_t *order, int32_t count);

// Samples of the other side of the split; likewise.
const char *trm_playback_side(trm_playback *s);

// The step in sight: of the episode, -1 before there is one, or of the model, as far as the answer
// is there.
int32_t trm_playback_cursor(const trm_playback *s);

// The answer in sight; NULL: none yet.
const trm_sample *trm_playback_sample(const trm_playback *s);

#endif
