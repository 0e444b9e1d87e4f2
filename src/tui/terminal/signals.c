// SPDX-License-Identifier: Apache-2.0
#include "tui/terminal/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH, SIGCONT, SIGTSTP};
enum { COUNT = sizeof numbers / sizeof *numbers };

// A handler has no other place to write to.
static volatile sig_atomic_t came[NSIG];
static struct sigaction before[COUNT];
static sigset_t mask_before;
static pthread_t waiting; // the thread that called begin

// A thread that we did not start (a BLAS library keeps some) may be the one that gets a signal. It
// hands it on: the waiting thread is then woken from its wait, or takes it at its next one.
static void note(int number) {
    if (!pthread_equal(pthread_self(), waiting)) {
        const int kept = errno;
        pthread_kill(waiting, number);
        errno = kept;
        return;
    }
    came[number] = 1;
}

void trm_signals_begin(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    waiting = pthread_self();
    sigset_t block;
    sigemptyset(&block);
    for (int i = 0; i < COUNT; i++) {
        came[numbers[i]] = 0;
        sigaction(numbers[i], NULL, &before[i]);
        // ends the program, unless it has been told that job systems send it
        if (numbers[i] == SIGUSR1 && before[i].sa_handler == SIG_DFL)
            continue;
        sigaddset(&block, numbers[i]);
        sigaction(numbers[i], &action, NULL);
    }
    pthread_sigmask(SIG_BLOCK, &block, &mask_before);
}

void trm_signals_end(void) {
    for (int i = 0; i < COUNT; i++)
        sigaction(numbers[i], &before[i], NULL);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}

bool trm_signals_wait(double seconds) {
    if (seconds < 0.0)
        seconds = 0.0;
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    sigset_t open = mask_before;
    for (int i = 0; i < COUNT; i++)
        sigdelset(&open, numbers[i]);
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    int n = ppoll(&in, 1, &time, &open);
    if (n < 0 && errno != EINTR) { // there is no such call here, or no memory for it
        sigset_t closed;
        pthread_sigmask(SIG_SETMASK, &open, &closed);
        n = poll(&in, 1, (int)(seconds * 1e3));
        pthread_sigmask(SIG_SETMASK, &closed, NULL);
    }
    return n <= 0 || (in.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

bool trm_signals_pending(void) {
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t held;
    if (poll(&in, 1, 0) > 0)
        return true;
    sigpending(&held);
    for (int i = 0; i < COUNT; i++)
        if (sigismember(&held, numbers[i]) == 1)
            return true;
    return false;
}

static bool take(int number) {
    const bool there = came[number] != 0;
    if (there)
        came[number] = 0;
    return there;
}

trm_signals trm_signals_take(void) {
    trm_signals s = {0};
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < sizeof ends / sizeof *ends && s.ended == 0; i++)
        s.ended = take(ends[i]) ? ends[i] : 0;
    s.resized = take(SIGWINCH);
    s.continued = take(SIGCONT);
    s.suspend = take(SIGTSTP);
    return s;
}

void trm_signals_suspend(void) {
    struct sigaction normal, ignore, ours;
    memset(&normal, 0, sizeof normal);
    normal.sa_handler = SIG_DFL;
    sigemptyset(&normal.sa_mask);
    ignore = normal;
    ignore.sa_handler = SIG_IGN;
    sigset_t only, now;
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    // First the others of the group. Then this process, by this thread: a stop that begins on
    // another one lets this one run on for a moment.
    sigaction(SIGTSTP, &ignore, &ours);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &normal, NULL);
    pthread_kill(pthread_self(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &only, &now); // here the process stops
    pthread_sigmask(SIG_SETMASK, &now, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}
