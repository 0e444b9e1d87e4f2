// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/run/config.h"

enum { PRESET_WORDS = 24 };

// What stands on top of the base preset, or on top of the defaults.
typedef struct preset {
    const char *name, *base, *summary;
    const char *module; // the original's; "" for ours
    const char *words[PRESET_WORDS];
} preset;

// How supervision steps are learned one at a time.
#define CARRIED                                                                                    \
    "train.supervision=carried", "train.batch=32", "train.lr=0.002", "train.warmup=100",           \
        "train.cosine=true", "train.ema=0.999", "train.clip=1"

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
    {.name = "maze-batch",
     .base = "maze",
     .summary = "eight episodes an update, with steps as much longer: as soon learned a second",
     .module = "",
     .words = {"train.envs=8", "train.lr=0.002", "train.decay=0.95"}},
    {.name = "maze-k5-batch",
     .base = "maze-k5",
     .summary = "the same with K=5",
     .module = "",
     .words = {"train.envs=8", "train.lr=0.0012", "train.decay=0.95"}},
    {.name = "maze-mlp-batch",
     .base = "maze-mlp",
     .summary = "the same with the plain network",
     .module = "",
     .words = {"train.envs=8", "train.lr=0.008", "train.decay=0.95"}},
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

    // The original's other variants, its recipe as it is and with the policy gradient right.
    {.name = "rl-adapted-maze",
     .base = "original-maze",
     .summary = "RL-Adapted on the maze with plain rewards, as the original trains it",
     .module = "trm_rl_evns.py",
     .words = {"env.type=maze-plain", "model.type=trm-rl", "model.hidden=128",
               "model.head_hidden=64", "train.lr=0.003", "train.entropy=0"}},
    {.name = "rl-adapted-maze-fixed",
     .base = "rl-adapted-maze",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_evns.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "rl-adapted-sudoku",
     .base = "rl-adapted-maze",
     .summary = "RL-Adapted on the empty sudoku, 5 for the full grid",
     .module = "trm_rl_evns.py",
     .words = {"env.type=sudoku-empty", "env.size=4", "env.bonus=5"}},
    {.name = "rl-adapted-sudoku-fixed",
     .base = "rl-adapted-sudoku",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_evns.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "enhanced-maze",
     .base = "original-maze",
     .summary = "Enhanced: shaped rewards and an entropy bonus",
     .module = "trm_rl_improved.py",
     .words = {"model.type=trm-rl", "model.hidden=64", "model.head_hidden=32", "train.lr=0.003"}},
    {.name = "enhanced-maze-fixed",
     .base = "enhanced-maze",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_improved.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "enhanced-mlp",
     .base = "enhanced-maze",
     .summary = "the plain network of 64 units beside Enhanced",
     .module = "trm_rl_improved.py",
     .words = {"model.type=mlp"}},
    {.name = "enhanced-mlp-fixed",
     .base = "enhanced-mlp",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_improved.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "original-sudoku",
     .base = "original-maze",
     .summary = "Full on the empty 4x4 sudoku, K=3",
     .module = "trm_rl.py",
     .words = {"env.type=sudoku-empty", "env.size=4"}},
    {.name = "original-sudoku-fixed",
     .base = "original-sudoku",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "original-sudoku-k5",
     .base = "original-sudoku",
     .summary = "Full on the empty 4x4 sudoku, K=5",
     .module = "trm_rl.py",
     .words = {"model.k_cycles=5"}},
    {.name = "original-sudoku-k5-fixed",
     .base = "original-sudoku-k5",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "original-sudoku-mlp",
     .base = "original-sudoku",
     .summary = "the plain network on the empty 4x4 sudoku",
     .module = "trm_rl.py",
     .words = {"model.type=mlp", "train.lr=0.003"}},
    {.name = "original-sudoku-mlp-fixed",
     .base = "original-sudoku-mlp",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "readme-maze",
     .base = "original-maze",
     .summary = "the hyperparameters of the original's README, maze 5x5",
     .module = "README.md",
     .words = {NULL}},
    {.name = "readme-maze-fixed",
     .base = "readme-maze",
     .summary = "the same with the policy gradient right",
     .module = "README.md",
     .words = {"train.broadcast_bug=false"}},
    {.name = "readme-sudoku",
     .base = "original-sudoku",
     .summary = "the hyperparameters of the original's README, sudoku 4x4",
     .module = "README.md",
     .words = {"model.h_dim=128", "model.l_dim=64", "model.k_cycles=5", "train.lr=0.001",
               "train.episodes=1000"}},
    {.name = "readme-sudoku-fixed",
     .base = "readme-sudoku",
     .summary = "the same with the policy gradient right",
     .module = "README.md",
     .words = {"train.broadcast_bug=false"}},
    {.name = "optimized-maze",
     .base = "original-maze",
     .summary = "the original's optimized recipe on the maze",
     .module = "trm_rl_optimized.py",
     .words = {"model.h_dim=128", "model.l_dim=64", "model.xavier_gain=0.5", "train.lr=0.0005",
               "train.entropy=0.02", "train.clip=0.5", "train.warmup=50", "train.decay=0.995",
               "train.episodes=600"}},
    {.name = "optimized-maze-fixed",
     .base = "optimized-maze",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_optimized.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "optimized-sudoku",
     .base = "optimized-maze",
     .summary = "the original's optimized recipe on the empty sudoku",
     .module = "trm_rl_optimized.py",
     .words = {"env.type=sudoku-empty", "env.size=4"}},
    {.name = "optimized-sudoku-fixed",
     .base = "optimized-sudoku",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_optimized.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "updated-1-maze",
     .base = "optimized-maze",
     .summary = "updated sudoku, task 1: the maze",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"train.episodes=500"}},
    {.name = "updated-1-maze-fixed",
     .base = "updated-1-maze",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "updated-2-sudoku-one",
     .base = "optimized-maze",
     .summary = "updated sudoku, task 2: one blank cell",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"env.type=sudoku-one", "env.size=4", "train.episodes=500"}},
    {.name = "updated-3-sudoku-easy",
     .base = "optimized-maze",
     .summary = "updated sudoku, task 3: 4 blank cells",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"env.type=sudoku-easy", "env.size=4", "train.episodes=1000"}},
    {.name = "updated-3-sudoku-easy-fixed",
     .base = "updated-3-sudoku-easy",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"train.broadcast_bug=false"}},
    {.name = "updated-4-sudoku-medium",
     .base = "optimized-maze",
     .summary = "updated sudoku, task 4: 8 blank cells",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"env.type=sudoku-medium", "env.size=4", "train.episodes=1500"}},
    {.name = "updated-4-sudoku-medium-fixed",
     .base = "updated-4-sudoku-medium",
     .summary = "the same with the policy gradient right",
     .module = "trm_rl_optimized_updated_sudoku.py",
     .words = {"train.broadcast_bug=false"}},

    // One blank cell, learned: ours.
    {.name = "sudoku-one",
     .base = "maze",
     .summary = "one blank cell in the one grid, trm-full K=3, in 2,000 episodes",
     .module = "",
     .words = {"env.type=sudoku-one", "env.size=4", "train.episodes=2000", "train.decay=1",
               "train.lr=0.0004", "train.entropy=0"}},
    {.name = "sudoku-one-mlp",
     .base = "sudoku-one",
     .summary = "the same with the plain network",
     .module = "",
     .words = {"model.type=mlp", "model.xavier_gain=2", "train.lr=0.0025", "train.warmup=300",
               "train.entropy=0.01", "train.baseline_rate=0.005"}},

    // Beside REINFORCE.
    {.name = "maze-ppo",
     .base = "maze",
     .summary = "the 5x5 maze with PPO: a value head, eight episodes an update",
     .module = "",
     .words = {"train.algorithm=ppo", "train.envs=8", "train.lr=0.001", "train.decay=1",
               "train.entropy=0.01"}},
    {.name = "sudoku-easy",
     .base = "maze",
     .summary = "4 blank cells of the one grid: imitation of the solver, rule breakers masked",
     .module = "",
     .words = {"env.type=sudoku-easy", "env.size=4", "train.algorithm=imitation",
               "train.mask_actions=true", "train.envs=8", "train.episodes=4000", "train.lr=0.001",
               "train.decay=1", "train.entropy=0"}},
    {.name = "sudoku-medium",
     .base = "sudoku-easy",
     .summary = "the same with 8 blank cells",
     .module = "",
     .words = {"env.type=sudoku-medium"}},
    {.name = "maze11",
     .summary =
         "walled 11x11 mazes, new every time: trm-conv taught the solver's moves in all cells",
     .module = "",
     .words = {"env.type=maze",
               "env.size=11",
               "env.shaping=none",
               "model.type=trm-conv",
               "model.read_at_agent=true",
               "model.d_model=24",
               "model.layers=1",
               "model.feedforward=48",
               "model.inner_steps=11",
               "model.k_cycles=1",
               "model.sup_steps=4",
               "train.algorithm=imitation",
               "train.deep_supervision=true",
               "train.mask_actions=true",
               "train.batch=32",
               "train.envs=1",
               "train.lr=0.003",
               "train.warmup=5",
               "train.decay=0.998",
               "train.entropy=0",
               "train.episodes=1500"}},
    {.name = "maze11-mlp",
     .base = "maze11",
     .summary = "the same mazes for a plain network, taught along its own way",
     .module = "",
     .words = {"model.type=mlp", "model.hidden=32", "model.read_at_agent=false",
               "train.deep_supervision=false", "train.envs=8", "train.episodes=20000"}},
    {.name = "maze19",
     .base = "maze11",
     .summary = "the same with 19x19 cells",
     .module = "",
     .words = {"env.size=19", "model.inner_steps=15", "model.sup_steps=6", "train.batch=16"}},

    // Learning from answers.
    {.name = "baseline",
     .summary = "Baseline: tokens with deep supervision, as the original trains it",
     .module = "trm.py",
     .words = {"train.algorithm=supervised", "data.type=tokens", "data.train=400",
               "data.validation=100", "data.test=100", "model.type=trm-baseline", "model.z_dim=64",
               "model.y_dim=16", "model.hidden=128", "model.head_hidden=64", "model.inner_steps=4",
               "model.sup_steps=6", "train.epochs=6", "train.lr=0.0005",
               "train.weight_decay=0.00001", "train.clip=0"}},
    {.name = "mazes-8-trm",
     .summary = "8x8 mazes as the original draws them, its TRM: one constant answer",
     .module = "simple_maze_comparison.py",
     .words = {"train.algorithm=supervised", "data.type=mazes-8", "data.train=300",
               "data.validation=60", "data.test=30", "model.type=trm-simple", "model.x_dim=16",
               "model.z_dim=32", "model.y_dim=8", "model.hidden=64", "model.head_hidden=32",
               "model.inner_steps=3", "model.sup_steps=5", "train.epochs=20", "train.lr=0.0005",
               "train.clip=0"}},
    {.name = "mazes-8-cnn",
     .base = "mazes-8-trm",
     .summary = "the same with the CNN",
     .module = "simple_maze_comparison.py",
     .words = {"model.type=cnn", "train.lr=0.001"}},
    {.name = "mazes-8-fixed-trm",
     .base = "mazes-8-trm",
     .summary = "corrected 8x8 mazes: start, goal and path vary; TRM",
     .module = "",
     .words = {"data.type=mazes-8-fixed", "data.test=500"}},
    {.name = "mazes-8-fixed-cnn",
     .base = "mazes-8-cnn",
     .summary = "the same with the CNN",
     .module = "",
     .words = {"data.type=mazes-8-fixed", "data.test=500"}},
    {.name = "mazes-10-trm",
     .base = "mazes-8-trm",
     .summary = "10x10 mazes as the original draws them, its TRM: the answer is empty",
     .module = "maze_comparison.py",
     .words = {"data.type=mazes-10", "data.train=500", "data.validation=100", "data.test=50",
               "model.type=trm-maze", "model.x_dim=32", "model.z_dim=64", "model.y_dim=16",
               "model.hidden=128", "model.head_hidden=64", "model.inner_steps=4",
               "model.sup_steps=6", "train.epochs=15", "train.weight_decay=0.00001"}},
    {.name = "mazes-10-transformer",
     .base = "mazes-10-trm",
     .summary = "the same with the transformer",
     .module = "maze_comparison.py",
     .words = {"model.type=transformer", "train.lr=0.001"}},
    {.name = "mazes-10-fixed-trm",
     .base = "mazes-10-trm",
     .summary = "corrected 10x10 mazes: every one has a path; TRM",
     .module = "",
     .words = {"data.type=mazes-10-fixed", "data.test=500"}},
    {.name = "mazes-10-fixed-transformer",
     .base = "mazes-10-transformer",
     .summary = "the same with the transformer",
     .module = "",
     .words = {"data.type=mazes-10-fixed", "data.test=500"}},

    // Recursive models whose cells see one another, a supervision step at a time: ours.
    {.name = "mazes-8-fixed-conv",
     .base = "mazes-8-fixed-cnn",
     .summary = "corrected 8x8 mazes; a recursive model whose cells see their neighbours",
     .module = "",
     .words = {"data.train=1024", "data.validation=200", "data.test=2000", "data.fresh=true",
               "model.type=trm-conv", "model.d_model=32", "model.layers=2", "model.feedforward=64",
               "model.inner_steps=3", "model.k_cycles=1", "model.sup_steps=6", "train.epochs=150",
               CARRIED}},
    {.name = "mazes-10-fixed-conv",
     .base = "mazes-8-fixed-conv",
     .summary = "corrected 10x10 mazes, the same model",
     .module = "",
     .words = {"data.type=mazes-10-fixed", "train.epochs=75"}},
    {.name = "mazes-8-fixed-attn",
     .base = "mazes-8-fixed-conv",
     .summary = "the 8x8 mazes; cells attend to one another and see their neighbours",
     .module = "",
     .words = {"model.type=trm-attn", "model.local=true", "model.heads=2", "model.layers=1",
               "model.inner_steps=8", "model.sup_steps=4", "train.epochs=100"}},
    {.name = "mazes-10-fixed-attn",
     .base = "mazes-8-fixed-attn",
     .summary = "the 10x10 mazes, the same model with longer recursions",
     .module = "",
     .words = {"data.type=mazes-10-fixed", "model.inner_steps=11"}},
    {.name = "sudoku-9-peer",
     .summary = "9x9 sudokus of 30 to 60 givens; cells hear their row, column and box",
     .module = "",
     .words = {"train.algorithm=supervised", "data.type=sudoku", "data.size=9",
               "data.givens_min=30", "data.givens_max=60", "data.train=2000", "data.validation=200",
               "data.test=2000", "data.fresh=true", "model.type=trm-peer", "model.d_model=64",
               "model.feedforward=128", "model.inner_steps=2", "model.k_cycles=1",
               "model.sup_steps=8", "model.layers=2", "train.epochs=45", CARRIED}},
    {.name = "sudoku-6-peer",
     .base = "sudoku-9-peer",
     .summary = "6x6 sudokus of 10 to 20 givens, a smaller model",
     .module = "",
     .words = {"data.size=6", "data.givens_min=10", "data.givens_max=20", "data.train=4000",
               "data.validation=500", "model.d_model=48", "model.feedforward=96",
               "train.epochs=16"}},
    {.name = "sudoku-4-peer",
     .base = "sudoku-6-peer",
     .summary = "4x4 sudokus of 4 to 6 givens, smaller still",
     .module = "",
     .words = {"data.size=4", "data.givens_min=4", "data.givens_max=6", "model.d_model=32",
               "model.feedforward=64", "model.sup_steps=6", "train.epochs=12"}},
    {.name = "sudoku-4-tiny",
     .base = "sudoku-4-peer",
     .summary = "4x4 sudokus of 4 givens, 685 parameters: a second shows what recursion is worth",
     .module = "",
     .words = {"data.givens_max=4", "model.d_model=8", "model.feedforward=16", "model.layers=1",
               "model.sup_steps=8", "train.ema=0.99", "train.epochs=5"}},
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

bool trm_preset_exists(const char *name) {
    return find(name) != NULL;
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
