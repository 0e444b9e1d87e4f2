// SPDX-License-Identifier: Apache-2.0
// Presets of what plays episodes.
#include <stddef.h>

#include "preset.h"

static const trm_preset presets[] = {
    {"maze-open", NULL, "", "open 5x5 field, trm-full with K=3, returns normalised over episodes",
     "env.type=maze-open env.size=5 model.type=trm-full model.h_dim=64 model.l_dim=32 "
     "model.k_cycles=3 train.algorithm=reinforce train.episodes=500 train.gamma=0.95 "
     "train.lr=0.0003 train.entropy=0.05 train.clip=1 train.decay=0.99 train.baseline=running"},
    {"maze-dqn", "maze-open", "", "the open field by deep Q-learning, Q values in every cycle",
     "train.algorithm=dqn train.dueling=true train.lr=0.001 train.decay=1 train.batch=32 "
     "train.memory=5000 train.replays=16 train.epsilon_episodes=100"},
    {"maze-k5", "maze", "", "the same with K=5", "model.k_cycles=5"},
    {"maze-mlp", "maze", "", "the same with the plain network that TRM is compared with",
     "model.type=mlp train.lr=0.002 train.entropy=0.02"},
    {"maze-optimized", "maze", "trm_rl_optimized.py",
     "5x5 maze, the larger model with warm-up, decay and Xavier weights",
     "model.h_dim=128 model.l_dim=64 model.xavier_gain=0.5 train.lr=0.0005 train.entropy=0.02 "
     "train.clip=0.5 train.warmup=50 train.decay=0.995 train.episodes=600"},
    {"maze-batch", "maze", "",
     "eight episodes per update, with a learning rate to match: learned as fast",
     "train.envs=8 train.lr=0.002 train.decay=0.95"},
    {"maze-k5-batch", "maze-k5", "", "the same with K=5",
     "train.envs=8 train.lr=0.0012 train.decay=0.95"},
    {"maze-mlp-batch", "maze-mlp", "", "the same with the plain network",
     "train.envs=8 train.lr=0.008 train.decay=0.95"},
    {"original-maze", NULL, "trm_rl.py",
     "the original's recipe as it is: its (T,T) product leaves no policy gradient",
     "env.type=maze-open env.size=5 model.type=trm-full model.h_dim=64 model.l_dim=32 "
     "model.k_cycles=3 train.algorithm=reinforce train.episodes=500 train.gamma=0.95 "
     "train.lr=0.002 train.entropy=0.01 train.clip=1 train.baseline=episode "
     "train.broadcast_bug=true"},
    {"original-maze-k5", "original-maze", "trm_rl.py", "the same with K=5", "model.k_cycles=5"},
    {"original-maze-mlp", "original-maze", "trm_rl.py", "the same with the plain network",
     "model.type=mlp train.lr=0.003"},
    {"original-maze-fixed", "original-maze", "trm_rl.py",
     "the original's recipe with the shapes corrected; collapses on some seeds",
     "train.broadcast_bug=false"},
    {"original-maze-k5-fixed", "original-maze-k5", "trm_rl.py",
     "the same with K=5; collapses on most seeds", "train.broadcast_bug=false"},
    {"original-maze-mlp-fixed", "original-maze-mlp", "trm_rl.py", "the same with the plain network",
     "train.broadcast_bug=false"},

    // The original's other variants, its recipe as it is and with the policy gradient right.
    {"rl-adapted-maze", "original-maze", "trm_rl_evns.py",
     "RL-Adapted on the maze with plain rewards, as the original trains it",
     "env.type=maze-plain model.type=trm-rl model.hidden=128 model.head_hidden=64 train.lr=0.003 "
     "train.entropy=0"},
    {"rl-adapted-maze-fixed", "rl-adapted-maze", "trm_rl_evns.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"rl-adapted-sudoku", "rl-adapted-maze", "trm_rl_evns.py",
     "RL-Adapted on the empty sudoku, 5 for the full grid",
     "env.type=sudoku-empty env.size=4 env.bonus=5"},
    {"rl-adapted-sudoku-fixed", "rl-adapted-sudoku", "trm_rl_evns.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"enhanced-maze", "original-maze", "trm_rl_improved.py",
     "Enhanced: shaped rewards and an entropy bonus",
     "model.type=trm-rl model.hidden=64 model.head_hidden=32 train.lr=0.003"},
    {"enhanced-maze-fixed", "enhanced-maze", "trm_rl_improved.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"enhanced-mlp", "enhanced-maze", "trm_rl_improved.py",
     "the plain network of 64 units beside Enhanced", "model.type=mlp"},
    {"enhanced-mlp-fixed", "enhanced-mlp", "trm_rl_improved.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"original-sudoku", "original-maze", "trm_rl.py", "Full on the empty 4x4 sudoku, K=3",
     "env.type=sudoku-empty env.size=4"},
    {"original-sudoku-fixed", "original-sudoku", "trm_rl.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"original-sudoku-k5", "original-sudoku", "trm_rl.py", "Full on the empty 4x4 sudoku, K=5",
     "model.k_cycles=5"},
    {"original-sudoku-k5-fixed", "original-sudoku-k5", "trm_rl.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"original-sudoku-mlp", "original-sudoku", "trm_rl.py",
     "the plain network on the empty 4x4 sudoku", "model.type=mlp train.lr=0.003"},
    {"original-sudoku-mlp-fixed", "original-sudoku-mlp", "trm_rl.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"readme-maze", "original-maze", "README.md",
     "the hyperparameters of the original's README, maze 5x5", ""},
    {"readme-maze-fixed", "readme-maze", "README.md", "the same with the policy gradient corrected",
     "train.broadcast_bug=false"},
    {"readme-sudoku", "original-sudoku", "README.md",
     "the hyperparameters of the original's README, sudoku 4x4",
     "model.h_dim=128 model.l_dim=64 model.k_cycles=5 train.lr=0.001 train.episodes=1000"},
    {"readme-sudoku-fixed", "readme-sudoku", "README.md",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"optimized-maze", "original-maze", "trm_rl_optimized.py",
     "the original's optimized recipe on the maze",
     "model.h_dim=128 model.l_dim=64 model.xavier_gain=0.5 train.lr=0.0005 train.entropy=0.02 "
     "train.clip=0.5 train.warmup=50 train.decay=0.995 train.episodes=600"},
    {"optimized-maze-fixed", "optimized-maze", "trm_rl_optimized.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"optimized-sudoku", "optimized-maze", "trm_rl_optimized.py",
     "the original's optimized recipe on the empty sudoku", "env.type=sudoku-empty env.size=4"},
    {"optimized-sudoku-fixed", "optimized-sudoku", "trm_rl_optimized.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"updated-1-maze", "optimized-maze", "trm_rl_optimized_updated_sudoku.py",
     "updated sudoku, task 1: the maze", "train.episodes=500"},
    {"updated-1-maze-fixed", "updated-1-maze", "trm_rl_optimized_updated_sudoku.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"updated-2-sudoku-one", "optimized-maze", "trm_rl_optimized_updated_sudoku.py",
     "updated sudoku, task 2: one blank cell", "env.type=sudoku-one env.size=4 train.episodes=500"},
    {"updated-3-sudoku-easy", "optimized-maze", "trm_rl_optimized_updated_sudoku.py",
     "updated sudoku, task 3: 4 blank cells",
     "env.type=sudoku-easy env.size=4 train.episodes=1000"},
    {"updated-3-sudoku-easy-fixed", "updated-3-sudoku-easy", "trm_rl_optimized_updated_sudoku.py",
     "the same with the policy gradient corrected", "train.broadcast_bug=false"},
    {"updated-4-sudoku-medium", "optimized-maze", "trm_rl_optimized_updated_sudoku.py",
     "updated sudoku, task 4: 8 blank cells",
     "env.type=sudoku-medium env.size=4 train.episodes=1500"},
    {"updated-4-sudoku-medium-fixed", "updated-4-sudoku-medium",
     "trm_rl_optimized_updated_sudoku.py", "the same with the policy gradient corrected",
     "train.broadcast_bug=false"},

    // One blank cell, learned: ours.
    {"sudoku-one", "maze", "", "one blank cell in the one grid, trm-full K=3, in 2,000 episodes",
     "env.type=sudoku-one env.size=4 train.episodes=2000 train.decay=1 train.lr=0.0004 "
     "train.entropy=0"},
    {"sudoku-one-mlp", "sudoku-one", "", "the same with the plain network",
     "model.type=mlp model.xavier_gain=2 train.lr=0.0025 train.warmup=300 train.entropy=0.01 "
     "train.baseline_rate=0.005"},

    // Beside REINFORCE.
    {"maze-ppo", "maze", "", "the 5x5 maze with PPO: a value head, eight episodes an update",
     "train.algorithm=ppo train.envs=8 train.lr=0.001 train.decay=1 train.entropy=0.01"},
    {"sudoku-4-ppo", "maze-ppo", "",
     "4x4 sudokus of 8 givens by rewards alone, ten minutes; illegal digits masked",
     "env.type=sudoku env.size=4 env.givens=8 model.type=trm-peer model.d_model=24 model.layers=1 "
     "model.feedforward=48 model.inner_steps=2 model.sup_steps=3 train.mask_actions=true "
     "train.envs=32 train.lr=0.0005 train.decay=0.9995 train.episodes=80000"},
    {"sudoku-easy", "maze", "",
     "4 blank cells of the one grid: imitates the solver, illegal digits masked",
     "env.type=sudoku-easy env.size=4 train.algorithm=imitation train.mask_actions=true "
     "train.envs=8 train.episodes=4000 train.lr=0.001 train.decay=1 train.entropy=0"},
    {"sudoku-medium", "sudoku-easy", "", "the same with 8 blank cells", "env.type=sudoku-medium"},
    {"maze11", NULL, "",
     "walled 11x11 mazes, new every time: trm-conv learns the solver's moves in all cells",
     "env.type=maze env.size=11 env.shaping=none model.type=trm-conv model.read_at_agent=true "
     "model.d_model=24 model.layers=1 model.feedforward=48 model.inner_steps=11 model.k_cycles=1 "
     "model.sup_steps=4 train.algorithm=imitation train.deep_supervision=true "
     "train.mask_actions=true train.batch=32 train.envs=1 train.lr=0.003 train.warmup=5 "
     "train.decay=0.998 train.entropy=0 train.episodes=1500"},
    {"maze11-mlp", "maze11", "",
     "the same mazes for a plain network, which learns on the paths that it takes",
     "model.type=mlp model.hidden=32 model.read_at_agent=false train.deep_supervision=false "
     "train.envs=8 train.episodes=20000"},
    {"maze19", "maze11", "", "the same with 19x19 cells: goes on from the model maze11",
     "train.from=maze11 env.size=19 model.inner_steps=15 model.sup_steps=6 train.batch=16 "
     "train.lr=0.002 train.episodes=1000"},
    {"maze31", "maze19", "", "the same with 31x31 cells: goes on from the model maze19",
     "train.from=maze19 env.size=31 model.inner_steps=20 model.sup_steps=10 train.batch=8 "
     "train.lr=0.0006 train.decay=0.997 train.episodes=700"},
    {"maze13", "maze11", "", "13x13 cells with walls anywhere, a minute and a half",
     "env.size=13 env.obstacles=0.4 env.path_min=8 model.d_model=32 model.feedforward=64 "
     "model.inner_steps=14 train.batch=16 train.decay=0.9985 train.episodes=750"},
    {"maze33", "maze13", "", "33x33 cells with walls anywhere: goes on from the model maze33",
     "train.from=maze33 env.size=33 env.path_min=50 model.inner_steps=28 model.sup_steps=8 "
     "train.batch=8 train.lr=0.0003 train.decay=0.997 train.episodes=700"},
    {"maze7-ppo", "maze-ppo", "",
     "walled 7x7 mazes by rewards alone, for trm-conv; one in five is held out",
     "env.type=maze env.size=7 env.shaping=none model.type=trm-conv model.read_at_agent=true "
     "model.d_model=24 model.layers=1 model.feedforward=48 model.inner_steps=9 model.k_cycles=1 "
     "model.sup_steps=1 train.mask_actions=true train.envs=32 train.lr=0.002 train.decay=0.998 "
     "train.entropy=0.02 train.episodes=10000"},
};

const trm_preset_table trm_presets_of_policies = {presets, sizeof presets / sizeof *presets};
