// SPDX-License-Identifier: Apache-2.0
// The list of runs: its keys, and how it is kept up to date.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/explain/explain.h"
#include "tui/runs/state.h"

static const double LOOK = 1.0;     // seconds between looks at runs in sight
static const double LIST = 3.0;     // … and at what is in the folders
static const double SHARE = 0.05;   // of the time at most goes into listing
static const double BUDGET = 0.004; // seconds of measuring in one tick

// ---- what is in sight ---------------------------------------------------------------------------

trm_run_entry *trm_runs_row(const trm_runs_screen *w, int32_t row) {
    return &w->list.items[w->rows[row]];
}

bool trm_runs_is_marked(const trm_runs_screen *w, const char *path) {
    for (int32_t i = 0; i < w->marks; i++)
        if (strcmp(w->marked[i], path) == 0)
            return true;
    return false;
}

static void select_row(trm_runs_screen *w, int32_t row) {
    w->selected = w->count > 0 ? trm_clamp(row, 0, w->count - 1) : -1;
    w->choice->selected[0] = 0;
    if (w->selected >= 0)
        trm_text_copy(w->choice->selected, sizeof w->choice->selected,
                      trm_runs_row(w, w->selected)->path);
}

// Orders and filters again; the selected run stays so, or what took its place.
static void arrange(trm_runs_screen *w) {
    int32_t row = w->selected;
    trm_runs_sort(&w->list, (trm_runs_order)w->choice->order, w->choice->reverse);
    w->count = 0;
    for (int32_t i = 0; i < w->list.count; i++) {
        const trm_run_entry *x = &w->list.items[i];
        if (!trm_runs_match(x, w->choice->filter))
            continue;
        if (strcmp(x->path, w->choice->selected) == 0)
            row = w->count;
        w->rows[w->count++] = i;
    }
    select_row(w, row);
}

// What was measured stays so for runs that have not changed.
static void keep_measures(const trm_runs *before, trm_runs *now) {
    int32_t k = 0;
    for (int32_t i = 0; i < now->count; i++) {
        trm_run_entry *x = &now->items[i];
        for (int32_t n = 0; n < before->count; n++, k++) {
            const trm_run_entry *old = &before->items[k % before->count];
            if (strcmp(old->path, x->path) != 0)
                continue;
            if (old->measured && old->changed == x->changed) {
                x->measured = true;
                x->best = old->best;
                x->bytes = old->bytes;
            }
            break;
        }
    }
}

static bool list(trm_runs_screen *w, trm_error *e) {
    trm_runs now = {0};
    bool any = false;
    const double from = trm_clock_now();
    for (int32_t i = 0; i < w->o->count; i++)
        any |= trm_runs_add(&now, w->o->folders[i], e);
    if (!any && w->o->count > 0) {
        trm_runs_free(&now);
        return false;
    }
    trm_runs_sort(&w->list, TRM_RUNS_BY_NAME, false);
    keep_measures(&w->list, &now);
    trm_runs_free(&w->list);
    w->list = now;
    w->rows = realloc(w->rows, ((size_t)now.count + 1) * sizeof *w->rows);
    arrange(w);
    w->listed = trm_clock_now();
    w->cost = w->listed - from;
    return true;
}

// Runs around the selected one, and those that are trained, are looked at again.
static bool look(trm_runs_screen *w) {
    bool changed = false;
    const int32_t page = trm_runs_page(trm_app_area(w->app));
    for (int32_t i = 0; i < w->count; i++) {
        trm_run_entry *x = trm_runs_row(w, i);
        const bool near = abs(i - w->selected) <= page;
        if (!near || (x->state != TRM_RUN_RUNNING && i != w->selected))
            continue;
        const trm_run_entry before = *x;
        trm_runs_renew(x);
        changed |= before.state != x->state || before.done != x->done;
    }
    return changed;
}

// Rows in sight are measured; all, where the order depends on it.
static bool is_due(const trm_runs_screen *w, int32_t row) {
    const bool all = w->choice->order == TRM_RUNS_BY_BEST || w->choice->order == TRM_RUNS_BY_SIZE;
    return !trm_runs_row(w, row)->measured &&
           (all || abs(row - w->selected) <= trm_runs_page(trm_app_area(w->app)));
}

static bool measure(trm_runs_screen *w, double now) {
    const double until = now + BUDGET;
    bool any = false, left = false;
    for (int32_t i = 0; i < w->count && !left; i++) {
        if (!is_due(w, i))
            continue;
        left = trm_clock_now() >= until;
        if (!left)
            trm_runs_measure(trm_runs_row(w, i));
        any = true;
    }
    if (any && (!left || now - w->arranged > LOOK)) {
        w->arranged = now;
        arrange(w);
    }
    return any;
}

static bool tick(void *self, double now) {
    trm_runs_screen *w = self;
    trm_error e = {0};
    struct timespec t;
    bool changed = false;
    if (now - w->listed > fmax(LIST, w->cost / SHARE)) {
        changed = list(w, &e);
        w->listed = now;
    }
    if (now - w->looked > LOOK) {
        w->looked = now;
        changed |= look(w);
        clock_gettime(CLOCK_REALTIME, &t);
        changed |= t.tv_sec / 60 != w->now / 60;
        w->now = t.tv_sec;
    }
    return measure(w, now) || changed;
}

static double wait_time(const void *self, double now) {
    const trm_runs_screen *w = self;
    (void)now;
    for (int32_t i = 0; i < w->count; i++)
        if (is_due(w, i))
            return 0.0;
    return 0.5;
}

// ---- keys ---------------------------------------------------------------------------------------

static const char *no_run(const void *self) {
    return ((const trm_runs_screen *)self)->selected >= 0 ? NULL : "no run is selected";
}

static void move(void *self, int32_t way) {
    trm_runs_screen *w = self;
    select_row(w, w->selected + trm_way_rows(way));
}

static void page(void *self, int32_t by) {
    trm_runs_screen *w = self;
    select_row(w, w->selected + by * trm_runs_page(trm_app_area(w->app)));
}

static void go_edge(void *self, int32_t last) {
    select_row(self, last ? INT32_MAX : 0);
}

static void click(void *self, int32_t y, int32_t x) {
    trm_runs_screen *w = self;
    const int32_t row = trm_runs_row_at(w, trm_app_area(w->app), y, x);
    if (row >= 0)
        select_row(w, row);
}

static void mark(void *self) {
    trm_runs_screen *w = self;
    const char *path = trm_runs_row(w, w->selected)->path;
    for (int32_t i = 0; i < w->marks; i++)
        if (strcmp(w->marked[i], path) == 0) {
            memmove(w->marked[i], w->marked[--w->marks], sizeof *w->marked);
            return;
        }
    if (w->marks == TRM_RUNS_CHOSEN) {
        trm_app_status(w->app, "at most %d runs can be marked", (int)TRM_RUNS_CHOSEN);
        return;
    }
    trm_text_copy(w->marked[w->marks++], sizeof *w->marked, path);
    select_row(w, w->selected + 1);
}

// Leaves with the marked runs, or with the selected one.
static void choose(trm_runs_screen *w, trm_runs_deed deed, bool marked) {
    trm_runs_choice *c = w->choice;
    c->deed = deed;
    c->count = 0;
    for (int32_t i = 0; marked && i < w->marks; i++)
        trm_text_copy(c->runs[c->count++], sizeof *c->runs, w->marked[i]);
    if (c->count == 0)
        trm_text_copy(c->runs[c->count++], sizeof *c->runs, trm_runs_row(w, w->selected)->path);
    trm_app_pop(w->app);
}

static void act_on(void *self, int32_t deed) {
    trm_runs_screen *w = self;
    const trm_run_entry *x = trm_runs_row(w, w->selected);
    if (x->state == TRM_RUN_BROKEN)
        trm_app_status(w->app, "this run cannot be opened; d moves it to the trash");
    else if (deed == TRM_RUNS_RESUME && !x->resumable)
        trm_app_status(w->app, "%s",
                       x->state == TRM_RUN_RUNNING    ? "it is being trained; f follows it"
                       : x->state == TRM_RUN_FINISHED ? "it is finished; Enter opens its time line"
                                                      : "it has no checkpoint to go on from");
    else
        choose(w, (trm_runs_deed)deed, false);
}

// The way that suits it.
static void open_run(void *self) {
    const trm_runs_screen *w = self;
    const bool running = trm_runs_row(w, w->selected)->state == TRM_RUN_RUNNING;
    act_on(self, running ? TRM_RUNS_FOLLOW : TRM_RUNS_REPLAY);
}

static void versus(void *self) {
    trm_runs_screen *w = self;
    if (w->marks == 2)
        choose(w, TRM_RUNS_VERSUS, true);
    else
        trm_app_status(w->app, "mark two runs with Space first: their models play one board");
}

static void plot_to(void *ctx, const char *path) {
    trm_runs_screen *w = ctx;
    trm_text_copy(w->choice->text, sizeof w->choice->text, path);
    choose(w, TRM_RUNS_PLOT, true);
}

static void plot(void *self) {
    trm_runs_screen *w = self;
    trm_app_prompt(w->app, "draw the curves of the marked runs into (FILE.svg, FILE.png)",
                   "curves.svg", plot_to, w);
}

static void filter_typed(void *ctx, const char *text) {
    trm_runs_screen *w = ctx;
    trm_text_copy(w->choice->filter, sizeof w->choice->filter, strcmp(text, "*") == 0 ? "" : text);
    arrange(w);
}

static void filter(void *self) {
    trm_runs_screen *w = self;
    trm_app_prompt(w->app, "only runs with (name, preset, model, state; * for all)",
                   w->choice->filter, filter_typed, w);
}

static const char *no_filter(const void *self) {
    const trm_runs_screen *w = self;
    return w->choice->filter[0] != 0 ? NULL : "no filter is set; / sets one";
}

static void show_all(void *self) {
    filter_typed(self, "");
}

static void turn_order(void *self, int32_t by) {
    trm_runs_screen *w = self;
    if (by == 0)
        w->choice->reverse = !w->choice->reverse;
    w->choice->order = (w->choice->order + by) % TRM_RUNS_ORDERS;
    arrange(w);
}

static void delete_it(void *ctx) {
    trm_runs_screen *w = ctx;
    trm_error e = {0};
    char to[TRM_RUNS_PATH];
    if (!trm_runs_trash(w->delete, to, sizeof to, &e)) {
        trm_app_status(w->app, "%s", e.message);
        return;
    }
    for (int32_t i = 0; i < w->marks; i++)
        if (strcmp(w->marked[i], w->delete) == 0)
            memmove(w->marked[i], w->marked[--w->marks], sizeof *w->marked);
    trm_app_status(w->app, "moved to %s", to);
    list(w, &e);
}

static void delete (void *self) {
    trm_runs_screen *w = self;
    char question[160];
    const trm_run_entry *x = trm_runs_row(w, w->selected);
    const char *slash = strrchr(x->path, '/');
    if (x->state == TRM_RUN_RUNNING) {
        trm_app_status(w->app, "it is being trained: it cannot be moved now");
        return;
    }
    trm_text_copy(w->delete, sizeof w->delete, x->path);
    trm_text_format(question, sizeof question, "Move %.80s to the trash?",
                    slash != NULL ? slash + 1 : x->path);
    trm_app_ask(w->app, question, delete_it, w);
}

static void leave(void *self) {
    trm_runs_screen *w = self;
    w->choice->deed = TRM_RUNS_LEAVE;
    trm_app_pop(w->app);
}

const trm_action trm_runs_actions[] = {
    {TRM_KEYS(TRM_KEY_ENTER, 'o'), "open", "follow a run in training, else open its time line", 1,
     .why_not = no_run, .act = open_run},
    {TRM_KEYS('f'), "follow", "follow the run live, whoever trains it", 2, .why_not = no_run,
     .arg = TRM_RUNS_FOLLOW, .run = act_on},
    {TRM_KEYS('e'), "resume", "continue training from its checkpoint", 3, .why_not = no_run,
     .arg = TRM_RUNS_RESUME, .run = act_on},
    {TRM_KEYS('r'), "replay", "open the time line of the run", .why_not = no_run,
     .arg = TRM_RUNS_REPLAY, .run = act_on},
    {TRM_KEYS(' '), "mark", "mark or unmark the run", 4, .why_not = no_run, .act = mark},
    {TRM_KEYS('c'), "compare", "set the models of two marked runs on one board", 7,
     .why_not = no_run, .act = versus},
    {TRM_KEYS('p'), "plot", "draw the curves of the marked runs into a picture", 8,
     .why_not = no_run, .act = plot},
    {TRM_KEYS('/'), "filter", "only runs with these words in any column", 5, .act = filter},
    {TRM_KEYS('*', 'a'), "all", "show all runs again", .why_not = no_filter, .act = show_all},
    {TRM_KEYS('s'), "sort", "sort by the next column: age, name, preset, state, …", 6, .arg = 1,
     .run = turn_order},
    {TRM_KEYS('I'), "reverse", "reverse the order", .run = turn_order},
    {TRM_KEYS('d'), "delete", "move the run to the trash (asks first)", 9, .why_not = no_run,
     .act = delete},
    {TRM_KEYS_MOVE, "", "the run before or the next one", .step = 1, .run = move},
    {TRM_KEYS(TRM_KEY_PAGE_UP), "", "a screenful back", .arg = -1, .run = page},
    {TRM_KEYS(TRM_KEY_PAGE_DOWN), "", "a screenful on", .arg = 1, .run = page},
    {TRM_KEYS('g', TRM_KEY_HOME), "", "the first run", .run = go_edge},
    {TRM_KEYS('G', TRM_KEY_END), "", "the last run", .arg = 1, .run = go_edge},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave", 5, .act = leave},
    {.keys = {0}},
};

// The path of the run.
static bool tell(const void *self, int32_t y, int32_t x, char *out, int32_t size) {
    const trm_runs_screen *w = self;
    (void)x;
    if (y >= 0 || w->selected < 0)
        return false;
    trm_text_copy(out, (size_t)size, trm_runs_row(w, w->selected)->path);
    return true;
}

static int32_t panel_of(const void *self) {
    (void)self;
    return TRM_PANEL_RUNS;
}

// ---- running it ---------------------------------------------------------------------------------

static const trm_screen_ops ops = {
    .name = "trm runs",
    .meanwhile = "trainings go on",
    .actions = trm_runs_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_runs_draw,
    .panel = panel_of,
    .click = click,
    .tell = tell,
    .wheel = {TRM_KEY_UP, TRM_KEY_DOWN},
};

bool trm_runs_run(const trm_runs_options *o, trm_runs_choice *choice, trm_error *e) {
    trm_app *app = trm_app_open(&o->screen, e);
    if (app == NULL)
        return false;
    trm_runs_screen *w = trm_alloc(1, sizeof *w);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    *w = (trm_runs_screen){.o = o, .choice = choice, .app = app, .now = t.tv_sec};
    w->ascii = trm_app_look(app)->glyphs == TRM_GLYPHS_ASCII;
    w->marked = trm_alloc(TRM_RUNS_CHOSEN, sizeof *w->marked);
    choice->deed = TRM_RUNS_LEAVE;
    if (o->note != NULL && o->note[0] != 0)
        trm_app_status(app, "%s", o->note);
    const bool ok = list(w, e) && trm_app_push(app, &ops, w, e) && trm_app_run(app, e);
    trm_app_close(app);
    trm_runs_free(&w->list);
    free(w->rows);
    free(w->marked);
    free(w);
    return ok;
}
