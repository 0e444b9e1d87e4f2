// SPDX-License-Identifier: Apache-2.0
// Presets of what learns from answers.
#include <stddef.h>

#include "preset.h"

// How supervision steps are learned one at a time.
#define CARRIED                                                                                    \
    "train.supervision=carried train.batch=32 train.lr=0.002 train.warmup=100 train.cosine=true "  \
    "train.ema=0.999 train.clip=1"

// How the paper's code trains. Its rates are for large models and long trainings, those of the
// small presets are ours.
#define PAPER                                                                                      \
    "train.algorithm=supervised train.supervision=act train.loss=stablemax-f64 "                   \
    "train.optimizer=adam-atan2 train.explore=0.1 train.explore_each=step "                        \
    "train.ema_warmup=false train.beta2=0.95 train.clip=0 model.type=trm-paper"

#define SMALL_PAPER                                                                                \
    "model.mlp_t=true model.position_encoding=none model.d_model=64 model.heads=1 "                \
    "model.layers=2 model.feedforward=256 model.prefix=1 model.puzzle_dim=64 model.k_cycles=2 "    \
    "model.inner_steps=2 model.sup_steps=4 train.batch=32 train.lr=0.002 train.warmup=50 "         \
    "train.weight_decay=0.1 train.puzzle_lr=0.001 train.puzzle_decay=0.1 train.ema=0.99"

#define PAPER_SIZE                                                                                 \
    "data.augment=100 data.validation=100 model.d_model=512 model.heads=8 "                        \
    "model.feedforward=1536 model.k_cycles=3 model.sup_steps=16 model.prefix=16 "                  \
    "model.puzzle_dim=512 train.epochs=500 train.batch=768 train.lr=0.0001 train.warmup=2000 "     \
    "train.weight_decay=1 train.puzzle_lr=0.0001 train.puzzle_decay=1 train.ema=0.999"

static const trm_preset presets[] = {
    {"baseline", NULL, "trm.py",
     "Baseline: tokens with deep supervision, as the original trains it",
     "train.algorithm=supervised data.type=tokens data.train=400 data.validation=100 "
     "data.test=100 model.type=trm-baseline model.z_dim=64 model.y_dim=16 model.hidden=128 "
     "model.head_hidden=64 model.inner_steps=4 model.sup_steps=6 train.epochs=6 train.lr=0.0005 "
     "train.weight_decay=0.00001 train.clip=0"},
    {"mazes-8-trm", NULL, "simple_maze_comparison.py",
     "8x8 mazes as the original generates them, its TRM: one constant answer",
     "train.algorithm=supervised data.type=mazes-8 data.train=300 data.validation=60 data.test=30 "
     "model.type=trm-simple model.x_dim=16 model.z_dim=32 model.y_dim=8 model.hidden=64 "
     "model.head_hidden=32 model.inner_steps=3 model.sup_steps=5 train.epochs=20 train.lr=0.0005 "
     "train.clip=0"},
    {"mazes-8-cnn", "mazes-8-trm", "simple_maze_comparison.py", "the same with the CNN",
     "model.type=cnn train.lr=0.001"},
    {"mazes-8-fixed-trm", "mazes-8-trm", "", "corrected 8x8 mazes: start, goal and path vary; TRM",
     "data.type=mazes-8-fixed data.test=500"},
    {"mazes-8-fixed-cnn", "mazes-8-cnn", "", "the same with the CNN",
     "data.type=mazes-8-fixed data.test=500"},
    {"mazes-10-trm", "mazes-8-trm", "maze_comparison.py",
     "10x10 mazes as the original generates them, its TRM: the answer is empty",
     "data.type=mazes-10 data.train=500 data.validation=100 data.test=50 model.type=trm-maze "
     "model.x_dim=32 model.z_dim=64 model.y_dim=16 model.hidden=128 model.head_hidden=64 "
     "model.inner_steps=4 model.sup_steps=6 train.epochs=15 train.weight_decay=0.00001"},
    {"mazes-10-transformer", "mazes-10-trm", "maze_comparison.py", "the same with the transformer",
     "model.type=transformer train.lr=0.001"},
    {"mazes-10-fixed-trm", "mazes-10-trm", "", "corrected 10x10 mazes: every one has a path; TRM",
     "data.type=mazes-10-fixed data.test=500"},
    {"mazes-10-fixed-transformer", "mazes-10-transformer", "", "the same with the transformer",
     "data.type=mazes-10-fixed data.test=500"},

    // Recursive models whose cells see one another, a supervision step at a time: ours.
    {"mazes-8-fixed-conv", "mazes-8-fixed-cnn", "",
     "corrected 8x8 mazes; a recursive model whose cells see their neighbours",
     "data.train=1024 data.validation=200 data.test=2000 data.fresh=true model.type=trm-conv "
     "model.d_model=32 model.layers=2 model.feedforward=64 model.inner_steps=3 model.k_cycles=1 "
     "model.sup_steps=6 train.epochs=150 " CARRIED},
    {"mazes-10-fixed-conv", "mazes-8-fixed-conv", "", "corrected 10x10 mazes, the same model",
     "data.type=mazes-10-fixed train.epochs=75"},
    {"mazes-8-fixed-attn", "mazes-8-fixed-conv", "",
     "the 8x8 mazes; cells attend to one another and see their neighbours",
     "model.type=trm-attn model.local=true model.heads=2 model.layers=1 model.inner_steps=8 "
     "model.sup_steps=4 train.epochs=250 train.lr=0.0015"},
    {"mazes-8-fixed-attn-more", "mazes-8-fixed-attn", "",
     "goes on from the model mazes8, or any train.from, with 8 supervision steps",
     "train.from=mazes8 model.sup_steps=8 train.epochs=100 train.lr=0.001 train.warmup=300 "
     "train.clip=0.1 train.beta2=0.95"},
    {"mazes-10-fixed-attn", "mazes-8-fixed-attn-more", "",
     "the 10x10 mazes: begins with the model mazes8, more and longer recursions",
     "data.type=mazes-10-fixed model.inner_steps=11 train.epochs=90"},
    {"mazes-8-fresh-transformer", "mazes-8-fixed-conv", "",
     "the 8x8 mazes, new ones every epoch, for the original's transformer",
     "model.type=transformer model.d_model=128 model.layers=3 model.heads=4 model.feedforward=512 "
     "model.dropout=0 train.supervision=rising train.epochs=250 train.lr=0.001 train.beta2=0.95"},
    {"mazes-10-fresh-transformer", "mazes-8-fresh-transformer", "", "the same with the 10x10 mazes",
     "data.type=mazes-10-fixed train.epochs=280"},
    {"mazes-8-fresh-mlp", "mazes-8-fixed-attn", "",
     "the 8x8 mazes, new ones every epoch, for a plain network as large as trm-attn",
     "model.type=mlp model.hidden=30 train.supervision=rising train.epochs=2500"},
    {"mazes-10-fresh-mlp", "mazes-8-fresh-mlp", "", "the same with the 10x10 mazes",
     "data.type=mazes-10-fixed model.hidden=20"},
    {"sudoku-9-peer", NULL, "",
     "9x9 sudokus of 30 to 60 givens; each cell sees its row, column and box",
     "train.algorithm=supervised data.type=sudoku data.size=9 data.givens_min=30 "
     "data.givens_max=60 data.train=2000 data.validation=200 data.test=2000 data.fresh=true "
     "model.type=trm-peer model.d_model=64 model.feedforward=128 model.inner_steps=2 "
     "model.k_cycles=1 model.sup_steps=8 model.layers=2 train.epochs=45 " CARRIED},
    {"sudoku-9-hard", "sudoku-9-peer", "",
     "goes on from the model sudoku9, or any train.from, with half of the puzzles minimal",
     "train.from=sudoku9 data.givens_min=22 data.givens_max=40 data.minimal=0.5 "
     "data.difficulty=mixed data.curriculum=true model.layers=4 model.sup_steps=32 "
     "train.lr=0.001"},
    {"sudoku-9-restart", "sudoku-9-hard", "",
     "the same, beginning again where it stays unsure for 16 steps; nine in ten are minimal",
     "data.minimal=0.9 data.curriculum=false data.train=10000 model.sup_steps=48 model.restart=16 "
     "model.restart_noise=0.7 train.explore=0.15 train.batch=64 train.beta2=0.95 "
     "train.lr=0.0003 train.epochs=48"},
    {"sudoku-6-peer", "sudoku-9-peer", "", "6x6 sudokus of 10 to 20 givens, a smaller model",
     "data.size=6 data.givens_min=10 data.givens_max=20 data.train=4000 data.validation=500 "
     "model.d_model=48 model.feedforward=96 train.epochs=16"},
    {"sudoku-4-peer", "sudoku-6-peer", "", "4x4 sudokus of 4 to 6 givens, smaller still",
     "data.size=4 data.givens_min=4 data.givens_max=6 model.d_model=32 model.feedforward=64 "
     "model.sup_steps=6 train.epochs=12"},
    {"sudoku-4-tiny", "sudoku-4-peer", "",
     "4x4 sudokus of 4 givens, 685 parameters: a second shows what recursion is worth",
     "data.givens_max=4 model.d_model=8 model.feedforward=16 model.layers=1 model.sup_steps=8 "
     "train.ema=0.99 train.epochs=5"},
    {"sudoku-4-k3", "sudoku-4-tiny", "", "the same with 3 steps: what Enter trains in `trm`",
     "model.sup_steps=3"},
    {"sudoku-4-k1", "sudoku-4-tiny", "", "the same with one step: no second look",
     "model.sup_steps=1"},
    {"sudoku-9-mlp", "sudoku-9-peer", "",
     "the 9x9 sudokus for a plain network as large as trm-peer",
     "model.type=mlp model.hidden=47 train.supervision=rising train.epochs=225"},
    {"sudoku-6-mlp", "sudoku-6-peer", "", "the same with the 6x6 sudokus",
     "model.type=mlp model.hidden=77 train.supervision=rising train.epochs=160"},
    {"sudoku-4-mlp", "sudoku-4-peer", "", "the same with the 4x4 sudokus",
     "model.type=mlp model.hidden=82 train.supervision=rising train.epochs=240"},

    // The paper's models, trained as its code does.
    {"paper-sudoku-4", NULL, "",
     "4x4 sudokus for a small TRM of the paper's, trained as its code does: a minute",
     PAPER " "
           "data.type=sudoku data.size=4 data.givens_min=5 data.givens_max=8 data.train=1000 "
           "data.augment=2 data.test=1000 " SMALL_PAPER " "
           "train.epochs=10"},
    {"paper-sudoku-6", "paper-sudoku-4", "",
     "6x6 sudokus of 14 to 20 givens, the same model with more steps",
     "data.size=6 data.givens_min=14 data.givens_max=20 model.inner_steps=3 model.sup_steps=6 "
     "train.epochs=16 train.cosine=true train.lr_min_ratio=0.1 train.ema=0.995"},
    {"paper-maze-7", "paper-sudoku-4", "",
     "7x7 mazes, new ones every epoch, a smaller model of one layer: five minutes",
     "data.type=mazes-10-fixed data.size=7 data.givens_min=0 data.givens_max=0 data.fresh=true "
     "data.train=4096 data.augment=0 data.validation=100 model.d_model=32 model.puzzle_dim=32 "
     "model.layers=1 model.k_cycles=1 model.inner_steps=5 train.lr=0.004 train.warmup=100 "
     "train.ema=0.995 train.cosine=true train.lr_min_ratio=0.1 train.epochs=20"},
    {"paper-maze-9", "paper-maze-7", "",
     "9x9 mazes, the same model, one supervision step an answer: 18 minutes",
     "data.size=9 model.sup_steps=1 train.lr=0.003 train.epochs=60"},
    {"paper-sudoku-9", "paper-sudoku-4", "",
     "9x9 sudokus, size and settings of the paper's run (mlp_t): days",
     PAPER_SIZE " "
                "data.size=9 data.givens_min=24 data.givens_max=30 model.inner_steps=6"},
    {"paper-maze-30", "paper-sudoku-4", "",
     "30x30 mazes, size and settings of the paper's run (attention) but for the batch",
     PAPER_SIZE " "
                "data.type=mazes-10-fixed data.size=30 data.givens_min=0 data.givens_max=0 "
                "model.mlp_t=false model.position_encoding=rope model.inner_steps=4 "
                "train.batch=128"},
};

const trm_preset_table trm_presets_of_answers = {presets, sizeof presets / sizeof *presets};
