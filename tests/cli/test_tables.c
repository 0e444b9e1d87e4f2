// SPDX-License-Identifier: Apache-2.0
// Every row of the tables is told everywhere: help, man page, completions. What is looked
// for comes from the tables themselves, so that a new row is tested without a line here.
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/help/tables.h"
#include "process.h"
#include "trm/run/config.h"
#include "trm/tui/screens.h"

enum { TEXT = 512, FIELDS = 4096, ARGS = 32 };

// ---- looking for texts --------------------------------------------------------------------------

// Every stretch of white space becomes one space.
static void squeeze(char *text) {
    char *to = text;
    for (const char *c = text; *c != '\0'; c++)
        if (!isspace((unsigned char)*c))
            *to++ = *c;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = '\0';
}

// A man page as it is read: no fonts, no escapes.
static void unroff(char *text) {
    static const struct {
        const char *escape, *text;
    } escapes[] = {{"\\fB", ""},   {"\\fR", ""},   {"\\fI", ""}, {"\\-", "-"}, {"\\(aq", "'"},
                   {"\\(ti", "~"}, {"\\(ha", "^"}, {"\\&", ""},  {"\\e", "\\"}};
    enum { ESCAPES = sizeof escapes / sizeof *escapes };
    char *to = text;
    for (const char *c = text; *c != '\0';) {
        size_t i = 0;
        while (i < ESCAPES && strncmp(c, escapes[i].escape, strlen(escapes[i].escape)) != 0)
            i++;
        if (i == ESCAPES) {
            *to++ = *c++;
            continue;
        }
        c += strlen(escapes[i].escape);
        memcpy(to, escapes[i].text, strlen(escapes[i].text));
        to += strlen(escapes[i].text);
    }
    *to = '\0';
}

// Fails, naming the place, unless `part` stands in `text` with no letter or digit beside it.
static void assert_told(const char *place, const char *text, const char *part) {
    size_t length = strlen(part);
    bool word = isalnum((unsigned char)part[0]) || part[0] == '-';
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        bool begins = !word || at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '-');
        bool ends = !isalnum((unsigned char)part[length - 1]) ||
                    (!isalnum((unsigned char)at[length]) && at[length] != '-');
        if (begins && ends)
            return;
    }
    fail_msg("%s does not tell of \"%s\"", place, part);
}

// Without the backticks that help shows and the man page turns into bold.
static const char *plain(const char *text, char out[TEXT]) {
    char *to = out;
    for (const char *c = text; *c != '\0' && to < out + TEXT - 1; c++)
        if (*c != '`')
            *to++ = *c;
    *to = '\0';
    return out;
}

#define EACH_COMMAND(c) (int32_t at_ = 0; ((c) = trm_command_at(at_)) != NULL; at_++)

// ---- the tables themselves ----------------------------------------------------------------------

static void test_rows_are_whole(void **state) {
    const trm_command *c;
    const trm_option *o;
    (void)state;
    for
        EACH_COMMAND(c) {
            assert_ptr_equal(trm_command_find(c->name), c);
            assert_true(strlen(c->summary) > 10 && strlen(c->summary) <= 66);
            assert_true(strlen(c->about) > 40 && strchr(c->about, '\n') == NULL);
            assert_non_null(c->examples[0]);
            assert_true(c->words_min <= c->words_max);
            assert_in_range(c->ranks, TRM_RANKS_FIRST, TRM_RANKS_ALL);
            for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++) {
                assert_true(o->name[0] == '-' && o->name[1] == '-');
                assert_true(strlen(o->help) > 5 && o->help[strlen(o->help) - 1] != '.');
                assert_int_equal(o->kind == TRM_OPTION_FLAG, o->value == NULL);
                assert_int_equal(o->kind == TRM_OPTION_CHOICE, o->choices != NULL);
                assert_true(o->kind != TRM_OPTION_COUNT || o->min < o->max);
            }
        }
}

// Options of one name and one kind of value say and do the same everywhere.
static void assert_alike(const trm_option *left, const trm_option *right) {
    if (strcmp(left->name, right->name) == 0 &&
        (left->value == NULL || right->value == NULL || strcmp(left->value, right->value) == 0)) {
        assert_string_equal(left->help, right->help);
        assert_int_equal(left->kind, right->kind);
    }
}

static void assert_alike_everywhere(const trm_option *left) {
    const trm_command *c;
    const trm_option *right;
    for
        EACH_COMMAND(c) {
            for (int32_t i = 0; (right = trm_option_at(c, i)) != NULL; i++)
                assert_alike(left, right);
        }
}

static void test_shared_options_are_one(void **state) {
    const trm_command *c;
    const trm_option *o;
    (void)state;
    for
        EACH_COMMAND(c) {
            for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++)
                assert_alike_everywhere(o);
        }
}

// Words in capitals have a meaning, or the option that takes them explains them.
static void test_words_of_commands_are_known(void **state) {
    const trm_command *c;
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    (void)state;
    for
        EACH_COMMAND(c) {
            assert_true((trm_word_kinds_of(c->words, kinds) > 0) == (c->words_max > 0));
        }
    assert_int_equal(trm_word_kinds_of("[ENV|RUN...] -o FILE", kinds), 2);
    assert_string_equal(kinds[0]->name, "ENV");
    assert_string_equal(kinds[1]->name, "RUN");
}

// ---- help ---------------------------------------------------------------------------------------

static void assert_help_tells(const trm_command *c, char *out) {
    static const char *const parts[] = {"usage: trm ", "options:", "exit status: 0", "examples:"};
    const trm_option *o;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        assert_non_null(strstr(out, parts[p]));
    for (const char *line = out; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        bool fixed = strstr(line, "exit status:") == line || strstr(line, "  trm ") == line;
        assert_true(fixed || strcspn(line, "\n") < 80);
    }
    squeeze(out);
    assert_told(c->name, out, c->about);
    for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++) {
        assert_told(c->name, out, o->name);
        assert_told(c->name, out, o->help);
        for (int k = 0; o->choices != NULL && o->choices[k] != NULL; k++)
            assert_told(c->name, out, o->choices[k]);
    }
    for (int i = 0; c->examples[i] != NULL; i++)
        assert_told(c->name, out, c->examples[i]);
}

static void test_every_command_has_help(void **state) {
    const trm_command *c;
    for
        EACH_COMMAND(c) {
            outcome o = RUN(*state, c->name, "--help");
            outcome same = RUN(*state, "help", c->name);
            assert_int_equal(o.status, 0);
            assert_string_equal(o.err, "");
            assert_string_equal(same.out, o.out);
            assert_help_tells(c, o.out);
            outcome_free(&same);
            outcome_free(&o);
        }
}

static void test_help_lists_commands(void **state) {
    outcome o = RUN(*state, "--help");
    outcome same = RUN(*state, "help");
    const trm_command *c;
    assert_int_equal(o.status, 0);
    assert_string_equal(same.out, o.out);
    squeeze(o.out);
    for
        EACH_COMMAND(c) {
            assert_told("help", o.out, c->name);
            assert_told("help", o.out, c->summary);
        }
    for (const trm_help_row *r = trm_help_environment; r->name != NULL; r++)
        assert_told("help", o.out, r->name);
    outcome_free(&same);
    outcome_free(&o);
}

// What a screen of 80 columns has beside the keys.
enum { HELP_COLUMNS = 60 };

static int columns(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void assert_keys_told(const char *place, const char *text) {
    trm_screen_key key;
    int32_t screens = 0;
    for (; trm_screens_name(screens) != NULL; screens++) {
        assert_told(place, text, trm_screens_name(screens));
        assert_true(trm_screens_key(screens, 0, &key));
        for (int32_t k = 0; trm_screens_key(screens, k, &key); k++) {
            squeeze(key.keys);
            assert_told(place, text, key.keys);
            assert_told(place, text, key.help);
            if (columns(key.help) > HELP_COLUMNS)
                fail_msg("too long for 80 columns: %s", key.help);
        }
    }
    assert_true(screens > 5);
}

static void test_help_lists_keys(void **state) {
    outcome o = RUN(*state, "help", "--keys");
    assert_int_equal(o.status, 0);
    squeeze(o.out);
    assert_keys_told("help --keys", o.out);
    outcome_free(&o);
}

static bool has_word(const char *words, const char *word, size_t length) {
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

// Esc apart, which closes what lies over a screen, and then whatever else that screen has for it.
static void test_no_screen_takes_a_key_of_every_screen(void **state) {
    (void)state;
    int32_t last = 0;
    while (trm_screens_name(last + 1) != NULL)
        last++;
    assert_string_equal(trm_screens_name(last), "every screen");
    trm_screen_key all, own;
    for (int32_t row = 0; trm_screens_key(last, row, &all); row++)
        for (char *word = strtok(all.keys, " "); word != NULL; word = strtok(NULL, " "))
            for (int32_t i = 0; i < last && strcmp(word, "Esc") != 0; i++)
                for (int32_t k = 0; trm_screens_key(i, k, &own); k++)
                    if (has_word(own.keys, word, strlen(word)))
                        fail_msg("%s: %s is a key of every screen", trm_screens_name(i), word);
}

static void test_unknown_options_are_refused_with_the_nearest(void **state) {
    const trm_command *c;
    const trm_option *o;
    for
        EACH_COMMAND(c) {
            for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++) {
                char wrong[64];
                char hint[TEXT];
                snprintf(wrong, sizeof wrong, "%s%c", o->name, o->name[strlen(o->name) - 1]);
                snprintf(hint, sizeof hint, "unknown option %s; did you mean %s?", wrong, o->name);
                assert_refused(RUN(*state, c->name, wrong), hint);
            }
            assert_refused(RUN(*state, c->name, "--xyzzyxyzzy"), "unknown option --xyzzyxyzzy");
        }
}

// ---- the man page -------------------------------------------------------------------------------

static void assert_command_in_man(const trm_command *c, const char *man) {
    char title[TEXT];
    char text[TEXT];
    const trm_option *o;
    snprintf(title, sizeof title, "\n.SS \"trm %s ", c->name);
    const char *from = strstr(man, title);
    assert_non_null(from);
    const char *to = strstr(from + 1, "\n.SS ");
    assert_non_null(to);
    char *part = strndup(from, (size_t)(to - from));
    for (int32_t i = 0; i < trm_option_own(c) && (o = trm_option_at(c, i)) != NULL; i++) {
        assert_told(title, part, o->name);
        assert_told(title, part, o->alias != NULL ? o->alias : o->name);
        assert_told(title, part, plain(o->help, text));
    }
    free(part);
    for (int i = 0; c->examples[i] != NULL; i++)
        assert_told("the man page", man, c->examples[i]);
}

static void assert_rows_in_man(const trm_help_row *row, const char *man) {
    char text[TEXT];
    assert_non_null(row->name);
    for (; row->name != NULL; row++) {
        snprintf(text, sizeof text, "\n.TP\n%s\n", row->name);
        assert_non_null(strstr(man, text));
        assert_told("the man page", man, plain(row->what, text));
    }
}

static void test_man_page_names_everything(void **state) {
    outcome o = RUN(*state, "help", "--man");
    const trm_command *c;
    trm_config_key key;
    assert_int_equal(o.status, 0);
    unroff(o.out);
    for
        EACH_COMMAND(c) {
            assert_command_in_man(c, o.out);
        }
    assert_told("the man page", o.out, "--help");
    assert_told("the man page", o.out, "--version");
    assert_rows_in_man(trm_help_environment, o.out);
    assert_rows_in_man(trm_help_files, o.out);
    assert_rows_in_man(trm_help_exits, o.out);
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        assert_told("the man page", o.out, key.path);
    squeeze(o.out);
    assert_keys_told("the man page", o.out);
    outcome_free(&o);
}

// A line that begins with a dot or a quote is a request to roff: only those that are meant.
static void test_man_page_is_roff(void **state) {
    static const char *const requests[] = {".\\\"", ".TH ", ".SH ", ".SS ", ".TP", ".B ",
                                           ".br",   ".nf",  ".fi",  ".nh",  ".ad "};
    enum { REQUESTS = sizeof requests / sizeof *requests };
    outcome o = RUN(*state, "help", "--man");
    for (const char *line = o.out; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        size_t i = 0;
        line += *line == '\n';
        while (i < REQUESTS && strncmp(line, requests[i], strlen(requests[i])) != 0)
            i++;
        assert_true(*line != '\'' && (*line != '.' || i < REQUESTS));
    }
    outcome_free(&o);
}

// ---- completions --------------------------------------------------------------------------------

typedef struct script {
    const char *shell, *text;
} script;

static void assert_name_told(void *ctx, const char *name, const char *what) {
    const script *s = ctx;
    (void)what;
    assert_told(s->shell, s->text, name);
}

static void assert_option_told(const script *s, const trm_option *o) {
    char spelled[TEXT];
    const bool fish = strcmp(s->shell, "fish") == 0;
    snprintf(spelled, sizeof spelled, "%s%s", fish ? "-l " : "", fish ? o->name + 2 : o->name);
    assert_told(s->shell, s->text, spelled);
    for (int k = 0; o->choices != NULL && o->choices[k] != NULL; k++)
        assert_told(s->shell, s->text, o->choices[k]);
}

static void assert_script_tells(const script *s) {
    const trm_command *c;
    const trm_option *o;
    trm_config_key key;
    for
        EACH_COMMAND(c) {
            assert_told(s->shell, s->text, c->name);
            for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++)
                assert_option_told(s, o);
        }
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++)
        if (trm_word_kind_at(i)->names != NULL)
            trm_word_kind_at(i)->names(assert_name_told, (void *)(uintptr_t)s);
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        assert_told(s->shell, s->text, key.path);
        for (int32_t k = 0; key.choice != NULL && key.choice(k) != NULL; k++)
            assert_told(s->shell, s->text, key.choice(k));
    }
}

static bool have(const char *program) {
    char command[TEXT];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

// Writes the script to a file and has the shell itself read it, where that is installed.
static void test_completions_name_everything(void **state) {
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        outcome o = RUN(*state, "help", "--completions", shells[i]);
        char path[PATH_SIZE];
        char command[2 * PATH_SIZE];
        assert_int_equal(o.status, 0);
        assert_string_equal(o.err, "");
        assert_script_tells(&(script){shells[i], o.out});
        snprintf(path, sizeof path, "%s/%s", (const char *)*state, shells[i]);
        file_put_text(path, o.out);
        outcome_free(&o);
        snprintf(command, sizeof command, "%s -n '%s' >&2", shells[i], path);
        assert_true(!have(shells[i]) || system(command) == 0);
    }
}

// What bash offers for a line, between spaces; malloc'd.
static char *offered(const char *dir, const char *line) {
    char command[4 * PATH_SIZE];
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/offered", dir);
    snprintf(command, sizeof command,
             "cd '%s' && bash -c '. ./bash; COMP_LINE=$1 COMP_POINT=${#1}; _trm; "
             "echo \" ${COMPREPLY[*]} \"' bash '%s' >'%s'",
             dir, line, path);
    assert_int_equal(system(command), 0);
    char *text = file_text(path, NULL);
    squeeze(text);
    return text;
}

static void assert_offered(const char *dir, const char *line, const char *name) {
    char *text = offered(dir, line);
    assert_told(line, text, name);
    free(text);
}

static void assert_commands_completed(const char *dir) {
    char *all = offered(dir, "trm ");
    const trm_command *c;
    const trm_option *o;
    for
        EACH_COMMAND(c) {
            char line[TEXT];
            assert_told("trm ", all, c->name);
            snprintf(line, sizeof line, "trm %s --", c->name);
            char *options = offered(dir, line);
            for (int32_t i = 0; (o = trm_option_at(c, i)) != NULL; i++)
                assert_told(line, options, o->name);
            free(options);
        }
    free(all);
}

static void test_bash_completes(void **state) {
    static const struct {
        const char *line, *offered;
    } cases[] = {
        {"trm watch --pace ", "auto paced free "},
        {"trm watch --pace=f", "free "},
        {"trm --pace p", "paced "},
        {"trm train maze-k", "maze-k5 maze-k5-batch "},
        {"trm train maze model.k", "model.k_cycles= "},
        {"trm train maze train.halting=", "true false "},
        {"trm play sudoku-o", "sudoku-one sudoku-one sudoku-one-mlp "},
        {"trm eval weights.s", "weights.safetensors "},
        {"trm train my", "my.json "},
        {"trm replay ru", "runs "},
        {"trm eval sudoku9 --episodes ", ""},
        {"trm help vers", "versus "},
        {"trm reproduce rl-k", "rl-k5 rl-k3 "},
    };
    char path[PATH_SIZE];
    if (!have("bash"))
        skip();
    outcome o = RUN(*state, "help", "--completions", "bash");
    snprintf(path, sizeof path, "%s/bash", (const char *)*state);
    file_put_text(path, o.out);
    outcome_free(&o);
    snprintf(path, sizeof path, "cd '%s' && mkdir runs && touch weights.safetensors my.json other",
             (const char *)*state);
    assert_int_equal(system(path), 0);
    assert_commands_completed(*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = offered(*state, cases[i].line);
        assert_string_equal(text, cases[i].offered);
        free(text);
    }
    assert_offered(*state, "trm train ", "maze-open");
    assert_offered(*state, "trm probe sudoku9 --state ", "other");
}

// ---- examples -----------------------------------------------------------------------------------

static bool key_known(const char *word) {
    trm_config_key key;
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        if (strncmp(word, key.path, strlen(key.path)) == 0 && word[strlen(key.path)] == '=')
            return true;
    return false;
}

static void assert_parses(const char *example) {
    char text[TEXT];
    char *args[ARGS];
    int n = 0;
    static union {
        char bytes[FIELDS];
        int64_t aligned;
    } fields; // more than any command's struct of options
    snprintf(text, sizeof text, "%s", example);
    text[strcspn(text, "<>")] = '\0'; // the shell's
    for (char *word = strtok(text, " "); word != NULL && n < ARGS - 1; word = strtok(NULL, " "))
        args[n++] = word;
    args[n] = NULL;
    assert_string_equal(args[0], "trm");
    if (n == 1)
        return;
    const trm_command *c = trm_command_find(args[1]);
    trm_words words;
    assert_non_null(c);
    assert_int_equal(trm_options_parse(c, n - 1, args + 1, &fields, &words), TRM_OPTIONS_GO);
    for (int i = 0; i < words.override_count; i++)
        assert_true(key_known(words.overrides[i]));
    trm_words_free(&words);
}

static void test_examples_parse(void **state) {
    const trm_command *c;
    (void)state;
    for
        EACH_COMMAND(c) {
            for (int i = 0; c->examples[i] != NULL; i++)
                assert_parses(c->examples[i]);
        }
}

// Runs what a shell would, in `dir`; returns the exit status. Redirected output is dropped.
static int run_example(const char *dir, const char *example) {
    char command[4 * PATH_SIZE];
    char text[TEXT];
    const char *bin = getenv("TRM_BIN");
    snprintf(text, sizeof text, "%s", example);
    text[strcspn(text, ">")] = '\0';
    snprintf(command, sizeof command,
             "cd '%s' && trm() { '%s' \"$@\"; } && { %s; } </dev/null >out 2>err", dir, bin, text);
    return system(command) >> 8;
}

// Those that take long, or that need runs which take long to make, are only parsed.
static bool is_quick(const char *example) {
    static const char *const slow[] = {"trm compare", "trm reproduce",   "trm diagnose",
                                       "trm bench",   "trm train paper", "trm plot --panels"};
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        if (strncmp(example, slow[i], strlen(slow[i])) == 0)
            return false;
    return true;
}

static bool opens_screen(const char *example) {
    static const char *const screens[] = {"trm demo", "trm tour",   "trm watch",
                                          "trm play", "trm versus", "trm replay"};
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++)
        if (strncmp(example, screens[i], strlen(screens[i])) == 0)
            return strstr(example, "--check") == NULL && strstr(example, "--json") == NULL &&
                   strstr(example, "--svg") == NULL;
    return strcmp(example, "trm") == 0;
}

// Everything that they name is there: they work, or ask for a terminal and nothing else.
static void test_examples_work(void **state) {
    static const char *const before[] = {"trm train maze seed=3 train.episodes=10",
                                         "trm train maze-k5 seed=3 train.episodes=10",
                                         "trm export runs/maze-3 weights.safetensors"};
    const trm_command *c;
    char path[PATH_SIZE];
    char numbers[2 * 75 + 2] = "[0"; // three numbers for each of 5x5 cells
    int32_t ran = 0;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        assert_int_equal(run_example(*state, before[i]), 0);
    trm_config maze;
    trm_model_config model;
    trm_error e;
    assert_true(trm_config_preset(&maze, "maze", &e) && trm_config_model(&maze, &model, &e));
    for (int32_t i = 1; i < model.state_dim; i++)
        strncat(numbers, ",0", sizeof numbers - strlen(numbers) - 1);
    strncat(numbers, "]", sizeof numbers - strlen(numbers) - 1);
    snprintf(path, sizeof path, "%s/state.json", (const char *)*state);
    file_put_text(path, numbers);
    snprintf(path, sizeof path, "%s/maze.txt", (const char *)*state);
    file_put_text(path, "S....\n.###.\n.#...\n.#.#.\n...#G\n");
    for
        EACH_COMMAND(c) {
            for (int i = 0; c->examples[i] != NULL; i++) {
                const char *example = c->examples[i];
                if (!is_quick(example))
                    continue;
                bool screen = opens_screen(example);
                int status = run_example(*state, example);
                snprintf(path, sizeof path, "%s/err", (const char *)*state);
                char *err = file_text(path, NULL);
                if (status != (screen ? 2 : 0) ||
                    (screen && strstr(err, "needs a terminal") == NULL))
                    fail_msg("%s: status %d, %s", example, status, err);
                free(err);
                ran++;
            }
        }
    assert_true(ran > 20);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_shared_options_are_one),
        cmocka_unit_test(test_words_of_commands_are_known),
        IN_SCRATCH(test_every_command_has_help),
        IN_SCRATCH(test_help_lists_commands),
        cmocka_unit_test(test_no_screen_takes_a_key_of_every_screen),
        IN_SCRATCH(test_help_lists_keys),
        IN_SCRATCH(test_unknown_options_are_refused_with_the_nearest),
        IN_SCRATCH(test_man_page_names_everything),
        IN_SCRATCH(test_man_page_is_roff),
        IN_SCRATCH(test_completions_name_everything),
        IN_SCRATCH(test_bash_completes),
        cmocka_unit_test(test_examples_parse),
        IN_SCRATCH(test_examples_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
