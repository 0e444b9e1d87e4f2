// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "preset.h"
#include "trm/base/text.h"
#include "trm/run/config.h"

// In order of listing.
static const trm_preset_table *const tables[] = {&trm_presets_of_policies, &trm_presets_of_answers};
enum { TABLES = sizeof tables / sizeof *tables };

static const trm_preset *preset_at(int32_t i) {
    for (int32_t t = 0; t < TABLES && i >= 0; i -= tables[t++]->count)
        if (i < tables[t]->count)
            return &tables[t]->items[i];
    return NULL;
}

const char *trm_preset_name(int32_t i) {
    const trm_preset *p = preset_at(i);
    return p ? p->name : NULL;
}

const char *trm_preset_summary(int32_t i) {
    const trm_preset *p = preset_at(i);
    return p ? p->summary : NULL;
}

const char *trm_preset_module(int32_t i) {
    const trm_preset *p = preset_at(i);
    return p ? p->module : NULL;
}

// Names that presets had before: they still work, and are not listed.
static const struct { const char *old, *now; } renamed[] = {{"maze", "maze-open"}};

enum { RENAMED = sizeof renamed / sizeof *renamed };

static const char *old_name(int32_t i) {
    return i < RENAMED ? renamed[i].old : NULL;
}

static const trm_preset *find(const char *name) {
    const int32_t old = trm_text_index(old_name, name);
    name = old >= 0 ? renamed[old].now : name;
    return preset_at(trm_text_index(trm_preset_name, name));
}

bool trm_preset_exists(const char *name) {
    return find(name) != NULL;
}

// NULL: nothing to apply.
static bool apply(trm_config *c, const trm_preset *p, trm_error *e) {
    if (!p)
        return true;
    if (p->base && !apply(c, find(p->base), e))
        return false;
    for (const char *at = p->words; *at; at += strspn(at, " ")) {
        char word[128];
        const size_t n = strcspn(at, " ");
        trm_text_format(word, sizeof word, "%.*s", (int)n, at);
        if (!trm_config_override(c, word, e))
            return false;
        at += n;
    }
    return true;
}

bool trm_config_preset(trm_config *c, const char *name, trm_error *e) {
    const trm_preset *p = find(name);
    if (!p) {
        const char *near = trm_text_nearest_of(trm_preset_name, name);
        const char *former = near ? NULL : trm_text_nearest_of(old_name, name);
        const trm_preset *old = former ? find(former) : NULL;
        near = old ? old->name : near;
        if (near)
            return trm_error_set(e, TRM_E_INPUT, "unknown preset \"%s\" (did you mean %s?)", name,
                                 near);
        return trm_error_set(e, TRM_E_INPUT,
                             "unknown preset \"%s\" (`trm presets` lists the presets there are)",
                             name);
    }
    trm_config preset_config = trm_config_default();
    if (!apply(&preset_config, p, e))
        return trm_error_prefix(e, "preset %s", name);
    trm_text_copy(preset_config.preset, sizeof preset_config.preset, name); // as it was asked for
    *c = preset_config;
    return true;
}

const char *trm_preset_yardstick(const char *preset, float *share) {
    static const struct {
        const char *preset, *name;
        float share;
    } yardsticks[] = {{"sudoku-4-k3", "K = 1", 0.795f}};
    for (size_t i = 0; i < sizeof yardsticks / sizeof *yardsticks; i++)
        if (strcmp(yardsticks[i].preset, preset) == 0) {
            *share = yardsticks[i].share;
            return yardsticks[i].name;
        }
    return NULL;
}
