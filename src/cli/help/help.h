// SPDX-License-Identifier: Apache-2.0
// What the program says about itself, all of it on standard output and made from the tables.
#ifndef TRM_CLI_HELP_H
#define TRM_CLI_HELP_H

#include "cli/commands.h"

// Usage, paragraph, words, options, exit statuses and examples.
void trm_help_command(const trm_command *command);

// Every sentence of the tables with its place, one a line.
void trm_help_sentences(void);

// The man page, in roff.
void trm_help_man(void);

// Scripts that make the shells complete words of a command line.
void trm_help_bash(void);
void trm_help_zsh(void);
void trm_help_fish(void);

#endif
