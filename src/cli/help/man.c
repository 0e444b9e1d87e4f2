// SPDX-License-Identifier: Apache-2.0
// The man page.
#include <stdio.h>
#include <string.h>

#include "cli/common/options.h"
#include "cli/help/help.h"
#include "cli/help/tables.h"
#include "trm/run/config.h"
#include "trm/tui/screens.h"

// Text that roff takes literally; what stands between backticks is bold.
static void roff(const char *text) {
    bool bold = false;
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (const char *c = text; *c != '\0'; c++) {
        switch (*c) {
        case '`':
            bold = !bold;
            fputs(bold ? "\\fB" : "\\fR", stdout);
            break;
        case '\\':
            fputs("\\e", stdout);
            break;
        case '-':
            fputs("\\-", stdout);
            break;
        case '~':
            fputs("\\(ti", stdout);
            break;
        case '^':
            fputs("\\(ha", stdout);
            break;
        case '\'':
            fputs("\\(aq", stdout);
            break;
        default:
            putchar(*c);
        }
    }
}

static void section(const char *title) {
    printf(".SH %s\n", title);
}

static void subsection(const char *before, const char *title) {
    printf(".SS \"%s", before);
    for (const char *c = title; *c != '\0'; c++)
        fputs(*c == '-' ? "\\-" : (char[]){*c, '\0'}, stdout);
    puts("\"");
}

static void paragraph(const char *text) {
    roff(text);
    putchar('\n');
}

// A tagged paragraph whose tag is bold.
static void tag(const char *name) {
    fputs(".TP\n\\fB", stdout);
    roff(name);
    puts("\\fR");
}

static void rows(const trm_help_row *all) {
    for (; all->name != NULL; all++) {
        tag(all->name);
        paragraph(all->what);
    }
}

static void each_name(void *ctx, const char *name, const char *what) {
    int *n = ctx;
    (void)what;
    fputs((*n)++ == 0 ? ": " : ", ", stdout);
    roff(name);
}

// "help: choice, choice (default: x)."
static void option(const trm_option *o) {
    fputs(".TP\n\\fB", stdout);
    if (o->alias != NULL) {
        roff(o->alias);
        fputs("\\fR, \\fB", stdout);
    }
    roff(o->name);
    printf("\\fR%s%s%s\n", o->value != NULL ? " \\fI" : "", o->value != NULL ? o->value : "",
           o->value != NULL ? "\\fR" : "");
    roff(o->help);
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        printf("%s\\fB%s\\fR", i == 0 ? ": " : ", ", o->choices[i]);
    if (o->fallback != NULL) {
        fputs(" (default: ", stdout);
        roff(o->fallback);
        putchar(')');
    }
    putchar('\n');
}

static void synopsis(void) {
    char usage[TRM_USAGE];
    section("SYNOPSIS");
    puts(".B trm");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++) {
        const trm_command *c = trm_command_at(i);
        trm_command_usage(c, usage);
        printf(".br\n\\fBtrm %s\\fR", c->name);
        roff(usage + strlen(c->name));
        putchar('\n');
    }
}

static void words(void) {
    section("WORDS");
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++) {
        const trm_word_kind *kind = trm_word_kind_at(i);
        int n = 0;
        tag(kind->name);
        roff(kind->what);
        if (kind->names != NULL)
            kind->names(each_name, &n);
        putchar('\n');
    }
    tag(trm_word_setting.name);
    paragraph(trm_word_setting.what);
}

static void commands(void) {
    char usage[TRM_USAGE];
    section("COMMANDS");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++) {
        const trm_command *c = trm_command_at(i);
        subsection("trm ", trm_command_usage(c, usage));
        paragraph(c->about);
        for (const trm_option *o = c->options; o->name != NULL; o++)
            option(o);
    }
    subsection("", "Every command");
    const trm_option *o;
    const trm_command *help = &trm_command_help;
    for (int32_t i = 0; (o = trm_option_at(help, i)) != NULL; i++)
        if (i >= trm_option_own(help))
            option(o);
}

static void keys(void) {
    trm_screen_key key;
    section("KEYS");
    for (int32_t i = 0; trm_screens_name(i) != NULL; i++) {
        subsection("", trm_screens_name(i));
        paragraph(trm_screens_summary(i));
        for (int32_t k = 0; trm_screens_key(i, k, &key); k++) {
            tag(key.keys);
            paragraph(key.help);
        }
    }
}

static void settings(void) {
    trm_config_key key;
    section("SETTINGS");
    paragraph("Keys of `key=value` words and of a configuration's JSON, where the part before the "
              "dot is an object. `trm presets --describe` adds unit, range and default.");
    for (int32_t i = 0; trm_config_key_at(i, &key); i++) {
        tag(key.path);
        roff(key.doc);
        for (int32_t k = 0; key.choice != NULL && key.choice(k) != NULL; k++) {
            fputs(k == 0 ? ": " : ", ", stdout);
            roff(key.choice(k));
        }
        putchar('\n');
    }
}

static void examples(void) {
    section("EXAMPLES");
    puts(".nf");
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        for (int k = 0; trm_command_at(i)->examples[k] != NULL; k++)
            paragraph(trm_command_at(i)->examples[k]);
    puts(".fi");
}

void trm_help_man(void) {
    puts(".\\\" SPDX-License-Identifier: Apache-2.0");
    printf(".TH TRM 1 \"\" \"trm %s\" \"User Commands\"\n", TRM_VERSION);
    puts(".nh\n.ad l"); // names are not to be broken
    section("NAME");
    puts("trm \\- watch a Tiny Recursive Model think while it learns");
    synopsis();
    section("DESCRIPTION");
    paragraph("`trm` trains Tiny Recursive Models on mazes and sudokus and shows how they think: "
              "the board, and for each step every cycle of the model, its H and L activations and "
              "what it would do if it stopped there. Without words it is `trm watch maze`.");
    words();
    commands();
    keys();
    settings();
    section("EXIT STATUS");
    rows(trm_help_exits);
    section("ENVIRONMENT");
    rows(trm_help_environment);
    section("FILES");
    rows(trm_help_files);
    examples();
}
