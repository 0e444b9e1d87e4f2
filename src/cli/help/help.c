// SPDX-License-Identifier: Apache-2.0
#include "cli/help/help.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/options.h"
#include "cli/common/report.h"
#include "cli/help/tables.h"
#include "trm/base/text.h"
#include "trm/tui/screens.h"

enum { NAME_COLUMN = 20, TEXT_COLUMN = NAME_COLUMN + 3 };

// "  NAME   text", the text wrapped.
static void row(const char *name, const char *text) {
    printf("  %-*s ", NAME_COLUMN, name);
    if (strlen(name) > NAME_COLUMN)
        printf("\n%*s", TEXT_COLUMN, "");
    trm_report_wrapped(stdout, text, TEXT_COLUMN);
}

static void option_row(const trm_option *o) {
    char name[64];
    char text[320];
    trm_text_format(name, sizeof name, "%s%s%s%s%s", o->alias != NULL ? o->alias : "",
                    o->alias != NULL ? ", " : "", o->name, o->value != NULL ? " " : "",
                    o->value != NULL ? o->value : "");
    size_t used = trm_text_format(text, sizeof text, "%s", o->help);
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++) {
        used += trm_text_format(text + used, sizeof text - used, "%s%s", i == 0 ? ": " : ", ",
                                o->choices[i]);
    }
    if (o->fallback != NULL)
        trm_text_format(text + used, sizeof text - used, " (default: %s)", o->fallback);
    row(name, text);
}

// ---- one command --------------------------------------------------------------------------------

typedef struct name_list {
    char text[1024];
    size_t used;
} name_list;

static void add_name(void *ctx, const char *name, const char *what) {
    name_list *l = ctx;
    (void)what;
    l->used += trm_text_format(l->text + l->used, sizeof l->text - l->used, "%s%s",
                               l->used > 0 ? ", " : "", name);
}

static void word_row(const trm_word_kind *kind) {
    name_list names = {.text = ""};
    char text[1280];
    if (kind->listed)
        kind->names(add_name, &names);
    trm_text_format(text, sizeof text, "%s%s%s", kind->what, names.used > 0 ? ": " : "",
                    names.text);
    row(kind->name, text);
}

static void print_words(const trm_command *command) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    int32_t n = trm_word_kinds_taken(command, kinds);
    if (n > 0)
        puts("\nwords:");
    for (int32_t i = 0; i < n; i++)
        word_row(kinds[i]);
}

static void print_exits(void) {
    static const char *const parts[] = {
#define ROW(name, number, text, more) #number " " text,
        TRM_EXITS(ROW)
#undef ROW
    };
    fputs("\nexit status: ", stdout);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        printf("%s%s", i > 0 ? ", " : "", parts[i]);
    putchar('\n');
}

static void print_examples(const trm_command *command, int most) {
    for (int i = 0; i < most && command->examples[i] != NULL; i++)
        printf("  %s\n", command->examples[i]);
}

void trm_help_command(const trm_command *command) {
    char usage[TRM_USAGE];
    const trm_option *o;
    printf("usage: trm %s\n\n", trm_command_usage(command, usage));
    trm_report_wrapped(stdout, command->about, 0);
    print_words(command);
    puts("\noptions:");
    for (int32_t i = 0; (o = trm_option_at(command, i)) != NULL; i++)
        option_row(o);
    print_exits();
    puts("\nexamples:");
    print_examples(command, INT_MAX);
}

// ---- the program --------------------------------------------------------------------------------

static void print_program(void) {
    puts("usage: trm [COMMAND] [words and options]\n\n"
         "Watch a Tiny Recursive Model think while it learns. `trm` alone is `trm demo`.\n\n"
         "commands:");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        printf("  %-10s %s\n", trm_command_at(i)->name, trm_command_at(i)->summary);
    puts("\noptions:\n"
         "  --help     print this text; `trm COMMAND --help` explains a command\n"
         "  --version  print the program's version\n\n"
         "environment:");
    for (const trm_help_row *r = trm_help_environment; r->name != NULL; r++)
        row(r->name, r->what);
    print_exits();
    puts("\nexamples:");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        print_examples(trm_command_at(i), 1);
}

static void print_keys(void) {
    trm_screen_key key;
    for (int32_t i = 0; trm_screens_name(i) != NULL; i++) {
        printf("%s%s: ", i > 0 ? "\n" : "", trm_screens_name(i));
        puts(trm_screens_summary(i));
        for (int32_t k = 0; trm_screens_key(i, k, &key); k++)
            row(key.keys, key.help);
    }
}

// ---- the command --------------------------------------------------------------------------------

typedef struct help_options {
    bool keys, man, sentences;
    int shell;
} help_options;

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static void (*const scripts[])(void) = {trm_help_bash, trm_help_zsh, trm_help_fish};
enum { SHELLS = sizeof scripts / sizeof *scripts };

static const trm_option options[] = {
    TRM_FLAG(help_options, keys, "--keys", "list the keys of every screen"),
    TRM_FLAG(help_options, man, "--man", "print the man page, in roff"),
    TRM_FLAG(help_options, sentences, "--sentences",
             "list every sentence of help and screens, each after its place"),
    {.name = "--completions",
     .value = "SHELL",
     .help = "print the script that completes words in this shell",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(help_options, shell),
     .choices = shells},
    {0},
};

static int run(const trm_words *words, void *given) {
    const help_options *o = given;
    const trm_command *about = NULL;
    if (words->plain_count > 0 && (about = trm_command_find(words->plain[0])) == NULL)
        return trm_command_unknown(words->plain[0]);
    if (o->man)
        trm_help_man();
    else if (o->shell < SHELLS)
        scripts[o->shell]();
    else if (o->sentences)
        trm_help_sentences();
    else if (o->keys)
        print_keys();
    else if (about != NULL)
        trm_help_command(about);
    else
        print_program();
    return trm_report_finish(TRM_EXIT_DONE);
}

const trm_command trm_command_help = {
    .name = "help",
    .summary = "explain a command, list all keys, print the man page",
    .words = "[COMMAND]",
    .about =
        "Explains a command, as `trm COMMAND --help` does, or lists the commands. The man page "
        "and the completions of the shells, which an installation puts in their places, are "
        "printed with --man and --completions.",
    .examples =
        (const char *const[]){
            "trm help train", "trm help --keys", "trm help --man > trm.1",
            "trm help --completions bash > ~/.local/share/bash-completion/completions/trm", NULL},
    .options = options,
    .options_size = sizeof(help_options),
    .defaults = &(help_options){.shell = SHELLS},
    .words_max = 1,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
