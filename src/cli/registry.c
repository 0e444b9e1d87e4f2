// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cli/commands.h"
#include "cli/common/report.h"
#include "trm/base/text.h"

#define ROW(name) &trm_command_##name,
static const trm_command *const commands[] = {TRM_COMMANDS(ROW)};
#undef ROW
enum { COMMANDS = sizeof commands / sizeof *commands };

const trm_command *trm_command_at(int32_t i) {
    return i >= 0 && i < COMMANDS ? commands[i] : NULL;
}

const trm_command *trm_command_find(const char *name) {
    for (int32_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static const char *name_at(const void *ctx, size_t i) {
    (void)ctx;
    return commands[i]->name;
}

int trm_command_unknown(const char *name) {
    const char *near = trm_text_nearest(name, name_at, NULL, COMMANDS);
    if (near != NULL)
        return trm_report_usage("unknown command %s; did you mean %s?", name, near);
    return trm_report_usage("unknown command %s; `trm --help` lists them", name);
}
