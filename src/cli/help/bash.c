// SPDX-License-Identifier: Apache-2.0
// Completion for bash. It reads the line itself, because bash takes words apart at '='.
#include <stdio.h>

#include "cli/common/options.h"
#include "cli/help/help.h"
#include "cli/help/tables.h"
#include "trm/run/config.h"

static void name(void *ctx, const char *word, const char *what) {
    int *n = ctx;
    (void)what;
    printf("%s%s", (*n)++ > 0 ? " " : "", word);
}

static void choices(const char *const *all) {
    for (int i = 0; all[i] != NULL; i++)
        printf("%s%s", i > 0 ? " " : "", all[i]);
}

static void kind_case(const trm_word_kind *kind) {
    if (kind->names == NULL && kind->paths == TRM_PATHS_NONE)
        return;
    printf("    %s)\n", kind->name);
    if (kind->names != NULL) {
        int n = 0;
        fputs("        _trm_choose '", stdout);
        kind->names(name, &n);
        puts("'");
    }
    if (kind->paths != TRM_PATHS_NONE)
        puts("        _trm_paths -d");
    if (kind->paths == TRM_PATHS_FILES && kind->suffix != NULL)
        printf("        _trm_paths -f -X '!*%s'\n", kind->suffix);
    else if (kind->paths == TRM_PATHS_FILES)
        puts("        _trm_paths -f");
    puts("        ;;");
}

static void settings(void) {
    trm_config_key key;
    puts("_trm_setting() {\n"
         "    case $setting in\n"
         "    '') compopt -o nospace 2>/dev/null; _trm_choose '\\");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        printf("%s= \\\n", key.path);
    puts("' ;;");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        for (int32_t k = 0; key.choice != NULL && key.choice(k) != NULL; k++) {
            printf(k == 0 ? "    %s) _trm_choose '" : " ", key.path);
            fputs(key.choice(k), stdout);
        }
        if (key.choice != NULL)
            puts("' ;;");
    }
    puts("    train.from) _trm_word MODEL ;;\n"
         "    env.puzzles) _trm_word FILE ;;\n"
         "    esac\n"
         "}");
}

// What follows an option that takes a value.
static void value_case(const trm_command *command, const trm_option *o, const char *called) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    if (o->kind == TRM_OPTION_FLAG || called == NULL)
        return;
    printf("    '%s %s')", command->name, called);
    if (o->choices != NULL) {
        fputs(" _trm_choose '", stdout);
        choices(o->choices);
        fputs("';", stdout);
    } else if (o->kind == TRM_OPTION_TEXT) {
        for (int32_t i = 0, n = trm_word_kinds_of(o->value, kinds); i < n; i++)
            printf(" _trm_word %s;", kinds[i]->name);
    }
    puts(" return ;;");
}

static void command_case(const trm_command *command) {
    const trm_word_kind *kinds[TRM_WORD_KINDS];
    const trm_option *o;
    printf("    %s)\n        options='", command->name);
    for (int32_t i = 0; (o = trm_option_at(command, i)) != NULL; i++) {
        printf("%s%s%s%s", i > 0 ? " " : "", o->alias != NULL ? o->alias : "",
               o->alias != NULL ? " " : "", o->name);
    }
    fputs("'\n        kinds='", stdout);
    for (int32_t i = 0, n = trm_word_kinds_of(command->words, kinds); i < n; i++)
        printf("%s%s", i > 0 ? " " : "", kinds[i]->name);
    printf("'\n        settings=%d ;;\n", command->overrides);
}

static void main_function(void) {
    const trm_option *o;
    puts("_trm() {\n"
         "    local line=${COMP_LINE:0:COMP_POINT} cur prev before='' setting=''\n"
         "    local command=watch options kinds kind settings\n"
         "    local -a words\n"
         "    read -ra words <<<\"$line\"\n"
         "    case $line in *[[:space:]]) words+=('') ;; esac\n"
         "    local last=$((${#words[@]} - 1))\n"
         "    COMPREPLY=()\n"
         "    ((last > 0)) || return\n"
         "    cur=${words[last]} prev=${words[last - 1]}\n"
         "    case $cur in\n"
         "    -*=*) prev=${cur%%=*} before=$prev= cur=${cur#*=} ;;\n"
         "    *=*) setting=${cur%%=*} before=$setting= cur=${cur#*=} ;;\n"
         "    esac\n"
         "    case $COMP_WORDBREAKS in *=*) before='' ;; esac\n"
         "    if ((last > 1)); then\n"
         "        case ${words[1]} in -* | *=*) ;; *) command=${words[1]} ;; esac\n"
         "    elif [[ $cur != -* && -z $setting ]]; then\n"
         "        _trm_word COMMAND\n"
         "        return\n"
         "    fi\n"
         "    case \"$command $prev\" in");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++) {
        const trm_command *c = trm_command_at(i);
        for (int32_t k = 0; (o = trm_option_at(c, k)) != NULL; k++) {
            value_case(c, o, o->name);
            value_case(c, o, o->alias);
        }
    }
    puts("    esac\n"
         "    case $command in");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        command_case(trm_command_at(i));
    puts("    *) return ;;\n"
         "    esac\n"
         "    if [[ $cur == -* ]]; then\n"
         "        _trm_choose \"$options\"\n"
         "        return\n"
         "    fi\n"
         "    if [[ -z $setting ]]; then\n"
         "        for kind in $kinds; do _trm_word \"$kind\"; done\n"
         "    fi\n"
         "    # Settings are many: they wait for a first letter or a first word.\n"
         "    if ((settings)) && { ((last > 2)) || [[ -n $cur$setting ]]; }; then\n"
         "        _trm_setting\n"
         "    fi\n"
         "}\n"
         "complete -F _trm trm");
}

void trm_help_bash(void) {
    puts("# Completion of trm(1) for bash; made by `trm help --completions bash`.\n"
         "_trm_choose() {\n"
         "    local IFS=$' \\t\\n'\n"
         "    COMPREPLY+=($(compgen -P \"$before\" -W \"$1\" -- \"$cur\"))\n"
         "}\n"
         "_trm_paths() {\n"
         "    local IFS=$'\\n'\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    COMPREPLY+=($(compgen -P \"$before\" \"$@\" -- \"$cur\"))\n"
         "}\n"
         "_trm_word() {\n"
         "    case $1 in");
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++)
        kind_case(trm_word_kind_at(i));
    puts("    esac\n"
         "}");
    settings();
    main_function();
}
