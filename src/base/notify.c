// SPDX-License-Identifier: Apache-2.0
#include "base/notify.h"

#include <stddef.h>

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "trm/base/arena.h"
#include "trm/base/thread.h"

enum { PAUSE_MS = 200, NEWS = IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_CLOSE_WRITE };

struct trm_notify {
    int events;  // of inotify
    int stop[2]; // a pipe: its end of writing is closed to stop the thread
    void (*changed)(void *ctx);
    void *ctx;
    pthread_t thread;
};

// Until something happens, or that many milliseconds. False: stop.
static bool wait_for(const trm_notify *n, bool news, int milliseconds) {
    struct pollfd ends[] = {{.fd = n->stop[0], .events = POLLIN},
                            {.fd = n->events, .events = POLLIN}};
    const int got = poll(ends, news ? 2 : 1, milliseconds);
    return (got >= 0 || errno == EINTR) && ends[0].revents == 0;
}

static void *listen_main(void *arg) {
    const trm_notify *n = arg;
    char events[4096];
    while (wait_for(n, true, -1)) {
        n->changed(n->ctx);
        if (!wait_for(n, false, PAUSE_MS))
            break;
        while (read(n->events, events, sizeof events) > 0) // what came meanwhile is one change
            ;
        n->changed(n->ctx);
    }
    return NULL;
}

static void close_all(trm_notify *n) {
    if (n->events >= 0)
        close(n->events);
    for (int i = 0; i < 2; i++)
        if (n->stop[i] >= 0)
            close(n->stop[i]);
    free(n);
}

trm_notify *trm_notify_new(const char *folder, void (*changed)(void *ctx), void *ctx) {
    trm_notify *n = trm_alloc(1, sizeof *n);
    *n = (trm_notify){.stop = {-1, -1}, .changed = changed, .ctx = ctx};
    n->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (n->events < 0 || inotify_add_watch(n->events, folder, NEWS) < 0 ||
        pipe2(n->stop, O_CLOEXEC) != 0 || trm_thread_start(&n->thread, listen_main, n) != 0) {
        close_all(n);
        return NULL;
    }
    return n;
}

void trm_notify_free(trm_notify *n) {
    if (!n)
        return;
    close(n->stop[1]);
    n->stop[1] = -1;
    pthread_join(n->thread, NULL);
    close_all(n);
}

#else

trm_notify *trm_notify_new(const char *folder, void (*changed)(void *ctx), void *ctx) {
    (void)folder, (void)changed, (void)ctx;
    return NULL;
}

void trm_notify_free(trm_notify *n) {
    (void)n;
}

#endif
