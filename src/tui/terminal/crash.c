// SPDX-License-Identifier: Apache-2.0
#include "tui/terminal/crash.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/text.h"

static const struct {
    int number;
    const char *says;
} endings[] = {
    {SIGSEGV, "trm: crashed (SEGV)"},   {SIGBUS, "trm: crashed (BUS)"},
    {SIGFPE, "trm: crashed (FPE)"},     {SIGILL, "trm: crashed (ILL)"},
    {SIGABRT, "trm: crashed (ABRT)"},   {SIGTRAP, "trm: crashed (TRAP)"},
    {SIGSYS, "trm: crashed (SYS)"},     {SIGQUIT, "trm: ended by SIGQUIT"},
    {SIGALRM, "trm: ended by SIGALRM"}, {SIGUSR1, "trm: ended by SIGUSR1"},
    {SIGUSR2, "trm: ended by SIGUSR2"}, {SIGXCPU, "trm: ended by SIGXCPU"},
    {SIGPROF, "trm: ended by SIGPROF"}, {SIGVTALRM, "trm: ended by SIGVTALRM"},
};
enum { COUNT = sizeof endings / sizeof *endings, LEAVE = 512, HINT = 512, STACK = 64 << 10 };

// A handler has no other place to read from.
static struct {
    bool guarded, own_stack, at_exit;
    atomic_flag given_back;
    struct sigaction before[COUNT];
    struct termios modes;
    size_t size;
    char leave[LEAVE], hint[HINT];
} state = {.given_back = ATOMIC_FLAG_INIT};

static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
static char stack[STACK]; // the program's own may be what is used up

// Only what POSIX allows in a handler, from here.
static void say(const char *text) {
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n;
}

static void give_back(const char *what) {
    ssize_t n = write(STDOUT_FILENO, state.leave, state.size);
    (void)n;
    tcsetattr(STDIN_FILENO, TCSANOW, &state.modes);
    say(what);
    say(state.hint[0] ? "; " : "");
    say(state.hint);
    say("\n");
}

void trm_crash_hold(void) {
    pthread_mutex_lock(&changing);
}

void trm_crash_let_go(void) {
    pthread_mutex_unlock(&changing);
}

void trm_crash_give_back(const char *line) {
    trm_crash_hold();
    if (!state.guarded) {
        say(line);
        say("\n");
    } else if (!atomic_flag_test_and_set(&state.given_back)) {
        give_back(line);
    }
}

static void ended(int number) {
    for (int i = 0; i < COUNT; i++) {
        if (endings[i].number != number)
            continue;
        if (!atomic_flag_test_and_set(&state.given_back))
            give_back(endings[i].says);
        sigaction(number, &state.before[i], NULL);
    }
    raise(number); // held back until this returns
}

// Curses ends the program itself where it has no memory, after it has said so.
static void exited(void) {
    if (state.guarded && !atomic_flag_test_and_set(&state.given_back))
        give_back("trm: the terminal's library ended the program");
}

static void take_stack(void) {
    stack_t now, mine = {.ss_sp = stack, .ss_size = sizeof stack};
    state.own_stack = sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE) &&
                      sigaltstack(&mine, NULL) == 0;
}

// SIGUSR1 may be a job system's, which the program answers (signals.c).
static bool is_answered(int number, const struct sigaction *a) {
    return a->sa_handler == SIG_IGN || (number == SIGUSR1 && a->sa_handler != SIG_DFL);
}

void trm_crash_guard(const char *leave, size_t size, const struct termios *modes) {
    struct sigaction action = {.sa_handler = ended, .sa_flags = SA_ONSTACK};
    trm_crash_release();
    state.size = size < LEAVE ? size : LEAVE;
    memcpy(state.leave, leave, state.size);
    state.modes = *modes;
    atomic_flag_clear(&state.given_back);
    take_stack();
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < COUNT; i++)
        if (sigaction(endings[i].number, NULL, &state.before[i]) == 0 &&
            !is_answered(endings[i].number, &state.before[i]))
            sigaction(endings[i].number, &action, NULL);
    if (!state.at_exit)
        state.at_exit = atexit(exited) == 0;
    state.guarded = true;
}

void trm_crash_hint(const char *path) {
    trm_text_format(state.hint, sizeof state.hint,
                    "the run is whole up to its last checkpoint: `trm train %s --resume` goes on",
                    path);
}

void trm_crash_release(void) {
    if (!state.guarded)
        return;
    for (int i = 0; i < COUNT; i++)
        sigaction(endings[i].number, &state.before[i], NULL);
    if (state.own_stack)
        sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    state.guarded = state.own_stack = false;
}
