// SPDX-License-Identifier: Apache-2.0
// Without curses: what stands here in place of the screens.
#include <stdio.h>

#include "trm/tui/compare.h"
#include "trm/tui/demo.h"
#include "trm/tui/play.h"
#include "trm/tui/replay.h"
#include "trm/tui/runs.h"
#include "trm/tui/screens.h"
#include "trm/tui/versus.h"
#include "trm/tui/watch.h"

static bool no_screen(trm_error *e) {
    return trm_error_set(
        e, TRM_E_INPUT,
        "this trm was built without its screens (-Dtui=disabled); use `trm train`, "
        "`eval`, `probe` or `replay --check`, which need none");
}

bool trm_screens_built(void) {
    return false;
}

bool trm_screens_possible(trm_error *e) {
    return no_screen(e);
}

void trm_screens_give_back(const char *line) {
    fprintf(stderr, "%s\n", line);
}

const char *trm_screens_name(int32_t i) {
    (void)i;
    return NULL;
}

const char *trm_screens_summary(int32_t i) {
    (void)i;
    return NULL;
}

bool trm_screens_key(int32_t i, int32_t row, trm_screen_key *out) {
    (void)i;
    (void)row;
    (void)out;
    return false;
}

bool trm_watch_possible(trm_error *e) {
    return no_screen(e);
}

bool trm_watch_run(const trm_watch_options *o, char **summary, trm_error *e) {
    (void)o;
    if (summary != NULL)
        *summary = NULL;
    return no_screen(e);
}

bool trm_demo_run(const trm_demo_options *o, trm_error *e) {
    (void)o;
    return no_screen(e);
}

bool trm_play_run(const trm_play_options *o, trm_error *e) {
    (void)o;
    return no_screen(e);
}

bool trm_versus_run(const trm_versus_options *o, trm_error *e) {
    (void)o;
    return no_screen(e);
}

bool trm_replay_run(const trm_replay_options *o, trm_error *e) {
    (void)o;
    return no_screen(e);
}

bool trm_runs_run(const trm_runs_options *o, trm_runs_choice *choice, trm_error *e) {
    (void)o;
    (void)choice;
    return no_screen(e);
}

bool trm_compare_view_run(const trm_compare_view_options *o, trm_error *e) {
    (void)o;
    return no_screen(e);
}
