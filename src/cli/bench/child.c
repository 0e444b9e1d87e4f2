// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trm/base/clock.h"
#include "trm/base/text.h"

enum { ARGS = 32, PATIENCE = 5 };

static void become(char *const *args) {
    static char name[] = "trm";
    char *argv[ARGS] = {name};
    for (int i = 0; i < ARGS - 2 && args[i] != NULL; i++)
        argv[i + 1] = args[i];
    execv("/proc/self/exe", argv);
    _exit(127);
}

bool bench_child_start(bench_child *c, char *const *args, int32_t cols, int32_t rows,
                       trm_error *e) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    *c = (bench_child){.fd = -1, .started = trm_clock_now()};
    fflush(NULL);
    c->pid = forkpty(&c->fd, NULL, NULL, &size);
    if (c->pid == 0)
        become(args);
    if (c->pid < 0) {
        c->pid = 0;
        return trm_error_set(e, TRM_E_IO, "cannot start the program again: %s", strerror(errno));
    }
    fcntl(c->fd, F_SETFD, FD_CLOEXEC);
    return true;
}

bool bench_child_ended(bench_child *c) {
    if (!c->ended && c->pid > 0)
        c->ended = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
    return c->ended;
}

// Looks for the word across the seam of two reads, too.
static bool holds(char *kept, size_t *keep, const char *bytes, size_t n, const char *word) {
    size_t length = strlen(word);
    char seam[64];
    if (memmem(bytes, n, word, length) != NULL)
        return true;
    size_t head = n < length ? n : length;
    memcpy(seam, kept, *keep);
    memcpy(seam + *keep, bytes, head);
    bool found = memmem(seam, *keep + head, word, length) != NULL;
    size_t tail = n < length ? n : length;
    memcpy(kept, bytes + n - tail, tail);
    *keep = tail;
    return found;
}

double bench_child_read(bench_child *c, double seconds, const char *word, bool *found) {
    char bytes[1 << 14];
    char kept[32];
    size_t keep = 0;
    double last = -1;
    double end = trm_clock_now() + seconds;
    double left;
    while ((left = end - trm_clock_now()) > 0) {
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        int ready = poll(&p, 1, (int)ceil(left * 1e3));
        if (ready <= 0)
            break; // time is over, or a signal came
        ssize_t n = read(c->fd, bytes, sizeof bytes);
        if (n <= 0)
            break; // the other end is closed
        last = trm_clock_now();
        if (word != NULL && !*found) {
            *found = holds(kept, &keep, bytes, (size_t)n, word);
            if (*found)
                break;
        }
    }
    return last;
}

double bench_child_resident(const bench_child *c) {
    char path[64];
    char line[256];
    double kib = NAN;
    trm_text_format(path, sizeof path, "/proc/%ld/status", (long)c->pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        long value;
        if (sscanf(line, "VmRSS: %ld", &value) == 1)
            kib = (double)value;
    }
    if (f != NULL)
        fclose(f);
    return kib / 1024;
}

static void wait_for_end(bench_child *c, double seconds) {
    double end = trm_clock_now() + seconds;
    while (!bench_child_ended(c) && trm_clock_now() < end) {
        bench_child_read(c, 0.01, NULL, NULL);
        if (!bench_child_ended(c))
            poll(NULL, 0, 2);
    }
}

void bench_child_stop(bench_child *c) {
    if (c->pid > 0 && !bench_child_ended(c)) {
        kill(c->pid, SIGTERM);
        wait_for_end(c, PATIENCE);
    }
    if (c->pid > 0 && !c->ended) {
        kill(c->pid, SIGKILL);
        c->ended = waitpid(c->pid, &c->status, 0) == c->pid;
    }
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->pid = 0;
}
