// SPDX-License-Identifier: Apache-2.0
// libtrm: models that think in cycles, boards for them to act on, and their training. This header
// brings all of it; each header below is the manual of its part. It all works from C++, too.
//
// A program, in the order of its calls (examples/maze.c in the documentation is a whole one):
//
//   trm_init();                                        // OpenBLAS to one thread
//   trm_config c; trm_error e;
//   trm_config_preset(&c, "maze", &e);                 // or trm_config_load: a file or a run
//   trm_config_override(&c, "train.episodes=250", &e); // as many as you like
//   trm_course *course = trm_run_course(&c, &e);       // model, boards or samples, optimiser
//   trm_trainer *t = trm_trainer_new(course, NULL, NULL, 0);
//   trm_trainer_run(t, &e);                            // or _start: on a thread of its own
//   trm_evaluation result;
//   trm_evaluate(trm_course_model(course), trm_course_env(course), 100, 0, false, NULL, NULL,
//                &result);
//   trm_trainer_free(t);
//   trm_course_free(course);
//   trm_done();                                        // OpenBLAS as it was
//
// Build it with `cc program.c $(pkg-config --cflags --libs trm)`, with --static for libtrm.a.
//
// Errors. What can fail takes a trm_error, returns false or NULL, and leaves one line in
// e.message that ends in what to do. e may be NULL. The library never prints and never exits; it
// aborts when memory runs out and when a caller breaks a rule that a header states (an assertion).
//
// Threads. Objects have no locks unless their header says so: one thread at a time. A model is
// only read by forward and backward, so threads share it, each with a workspace of its own. A
// trainer is made to be commanded and read from other threads. train.threads sets how many threads
// a course uses; results do not depend on it. Worker threads block all signals.
//
// Ownership. What _new returns, _free frees; _free takes NULL. What _init fills, _done empties.
// Pointers that a function takes are borrowed for the call, unless its header says for longer.
// `const` results point into the object and live as long as it does. What is malloc'd says so.
//
// Everything that a program may use starts with trm_ or TRM_. Sizes of structs may change from one
// version to the next: build against the headers that came with the library.
#ifndef TRM_TRM_H
#define TRM_TRM_H

#include "trm/base/api.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/error.h"
#include "trm/base/file.h"
#include "trm/base/peers.h"
#include "trm/base/pool.h"
#include "trm/base/rng.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/base/thread.h"

#include "trm/nn/attention.h"
#include "trm/nn/blas.h"
#include "trm/nn/categorical.h"
#include "trm/nn/conv.h"
#include "trm/nn/dropout.h"
#include "trm/nn/init.h"
#include "trm/nn/layers.h"
#include "trm/nn/matrix.h"
#include "trm/nn/mixing.h"
#include "trm/nn/optim.h"
#include "trm/nn/params.h"
#include "trm/nn/soft.h"

#include "trm/model/inspect.h"
#include "trm/model/model.h"
#include "trm/model/paper.h"
#include "trm/model/reading.h"
#include "trm/model/trace.h"
#include "trm/model/work.h"

#include "trm/env/board.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/env/maze.h"
#include "trm/env/puzzle.h"

#include "trm/agent/agent.h"
#include "trm/agent/duel.h"
#include "trm/agent/episode.h"
#include "trm/agent/evaluate.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/agent/evaluate_steps.h"
#include "trm/agent/game.h"
#include "trm/agent/pca.h"
#include "trm/agent/player.h"
#include "trm/agent/policy_map.h"
#include "trm/agent/score.h"
#include "trm/agent/step.h"
#include "trm/agent/subject.h"
#include "trm/agent/words.h"

#include "trm/train/bench.h"
#include "trm/train/course.h"
#include "trm/train/diagnose.h"
#include "trm/train/history.h"
#include "trm/train/learner.h"
#include "trm/train/sizes.h"
#include "trm/train/supervised.h"
#include "trm/train/trainer.h"

#include "trm/run/assets.h"
#include "trm/run/checkpoint.h"
#include "trm/run/cluster.h"
#include "trm/run/compare.h"
#include "trm/run/config.h"
#include "trm/run/course.h"
#include "trm/run/evaluate.h"
#include "trm/run/export.h"
#include "trm/run/follow.h"
#include "trm/run/metrics.h"
#include "trm/run/reason.h"
#include "trm/run/record.h"
#include "trm/run/reproduce.h"
#include "trm/run/rundir.h"
#include "trm/run/runs.h"
#include "trm/run/safetensors.h"
#include "trm/run/scores.h"
#include "trm/run/weights.h"

#include "trm/plot/plot.h"

#endif
