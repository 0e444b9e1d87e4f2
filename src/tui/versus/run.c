// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "trm/tui/versus.h"
#include "tui/versus/state.h"

static bool push(trm_app *app, const void *ctx, trm_error *e) {
    const trm_versus_options *o = ctx;
    trm_versus_setup setup = {.env = o->env, .board = o->board};
    for (int32_t i = 0; i < 2; i++) {
        setup.models[i] = o->models[i];
        trm_text_copy(setup.names[i], sizeof setup.names[i], o->names[i]);
    }
    trm_versus *v = trm_versus_new(&setup);
    if (trm_app_push(app, trm_versus_screen(v), e))
        return true;
    trm_versus_free(v);
    return false;
}

bool trm_versus_run(const trm_versus_options *o, trm_error *e) {
    return trm_app_show(&(trm_app_options){o->ascii, o->color, o->mouse}, push, o, e);
}
