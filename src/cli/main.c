// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/init.h"
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

// Names of files and lines of text stand on the stack.
static bool has_stack(void) {
    enum { ENOUGH = 512 << 10, USUAL = 8 << 20 };
    struct rlimit r;
    if (getrlimit(RLIMIT_STACK, &r) != 0 || r.rlim_cur >= ENOUGH) // RLIM_INFINITY is the largest
        return true;
    r.rlim_cur = r.rlim_max < USUAL ? r.rlim_max : USUAL;
    if (r.rlim_cur >= ENOUGH && setrlimit(RLIMIT_STACK, &r) == 0)
        return true;
    // printf itself takes several KiB of it.
    static const char text[] =
        "trm: the stack is smaller than 512 KiB: allow more, as with `ulimit -s 8192`\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    return false;
}

// The option of the start screen that a word names; NULL: there is none.
static const trm_option *display_option(const char *word) {
    const size_t n = strcspn(word, "=");
    const trm_option *o;
    for (int32_t k = 0; (o = trm_option_at(&trm_command_demo, k)) != NULL; k++)
        if (strlen(o->name) == n && strncmp(o->name, word, n) == 0)
            return o;
    return NULL;
}

// Are all words options that the start screen takes, and their values?
static bool only_display(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const trm_option *o = display_option(argv[i]);
        if (o == NULL)
            return false;
        i += o->value != NULL && strchr(argv[i], '=') == NULL;
    }
    return true;
}

// What the words are for, and takes off those that say so. NULL: the first is no command.
static const trm_command *find(int *argc, char ***argv) {
    const char *word = *argc > 1 ? (*argv)[1] : "";
    const bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    if (!help && only_display(*argc, *argv))
        return &trm_command_demo;
    // Other options and key=value words alone are for the view.
    if (!help && (word[0] == '-' || strchr(word, '=') != NULL))
        return &trm_command_watch;
    *argc = help ? 1 : *argc - 1;
    (*argv)++;
    return help ? &trm_command_help : trm_command_find(word);
}

int main(int argc, char **argv) {
    trm_interrupt_prepare();
    if (!has_stack())
        return TRM_EXIT_USAGE;
    trm_alloc_on_failure(out_of_memory);
    trm_text_set_locale();
    trm_init();
    const trm_command *command = find(&argc, &argv);
    int status = trm_cluster_run(command, argc, argv);
    trm_done();
    return status;
}
