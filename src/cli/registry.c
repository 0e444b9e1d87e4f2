// SPDX-License-Identifier: Apache-2.0

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

static const char *name_at(int32_t i) {
    return i < COMMANDS ? commands[i]->name : NULL;
}

const trm_command *trm_command_find(const char *name) {
    return trm_command_at(trm_text_index(name_at, name));
}

int trm_command_unknown(const char *name) {
    const char *near = trm_text_nearest_of(name_at, name);
    if (near != NULL)
        return trm_report_usage("unknown command %s; did you mean %s?", name, near);
    return trm_report_usage("unknown command %s; `trm --help` lists them", name);
}
