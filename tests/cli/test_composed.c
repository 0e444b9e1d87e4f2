// SPDX-License-Identifier: Apache-2.0
// Command lines composed at random from the tables of commands, options, keys and kinds of words,
// in a folder of files good and bad. Whatever they say: the program ends by itself or soon after
// Ctrl-C, by one of its exit statuses, with one line where the line is wrong.
//
// TRM_FUZZ_CLI: how many (./bootstrap fuzz cli sets it); TRM_FUZZ_SEED: which.
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/help/tables.h"
#include "process.h"
#include "run/config/keys.h"
#include "trm/base/rng.h"

enum {
    LINES = 150,
    ARGS = 24,
    WORD = 96,
    NAMES = 256,
    FRESH = 400, // lines until the folder is made again
    LOOK_MS = 50,
    FINDINGS = 20
};

// Seconds; the promise is one second on a machine that is free.
#define ALONE    0.5   // of processor time, until it is interrupted
#define PATIENCE 4.0   // … or of the clock
#define ENDING   10.0  // it must then have ended, unless it had not two seconds of the processor
#define HANGING  200.0 // … or in any case

static const char *const files[] = {"run",
                                    "epochs",
                                    "run/checkpoint.safetensors",
                                    "run/config.json",
                                    "epochs/config.json",
                                    "run/metrics.jsonl",
                                    "cut.safetensors",
                                    "empty",
                                    "puzzles.txt",
                                    "bad.json",
                                    "folder",
                                    "none",
                                    "no/such/folder",
                                    "-",
                                    "",
                                    "out.svg",
                                    "out.png",
                                    "out.safetensors",
                                    "maze",
                                    "\xff\xfe",
                                    "a b",
                                    "/dev/null",
                                    "/dev/zero"};
static const char *const values[] = {
    "0",   "1",    "2",           "3",      "-1",   "64",     "65",    "1e9",
    "0.5", "true", "false",       "null",   "nan",  "inf",    "1e400", "9007199254740993",
    "abc", "",     "puzzles.txt", "folder", "maze", "sudoku", "trm",   "x=y",
    "é"};

// ---- composing ----------------------------------------------------------------------------------

typedef struct line {
    char words[ARGS][WORD];
    const char *args[ARGS + 1];
    int count;
    trm_rng *rng;
} line;

static uint32_t below(line *l, uint32_t n) {
    return trm_rng_below(l->rng, n);
}

#define ANY(l, array) (array)[below(l, sizeof(array) / sizeof *(array))]

static void add(line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(line *l, const char *format, ...) {
    va_list args;
    if (l->count == ARGS)
        return;
    va_start(args, format);
    vsnprintf(l->words[l->count], WORD, format, args);
    va_end(args);
    l->args[l->count] = l->words[l->count];
    l->args[++l->count] = NULL;
}

typedef struct names {
    const char *name[NAMES];
    uint32_t count;
} names;

static void keep(void *ctx, const char *name, const char *what) {
    names *n = ctx;
    (void)what;
    if (n->count < NAMES)
        n->name[n->count++] = strdup(name);
}

static void add_of_kind(line *l, const trm_word_kind *kind) {
    names n = {0};
    if (kind->names != NULL && below(l, 4) > 0)
        kind->names(keep, &n);
    if (n.count > 0)
        add(l, "%s", n.name[below(l, n.count)]);
    else
        add(l, "%s", ANY(l, files));
    while (n.count > 0)
        free((void *)(uintptr_t)n.name[--n.count]);
}

static void add_option(line *l, const trm_command *command) {
    int32_t count = 0;
    while (trm_option_at(command, count) != NULL)
        count++;
    const trm_option *o = trm_option_at(command, (int32_t)below(l, (uint32_t)count));
    const char *gap = below(l, 2) ? "=" : NULL;
    char value[WORD];
    if (o->kind == TRM_OPTION_CHOICE && below(l, 4) > 0)
        snprintf(value, sizeof value, "%s", o->choices[0]);
    else if (o->kind == TRM_OPTION_TEXT)
        snprintf(value, sizeof value, "%s", ANY(l, files));
    else
        snprintf(value, sizeof value, "%s", ANY(l, values));
    if (o->kind == TRM_OPTION_FLAG ? below(l, 20) > 0 : below(l, 20) == 0)
        add(l, "%s", o->name);
    else if (gap != NULL)
        add(l, "%s%s%s", o->name, gap, value);
    else {
        add(l, "%s", o->name);
        add(l, "%s", value);
    }
}

static void add_setting(line *l) {
    int32_t count = 0, choices = 0;
    while (trm_config_row_at((size_t)count) != NULL)
        count++;
    const trm_config_row *row = trm_config_row_at(below(l, (uint32_t)count));
    while (row->choice != NULL && row->choice(choices) != NULL)
        choices++;
    switch (below(l, 4)) {
    case 0:
        if (choices > 0)
            add(l, "%s=%s", row->path, row->choice((int32_t)below(l, (uint32_t)choices)));
        else
            add(l, "%s=%g", row->path, row->min);
        break;
    case 1:
        add(l, "%s=%g", row->path, row->max);
        break;
    case 2:
        add(l, "%s=%g", row->path, row->min + 1);
        break;
    default:
        add(l, "%s=%s", row->path, ANY(l, values));
    }
}

static void compose(line *l) {
    int32_t commands = 0, kinds = 0;
    const trm_word_kind *taken[TRM_WORD_KINDS];
    while (trm_command_at(commands) != NULL)
        commands++;
    const trm_command *command = trm_command_at((int32_t)below(l, (uint32_t)commands));
    if (below(l, 50) > 0)
        add(l, "%s", below(l, 100) ? command->name : ANY(l, files));
    kinds = trm_word_kinds_of(command->words, taken);
    int words = command->words_min + (below(l, 3) == 0 ? (int)below(l, 3) : 0);
    if (command->words_max > 0 && words == 0)
        words = (int)below(l, 2);
    for (int i = 0; i < words && kinds > 0; i++)
        add_of_kind(l, taken[i < kinds && below(l, 3) ? i : (int32_t)below(l, (uint32_t)kinds)]);
    for (uint32_t n = below(l, 4); n > 0; n--)
        add_option(l, command);
    for (uint32_t n = below(l, 8) == 0 ? 2 : below(l, 2); n > 0; n--)
        add_setting(l);
}

// ---- a folder of files --------------------------------------------------------------------------

static void inside(const char *folder, const char *name, char out[PATH_SIZE]) {
    if (snprintf(out, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE)
        fail_msg("%s: the name is too long", folder);
}

static void make(const char *folder, const char *const *args) {
    outcome o = process_run(folder, NULL, args);
    if (o.status != 0)
        fail_msg("%s %s: status %d\n%s", args[0], args[1], o.status, o.err);
    outcome_free(&o);
}

static void fill(const char *folder) {
    char path[PATH_SIZE];
    size_t size;
    make(folder, (const char *const[]){"train", "maze-mlp", "env.size=3", "model.hidden=8",
                                       "train.episodes=12", "--out", "run", NULL});
    make(folder, (const char *const[]){"train", "sudoku-4-mlp", "data.train=12", "train.batch=6",
                                       "data.validation=6", "data.test=6", "train.epochs=2",
                                       "model.hidden=8", "--out", "epochs", NULL});
    inside(folder, "run/checkpoint.safetensors", path);
    char *bytes = file_text(path, &size);
    inside(folder, "cut.safetensors", path);
    file_put(path, bytes, size / 2);
    free(bytes);
    inside(folder, "empty", path);
    file_put_text(path, "");
    inside(folder, "bad.json", path);
    file_put_text(path, "{\"env\":{\"size\":");
    inside(folder, "puzzles.txt", path);
    file_put_text(path, "1.3.3..1.1.33.1.\n..34341..143.32.\n");
    inside(folder, "folder", path);
    assert_int_equal(mkdir(path, 0777), 0);
}

// ---- running ------------------------------------------------------------------------------------

static int findings;

static void tell(const line *l, const outcome *o, const char *what) {
    print_message("%s, status %d: trm", what, o->status);
    for (int i = 0; i < l->count; i++)
        print_message(" '%s'", l->args[i]);
    print_message("\n%.2000s\n", o->err);
    findings++;
}

static bool is_status(int status) {
    return status == 0 || status == 1 || status == 2 || status == 130 || status == 141;
}

static void judge(const line *l, const outcome *o, bool late) {
    if (!is_status(o->status))
        tell(l, o, "no exit status of trm");
    else if (late)
        tell(l, o, "deaf to Ctrl-C");
    else if (o->status == 2 && (line_count(o->err) != 1 || strncmp(o->err, "trm: ", 5) != 0))
        tell(l, o, "not one line");
    else if (o->status == 1 && line_count(o->err) < 1 && o->out[0] == '\0') // --strict has findings
        tell(l, o, "not a word");
}

// Processor time of our children that have ended.
static double spent(void) {
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double spent_by(pid_t pid) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Ended by itself, or interrupted once it has computed for a while.
static void run_line(const char *folder, const line *l) {
    process p = process_start(folder, NULL, l->args);
    struct pollfd end = {.fd = p.err}; // hangs up with the process
    double from = now(), before = spent(), alone = 0;
    while (now() - from < PATIENCE && (alone = spent_by(p.pid)) < ALONE && !(end.revents & POLLHUP))
        poll(&end, 1, LOOK_MS);
    kill(p.pid, SIGINT);
    from = now();
    outcome o = process_finish(&p, HANGING);
    const double took = now() - from;
    judge(l, &o, took > 6 * ENDING || (took > ENDING && spent() - before - alone > 2));
    outcome_free(&o);
}

static int64_t number(const char *variable, int64_t otherwise) {
    const char *text = getenv(variable);
    return text != NULL && text[0] != '\0' ? strtoll(text, NULL, 10) : otherwise;
}

static void test_any_line(void **state) {
    const int64_t lines = number("TRM_FUZZ_CLI", LINES);
    trm_rng rng;
    char folder[PATH_SIZE];
    inside(*state, "here", folder);
    setenv("TMPDIR", *state, 1);
    setenv("ASAN_OPTIONS", "detect_leaks=0:exitcode=99", 1);
    setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 1);
    trm_rng_seed(&rng, (uint64_t)number("TRM_FUZZ_SEED", 1), 0);
    for (int64_t i = 0; i < lines && findings < FINDINGS; i++) {
        if (i % FRESH == 0) {
            if (i > 0)
                folder_remove(folder);
            assert_int_equal(mkdir(folder, 0777), 0);
            fill(folder);
        }
        line l = {.rng = &rng};
        compose(&l);
        run_line(folder, &l);
        if (i % 1000 == 999)
            print_message("%lld lines\n", (long long)i + 1);
    }
    if (findings > 0)
        fail_msg("%d findings", findings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_any_line, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
