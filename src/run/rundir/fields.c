// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/fields.h"

#include <math.h>
#include <stdio.h>

#include "run/record/retention.h"
#include "run/rundir/files.h"
#include "trm/base/text.h"
#include "trm/run/record.h"

#define MOST_COUNT   1e15
#define MOST_SECONDS 1e12
#define MOST_VALUE   1e30 // a float holds it

#define AT(record, field) .offset = offsetof(record, field)
#define COUNT             .type = FIELD_I64, .most = MOST_COUNT
#define VALUE(kind)       .type = kind, .least = -MOST_VALUE, .most = MOST_VALUE
#define LOOSE(kind)       VALUE(kind), .loose = true
#define SHARE             .type = FIELD_F64, .most = 1, .loose = true
#define COLUMN(m)         .metric = TRM_METRIC_##m + 1
#define SECONDS           .type = FIELD_MICROS, .most = MOST_SECONDS, .unit = "s"
#define TABLE(rows)       .items = (rows), .count = sizeof(rows) / sizeof *(rows)

static const trm_run_field episode_rows[] = {
    {"episode", AT(trm_run_episode_line, episode.episode), COUNT,
     .doc = "number of the episode, from 0"},
    {"update", AT(trm_run_episode_line, episode.update), COUNT,
     .doc = "the update it belongs to, from 0"},
    {"step", AT(trm_run_episode_line, episode.step), COUNT, COLUMN(STEP), .unit = "steps",
     .doc = "environment steps in all, at its end"},
    {"seconds", AT(trm_run_episode_line, seconds), SECONDS, COLUMN(SECONDS),
     .doc = "of training, at its end"},
    {"reward", AT(trm_run_episode_line, episode.reward), VALUE(FIELD_F32), COLUMN(REWARD),
     .doc = "total, undiscounted"},
    {"success", AT(trm_run_episode_line, episode.success), .type = FIELD_BOOL, .most = 1,
     COLUMN(SUCCESS), .doc = "0 or 1"},
    {"length", AT(trm_run_episode_line, episode.length), .type = FIELD_I32, .most = INT32_MAX,
     COLUMN(LENGTH), .unit = "steps", .doc = "of the episode"},
    {"loss", AT(trm_run_episode_line, loss), LOOSE(FIELD_F32), COLUMN(LOSS),
     .doc = "of its update: what was differentiated"},
    {"entropy", AT(trm_run_episode_line, entropy), LOOSE(FIELD_F32), COLUMN(ENTROPY),
     .unit = "nats", .doc = "of its update's policy, mean over steps"},
    {"grad_norm", AT(trm_run_episode_line, grad_norm), LOOSE(FIELD_F32), COLUMN(GRAD_NORM),
     .doc = "of its update, before clipping"},
    {"lr", AT(trm_run_episode_line, lr), LOOSE(FIELD_F32), COLUMN(LR),
     .doc = "learning rate of its update"},
};

static const trm_run_field epoch_rows[] = {
    {"epoch", AT(trm_run_epoch_line, epoch.epoch), COUNT, .doc = "number of the epoch, from 0"},
    {"seconds", AT(trm_run_epoch_line, seconds), SECONDS, COLUMN(SECONDS),
     .doc = "of training, at its end"},
    {"train_loss", AT(trm_run_epoch_line, epoch.train_loss), LOOSE(FIELD_F64), COLUMN(TRAIN_LOSS),
     .doc = "the training loss, mean over batches"},
    {"validation_loss", AT(trm_run_epoch_line, epoch.score.loss), LOOSE(FIELD_F64),
     COLUMN(VALIDATION_LOSS), .unit = "nats",
     .doc = "cross entropy of the last output on the validation samples"},
    {"cell_accuracy", AT(trm_run_epoch_line, epoch.score.cell_accuracy), SHARE,
     COLUMN(CELL_ACCURACY), .doc = "share of their positions answered right"},
    {"exact_accuracy", AT(trm_run_epoch_line, epoch.score.exact_accuracy), SHARE,
     COLUMN(EXACT_ACCURACY), .doc = "share of them with every position right"},
    {"path_recall", AT(trm_run_epoch_line, epoch.score.path_recall), SHARE, COLUMN(PATH_RECALL),
     .doc = "share of their path cells that were found; null without paths"},
    {"grad_norm", AT(trm_run_epoch_line, epoch.grad_norm), LOOSE(FIELD_WIDE), COLUMN(GRAD_NORM),
     .doc = "of the last batch, before clipping"},
    {"lr", AT(trm_run_epoch_line, epoch.lr), LOOSE(FIELD_WIDE), COLUMN(LR),
     .doc = "learning rate of the last batch"},
};

static const trm_run_field moment_rows[] = {
    {"episode", AT(trm_moment, episode.episode), COUNT, .doc = "number of the episode, from 0"},
    {"update", AT(trm_moment, episode.update), COUNT, .doc = "the update it belongs to, from 0"},
    {"step", AT(trm_moment, episode.step), COUNT, .unit = "steps",
     .doc = "environment steps in all, at its end"},
    {"reward", AT(trm_moment, episode.reward), VALUE(FIELD_F32), .doc = "total, undiscounted"},
    {"success", AT(trm_moment, episode.success), .type = FIELD_BOOL, .most = 1, .doc = "0 or 1"},
    {"length", AT(trm_moment, episode.length), .type = FIELD_I32, .least = 1, .most = INT32_MAX,
     .unit = "steps", .doc = "of the episode"},
    {"level", AT(trm_moment, level), .type = FIELD_I32, .least = -1, .most = RETENTION_LEVELS - 1,
     .doc = "the higher, the longer it is kept; -1: kept as the first success, best, worst or "
            "longest"},
    {"start", AT(trm_moment, start), .type = FIELD_OWN,
     .doc = "the environment's generator as it began: 64 hexadecimal digits"},
    {"actions", AT(trm_moment, actions), .type = FIELD_OWN, .doc = "one a step"},
    {"rewards", AT(trm_moment, rewards), .type = FIELD_OWN, .doc = "one a step"},
    {"reasons", AT(trm_moment, why), .type = FIELD_OWN,
     .doc = "what its steps were rewarded for, each once"},
    {"why", AT(trm_moment, why), .type = FIELD_OWN,
     .doc = "one a step: which of the reasons, from 0"},
};

static const trm_run_field epoch_moment_rows[] = {
    {"epoch", AT(trm_moment, number), COUNT, .doc = "number of the epoch, from 0"},
    {"update", AT(trm_moment, update), COUNT, .unit = "batches",
     .doc = "learned from by its end: its weights have this name"},
    {"validation_loss", AT(trm_moment, score.loss), LOOSE(FIELD_F64), .unit = "nats",
     .doc = "cross entropy of the last output on the validation samples"},
    {"cell_accuracy", AT(trm_moment, score.cell_accuracy), SHARE,
     .doc = "share of their positions answered right"},
    {"exact_accuracy", AT(trm_moment, score.exact_accuracy), SHARE,
     .doc = "share of them with every position right"},
    {"path_recall", AT(trm_moment, score.path_recall), SHARE,
     .doc = "share of their path cells that were found; null without paths"},
    {"level", AT(trm_moment, level), .type = FIELD_I32, .least = -1, .most = RETENTION_LEVELS - 1,
     .doc = "the higher, the longer it is kept"},
    {"samples", AT(trm_moment, samples), .type = FIELD_OWN,
     .doc = "the validation samples that are kept with it, from 0"},
    {"right", AT(trm_moment, right), .type = FIELD_OWN,
     .doc = "one a sample: positions answered right"},
    {"exact", AT(trm_moment, exact), .type = FIELD_OWN,
     .doc = "one a sample: 1 where every position is right"},
};

static const trm_run_field result_rows[] = {
    {"episodes", AT(trm_run_result, episodes), COUNT, .unit = "episodes",
     .doc = "of the whole run"},
    {"success_last_50", AT(trm_run_result, success50), LOOSE(FIELD_F32),
     .doc = "share of successes in the last 50 episodes"},
    {"reward_last_50", AT(trm_run_result, mean50), LOOSE(FIELD_F32),
     .doc = "mean reward of the last 50 episodes"},
    {"window", AT(trm_run_result, window), .type = FIELD_I32, .most = INT32_MAX, .unit = "episodes",
     .doc = "that those two are really taken over: fewer in a shorter run"},
    {"seconds", AT(trm_run_result, seconds), SECONDS, .doc = "of training"},
    {"steps_per_second", AT(trm_run_result, steps_per_second), LOOSE(FIELD_F64), .unit = "steps/s",
     .doc = "environment steps"},
    {"parameters", AT(trm_run_result, parameters), COUNT, .doc = "of the model"},
};

static const trm_run_field answers_result_rows[] = {
    {"epochs", AT(trm_run_answers_result, epochs), COUNT, .unit = "epochs",
     .doc = "of the whole run"},
    {"cell_accuracy", AT(trm_run_answers_result, test.cell_accuracy), SHARE,
     .doc = "share of the test samples' positions answered right"},
    {"exact_accuracy", AT(trm_run_answers_result, test.exact_accuracy), SHARE,
     .doc = "share of the test samples with every position right"},
    {"path_recall", AT(trm_run_answers_result, test.path_recall), SHARE,
     .doc = "share of their path cells that were found; null without paths"},
    {"loss", AT(trm_run_answers_result, test.loss), LOOSE(FIELD_F64), .unit = "nats",
     .doc = "cross entropy of the last output on them"},
    {"seconds", AT(trm_run_answers_result, seconds), SECONDS, .doc = "of training"},
    {"parameters", AT(trm_run_answers_result, parameters), COUNT, .doc = "of the model"},
};

const trm_run_fields trm_fields_of_episode = {RUN_METRICS, "an episode", TABLE(episode_rows)};
const trm_run_fields trm_fields_of_epoch = {RUN_METRICS, "an epoch of a supervised run",
                                            TABLE(epoch_rows)};
const trm_run_fields trm_fields_of_moment = {RUN_EPISODES, "an episode that is kept",
                                             TABLE(moment_rows)};
const trm_run_fields trm_fields_of_epoch_moment = {RUN_EPISODES, "an epoch that is kept",
                                                   TABLE(epoch_moment_rows)};
const trm_run_fields trm_fields_of_result = {RUN_RESULT, "the end of a run", TABLE(result_rows)};
const trm_run_fields trm_fields_of_answers_result = {RUN_RESULT, "the end of a supervised run",
                                                     TABLE(answers_result_rows)};

// ---- writing ------------------------------------------------------------------------------------

static void print_value(const trm_run_field *f, const void *record, trm_json_buffer *out) {
    const void *at = (const char *)record + f->offset;
    char number[32];
    switch (f->type) {
    case FIELD_I64:
        trm_json_append(out, "%lld", (long long)*(const int64_t *)at);
        return;
    case FIELD_I32:
        trm_json_append(out, "%d", (int)*(const int32_t *)at);
        return;
    case FIELD_BOOL:
        trm_json_append(out, "%d", *(const bool *)at);
        return;
    case FIELD_F32:
        trm_text_from_f32(number, *(const float *)at);
        trm_json_append(out, "%s", number);
        return;
    case FIELD_WIDE:
        trm_json_append_number(out, (double)*(const float *)at);
        return;
    case FIELD_F64:
        trm_json_append_number(out, *(const double *)at);
        return;
    case FIELD_MICROS:
        trm_json_append_number(out, round(*(const double *)at * 1e6) / 1e6);
        return;
    case FIELD_OWN:
        break;
    }
}

double trm_fields_value(const trm_run_field *f, const void *record) {
    const void *at = (const char *)record + f->offset;
    switch (f->type) {
    case FIELD_I64:
        return (double)*(const int64_t *)at;
    case FIELD_I32:
        return *(const int32_t *)at;
    case FIELD_BOOL:
        return *(const bool *)at;
    case FIELD_F32:
    case FIELD_WIDE:
        return (double)*(const float *)at;
    case FIELD_F64:
    case FIELD_MICROS:
        return *(const double *)at;
    case FIELD_OWN:
        break;
    }
    return (double)NAN;
}

void trm_fields_print(const trm_run_fields *f, const void *record, trm_json_buffer *out) {
    for (int32_t i = 0; i < f->count; i++) {
        if (f->items[i].type == FIELD_OWN)
            continue;
        trm_json_append_name(out, f->items[i].name);
        print_value(&f->items[i], record, out);
    }
}

void trm_fields_print_lines(const trm_run_fields *f, const void *record, trm_json_buffer *out) {
    for (int32_t i = 0; i < f->count; i++) {
        trm_json_append(out, "%s\n  \"%s\": ", i ? "," : "{", f->items[i].name);
        print_value(&f->items[i], record, out);
    }
    trm_json_append(out, "\n}\n");
}

// ---- reading ------------------------------------------------------------------------------------

static bool is_whole(const trm_run_field *f) {
    return f->type == FIELD_I64 || f->type == FIELD_I32 || f->type == FIELD_BOOL;
}

static void store(const trm_run_field *f, double x, void *record) {
    void *at = (char *)record + f->offset;
    switch (f->type) {
    case FIELD_I64:
        *(int64_t *)at = (int64_t)x;
        return;
    case FIELD_I32:
        *(int32_t *)at = (int32_t)x;
        return;
    case FIELD_BOOL:
        *(bool *)at = x != 0;
        return;
    case FIELD_F32:
    case FIELD_WIDE:
        *(float *)at = (float)x;
        return;
    case FIELD_F64:
    case FIELD_MICROS:
        *(double *)at = x;
        return;
    case FIELD_OWN:
        break;
    }
}

bool trm_fields_read(const trm_run_field *f, const cJSON *root, void *record, trm_error *e) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, f->name);
    const bool number = cJSON_IsNumber(item);
    const double x = number ? item->valuedouble : (double)NAN;
    if (f->type == FIELD_OWN)
        return true;
    if (x >= f->least && x <= f->most && (!is_whole(f) || x == floor(x))) {
        store(f, x, record);
        return true;
    }
    if (f->loose)
        return true;
    if (is_whole(f))
        return trm_error_set(e, TRM_E_INPUT, "%s: expected a whole number from %.0f to %.0f",
                             f->name, f->least, f->most);
    return trm_error_set(e, TRM_E_INPUT, "%s: expected a number", f->name);
}

bool trm_fields_read_all(const trm_run_fields *f, const cJSON *root, void *record, trm_error *e) {
    for (int32_t i = 0; i < f->count; i++)
        if (!trm_fields_read(&f->items[i], root, record, e))
            return false;
    return true;
}

// ---- for people ---------------------------------------------------------------------------------

void trm_run_fields_describe(FILE *out) {
    static const char *const types[] = {"whole number", "whole number", "0, 1",   "number",
                                        "number",       "number",       "number", ""};
    static const trm_run_fields *const all[] = {
        &trm_fields_of_episode,      &trm_fields_of_epoch,  &trm_fields_of_moment,
        &trm_fields_of_epoch_moment, &trm_fields_of_result, &trm_fields_of_answers_result};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const trm_run_fields *f = all[k];
        fprintf(out, "%s%s, %s:\n", k ? "\n" : "", f->file, f->record);
        for (int32_t i = 0; i < f->count; i++) {
            const trm_run_field *r = &f->items[i];
            fprintf(out, "  %-16s  %-12s  %-8s  %s\n", r->name, types[r->type],
                    r->unit ? r->unit : "", r->doc);
        }
    }
}
