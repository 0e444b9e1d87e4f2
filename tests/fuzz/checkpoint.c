// SPDX-License-Identifier: Apache-2.0
// A checkpoint as `eval` reads it, a model of whatever kind, and as --resume does, one of a kind.
#include <stdlib.h>

#include "run/checkpoint_parts.h"
#include "target.h"

static trm_learner *learner_once(void) {
    static trm_learner *learner;
    static const char *const words[] = {"env.size=2", "model.hidden=2", "train.episodes=3"};
    trm_config c;
    trm_error e = {0};
    if (learner != NULL)
        return learner;
    must(trm_config_preset(&c, "maze-mlp", &e));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        must(trm_config_override(&c, words[i], &e));
    learner = trm_learner_new(&c.env, &c.model, &c.train, 1, &e);
    must(learner != NULL);
    return learner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_safetensors s;
    trm_config c = trm_config_default();
    trm_error e = {0};
    if (!trm_safetensors_parse(&s, "bytes", data, size, &e)) {
        must_tell(&e);
        return 0;
    }
    trm_model *m = checkpoint_model(&s, NULL, NULL, 0, &c, &e);
    if (m == NULL)
        must_tell(&e);
    trm_model_free(m);
    if (!checkpoint_restore(&s, learner_once(), &e))
        must_tell(&e);
    trm_safetensors_free(&s);
    return 0;
}
