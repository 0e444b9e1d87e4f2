// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "trm/base/text.h"
#include "trm/nn/init.h"

// Are all words options that the start screen takes?
static bool only_display(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const trm_option *o = trm_option_at(&trm_command_demo, 0);
        for (int32_t k = 0; o != NULL && strcmp(o->name, argv[i]) != 0; k++)
            o = trm_option_at(&trm_command_demo, k);
        if (o == NULL)
            return false;
    }
    return true;
}

static int dispatch(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return trm_command_run(&trm_command_help, 1, argv + 1);
    if (only_display(argc, argv))
        return trm_command_run(&trm_command_demo, argc, argv);
    // Other options and key=value words alone are for the view.
    if (word[0] == '-' || strchr(word, '=') != NULL)
        return trm_command_run(&trm_command_watch, argc, argv);
    const trm_command *command = trm_command_find(word);
    return command != NULL ? trm_command_run(command, argc - 1, argv + 1)
                           : trm_command_unknown(word);
}

int main(int argc, char **argv) {
    trm_interrupt_prepare();
    trm_text_set_locale();
    trm_init();
    int status = dispatch(argc, argv);
    trm_done();
    return status;
}
