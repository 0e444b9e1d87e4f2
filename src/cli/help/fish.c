// SPDX-License-Identifier: Apache-2.0
// Completion for fish.
#include <stdio.h>

#include "cli/common/options.h"
#include "cli/help/help.h"
#include "cli/help/tables.h"
#include "trm/run/config.h"

static void quoted(const char *text) {
    putchar('\'');
    for (const char *c = text; *c != '\0'; c++)
        printf("%s%c", *c == '\'' || *c == '\\' ? "\\" : "", *c);
    putchar('\'');
}

// One line for `printf '%s\t%s\n'`.
static void described(void *ctx, const char *name, const char *what) {
    (void)ctx;
    fputs(" \\\n        ", stdout);
    quoted(name);
    putchar(' ');
    quoted(what != NULL ? what : "");
}

static void kind_function(const trm_word_kind *kind) {
    printf("function __trm_%s\n", kind->name);
    if (kind->names != NULL) {
        fputs("    printf '%s\\t%s\\n'", stdout);
        kind->names(described, NULL);
        putchar('\n');
    }
    if (kind->paths == TRM_PATHS_FOLDERS)
        puts("    __fish_complete_directories (commandline -ct)");
    else if (kind->paths == TRM_PATHS_FILES)
        printf("    __fish_complete_suffix '%s'\n", kind->suffix != NULL ? kind->suffix : "");
    puts("end");
}

static void settings(void) {
    trm_config_key key;
    puts("function __trm_setting\n"
         "    switch (commandline -ct)");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        for (int32_t k = 0; key.choice != NULL && key.choice(k) != NULL; k++) {
            if (k == 0)
                printf("        case '%s=*'\n            printf '%s=%%s\\n'", key.path, key.path);
            printf(" %s", key.choice(k));
        }
        if (key.choice != NULL)
            putchar('\n');
    }
    puts("        case '*=*'\n"
         "        case '?*'\n"
         "            printf '%s=\\t%s\\n' \\");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        printf("                ");
        quoted(key.path);
        putchar(' ');
        quoted(key.doc);
        puts(" \\");
    }
    puts("\n    end\n"
         "end");
}

static void option_line(const trm_command *command, const trm_option *o) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    printf("complete -c trm -n '__trm_on %s'", command->name);
    if (o->alias != NULL)
        printf(" -s %s", o->alias + 1);
    printf(" -l %s", o->name + 2);
    if (o->value != NULL)
        fputs(" -x", stdout);
    if (o->choices != NULL) {
        fputs(" -a '", stdout);
        for (int i = 0; o->choices[i] != NULL; i++)
            printf("%s%s", i > 0 ? " " : "", o->choices[i]);
        putchar('\'');
    } else if (o->kind == TRM_OPTION_TEXT && trm_word_kinds_of(o->value, kinds) > 0) {
        printf(" -a '(__trm_%s)'", kinds[0]->name);
    }
    fputs(" -d ", stdout);
    quoted(o->help);
    putchar('\n');
}

static void command_lines(const trm_command *command) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    const trm_option *o;
    printf("complete -c trm -n __trm_first -a %s -d ", command->name);
    quoted(command->summary);
    putchar('\n');
    for (int32_t i = 0; (o = trm_option_at(command, i)) != NULL; i++)
        option_line(command, o);
    for (int32_t i = 0, n = trm_word_kinds_of(command->words, kinds); i < n; i++)
        printf("complete -c trm -n '__trm_on %s' -a '(__trm_%s)'\n", command->name, kinds[i]->name);
    if (command->overrides)
        printf("complete -c trm -n '__trm_on %s' -a '(__trm_setting)'\n", command->name);
}

void trm_help_fish(void) {
    puts("# Completion of trm(1) for fish; made by `trm help --completions fish`.\n"
         "function __trm_first\n"
         "    test (count (commandline -opc)) -eq 1\n"
         "end\n"
         "function __trm_on\n"
         "    set -l words (commandline -opc)\n"
         "    set -l command watch\n"
         "    if test (count $words) -gt 1\n"
         "        string match -qr '^-|=' -- $words[2]; or set command $words[2]\n"
         "    else\n"
         "        string match -qr '^-|=' -- (commandline -ct); or return 1\n"
         "    end\n"
         "    test $command = $argv[1]\n"
         "end");
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++)
        kind_function(trm_word_kind_at(i));
    settings();
    puts("complete -c trm -f");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        command_lines(trm_command_at(i));
}
