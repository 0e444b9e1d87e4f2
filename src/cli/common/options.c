// SPDX-License-Identifier: Apache-2.0
#include "cli/common/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/report.h"
#include "cli/help/help.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/tui/screens.h"

// What every command takes besides its own.
static const trm_option common[] = {
    {.name = "--help", .alias = "-h", .help = "print this text", .kind = TRM_OPTION_FLAG},
    {.name = "--version", .help = "print the program's version", .kind = TRM_OPTION_FLAG},
};
enum { COMMON = sizeof common / sizeof *common };

int32_t trm_option_own(const trm_command *command) {
    int32_t n = 0;
    while (command->options[n].name != NULL)
        n++;
    return n;
}

const trm_option *trm_option_at(const trm_command *command, int32_t i) {
    int32_t own = trm_option_own(command);
    return i < own ? &command->options[i] : i < own + COMMON ? &common[i - own] : NULL;
}

static const char *option_name_at(const void *ctx, size_t i) {
    const trm_option *option = trm_option_at(ctx, (int32_t)i);
    return option != NULL ? option->name : NULL;
}

static const char *choice_at(const void *ctx, size_t i) {
    const trm_option *option = ctx;
    return option->choices[i];
}

static int refuse_unknown(const trm_command *command, const char *word) {
    char name[64];
    trm_text_copy(name, sizeof name, word);
    name[strcspn(name, "=")] = '\0';
    const char *near =
        trm_text_nearest(name, option_name_at, command, (size_t)trm_option_own(command) + COMMON);
    if (near != NULL)
        return trm_report_usage("unknown option %s; did you mean %s?", name, near);
    return trm_report_usage("unknown option %s; `trm %s --help` lists them", name, command->name);
}

static int set_choice(const trm_option *option, const char *value, void *field) {
    size_t n = 0;
    char all[128] = "";
    size_t used = 0;
    for (; option->choices[n] != NULL; n++) {
        if (strcmp(option->choices[n], value) == 0) {
            *(int *)field = (int)n;
            return TRM_OPTIONS_GO;
        }
        used += trm_text_format(all + used, sizeof all - used, "%s%s", n ? ", " : "",
                                option->choices[n]);
    }
    const char *near = trm_text_nearest(value, choice_at, option, n);
    if (near != NULL)
        return trm_report_usage("%s %s: did you mean %s?", option->name, value, near);
    return trm_report_usage("%s %s: expected one of %s", option->name, value, all);
}

static int set_option(const trm_option *option, const char *value, void *fields) {
    void *field = (char *)fields + option->offset;
    switch (option->kind) {
    case TRM_OPTION_FLAG:
        *(bool *)field = true;
        break;
    case TRM_OPTION_TEXT:
        if (value[0] == '\0')
            return trm_report_usage("%s: the %s is empty", option->name, option->value);
        *(const char **)field = value;
        break;
    case TRM_OPTION_COUNT: {
        int64_t number = 0;
        if (!trm_text_to_i64(value, &number))
            return trm_report_usage("%s %s: expected a whole number", option->name, value);
        if (number < option->min || number > option->max) {
            return trm_report_usage("%s %s: expected %lld to %lld", option->name, value,
                                    (long long)option->min, (long long)option->max);
        }
        *(int64_t *)field = number;
        break;
    }
    case TRM_OPTION_CHOICE:
        return set_choice(option, value, field);
    }
    return TRM_OPTIONS_GO;
}

static bool is_called(const char *name, const char *word, size_t length) {
    return name != NULL && strlen(name) == length && strncmp(name, word, length) == 0;
}

static const trm_option *find_option(const trm_command *command, const char *word) {
    size_t length = strcspn(word, "=");
    for (const trm_option *o = command->options; o->name != NULL; o++)
        if (is_called(o->name, word, length) || is_called(o->alias, word, length))
            return o;
    return NULL;
}

// The option at argv[*i]; *i is moved to its last word.
static int take_option(const trm_command *command, char **argv, int *i, void *fields) {
    const char *word = argv[*i];
    const trm_option *option = find_option(command, word);
    if (option == NULL)
        return refuse_unknown(command, word);
    const char *value = strchr(word, '=');
    if (option->kind == TRM_OPTION_FLAG) {
        if (value != NULL)
            return trm_report_usage("%s takes no value", option->name);
    } else if (value != NULL) {
        value++;
    } else {
        if (argv[*i + 1] == NULL)
            return trm_report_usage("%s: its %s is missing", option->name, option->value);
        value = argv[++*i];
    }
    return set_option(option, value, fields);
}

// key=value, where the key is no path.
static bool is_override(const char *word) {
    const char *equals = strchr(word, '=');
    const char *slash = strchr(word, '/');
    return equals != NULL && (slash == NULL || slash > equals);
}

const char *trm_command_usage(const trm_command *command, char out[TRM_USAGE]) {
    trm_text_format(out, TRM_USAGE, "%s%s%s%s [options]", command->name,
                    command->words[0] != '\0' ? " " : "", command->words,
                    command->overrides ? " [key=value...]" : "");
    return out;
}

static int check_words(const trm_command *command, const trm_words *words) {
    char usage[TRM_USAGE];
    if (words->plain_count < command->words_min)
        return trm_report_usage("usage: trm %s", trm_command_usage(command, usage));
    if (words->plain_count > command->words_max) {
        return trm_report_usage("%s: one word too many; usage: trm %s",
                                words->plain[command->words_max],
                                trm_command_usage(command, usage));
    }
    if (words->override_count > 0 && !command->overrides) {
        return trm_report_usage("%s: trm %s takes no key=value", words->overrides[0],
                                command->name);
    }
    return TRM_OPTIONS_GO;
}

int trm_options_parse(const trm_command *command, int argc, char **argv, void *fields,
                      trm_words *words) {
    words->plain = trm_alloc((size_t)argc + 1, sizeof *words->plain);
    words->overrides = trm_alloc((size_t)argc + 1, sizeof *words->overrides);
    words->plain_count = words->override_count = 0;
    int status = TRM_OPTIONS_GO;
    bool options = true;
    for (int i = 1; i < argc && status == TRM_OPTIONS_GO; i++) {
        char *word = argv[i];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            trm_help_command(command);
            status = trm_report_finish(TRM_EXIT_DONE);
        } else if (options && strcmp(word, "--version") == 0) {
            printf("trm %s\n", TRM_VERSION);
            status = trm_report_finish(TRM_EXIT_DONE);
        } else if (options && word[0] == '-' && word[1] != '\0') {
            status = take_option(command, argv, &i, fields);
        } else if (is_override(word)) {
            words->overrides[words->override_count++] = word;
        } else {
            words->plain[words->plain_count++] = word;
        }
    }
    if (status == TRM_OPTIONS_GO)
        status = check_words(command, words);
    if (status != TRM_OPTIONS_GO)
        trm_words_free(words);
    return status;
}

void trm_words_free(trm_words *words) {
    free(words->plain);
    free(words->overrides);
    *words = (trm_words){0};
}

int trm_command_run(const trm_command *command, int argc, char **argv) {
    trm_words words;
    void *fields = trm_alloc(1, command->options_size + 1);
    if (command->defaults != NULL)
        memcpy(fields, command->defaults, command->options_size);
    int status = trm_options_parse(command, argc, argv, fields, &words);
    if (status == TRM_OPTIONS_GO) {
        status = command->run(&words, fields);
        trm_words_free(&words);
    }
    free(fields);
    return status;
}

bool trm_options_color(bool no_color) {
    const char *variable = getenv("NO_COLOR");
    return !no_color && (variable == NULL || variable[0] == '\0');
}

const char *trm_display_given(const trm_display *d) {
    return d->ascii      ? "--ascii"
           : d->no_color ? "--no-color"
           : d->no_mouse ? "--no-mouse"
           : d->theme    ? "--theme"
           : d->record   ? "--record"
                         : NULL;
}

bool trm_options_terminal(const trm_command *command, trm_error *e) {
    if (trm_screens_possible(e))
        return true;
    return trm_error_prefix(e, trm_screens_built() ? "%s needs a terminal" : "%s", command->name);
}
