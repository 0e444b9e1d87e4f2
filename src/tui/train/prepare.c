// SPDX-License-Identifier: Apache-2.0
#include "tui/train/prepare.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/thread.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/explain/explain.h"
#include "tui/widgets/title.h"

static const int64_t SOON_NS = 60000000; // what takes no longer is waited for
static const double GLANCE = 0.02;       // seconds between looks

struct trm_preparing {
    void (*done)(void *job);
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;

    // Under the lock.
    bool over, ok;
    bool abandoned; // the thread frees all of this
    void *job;
    trm_watch_options made;
    trm_error error;

    // The screen's.
    trm_app *app;
    trm_preparing_then *then;
    double since, now;
};

static void drop(trm_preparing *p) {
    pthread_cond_destroy(&p->news);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

// True: nobody waits for it any more.
static bool make(trm_preparing *p) {
    void *job = p->job;
    trm_watch_options made = p->made;
    trm_error e = {0};
    const bool ok = made.make(&made, &job, &e);
    pthread_mutex_lock(&p->lock);
    const bool abandoned = p->abandoned;
    p->job = job;
    p->made = made;
    p->error = e;
    p->ok = ok;
    p->over = true;
    pthread_cond_broadcast(&p->news);
    pthread_mutex_unlock(&p->lock);
    return abandoned;
}

static void *work(void *ctx) {
    trm_preparing *p = ctx;
    if (make(p)) {
        if (p->ok && p->done != NULL)
            p->done(p->job);
        drop(p);
    }
    return NULL;
}

trm_preparing *trm_preparing_start(const trm_watch_options *given, void (*done)(void *job)) {
    trm_preparing *p = trm_alloc(1, sizeof *p);
    pthread_condattr_t attr;
    *p = (trm_preparing){.done = done, .job = given->job, .made = *given, .since = trm_clock_now()};
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->news, &attr);
    pthread_condattr_destroy(&attr);
    if (trm_thread_start(&p->thread, work, p) != 0) {
        p->thread = pthread_self();
        make(p);
    }
    return p;
}

bool trm_preparing_soon(trm_preparing *p) {
    enum { SECOND = 1000000000 };
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const int64_t at = until.tv_nsec + SOON_NS;
    until.tv_sec += at / SECOND;
    until.tv_nsec = at % SECOND;
    pthread_mutex_lock(&p->lock);
    int status = 0;
    while (!p->over && status == 0)
        status = pthread_cond_timedwait(&p->news, &p->lock, &until);
    const bool over = p->over;
    pthread_mutex_unlock(&p->lock);
    return over;
}

bool trm_preparing_take(trm_preparing *p, trm_watch_options *made, void **job, trm_error *e) {
    pthread_mutex_lock(&p->lock);
    p->abandoned = !p->over;
    const bool over = p->over;
    const pthread_t thread = p->thread;
    pthread_mutex_unlock(&p->lock);
    if (!over) {
        pthread_detach(thread);
        return trm_error_set(e, TRM_E_STOPPED, "stopped before the training began");
    }
    if (!pthread_equal(thread, pthread_self()))
        pthread_join(thread, NULL);
    const bool ok = p->ok;
    if (ok)
        *made = p->made;
    else
        *e = p->error;
    if (job != NULL)
        *job = p->job;
    drop(p);
    return ok;
}

// ---- its screen ---------------------------------------------------------------------------------

static bool tick(void *self, double now) {
    trm_preparing *p = self;
    p->now = now;
    pthread_mutex_lock(&p->lock);
    const bool over = p->over;
    pthread_mutex_unlock(&p->lock);
    if (over && p->then != NULL) {
        trm_app_drop(p->app);
        p->then(p->app, p, p->done);
    } else if (over)
        trm_app_pop(p->app);
    return true; // the seconds
}

static double wait_time(const void *self, double now) {
    (void)self;
    (void)now;
    return GLANCE;
}

static void draw(trm_canvas *c, const void *self) {
    const trm_preparing *p = self;
    const double seconds = p->now - p->since;
    trm_rect r = trm_canvas_area(c);
    trm_title_draw(c, &(trm_title){.name = "trm"});
    trm_rect_top(&r, r.h / 3, 0);
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_text(&pen, TRM_STYLE_NORMAL, "  drawing the boards to learn from ");
    if (seconds >= 1.0)
        trm_pen_print(&pen, TRM_STYLE_DIM, "%.0f s", seconds);
    trm_pen_end(&pen);
}

static int32_t panel_of(const void *self) {
    (void)self;
    return TRM_PANEL_TRAIN_SAMPLE;
}

// One that was left in the middle of it is given up; what is made belongs to whoever takes it.
static void close_screen(void *self) {
    trm_preparing *p = self;
    trm_error unused = {0};
    if (p->then != NULL)
        trm_preparing_take(p, &(trm_watch_options){0}, NULL, &unused);
}

static const trm_action actions[] = {
    {TRM_KEYS('q', TRM_CTRL('C')), "leave", "leave; nothing has been learned yet", 1,
     .leaves = true},
    {.keys = {0}},
};

static const trm_screen_ops ops = {.name = "trm",
                                   .meanwhile = "boards are drawn",
                                   .actions = actions,
                                   .tick = tick,
                                   .wait = wait_time,
                                   .draw = draw,
                                   .panel = panel_of,
                                   .close = close_screen};

bool trm_preparing_push(trm_preparing *p, trm_app *app, trm_preparing_then *then, trm_error *e) {
    p->app = app;
    p->then = then;
    p->now = trm_clock_now();
    return trm_app_push(app, &ops, p, e);
}
