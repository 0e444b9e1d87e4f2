// SPDX-License-Identifier: Apache-2.0
// A row of the tables of presets: what plays and what learns from answers, a file each.
#ifndef TRM_RUN_CONFIG_PRESET_H
#define TRM_RUN_CONFIG_PRESET_H

#include <stdint.h>

enum { PRESET_WORDS = 48 };

// What stands on top of the base preset, or on top of the defaults.
typedef struct trm_preset {
    const char *name, *base;
    const char *module; // the original's; "" for ours
    const char *summary;
    const char *words; // key=value, with blanks between
} trm_preset;

typedef struct trm_preset_table {
    const trm_preset *items;
    int32_t count;
} trm_preset_table;

extern const trm_preset_table trm_presets_of_policies, trm_presets_of_answers;

#endif
