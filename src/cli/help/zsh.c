// SPDX-License-Identifier: Apache-2.0
// Completion for zsh.
#include <stdio.h>
#include <string.h>

#include "cli/common/options.h"
#include "cli/help/help.h"
#include "cli/help/tables.h"
#include "trm/run/config.h"

// Within single quotes; characters of `special` get a backslash.
static void quoted(const char *text, const char *special) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            fputs("'\\''", stdout);
            continue;
        }
        printf("%s%c", strchr(special, *c) != NULL ? "\\" : "", *c);
    }
}

static void described(void *ctx, const char *name, const char *what) {
    (void)ctx;
    printf("        '");
    quoted(name, ":");
    if (what != NULL) {
        putchar(':');
        quoted(what, "");
    }
    puts("'");
}

static void kind_case(const trm_word_kind *kind) {
    if (kind->names == NULL && kind->paths == TRM_PATHS_NONE)
        return;
    printf("    %s)\n", kind->name);
    if (kind->names != NULL) {
        puts("      names=(");
        kind->names(described, NULL);
        printf("      )\n      _describe -t %s %s names && found=0\n", kind->name, kind->name);
    }
    if (kind->paths == TRM_PATHS_FOLDERS) {
        puts("      _files -/ && found=0");
    } else if (kind->paths == TRM_PATHS_FILES) {
        printf("      _files%s%s%s && found=0\n", kind->suffix != NULL ? " -g '*" : "",
               kind->suffix != NULL ? kind->suffix : "", kind->suffix != NULL ? "(-.)'" : "");
    }
    puts("      ;;");
}

static void settings(void) {
    trm_config_key key;
    puts("_trm_setting() {\n"
         "  local -a names\n"
         "  case $PREFIX in");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        for (int32_t k = 0; key.choice != NULL && key.choice(k) != NULL; k++) {
            if (k == 0)
                printf("    %s=*) compset -P '*='; compadd --", key.path);
            printf(" %s", key.choice(k));
        }
        if (key.choice != NULL)
            puts(" ;;");
    }
    puts("    train.from=*) compset -P '*='; _trm_words MODEL ;;\n"
         "    env.puzzles=*) compset -P '*='; _files ;;\n"
         "    *=*) return 1 ;;\n"
         "    *)\n"
         "      names=(");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        described(NULL, key.path, key.doc);
    puts("      )\n"
         "      _describe -t settings 'key=value' names -S '=' ;;\n"
         "  esac\n"
         "}");
}

static void option_spec(const trm_option *o) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    if (o->alias != NULL)
        printf("        '(%s %s)'{%s,%s}'[", o->alias, o->name, o->alias, o->name);
    else
        printf("        '%s[", o->name);
    quoted(o->help, "[]\\");
    putchar(']');
    if (o->value != NULL)
        printf(":%s:", o->value);
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        printf("%s%s", i == 0 ? "(" : " ", o->choices[i]);
    if (o->choices != NULL)
        putchar(')');
    else if (o->kind == TRM_OPTION_TEXT && trm_word_kinds_of(o->value, kinds) > 0)
        printf("_trm_words %s", kinds[0]->name);
    puts("' \\");
}

static void command_case(const trm_command *command) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    const trm_option *o;
    printf("    %s)\n      _arguments \\\n", command->name);
    for (int32_t i = 0; (o = trm_option_at(command, i)) != NULL; i++)
        option_spec(o);
    int32_t n = trm_word_kinds_taken(command, kinds);
    fputs("        '*:word:_trm_words", stdout);
    for (int32_t i = 0; i < n; i++)
        printf(" %s", kinds[i]->name);
    puts("' ;;");
}

void trm_help_zsh(void) {
    puts("#compdef trm\n"
         "# Completion of trm(1) for zsh; made by `trm help --completions zsh`.\n"
         "_trm_word() {\n"
         "  local -a names\n"
         "  local found=1\n"
         "  case $1 in");
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++)
        kind_case(trm_word_kind_at(i));
    puts("    key=value) _trm_setting && found=0 ;;\n"
         "  esac\n"
         "  return found\n"
         "}\n"
         "_trm_words() {\n"
         "  local kind found=1\n"
         "  for kind; do _trm_word $kind && found=0; done\n"
         "  return found\n"
         "}");
    settings();
    puts("_trm() {\n"
         "  local command=watch\n"
         "  if [[ $words[2] != (-*|*=*) ]]; then\n"
         "    if (( CURRENT == 2 )); then _trm_words COMMAND; return; fi\n"
         "    command=$words[2]\n"
         "    shift words\n"
         "    (( CURRENT-- ))\n"
         "  fi\n"
         "  case $command in");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        command_case(trm_command_at(i));
    puts("  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _trm ]]; then _trm \"$@\"; else compdef _trm trm; fi");
}
