// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "tui/canvas/layout.h"
#include "tui/versus/state.h"

int32_t trm_versus_length(const trm_versus *v) {
    return v->kind->length(v);
}

void trm_versus_go(trm_versus *v, int32_t t) {
    v->t = trm_clamp(t, 0, trm_versus_length(v) - 1);
    v->kind->go(v);
}

void trm_versus_turn(trm_versus *v, int64_t number) {
    v->playing = false;
    v->kind->turn(v, number);
}

trm_versus *trm_versus_new(const trm_versus_setup *setup) {
    trm_versus *v = trm_alloc(1, sizeof *v);
    v->setup = *setup;
    v->kind = setup->env ? &trm_versus_games : &trm_versus_samples;
    v->kind->init(v);
    v->setup.start = NULL;
    return v;
}

void trm_versus_free(trm_versus *v) {
    if (!v)
        return;
    v->kind->done(v);
    trm_model_free(v->setup.owned[0]);
    trm_model_free(v->setup.owned[1]);
    trm_env_free(v->setup.owned_env);
    trm_dataset_free(v->setup.owned_sets[0]);
    trm_dataset_free(v->setup.owned_sets[1]);
    free(v);
}
