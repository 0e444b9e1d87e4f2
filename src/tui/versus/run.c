// SPDX-License-Identifier: Apache-2.0
#include <locale.h>

#include "trm/base/text.h"
#include "trm/tui/versus.h"
#include "tui/versus/state.h"

bool trm_versus_run(const trm_versus_options *o, trm_error *e) {
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); // numbers are written the same for everyone
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
    trm_versus_setup setup = {.env = o->env, .board = o->board};
    for (int32_t i = 0; i < 2; i++) {
        setup.models[i] = o->models[i];
        trm_text_copy(setup.names[i], sizeof setup.names[i], o->names[i]);
    }
    trm_versus *v = trm_versus_new(&setup);
    bool ok = trm_app_push(app, trm_versus_screen(v), e);
    if (!ok)
        trm_versus_free(v);
    ok = ok && trm_app_run(app, e);
    trm_app_close(app);
    return ok;
}
