// SPDX-License-Identifier: Apache-2.0
#include "run/config/keys.h"

#include <string.h>

#include "trm/base/text.h"

static const char *baseline_name(int32_t i) {
    static const char *const names[] = {"episode", "running"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *supervision_name(int32_t i) {
    static const char *const names[] = {"rising", "uniform", "carried", "act"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *optimizer_name(int32_t i) {
    static const char *const names[] = {"adam", "adam-atan2"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *explore_each_name(int32_t i) {
    static const char *const names[] = {"sample", "step"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *loss_name(int32_t i) {
    static const char *const names[] = {"softmax", "stablemax", "stablemax-f64"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *data_name(int32_t i) {
    return i == 0 ? "none" : trm_dataset_name(i - 1);
}

#define MAX_EXACT                                                                                  \
    9007199254740991.0 // 2^53 - 1: every whole number up to here is a double of its own
#define MAX_EPISODES 1e12

#define FOR(when, what) .uses = (when), .purpose = CONFIG_##what

// Groups of uses.
enum {
    TRAIN = TRM_USE_TRAIN,
    BENCH = TRM_USE_BENCH,
    DIAGNOSE = TRM_USE_DIAGNOSE,
    EXAMINE = TRM_USE_EXAMINE,
    EVAL = TRM_USE_EVAL,
    BOARD = TRM_USE_BOARD,
    COURSE = TRAIN | TRM_USE_COMPARE,     // a whole training
    PRACTICE = COURSE | BENCH | DIAGNOSE, // at least some updates
    LEARN = PRACTICE | EXAMINE,           // what a training would begin with
    MODELS = LEARN | EVAL | TRM_USE_MODEL,
    ANY = MODELS | BOARD
};

// ---- conditions beside what reads a key ---------------------------------------------------------

static bool is_running(const trm_config *c) {
    return strcmp(c->train.baseline, "running") == 0;
}
static const trm_config_condition running_baseline = {is_running, "train.baseline=running"};

static bool has_no_puzzles(const trm_config *c) {
    return c->env.puzzles[0] == '\0';
}
static const trm_config_condition drawn = {has_no_puzzles, "no env.puzzles"};

static bool generates(const trm_config *c) {
    return has_no_puzzles(c) || c->data.generated > 0;
}
static const trm_config_condition generated = {generates, "no env.puzzles, or data.generated"};

static bool counts_givens(const trm_config *c) {
    return generates(c) && (c->data.minimal < 1 || c->data.curriculum);
}
static const trm_config_condition counted = {counts_givens,
                                             "no env.puzzles and data.minimal below 1"};

static bool has_minimal(const trm_config *c) {
    return generates(c) && c->data.minimal > 0;
}
static const trm_config_condition minimal = {has_minimal, "data.minimal above 0"};

static bool grows(const trm_config *c) {
    return has_minimal(c) && c->data.fresh;
}
static const trm_config_condition growing = {grows, "data.minimal above 0 and data.fresh=true"};

static bool has_puzzles(const trm_config *c) {
    return !has_no_puzzles(c);
}
static const trm_config_condition brought = {has_puzzles, "env.puzzles"};

static bool has_no_mazes(const trm_config *c) {
    return c->env.mazes[0] == '\0';
}
static const trm_config_condition made = {has_no_mazes, "no env.mazes"};

static bool has_corridors(const trm_config *c) {
    return has_no_mazes(c) && c->env.obstacles == 0.0f;
}
static const trm_config_condition carved = {has_corridors, "no env.mazes and no env.obstacles"};

static bool has_no_weights(const trm_config *c) {
    return c->from[0] == '\0';
}
static const trm_config_condition begun = {has_no_weights, "no train.from"};

static bool has_batches(const trm_config *c) {
    return trm_config_supervised(c) || trm_algorithm_learns_q(c->train.algorithm) ||
           (c->model.read_at_agent && trm_arch_reads(c->model.type, "read_at_agent"));
}
static const trm_config_condition batched = {has_batches,
                                             "a data set, dqn or model.read_at_agent=true"};

static bool repeats(const trm_config *c) {
    return trm_arch_reads(c->model.type, "k_cycles") || trm_arch_reads(c->model.type, "sup_steps");
}
static const trm_config_condition several_answers = {repeats, "a recursive model"};

static bool learns_steps(const trm_config *c) {
    return trm_config_supervised(c) || (c->train.deep_supervision && repeats(c));
}
static const trm_config_condition supervised_steps = {learns_steps,
                                                      "train.deep_supervision=true or a data set"};

static bool learns_a_step_at_a_time(const trm_config *c) {
    return strcmp(c->train.supervision, "carried") == 0 || strcmp(c->train.supervision, "act") == 0;
}
static const trm_config_condition stepwise = {learns_a_step_at_a_time,
                                              "train.supervision=carried or act"};

static bool has_halting_head(const trm_config *c) {
    return trm_config_supervised(c) &&
           (c->model.halting || !trm_arch_reads(c->model.type, "halting"));
}
static const trm_config_condition halts = {has_halting_head, "model.halting=true and a data set"};

static bool begins_again(const trm_config *c) {
    return has_halting_head(c) && c->model.restart > 0;
}
static const trm_config_condition restarts = {begins_again, "model.restart above 0"};

static bool averages(const trm_config *c) {
    return c->train.ema > 0;
}
static const trm_config_condition averaged = {averages, "train.ema above 0"};

static bool follows_cosine(const trm_config *c) {
    return c->train.cosine;
}
static const trm_config_condition cosine = {follows_cosine, "train.cosine=true"};

static bool keeps_samples(const trm_config *c) {
    return !c->data.fresh;
}
static const trm_config_condition same_samples = {keeps_samples, "data.fresh=false"};

static bool has_puzzle_vectors(const trm_config *c) {
    return trm_arch_reads(c->model.type, "puzzle_dim") && c->model.puzzle_dim > 0;
}
static const trm_config_condition puzzle_vectors = {has_puzzle_vectors, "model.puzzle_dim above 0"};

// ---- the table ----------------------------------------------------------------------------------

#define FIELD(f)            .offset = offsetof(trm_config, f), .size = sizeof(((trm_config *)NULL)->f)
#define LABEL(p, f)         .path = p, .type = KEY_LABEL, FIELD(f)
#define TEXT(p, f)          .path = p, .type = KEY_TEXT, FIELD(f)
#define CHOICE(p, f, names) .path = p, .type = KEY_CHOICE, FIELD(f), .choice = names
#define BOOL(p, f)          .path = p, .type = KEY_BOOL, FIELD(f)
#define I32(p, f, lo, hi)   .path = p, .type = KEY_I32, FIELD(f), .min = lo, .max = hi
#define I64(p, f, lo, hi)   .path = p, .type = KEY_I64, FIELD(f), .min = lo, .max = hi
#define F32(p, f, lo, hi)   .path = p, .type = KEY_F32, FIELD(f), .min = lo, .max = hi

static const trm_config_row keys[] = {
    {LABEL("preset", preset), FOR(TRAIN | BENCH, KIND),
     .doc = "a label: the preset this came from"},
    {I64("seed", seed, 0, MAX_EXACT), FOR(LEARN | EVAL | BOARD, START),
     .doc = "everything random follows from it: the same seed is the same run"},

    {CHOICE("env.type", env.type, trm_env_name), FOR(ANY, BOARD), .doc = "the environment"},
    {I32("env.size", env.size, 2, TRM_BOARD_MAX), FOR(ANY, BOARD), .unit = "cells",
     .doc = "side of the board"},
    {F32("env.bonus", env.bonus, -1e6, 1e6), FOR(LEARN | EVAL | BOARD, REWARD),
     .doc = "reward of the full grid"},
    {F32("env.difficulty", env.difficulty, 0, 1), FOR(LEARN | EVAL | BOARD, BOARD),
     .optional = true, .doc = "share of blank cells; null: the type's own, .25 and .5"},
    {I32("env.width", env.width, 0, TRM_BOARD_MAX), FOR(ANY, BOARD), .unit = "cells",
     .doc = "cells across; 0: as env.size"},
    {F32("env.braid", env.braid, 0, 1), FOR(LEARN | EVAL | BOARD, BOARD), .only = &carved,
     .doc = "chance that a dead end is opened; 0: a perfect maze"},
    {F32("env.obstacles", env.obstacles, 0, 0.6), FOR(LEARN | EVAL | BOARD, BOARD), .quiet = true,
     .only = &made,
     .doc = "share of cells that are wall, scattered anywhere; 0: a maze of corridors"},
    {I32("env.path_min", env.path_min, 0, TRM_BOARD_MAX *TRM_BOARD_MAX),
     FOR(LEARN | EVAL | BOARD, BOARD), .quiet = true, .only = &made, .unit = "steps",
     .doc = "fewest from start to goal; less where mazes with that are too rare"},
    {CHOICE("env.shaping", env.shaping, trm_env_shaping_name), FOR(LEARN | EVAL | BOARD, REWARD),
     .doc = "reward for getting closer, by straight distance or by steps left"},
    {I32("env.givens", env.givens, 0, 77), FOR(LEARN | EVAL | BOARD, BOARD),
     .reader = CONFIG_BY_GIVENS, .only = &drawn, .unit = "digits",
     .doc = "at the start; 0: the size's own (6, 14, 36)"},
    {BOOL("env.placed_given", env.placed_given), FOR(LEARN | EVAL | BOARD, SEEN),
     .doc = "placed digits are shown to the model as given ones"},
    {TEXT("env.puzzles", env.puzzles), FOR(LEARN | EVAL | BOARD, BOARD),
     .reader = CONFIG_BY_PUZZLES,
     .doc = "a file of puzzles, a folder of them, or of the paper's data; empty: generated"},
    {TEXT("env.mazes", env.mazes), FOR(LEARN | EVAL | BOARD, BOARD), .reader = CONFIG_BY_PUZZLES,
     .quiet = true,
     .doc = "a file of mazes (# and S, G; +--+), or a folder of such files; empty: generated"},

    {CHOICE("data.type", data.type, data_name), FOR(ANY, KIND), .reader = CONFIG_BY_NONE,
     .doc = "the data set; none: learn in the environment"},
    {I32("data.size", data.size, 0, 256), FOR(ANY, BOARD), .unit = "cells",
     .doc = "side of the mazes or sudokus, or tokens; 0: the data set's own"},
    {I32("data.givens_min", data.givens_min, 0, 77), FOR(LEARN | EVAL | BOARD, BOARD),
     .only = &counted, .unit = "digits",
     .doc = "fewest at the start; 0: as givens_max, or the size's own"},
    {I32("data.givens_max", data.givens_max, 0, 77), FOR(LEARN | EVAL | BOARD, BOARD),
     .only = &counted, .unit = "digits", .doc = "most at the start; 0: as givens_min"},
    {F32("data.minimal", data.minimal, 0, 1), FOR(LEARN | EVAL | BOARD, BOARD), .quiet = true,
     .only = &generated,
     .doc = "share of generated sudokus that are minimal: each given is needed, 22 to 27 of a 9x9"},
    {CHOICE("data.difficulty", data.difficulty, trm_dataset_difficulty),
     FOR(LEARN | EVAL | BOARD, BOARD), .quiet = true, .only = &minimal,
     .doc = "of the minimal ones: the hardest step that solving takes; mixed: each alike often; "
            "hardest: 9x9 ones that a search has made harder, 50 ms each"},
    {BOOL("data.curriculum", data.curriculum), FOR(COURSE, SAMPLES), .quiet = true,
     .only = &growing,
     .doc = "the share of minimal ones grows from 0 with the share of validation samples solved"},
    {F32("data.generated", data.generated, 0, 1), FOR(COURSE, SAMPLES), .quiet = true,
     .only = &brought,
     .doc = "share of samples generated beside those of env.puzzles, whose twins are learned"},
    {BOOL("data.fresh", data.fresh), FOR(COURSE, SAMPLES),
     .doc = "new training samples for every epoch, never the same again"},
    {I32("data.augment", data.augment, 0, 100000), FOR(COURSE, SAMPLES), .quiet = true,
     .only = &same_samples, .unit = "images",
     .doc = "per training sample and epoch, at random from the boards that differ only in names of "
            "digits, order of lines, rotation and mirroring; 0: the sample itself"},
    {I32("data.train", data.train, 1, 1000000), FOR(LEARN, SAMPLES), .unit = "samples",
     .doc = "samples to learn from"},
    {I32("data.validation", data.validation, 1, 1000000), FOR(LEARN, SAMPLES), .unit = "samples",
     .doc = "samples scored after every epoch"},
    {I32("data.test", data.test, 1, 1000000), FOR(COURSE, SAMPLES), .unit = "samples",
     .doc = "samples scored at the end"},

    {I32("data.puzzle", data.puzzle, 0, 1 << 30), FOR(LEARN | EVAL | BOARD | TRM_USE_MODEL, KIND),
     .quiet = true, .reader = CONFIG_BY_NONE, .only = &puzzle_vectors,
     .doc = "number of the puzzle, whose vector stands in the prefix, of samples that have none of "
            "their own (all__puzzle_identifiers.npy)"},

    {CHOICE("model.type", model.type, trm_arch_name), FOR(ANY, MODEL), .reader = CONFIG_BY_NONE,
     .doc = "the architecture"},
    {I32("model.h_dim", model.h_dim, 2, 4096), FOR(MODELS, MODEL), .step = 2, .unit = "units",
     .doc = "width of the H level"},
    {I32("model.l_dim", model.l_dim, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "width of the L level"},
    {I32("model.k_cycles", model.k_cycles, 1, 64), FOR(MODELS, CYCLES), .unit = "cycles",
     .doc = "cycles of H and L before acting; with supervision steps: recursions per step, the "
            "last of them differentiated"},
    {I32("model.h_layers", model.h_layers, 1, 16), FOR(MODELS, MODEL), .unit = "blocks",
     .doc = "H blocks per cycle"},
    {I32("model.l_layers", model.l_layers, 1, 16), FOR(MODELS, MODEL), .unit = "blocks",
     .doc = "L blocks per cycle"},
    {BOOL("model.action_conditioning", model.action_conditioning), FOR(MODELS, SEEN),
     .doc = "the previous action is an input"},
    {I32("model.hidden", model.hidden, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "width of both hidden layers; of recursive models: of the tiny net"},
    {I32("model.x_dim", model.x_dim, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "what a cell is embedded to"},
    {I32("model.z_dim", model.z_dim, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "latent state"},
    {I32("model.y_dim", model.y_dim, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "embedded answer"},
    {I32("model.head_hidden", model.head_hidden, 1, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "the head's hidden layer"},
    {I32("model.inner_steps", model.inner_steps, 1, 64), FOR(MODELS, CYCLES), .unit = "steps",
     .doc = "updates of z per supervision step (a recursion)"},
    {I32("model.sup_steps", model.sup_steps, 1, 1024), FOR(MODELS, CYCLES), .unit = "steps",
     .doc = "supervision steps"},
    {BOOL("model.detach_inner_steps", model.detach_inner_steps), FOR(LEARN, LOSS),
     .doc = "gradient through the last inner step only"},
    {BOOL("model.local", model.local), FOR(MODELS, MODEL),
     .doc = "every block also has a depthwise 3x3 convolution"},
    {BOOL("model.halting", model.halting), FOR(MODELS, HALTING),
     .doc = "a head that learns when the answer is right"},
    {I32("model.restart", model.restart, 0, 1024), FOR(MODELS, HALTING), .quiet = true,
     .only = &halts, .unit = "steps",
     .doc = "where the halting head is not sure after so many steps, thinking begins again; 0: no"},
    {F32("model.restart_noise", model.restart_noise, 0, 10), FOR(MODELS, HALTING), .quiet = true,
     .only = &restarts, .doc = "standard deviation of the noise on the state it begins again with"},
    {I32("model.channels", model.channels, 1, 1024), FOR(MODELS, MODEL), .unit = "channels",
     .doc = "of the first and last hidden layer; twice as many between"},
    {I32("model.d_model", model.d_model, 2, 4096), FOR(MODELS, MODEL), .unit = "units",
     .doc = "width of a cell"},
    {I32("model.heads", model.heads, 1, 64), FOR(MODELS, MODEL), .unit = "heads",
     .doc = "attention heads; must divide d_model"},
    {I32("model.layers", model.layers, 1, 64), FOR(MODELS, MODEL), .unit = "layers",
     .doc = "layers or blocks"},
    {I32("model.feedforward", model.feedforward, 1, 16384), FOR(MODELS, MODEL), .unit = "units",
     .doc = "feed-forward width"},
    {F32("model.dropout", model.dropout, 0, 0.9), FOR(COURSE, STEADY),
     .doc = "share dropped while training"},
    {BOOL("model.read_at_agent", model.read_at_agent), FOR(MODELS, SEEN),
     .doc = "the answer at the agent's cell is the action, and imitation learns all cells of "
            "train.batch boards at once"},
    {I32("model.cells", model.cells, 0, 4096), FOR(MODELS, MODEL), .quiet = true, .unit = "cells",
     .doc = "of a sample, where neither weights nor a data set tell; 0: they do"},
    {I32("model.prefix", model.prefix, 0, 1024), FOR(MODELS, MODEL), .quiet = true,
     .unit = "tokens", .doc = "tokens before the cells"},
    {I32("model.puzzle_dim", model.puzzle_dim, 0, 65536), FOR(MODELS, MODEL), .quiet = true,
     .unit = "units", .doc = "of the vector that a puzzle has in the prefix; 0: none"},
    {I32("model.puzzles", model.puzzles, 1, 1048576), FOR(MODELS, MODEL), .quiet = true,
     .unit = "vectors", .doc = "puzzles that have a vector of their own"},
    {CHOICE("model.position_encoding", model.position_encoding, trm_position_encoding_name),
     FOR(MODELS, MODEL), .quiet = true, .doc = "how attention tells positions apart"},
    {BOOL("model.mlp_t", model.mlp_t), FOR(MODELS, MODEL), .quiet = true,
     .doc = "a SwiGLU over tokens in place of attention"},
    {I32("model.token_feedforward", model.token_feedforward, 0, 65536), FOR(MODELS, MODEL),
     .quiet = true, .unit = "units",
     .doc = "hidden units of mlp_t; 0: as many as the paper's code"},
    {F32("model.rope_theta", model.rope_theta, 1, 1e9), FOR(MODELS, MODEL), .quiet = true,
     .doc = "base of rope's angles"},
    {F32("model.norm_eps", model.norm_eps, 0, 1), FOR(MODELS, MODEL), .quiet = true,
     .doc = "what RMSNorm adds to the mean square"},
    {F32("model.xavier_gain", model.xavier_gain, 0, 100), FOR(LEARN, START), .only = &begun,
     .doc = "above 0: Xavier weights with this gain and zero biases; 0: PyTorch's default"},

    {CHOICE("train.algorithm", train.algorithm, trm_algorithm_name), FOR(ANY, KIND),
     .reader = CONFIG_BY_NONE, .doc = "how the model learns"},
    {TEXT("train.from", from), FOR(COURSE, START), .reader = CONFIG_BY_NONE,
     .doc = "weights to begin with: a run, a checkpoint or a bundled model; empty: random"},
    {I64("train.episodes", train.episodes, 1, MAX_EPISODES), FOR(COURSE, LENGTH),
     .unit = "episodes", .doc = "length of the training"},
    {I32("train.epochs", train.epochs, 1, 1e9), FOR(COURSE, LENGTH), .unit = "epochs",
     .doc = "passes over the training samples"},
    {I32("train.batch", train.batch, 1, 65536), FOR(PRACTICE, UPDATE), .only = &batched,
     .unit = "samples",
     .doc = "samples per update; in imitation: boards; in dqn: steps of each batch"},
    {CHOICE("train.supervision", train.supervision, supervision_name), FOR(PRACTICE, LOSS),
     .only = &supervised_steps,
     .doc = "weight of step i in the loss, 1 + 0.1 i or 1; supervised also: an update a step, "
            "carried (as here) or act (as in the paper's code)"},
    {F32("train.explore", train.explore, 0, 1), FOR(PRACTICE, HALTING), .quiet = true,
     .only = &stepwise, .doc = "share of samples that take a random number of steps"},
    {CHOICE("train.explore_each", train.explore_each, explore_each_name), FOR(PRACTICE, HALTING),
     .quiet = true, .only = &stepwise, .doc = "when that number is chosen"},
    {CHOICE("train.loss", train.loss, loss_name), FOR(PRACTICE, LOSS),
     .doc = "cross entropy of softmax or of stable-max, that also in float64"},
    {F32("train.ema", train.ema, 0, 0.999999), FOR(PRACTICE, STEADY),
     .doc = "decay of the averaged weights that are evaluated and saved; 0: none"},
    {BOOL("train.ema_warmup", train.ema_warmup), FOR(PRACTICE, STEADY), .quiet = true,
     .only = &averaged, .doc = "the average is over fewer updates at first"},
    {BOOL("train.cosine", train.cosine), FOR(PRACTICE, RATE),
     .doc = "lr also falls to 0 along a cosine over the training"},
    {F32("train.lr_min_ratio", train.lr_min_ratio, 0, 1), FOR(PRACTICE, RATE), .quiet = true,
     .only = &cosine, .doc = "share of lr to which the cosine falls"},
    {I32("train.envs", train.envs, 1, 4096), FOR(PRACTICE, UPDATE), .unit = "episodes",
     .doc = "episodes per update, each in an environment of its own"},
    {I32("train.threads", train.threads, 1, 64), FOR(TRAIN | DIAGNOSE, UPDATE), .unit = "threads",
     .doc = "threads that share an update's work; never changes a result"},
    {F32("train.gamma", train.gamma, 0, 1), FOR(PRACTICE, RETURNS), .doc = "discount per step"},
    {CHOICE("train.optimizer", train.optimizer, optimizer_name), FOR(PRACTICE, STEADY),
     .quiet = true,
     .doc = "adam-atan2: Adam by the arc tangent with decoupled weight decay, as in the paper"},
    {F32("train.lr", train.lr, 0, 1e6), FOR(PRACTICE, RATE), .doc = "Adam's learning rate"},
    {F32("train.puzzle_lr", train.puzzle_lr, 0, 1e6), FOR(PRACTICE, RATE), .quiet = true,
     .only = &puzzle_vectors,
     .doc = "learning rate of the puzzles' vectors, by the sign of the gradient; 0: they do not "
            "change"},
    {F32("train.puzzle_decay", train.puzzle_decay, 0, 1e6), FOR(PRACTICE, STEADY), .quiet = true,
     .only = &puzzle_vectors, .doc = "their weight decay, decoupled"},
    {F32("train.entropy", train.entropy, 0, 1e6), FOR(PRACTICE, LOSS),
     .doc = "weight of the entropy bonus in the loss"},
    {F32("train.clip", train.clip, 0, 1e6), FOR(PRACTICE | EXAMINE, STEADY),
     .doc = "largest global norm of the gradient; 0: no clipping"},
    {I32("train.warmup", train.warmup, 0, 1e9), FOR(PRACTICE, RATE), .unit = "updates",
     .doc = "updates over which lr rises from 0; 0: none"},
    {F32("train.decay", train.decay, 0, 1), FOR(PRACTICE, RATE),
     .doc = "factor on lr per update after the warm-up; 1: none"},
    {F32("train.beta2", train.beta2, 0, 0.999999), FOR(PRACTICE, STEADY),
     .doc = "Adam's memory of squared gradients; the lower, the less one large gradient matters"},
    {F32("train.weight_decay", train.weight_decay, 0, 1e6), FOR(PRACTICE, STEADY),
     .doc = "L2 weight added to the gradient, as in Adam; adam-atan2: decoupled"},
    {CHOICE("train.baseline", train.baseline, baseline_name), FOR(PRACTICE, RETURNS),
     .doc = "what normalises returns: the episode's own mean and deviation, or running ones"},
    {F32("train.baseline_rate", train.baseline_rate, 1e-6, 1), FOR(PRACTICE, RETURNS),
     .only = &running_baseline, .doc = "weight of the newest episode"},
    {BOOL("train.mask_actions", env.mask_actions), FOR(LEARN | EVAL | BOARD, SEEN),
     .reader = CONFIG_BY_ENV,
     .doc = "actions that would change nothing cannot be chosen, in training and afterwards"},
    {BOOL("train.deep_supervision", train.deep_supervision), FOR(PRACTICE, LOSS),
     .only = &several_answers,
     .doc = "the loss on every cycle's answer, weighted by train.supervision"},
    {BOOL("train.halting", train.halting), FOR(PRACTICE, HALTING),
     .doc = "a head of trm-full learns when more cycles would change nothing"},
    {F32("train.gae", train.gae, 0, 1), FOR(PRACTICE, RETURNS), .doc = "lambda of the advantages"},
    {F32("train.value", train.value, 0, 1e6), FOR(PRACTICE, LOSS),
     .doc = "weight of the value's squared error in the loss"},
    {F32("train.ratio_clip", train.ratio_clip, 0, 1e6), FOR(PRACTICE, UPDATE),
     .doc = "how far the probability ratio may go from 1"},
    {I32("train.passes", train.passes, 1, 1000), FOR(PRACTICE, UPDATE), .unit = "passes",
     .doc = "over an update's steps"},
    {I32("train.minibatches", train.minibatches, 1, 1000), FOR(PRACTICE, UPDATE), .unit = "parts",
     .doc = "into which each pass is divided, one optimiser step each"},
    {I32("train.memory", train.memory, 16, 10000000), FOR(PRACTICE, UPDATE), .quiet = true,
     .unit = "steps", .doc = "that are remembered to be learned from again; in checkpoints, too"},
    {I32("train.replays", train.replays, 1, 10000), FOR(PRACTICE, UPDATE), .quiet = true,
     .unit = "batches", .doc = "of remembered steps learned per update, one optimiser step each"},
    {F32("train.epsilon", train.epsilon, 0, 1), FOR(PRACTICE, UPDATE), .quiet = true,
     .doc = "share of actions taken at random at first"},
    {F32("train.epsilon_min", train.epsilon_min, 0, 1), FOR(PRACTICE, UPDATE), .quiet = true,
     .doc = "share to which that falls evenly"},
    {I32("train.epsilon_episodes", train.epsilon_episodes, 1, 1000000000), FOR(PRACTICE, UPDATE),
     .quiet = true, .unit = "episodes", .doc = "over which it falls"},
    {I32("train.n_step", train.n_step, 1, 1000), FOR(PRACTICE, RETURNS), .quiet = true,
     .unit = "steps", .doc = "whose rewards are added up before the value that is looked ahead to"},
    {I32("train.target_every", train.target_every, 1, 1000000), FOR(PRACTICE, RETURNS),
     .quiet = true, .unit = "updates",
     .doc = "after which the weights that look ahead are replaced by the newest"},
    {F32("train.priority", train.priority, 0, 4), FOR(PRACTICE, UPDATE), .quiet = true,
     .doc = "exponent of a step's error in how often it is replayed; 0: all alike"},
    {F32("train.importance", train.importance, 0, 1), FOR(PRACTICE, LOSS), .quiet = true,
     .doc = "how far the loss makes up for steps that are replayed more often"},
    {BOOL("train.dueling", train.dueling), FOR(PRACTICE, UPDATE), .quiet = true,
     .doc = "a head of trm-full tells what a state is worth, the others what an action adds"},
    {BOOL("train.double_q", train.double_q), FOR(PRACTICE, RETURNS), .quiet = true,
     .doc = "the learned weights choose the action that the older ones judge"},
    {BOOL("train.broadcast_bug", train.broadcast_bug), FOR(PRACTICE, RETURNS),
     .doc = "the original's (T,T) product instead of the policy gradient"},

    {I64("run.checkpoint_every", checkpoint_every, 0, MAX_EPISODES), FOR(TRAIN, RECORD),
     .unit = "updates",
     .doc = "updates, or epochs, between checkpoints, five minutes at most; 0: only at the end"},
    {I64("run.record_mib", record_mib, 0, 1048576), FOR(TRAIN, RECORD), .unit = "MiB",
     .doc = "most that the record for `trm replay` takes on disk; 0: none"},
};

enum { KEY_COUNT = sizeof keys / sizeof *keys };

const trm_config_row *trm_config_row_at(size_t i) {
    return i < KEY_COUNT ? &keys[i] : NULL;
}

static const char *truth_name(int32_t i) {
    return i == 0 ? "true" : i == 1 ? "false" : NULL;
}

bool trm_config_key_at(int32_t i, trm_config_key *out) {
    const trm_config_row *k = i >= 0 ? trm_config_row_at((size_t)i) : NULL;
    if (k)
        *out = (trm_config_key){
            .path = k->path, .doc = k->doc, .choice = k->type == KEY_BOOL ? truth_name : k->choice};
    return k != NULL;
}

static const char *path_at(int32_t i) {
    return i < (int32_t)KEY_COUNT ? keys[i].path : NULL;
}

const trm_config_row *trm_config_key_find(const char *path) {
    const int32_t i = trm_text_index(path_at, path);
    return i < 0 ? NULL : &keys[i];
}

static const char *leaf(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

const char *trm_config_key_nearest(const char *path) {
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(leaf(keys[i].path), leaf(path)) == 0)
            return keys[i].path;
    return trm_text_nearest_of(path_at, path);
}
