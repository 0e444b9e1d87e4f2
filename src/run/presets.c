// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/run/config.h"

enum { PRESET_WORDS = 16 };

// What stands on top of the base preset, or on top of the defaults.
typedef struct preset {
    const char *name, *base, *summary;
    const char *module; // the original's; "" for ours
    const char *words[PRESET_WORDS];
} preset;

static const preset presets[] = {
    {.name = "maze",
     .summary = "5x5 maze, trm-full with K=3, returns normalised over episodes",
     .module = "",
     .words = {"env.type=maze-open", "env.size=5", "model.type=trm-full", "model.h_dim=64",
               "model.l_dim=32", "model.k_cycles=3", "train.algorithm=reinforce",
               "train.episodes=500", "train.gamma=0.95", "train.lr=0.0003", "train.entropy=0.05",
               "train.clip=1", "train.decay=0.99", "train.baseline=running"}},
    {.name = "maze-k5",
     .base = "maze",
     .summary = "the same with K=5",
     .module = "",
     .words = {"model.k_cycles=5"}},
    {.name = "maze-mlp",
     .base = "maze",
     .summary = "the same with the plain network that TRM is compared with",
     .module = "",
     .words = {"model.type=mlp", "train.lr=0.002", "train.entropy=0.02"}},
    {.name = "maze-optimized",
     .base = "maze",
     .summary = "5x5 maze, the larger model with warm-up, decay and Xavier weights",
     .module = "trm_rl_optimized.py",
     .words = {"model.h_dim=128", "model.l_dim=64", "model.xavier_gain=0.5", "train.lr=0.0005",
               "train.entropy=0.02", "train.clip=0.5", "train.warmup=50", "train.decay=0.995",
               "train.episodes=600"}},
    {.name = "original-maze",
     .summary = "the original's recipe as it is: its (T,T) product leaves no policy gradient",
     .module = "trm_rl.py",
     .words = {"env.type=maze-open", "env.size=5", "model.type=trm-full", "model.h_dim=64",
               "model.l_dim=32", "model.k_cycles=3", "train.algorithm=reinforce",
               "train.episodes=500", "train.gamma=0.95", "train.lr=0.002", "train.entropy=0.01",
               "train.clip=1", "train.baseline=episode", "train.broadcast_bug=true"}},
    {.name = "original-maze-k5",
     .base = "original-maze",
     .summary = "the same with K=5",
     .module = "trm_rl.py",
     .words = {"model.k_cycles=5"}},
    {.name = "original-maze-mlp",
     .base = "original-maze",
     .summary = "the same with the plain network",
     .module = "trm_rl.py",
     .words = {"model.type=mlp", "train.lr=0.003"}},
    {.name = "original-maze-fixed",
     .base = "original-maze",
     .summary = "the original's recipe with the shapes right; collapses on some seeds",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "original-maze-k5-fixed",
     .base = "original-maze-k5",
     .summary = "the same with K=5; collapses on most seeds",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "original-maze-mlp-fixed",
     .base = "original-maze-mlp",
     .summary = "the same with the plain network",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
};

enum { PRESET_COUNT = sizeof presets / sizeof *presets };

static const preset *preset_at(int32_t i) {
    return i >= 0 && i < PRESET_COUNT ? &presets[i] : NULL;
}

const char *trm_preset_name(int32_t i) {
    const preset *p = preset_at(i);
    return p ? p->name : NULL;
}

const char *trm_preset_summary(int32_t i) {
    const preset *p = preset_at(i);
    return p ? p->summary : NULL;
}

const char *trm_preset_module(int32_t i) {
    const preset *p = preset_at(i);
    return p ? p->module : NULL;
}

static const preset *find(const char *name) {
    for (int32_t i = 0; i < PRESET_COUNT; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

// NULL: nothing to apply.
static bool apply(trm_config *c, const preset *p, trm_error *e) {
    if (!p)
        return true;
    if (p->base && !apply(c, find(p->base), e))
        return false;
    for (int i = 0; i < PRESET_WORDS && p->words[i]; i++)
        if (!trm_config_override(c, p->words[i], e))
            return false;
    return true;
}

static const char *name_at(const void *ctx, size_t i) {
    (void)ctx;
    return trm_preset_name((int32_t)i);
}

bool trm_config_preset(trm_config *c, const char *name, trm_error *e) {
    const preset *p = find(name);
    if (!p) {
        const char *near = trm_text_nearest(name, name_at, NULL, PRESET_COUNT);
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
    trm_text_copy(preset_config.preset, sizeof preset_config.preset, p->name);
    *c = preset_config;
    return true;
}
