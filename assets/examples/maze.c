// SPDX-License-Identifier: Apache-2.0
// Trains a small model on the maze and prints how often it reaches the goal.
//   cc maze.c $(pkg-config --cflags --libs trm) -o maze && ./maze     (--static for libtrm.a)
#include <inttypes.h>
#include <stdio.h>

#include <trm/trm.h>

static bool train(const trm_config *c, trm_error *e) {
    trm_course *course = trm_run_course(c, e);
    if (course == NULL)
        return false;
    trm_trainer *trainer = trm_trainer_new(course, NULL, NULL, 0);
    bool ok = trm_trainer_run(trainer, e);
    if (ok) {
        trm_evaluation held_out;
        trm_evaluate(trm_course_model(course), trm_course_env(course), 100, 0, false, NULL, NULL,
                     &held_out);
        printf("%" PRId64 " of %" PRId64 " held-out episodes succeed after %" PRId64
               " training episodes\n",
               held_out.successes, held_out.episodes, trm_course_count(course).done);
    }
    trm_trainer_free(trainer);
    trm_course_free(course);
    return ok;
}

int main(void) {
    trm_init();
    trm_config config;
    trm_error error;
    bool ok = trm_config_preset(&config, "maze", &error) &&
              trm_config_override(&config, "train.episodes=250", &error) && train(&config, &error);
    if (!ok)
        fprintf(stderr, "maze: %s\n", error.message);
    trm_done();
    return ok ? 0 : 1;
}
