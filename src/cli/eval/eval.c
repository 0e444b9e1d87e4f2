// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/evaluate.h"

#include <math.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/environment.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "cli/eval/answers.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "trm/run/evaluate.h"

enum { EPISODES_MAX = 10000000 };

typedef struct eval_options {
    int64_t episodes;
    bool fill;
    bool steps;
    bool random;
    bool json;
} eval_options;

static const trm_option options[] = {
    TRM_SHARED_EPISODES(eval_options, 1, EPISODES_MAX, "100, or all puzzles"),
    TRM_FLAG(eval_options, fill, "--fill",
             "also solve sudokus step by step with a supervised model"),
    TRM_FLAG(eval_options, steps, "--steps",
             "also score every step or layer of a supervised model"),
    TRM_FLAG(eval_options, random, "--random",
             "act or answer at random instead of asking the model, for comparison"),
    TRM_SHARED_JSON(eval_options),
    {0},
};

static void print_share_json(const char *name, int64_t count, int64_t of) {
    double low, high;
    char key[32];
    double share = of > 0 ? (double)count / (double)of : 0;
    trm_share_interval(share, of, &low, &high);
    trm_json_member(stdout, false, name, share);
    trm_text_format(key, sizeof key, "%s_low", name);
    trm_json_member(stdout, false, key, low);
    trm_text_format(key, sizeof key, "%s_high", name);
    trm_json_member(stdout, false, key, high);
}

static void print_share(const char *name, int64_t count, int64_t of) {
    double low, high;
    double share = of > 0 ? (double)count / (double)of : 0;
    trm_share_interval(share, of, &low, &high);
    printf("%-12s %.1f %%, between %.1f and %.1f (95 %%)\n", name, 100 * share, 100 * low,
           100 * high);
}

// How the model does where it stops by its halting head; episodes 0: it has none.
static void print_stopping_json(const trm_evaluation *s) {
    if (s->episodes > 0) {
        print_share_json("stopping_success", s->successes, s->episodes);
        print_share_json("stopping_shortest", s->shortest, s->episodes);
        trm_json_member(stdout, false, "stopping_cycles", s->mean_cycles);
    }
}

static void print_stopping(const trm_model *model, const trm_evaluation *s) {
    if (s->episodes > 0) {
        const trm_trace_shape shape = trm_model_trace_shape(model);
        const char *cycle = trm_words_of_trace(&shape)->cycle;
        print_share("stopping", s->successes, s->episodes);
        printf("%-12s after %.2f of %d %ss an action, where the halting head says so\n", "",
               s->mean_cycles, trm_model_outputs(model), cycle);
    }
}

static void print_json(const char *path, const trm_model *model, const trm_config *c,
                       const trm_evaluation *v, const trm_evaluation *stopping) {
    putchar('{');
    trm_json_text_member(stdout, true, "model", path);
    trm_json_text_member(stdout, false, "type", c->model.type);
    trm_json_member(stdout, false, "parameters", (double)trm_model_params_const(model)->total);
    trm_json_text_member(stdout, false, "env", c->env.type);
    trm_json_member(stdout, false, "size", (double)c->env.size);
    trm_json_member(stdout, false, "seed", (double)c->seed);
    trm_json_member(stdout, false, "episodes", (double)v->episodes);
    print_share_json("success", v->successes, v->episodes);
    print_share_json("shortest", v->shortest, v->episodes);
    trm_json_member(stdout, false, "mean_reward", v->mean_reward);
    trm_json_member(stdout, false, "mean_length", v->mean_length);
    trm_json_member(stdout, false, "optimal_reward", v->optimal_reward);
    trm_json_member(stdout, false, "optimal_length", v->optimal_length);
    print_stopping_json(stopping);
    puts("}");
}

static void print_table(const char *path, const trm_model *model, const trm_config *c,
                        const trm_evaluation *v, const trm_evaluation *stopping, const char *how) {
    char parameters[32];
    trm_text_thousands(parameters, trm_model_params_const(model)->total);
    printf("%-12s %s (%s, %s parameters)\n", "model", path, c->model.type, parameters);
    printf("%-12s %s, size %d, seed %lld\n", "environment", c->env.type, c->env.size,
           (long long)c->seed);
    printf("%-12s %lld, %s\n", "episodes", (long long)v->episodes, how);
    print_share("success", v->successes, v->episodes);
    print_share("shortest", v->shortest, v->episodes);
    printf("%-12s %.2f on average, %.2f at best\n", "reward", v->mean_reward, v->optimal_reward);
    if (isnan(v->optimal_length)) {
        printf("%-12s %.1f on average\n", "length", v->mean_length);
    } else {
        printf("%-12s %.1f on average, %.1f at best\n", "length", v->mean_length,
               v->optimal_length);
    }
    print_stopping(model, stopping);
}

// By all ranks; at random by this one, from one generator.
static bool measure(const trm_model *model, const trm_env *env, const eval_options *o,
                    uint64_t seed, bool stops, trm_progress_watch *w, trm_evaluation *out,
                    trm_error *e) {
    trm_peers *peers = trm_cluster_peers();
    if (peers && !o->random)
        return trm_run_evaluate(peers, model, env, o->episodes, seed, stops, trm_progress_go_on, w,
                                out, e);
    trm_evaluate(o->random ? NULL : model, env, o->episodes, seed, stops, trm_progress_go_on, w,
                 out);
    return true;
}

static int evaluate(const char *path, trm_model *model, const trm_env *env, const trm_config *c,
                    const eval_options *o) {
    trm_progress_watch w = {.total = o->episodes};
    trm_progress_init(&w.progress, "episodes", 0);
    trm_interrupt_catch(false);
    trm_evaluation v;
    trm_evaluation stopping = {0};
    const uint64_t seed = (uint64_t)c->seed;
    trm_error e = {0};
    bool ok = measure(model, env, o, seed, false, &w, &v, &e);
    bool halts = !o->random && trm_model_get_config(model)->halting_head;
    if (ok && halts && v.episodes == o->episodes)
        ok = measure(model, env, o, seed, true, &w, &stopping, &e);
    trm_progress_clear(&w.progress);
    if (!ok)
        return trm_report_error(&e);
    int64_t least = halts ? stopping.episodes : v.episodes;
    if (trm_interrupt_asked() && least < o->episodes) {
        fprintf(stderr, "trm: interrupted after %lld of %lld episodes\n", (long long)v.episodes,
                (long long)o->episodes);
        return TRM_EXIT_INTERRUPTED;
    }
    if (o->json)
        print_json(path, model, c, &v, &stopping);
    else
        print_table(path, model, c, &v, &stopping, o->random ? "at random" : "greedy");
    return trm_report_finish(TRM_EXIT_DONE);
}

// TRM_OPTIONS_GO, or the exit status once one of the options was refused.
static int check_options(const eval_options *o, const trm_words *words, const trm_config *c) {
    if (!trm_config_supervised(c)) {
        const char *answers = "the model plays in an environment, and this is for one that answers";
        return o->fill    ? trm_report_no_effect("--fill", answers)
               : o->steps ? trm_report_no_effect("--steps", answers)
                          : TRM_OPTIONS_GO;
    }
    if (o->fill && !trm_dataset_reads(c->data.type, "puzzles"))
        return trm_report_no_effect("--fill", "only sudokus can be filled digit by digit");
    if (c->data.asked && !o->random &&
        trm_config_words_set(words->overrides, words->override_count, "seed"))
        return trm_report_no_effect("seed", "the puzzles of env.puzzles are evaluated, none drawn");
    if (o->random && o->steps)
        return trm_report_no_effect("--steps", "it is about a model, and --random asks none");
    return TRM_OPTIONS_GO;
}

static int answer(const char *path, const trm_model *model, const trm_config *c,
                  const eval_options *o) {
    const trm_eval_request request = {.path = path,
                                      .model = model,
                                      .config = c,
                                      .samples = o->episodes,
                                      .fill = o->fill,
                                      .steps = o->steps,
                                      .json = o->json,
                                      .random = o->random};
    return trm_eval_answers(&request);
}

static int play(const char *path, trm_model *model, const trm_config *c, eval_options *o) {
    trm_error e = {0};
    trm_env *env = trm_environment_for(path, model, c, &e);
    o->episodes = o->episodes > 0 ? o->episodes : TRM_EVALUATION_EPISODES;
    int status = env == NULL ? trm_report_input_error(&e) : evaluate(path, model, env, c, o);
    trm_env_free(env);
    return status;
}

static int run(const trm_words *words, void *given) {
    eval_options *o = given;
    int status;
    trm_error e = {0};
    trm_config c;
    const trm_config_asked asked = {&c, TRM_USE_EVAL | TRM_USE_MODEL};
    const char *path = words->plain[0];
    trm_model *model = trm_checkpoint_model(path, words->overrides, words->override_count, &c, &e);
    if (model == NULL ||
        !trm_config_check_words(&asked, 1, words->overrides, words->override_count, &e))
        status = trm_report_input_error(&e);
    else
        status = check_options(o, words, &c);
    if (status == TRM_OPTIONS_GO)
        status = trm_config_supervised(&c) ? answer(path, model, &c, o) : play(path, model, &c, o);
    trm_model_free(model);
    return status;
}

const trm_command trm_command_eval = {
    .name = "eval",
    .summary = "measure how well a trained model does on held-out boards",
    .words = "MODEL",
    .about =
        "Plays episodes on held-out boards, always taking the best action; a supervised model "
        "answers held-out samples of its data set instead. Prints success and the share of "
        "shortest solutions, each with a 95 % interval (Wilson), reward and length; or the shares "
        "of cells and of whole answers that are right. `stopping` is the result when a model with "
        "a halting head stops as soon as the head says so. --fill writes down the digits that the "
        "model is sure of and asks again, until the sudoku is full. env.puzzles=FILE evaluates the "
        "sudokus of that file, one a line, or of a folder of "
        "such files. seed=S draws other boards. If "
        "a file of weights does not say what the model is, key=value words do.",
    .examples = (const char *const[]){"trm eval runs/maze-3 --episodes 200",
                                      "trm eval sudoku9 --episodes 20 --steps",
                                      "trm eval weights.safetensors model.k_cycles=5 --json", NULL},
    .options = options,
    .options_size = sizeof(eval_options),
    .words_min = 1,
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_ALL,
    .run = run,
};
