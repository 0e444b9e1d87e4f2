// SPDX-License-Identifier: Apache-2.0
// A checkpoint as `eval` reads it, a model of whatever kind, and as --resume does, one of a kind.
#include <stdlib.h>

#include "run/weights/checkpoint_parts.h"
#include "target.h"
#include "trm/run/course.h"

static trm_config config;

static trm_course *course_once(void) {
    static trm_course *course;
    static const char *const words[] = {"env.size=2", "model.hidden=2", "train.episodes=3"};
    trm_error e = {0};
    if (course != NULL)
        return course;
    must(trm_config_preset(&config, "maze-mlp", &e));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        must(trm_config_override(&config, words[i], &e));
    config.seed = 1;
    course = trm_run_course(&config, &e);
    must(course != NULL);
    return course;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_safetensors s;
    trm_config c = trm_config_default();
    trm_error e = {0};
    if (!trm_safetensors_parse(&s, "bytes", data, size, &e)) {
        must_tell(&e);
        return 0;
    }
    trm_model *m = trm_checkpoint_build_model(&s, NULL, NULL, 0, &c, &e);
    if (m == NULL)
        must_tell(&e);
    trm_model_free(m);
    trm_course *course = course_once();
    if (!trm_checkpoint_fill_model(&s, course, &config, &e))
        must_tell(&e);
    trm_safetensors_free(&s);
    return 0;
}
