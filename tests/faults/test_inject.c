// SPDX-License-Identifier: Apache-2.0
// Every call to the world below fails: memory, files, threads, waiting; once, or from then on for
// ever. Whatever fails: no crash, no hang, one line that says why, and of a training nothing is
// lost: its last checkpoint is whole, and it goes on to the same end.
//
// TRM_FAULTS_CALLS: how many failing calls are tried, chosen by TRM_FAULTS_SEED; 0: all there are.
// TRM_FAULTS_ONLY: "SCENARIO/KIND:N" or any beginning of it, to see one again.
// TRM_FAULTS_PATIENCE: seconds after which a program that has not ended hangs.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "inject.h"
#include "run.h"

enum { CALLS = 48, SEED = 1, MOST_LINES = 3, PATIENCE = 60 };

#define TINY "maze-mlp", "env.size=3", "model.hidden=8", "run.checkpoint_every=8"

typedef struct scenario {
    const char *name;
    bool trains;   // "r", which is then run to its end
    bool terminal; // keys are typed until it ends
    bool repeats;  // its output is the same each time
    const char *args[12];
} scenario;

static const scenario scenarios[] = {
    {"train", .trains = true, .args = {"train", TINY, "train.episodes=24", "--out", "r"}},
    {"resume", .trains = true, .args = {"train", "half", "--resume", "train.episodes=24"}},
    {"epochs", .trains = true,
     .args = {"train", "sudoku-4-mlp", "data.train=12", "data.validation=6", "data.test=6",
              "train.batch=6", "train.epochs=4", "model.hidden=8", "--out", "r"}},
    {"watch", .terminal = true, .args = {"watch", TINY, "train.episodes=24"}},
    {"replay", .terminal = true, .args = {"replay", "whole"}},
    {"play", .terminal = true, .args = {"play", "whole"}},
    {"check", .repeats = true, .args = {"replay", "whole", "--check"}},
    {"eval", .repeats = true, .args = {"eval", "whole", "--episodes", "5"}},
    {"export", .repeats = true, .args = {"export", "whole", "out.safetensors"}},
    {"plot", .repeats = true, .args = {"plot", "whole", "-o", "out.svg"}},
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static const char *const kinds[] = INJECT_NAMES;
static int64_t foreign; // crashes and hangs of the libraries below

// A call that fails.
typedef struct fault {
    const scenario *s;
    int kind;
    uint64_t n;
    bool ever;
} fault;

static const char *name_of(const fault *f) {
    static char name[96];
    snprintf(name, sizeof name, "%s/%s:%llu%s", f->s->name, f->kind < 0 ? "none" : kinds[f->kind],
             (unsigned long long)f->n, f->ever ? "+" : "");
    return name;
}

// ---- running ------------------------------------------------------------------------------------

// Where a crash says where it was.
static void trace_path(const char *scratch, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/trace", scratch);
}

static void inject(const char *scratch, const fault *f, const char *counts) {
    const char *all = strchr(name_of(f), '/') + 1;
    char trace[PATH_SIZE];
    trace_path(scratch, trace);
    setenv("TRM_INJECT_TRACE", trace, 1);
    setenv("LD_PRELOAD", getenv("TRM_INJECT_LIBRARY"), 1);
    setenv("TRM_INJECT", f->kind < 0 ? "" : all, 1);
    if (counts != NULL)
        setenv("TRM_INJECT_COUNTS", counts, 1);
}

static void as_it_was(void) {
    unsetenv("LD_PRELOAD");
    unsetenv("TRM_INJECT");
    unsetenv("TRM_INJECT_COUNTS");
    unsetenv("TRM_INJECT_TRACE");
}

// Types what leaves every screen until the program has left.
static outcome run_in_terminal(const char *scratch, const fault *f, const char *counts) {
    static const char *const keys[] = {"q", "y"};
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    struct termios before, after;
    int master, slave;
    outcome o = {.out = strdup(""), .err = strdup("")};
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(slave, &before), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(master);
        login_tty(slave);
        const char *argv[16] = {"trm"};
        for (int i = 0; f->s->args[i] != NULL; i++)
            argv[i + 1] = f->s->args[i];
        setenv("TERM", "xterm-256color", 1);
        inject(scratch, f, counts);
        if (chdir(scratch) == 0)
            execv(getenv("TRM_BIN"), (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(slave);
    double from = now(), typed = from;
    int status = 0, turn = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        struct pollfd p = {.fd = master, .events = POLLIN};
        char bytes[4096];
        if (poll(&p, 1, 20) > 0 && read(master, bytes, sizeof bytes) <= 0)
            poll(NULL, 0, 5); // it has closed the terminal and is about to end
        if (now() - typed > 0.1) {
            typed = now();
            if (write(master, keys[turn], 1) != 1)
                errno = 0;
            turn = !turn;
        }
        if (now() - from > (double)setting("TRM_FAULTS_PATIENCE", PATIENCE))
            kill(pid, SIGSEGV); // tells where it hangs
    }
    if (tcgetattr(master, &after) == 0 &&
        (before.c_lflag != after.c_lflag || before.c_iflag != after.c_iflag))
        fail_msg("%s leaves the terminal in the screen's mode", name_of(f));
    close(master);
    o.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return o;
}

// One that hangs is made to tell where, as if it had crashed there.
static void wait_or_crash(pid_t pid) {
    const double until = now() + (double)setting("TRM_FAULTS_PATIENCE", PATIENCE);
    siginfo_t ended = {0};
    while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0 && now() < until)
        poll(NULL, 0, 1);
    if (ended.si_pid == 0)
        kill(pid, SIGSEGV);
}

static outcome run_fault(const char *scratch, const fault *f, const char *counts) {
    if (f->s->terminal)
        return run_in_terminal(scratch, f, counts);
    inject(scratch, f, counts);
    process p = process_start(scratch, NULL, f->s->args);
    as_it_was();
    wait_or_crash(p.pid);
    return process_finish(&p, PATIENCE);
}

static void run_well(const char *scratch, const char *const *args) {
    outcome o = process_run(scratch, NULL, args);
    if (o.status != 0)
        fail_msg("%s %s: status %d\n%s", args[0], args[1], o.status, o.err);
    outcome_free(&o);
}

// ---- what must hold -----------------------------------------------------------------------------

// Curses crashes where it runs out of memory itself, in these functions of its own, while a screen
// begins, is drawn first or ends; the terminal is given back all the same. What cairo stands on
// does anywhere.
static bool is_crash_of_others(const char *trace) {
    static const char *const own[] = {"_nc_find_type_entry", "_nc_free_tparm", "_nc_setupterm",
                                      "_nc_tiparm",          "delscreen",      "doupdate_sp"};
    static const char *const below_cairo[] = {"libexpat", "libfontconfig", "libfreetype",
                                              "libpixman"};
    char object[64], function[96];
    int length;
    for (; sscanf(trace, "%63s %95s%n", object, function, &length) == 2; trace += length) {
        const bool curses =
            strncmp(object, "libncurses", 10) == 0 || strncmp(object, "libtinfo", 8) == 0;
        for (size_t i = 0; i < sizeof below_cairo / sizeof *below_cairo; i++)
            if (strncmp(object, below_cairo[i], strlen(below_cairo[i])) == 0)
                return true;
        for (size_t i = 0; curses && i < sizeof own / sizeof *own; i++)
            if (strcmp(function, own[i]) == 0)
                return true;
        if (!curses && strncmp(object, "libc.", 5) != 0 && strncmp(object, "libasan.", 8) != 0 &&
            strcmp(object, "libinject.so") != 0)
            return false; // who called them, or ours
    }
    return false;
}

// Without memory for ever, fontconfig loads its configuration again and again, below the first text
// that cairo measures.
static bool is_hang_of_others(const char *trace) {
    return strstr(trace, "libfontconfig.so.1 FcInitLoadConfigAndFonts\n") != NULL;
}

// What the program itself says: fontconfig may warn before.
static const char *own_lines(const char *err) {
    while (strncmp(err, "Fontconfig ", strlen("Fontconfig ")) == 0 && strchr(err, '\n') != NULL)
        err = strchr(err, '\n') + 1;
    return err;
}

static void assert_told(const char *scratch, const fault *f, const outcome *o) {
    static const int allowed[] = {0, 1, 2, 130, 141};
    bool known = false;
    char path[PATH_SIZE];
    trace_path(scratch, path);
    if (file_is_there(path)) {
        char *trace = file_text(path, NULL);
        known = f->kind == INJECT_MALLOC &&
                ((o->status == 128 + SIGSEGV && is_crash_of_others(trace)) ||
                 (o->status == 128 + SIGKILL && is_hang_of_others(trace)));
        if (!known && trace[0] != '\0')
            print_message("%s %s in\n%s", name_of(f),
                          o->status == 128 + SIGKILL ? "hangs" : "crashes", trace);
        foreign += known;
        free(trace);
        remove(path);
    }
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        known |= o->status == allowed[i];
    if (!known)
        fail_msg("%s ends with status %d:\n%s", name_of(f), o->status, o->err);
    if (f->s->terminal || o->status == 0 || o->status == 128 + SIGSEGV ||
        o->status == 128 + SIGKILL)
        return;
    const char *err = own_lines(o->err);
    const int lines = line_count(err);
    if (lines < 1 || lines > MOST_LINES || strncmp(err, "trm: ", 5) != 0)
        fail_msg("%s, status %d, says in %d lines:\n%s", name_of(f), o->status, lines, o->err);
}

static const char *const *words_to_go_on(const scenario *s) {
    static const char *words[16];
    int n = 0;
    for (; s->args[n] != NULL; n++)
        words[n] = s->args[n];
    words[n] = "--resume";
    words[n + 1] = NULL;
    return words;
}

// What stands in the run is whole, and it goes on to where it would have come.
static void assert_nothing_lost(const char *scratch, const fault *f) {
    const bool resumes = strcmp(f->s->args[2], "--resume") == 0;
    char run[PATH_SIZE], whole[PATH_SIZE];
    snprintf(run, sizeof run, "%s/%s", scratch, resumes ? "half" : "r");
    snprintf(whole, sizeof whole, "%s/%s-whole", scratch, f->s->name);
    if (file_is_there(run))
        assert_sound(run);
    run_well(scratch, resumes ? f->s->args : words_to_go_on(f->s));
    assert_same_run(whole, run);
    folder_remove(run);
}

// ---- trying -------------------------------------------------------------------------------------

static void copy_folder(const char *scratch, const char *from, const char *to) {
    char command[3 * PATH_SIZE];
    snprintf(command, sizeof command, "cp -r %s/%s %s/%s", scratch, from, scratch, to);
    assert_int_equal(system(command), 0);
}

static void prepare(const char *scratch, const scenario *s) {
    if (strcmp(s->name, "resume") == 0)
        copy_folder(scratch, "first", "half");
}

static void try_fault(const char *scratch, const fault *f, const char *well) {
    prepare(scratch, f->s);
    outcome o = run_fault(scratch, f, NULL);
    assert_told(scratch, f, &o);
    if (f->s->repeats && o.status == 0)
        assert_string_equal(o.out, well);
    outcome_free(&o);
    if (f->s->trains)
        assert_nothing_lost(scratch, f);
}

static void count_calls(const char *scratch, const scenario *s, uint64_t counts[INJECT_KINDS],
                        char **well) {
    char path[PATH_SIZE], to[64];
    snprintf(path, sizeof path, "%s/counts", scratch);
    memset(counts, 0, INJECT_KINDS * sizeof *counts);
    file_put(path, counts, INJECT_KINDS * sizeof *counts);
    const fault none = {s, -1, 0, false};
    prepare(scratch, s);
    outcome o = run_fault(scratch, &none, path);
    if (o.status != 0)
        fail_msg("%s: status %d\n%s", name_of(&none), o.status, o.err);
    size_t size;
    char *bytes = file_text(path, &size);
    memcpy(counts, bytes, size);
    free(bytes);
    *well = strdup(o.out);
    outcome_free(&o);
    if (s->trains) {
        snprintf(to, sizeof to, "%s-whole", s->name);
        copy_folder(scratch, strcmp(s->name, "resume") == 0 ? "half" : "r", to);
        snprintf(path, sizeof path, "%s/%s", scratch,
                 strcmp(s->name, "resume") == 0 ? "half" : "r");
        folder_remove(path);
    }
}

static bool is_chosen(const fault *f) {
    const char *only = getenv("TRM_FAULTS_ONLY");
    return only == NULL || strncmp(name_of(f), only, strlen(only)) == 0;
}

static int64_t try_all(const char *scratch, const scenario *s, const uint64_t *counts,
                       const char *well) {
    int64_t tries = 0;
    for (int k = 0; k < INJECT_KINDS; k++) {
        for (uint64_t i = 0; i < 2 * counts[k]; i++) {
            const fault f = {s, k, 1 + i / 2, i % 2 == 1};
            if (!is_chosen(&f))
                continue;
            print_message("%s\n", name_of(&f));
            try_fault(scratch, &f, well);
            tries++;
        }
    }
    return tries;
}

// So many, spread evenly over the kinds of call there are.
static int64_t try_some(const char *scratch, const scenario *s, const uint64_t *counts,
                        const char *well, int64_t calls, uint64_t *random) {
    int64_t tries = 0;
    while (tries < calls) {
        fault f = {s, (int)random_below(random, INJECT_KINDS), 0, random_below(random, 2) == 1};
        if (counts[f.kind] == 0)
            continue;
        f.n = 1 + random_below(random, counts[f.kind]);
        try_fault(scratch, &f, well);
        tries++;
    }
    return tries;
}

static void test_every_call_fails(void **state) {
    const int64_t calls = setting("TRM_FAULTS_CALLS", CALLS);
    uint64_t random = (uint64_t)setting("TRM_FAULTS_SEED", SEED), counts[INJECT_KINDS];
    int64_t tries = 0;
    char *well;
    setenv("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0", 1);
    run_well(*state,
             (const char *const[]){"train", TINY, "train.episodes=24", "--out", "whole", NULL});
    run_well(*state,
             (const char *const[]){"train", TINY, "train.episodes=12", "--out", "first", NULL});
    for (int i = 0; i < SCENARIOS; i++) {
        const fault any = {&scenarios[i], -1, 0, false};
        const char *only = getenv("TRM_FAULTS_ONLY");
        if (only != NULL && strncmp(only, any.s->name, strcspn(only, "/")) != 0)
            continue;
        count_calls(*state, any.s, counts, &well);
        tries += calls == 0 || only
                     ? try_all(*state, any.s, counts, well)
                     : try_some(*state, any.s, counts, well,
                                calls / SCENARIOS + (i < calls % SCENARIOS), &random);
        free(well);
    }
    print_message("%lld calls failed, %lld of them in what crashes or hangs below; nothing was "
                  "lost\n",
                  (long long)tries, (long long)foreign);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_call_fails, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
