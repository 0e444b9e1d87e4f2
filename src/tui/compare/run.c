// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/tui/compare.h"
#include "tui/compare/state.h"

bool trm_compare_view_run(const trm_compare_view_options *o, trm_error *e) {
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
    trm_compare_screen *s = trm_alloc(1, sizeof *s);
    s->compare = o->compare;
    s->room = trm_compare_room_new();
    trm_compare_view_init(&s->view, o->compare);
    trm_compare_view_renew(&s->view, s->room);
    bool ok = trm_app_push(app, trm_compare_screen_of(s), e) && trm_app_run(app, e);
    trm_compare_stop(o->compare);
    trm_compare_join(o->compare);
    trm_app_close(app);
    if (s->error.code != TRM_OK)
        ok = trm_error_set(e, s->error.code, "%s", s->error.message);
    free(s->room);
    free(s);
    return ok;
}
