// SPDX-License-Identifier: Apache-2.0
// Every sentence of the tables, one a line after the place where it is said: to be read as a whole.
#include <stdio.h>

#include "cli/common/options.h"
#include "cli/help/help.h"
#include "cli/help/tables.h"
#include "trm/run/config.h"
#include "trm/tui/screens.h"

static void say(const char *where, const char *name, const char *sentence) {
    if (sentence != NULL && sentence[0] != '\0')
        printf("%s %s\t%s\n", where, name, sentence);
}

static void of_commands(void) {
    const trm_command *c;
    for (int32_t i = 0; (c = trm_command_at(i)) != NULL; i++) {
        say("command", c->name, c->summary);
        say("command", c->name, c->about);
        for (int32_t k = 0; k < trm_option_own(c); k++) {
            say(c->name, trm_option_at(c, k)->name, trm_option_at(c, k)->help);
            say(c->name, trm_option_at(c, k)->name, trm_option_at(c, k)->fallback);
        }
    }
}

static void of_rows(const char *where, const trm_help_row *rows) {
    for (; rows->name != NULL; rows++)
        say(where, rows->name, rows->what);
}

static void of_run(void) {
    trm_config_key key;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++)
        say("preset", trm_preset_name(i), trm_preset_summary(i));
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        say("setting", key.path, key.doc);
}

static void of_screens(void) {
    trm_screen_key key;
    for (int32_t i = 0; trm_screens_name(i) != NULL; i++) {
        say("screen", trm_screens_name(i), trm_screens_summary(i));
        for (int32_t k = 0; trm_screens_key(i, k, &key); k++)
            say(trm_screens_name(i), key.keys, key.help);
    }
}

void trm_help_sentences(void) {
    of_commands();
    for (int32_t i = 0; trm_word_kind_at(i) != NULL; i++)
        say("word", trm_word_kind_at(i)->name, trm_word_kind_at(i)->what);
    of_rows("variable", trm_help_environment);
    of_rows("file", trm_help_files);
    of_rows("exit", trm_help_exits);
    of_run();
    of_screens();
}
