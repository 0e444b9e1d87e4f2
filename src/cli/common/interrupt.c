// SPDX-License-Identifier: Apache-2.0
#include "cli/common/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

// The one thing a handler may touch.
static volatile sig_atomic_t stop_asked;

// What is let through while waiting.
static sigset_t open_mask;

// The thread that waits.
static pthread_t waiting;

// A thread that we did not start (a BLAS library keeps some) may be the one that gets a signal. It
// hands it on, so that the wait ends.
static void note_stop(int number) {
    stop_asked = 1;
    if (!pthread_equal(pthread_self(), waiting))
        pthread_kill(waiting, number);
}

void trm_interrupt_prepare(void) {
    // A closed descriptor would be given to the next file opened, and output would land there.
    // The wrong direction makes every use of it fail, as it should.
    static const int wrong_way[3] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", wrong_way[fd]) < 0)
            _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void trm_interrupt_catch(bool blocked) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    waiting = pthread_self();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction now;
        bool ignored = sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN;
        if (numbers[i] == SIGHUP && ignored)
            continue;
        struct sigaction action = {.sa_handler = note_stop};
        sigemptyset(&action.sa_mask);
        sigaction(numbers[i], &action, NULL);
        sigaddset(&set, numbers[i]);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &open_mask);
    if (blocked)
        pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool trm_interrupt_wait(int fd, int milliseconds) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec limit = {.tv_sec = milliseconds / 1000,
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000L};
    return ppoll(&p, 1, &limit, &open_mask) > 0;
}

bool trm_interrupt_asked(void) {
    return stop_asked != 0;
}
