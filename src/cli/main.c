// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/init.h"
#include "trm/run/cluster.h"
#include "trm/tui/screens.h"

// OpenBLAS asks this before main, and would start a thread a processor that nothing of ours ever
// uses; where the system has no thread to give, it would end the program. Not in builds of it that
// resolve their own symbols first, which is as well.
int openblas_num_threads_env(void);

__attribute__((weak, visibility("default"))) int openblas_num_threads_env(void) {
    return 1;
}

static void out_of_memory(const char *line) {
    trm_screens_give_back(line);
    _exit(TRM_EXIT_FAILED);
}

static int dispatch(int argc, char **argv) {
    static char watch[] = "watch";
    static char *alone[] = {watch, NULL};
    if (argc < 2)
        return trm_command_run(&trm_command_watch, 1, alone);
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return trm_command_run(&trm_command_help, 1, argv + 1);
    // Options and key=value words alone are for the view.
    if (word[0] == '-' || strchr(word, '=') != NULL)
        return trm_command_run(&trm_command_watch, argc, argv);
    const trm_command *command = trm_command_find(word);
    return command != NULL ? trm_command_run(command, argc - 1, argv + 1)
                           : trm_command_unknown(word);
}

int main(int argc, char **argv) {
    trm_interrupt_prepare();
    trm_alloc_on_failure(out_of_memory);
    trm_text_set_locale();
    trm_init();
    int status = trm_cluster_asked() ? trm_cluster_run(dispatch, argc, argv) : dispatch(argc, argv);
    trm_done();
    return status;
}
