// SPDX-License-Identifier: Apache-2.0
#include "record_support.h"
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/record/retention.h"
#include "run/record/store.h"
#include "run/record/writer.h"
#include "trm/base/file.h"
#include "trm/run/record.h"
#include "trm/run/rundir.h"

// ---- which moments ------------------------------------------------------------------------------

typedef struct kept {
    int64_t episode, begin;
    int32_t level;
} kept;

// A training of made-up episodes of 1 to `longest` steps, `envs` of them an update.
typedef struct course {
    trm_retention retention;
    trm_rng rng;
    int32_t envs, longest;
    int64_t episode, step;
    kept *all; // [capacity]
    int32_t count;
    int64_t first_success, best, worst, most; // episodes
    float high, low;
    int32_t length;
} course;

static void drop(course *c) {
    int32_t n = 0;
    for (int32_t i = 0; i < c->count; i++)
        if (trm_retention_keeps(&c->retention.rule, c->all[i].episode, c->all[i].level))
            c->all[n++] = c->all[i];
    c->count = n;
}

static void go(course *c) {
    int32_t level;
    trm_episode ep = {.episode = c->episode++,
                      .reward = (float)trm_rng_below(&c->rng, 1000),
                      .length = 1 + (int32_t)trm_rng_below(&c->rng, (uint32_t)c->longest)};
    ep.update = ep.episode / c->envs;
    ep.step = c->step += ep.length;
    ep.success = ep.reward > 900;
    if (ep.success && c->first_success < 0)
        c->first_success = ep.episode;
    if (ep.reward > c->high)
        c->best = ep.episode, c->high = ep.reward;
    if (ep.reward < c->low)
        c->worst = ep.episode, c->low = ep.reward;
    if (ep.length > c->length)
        c->most = ep.episode, c->length = ep.length;
    const trm_retention_event event = trm_retention_episode(&ep);
    bool keep = trm_retention_offer(&c->retention, &event, &level);
    drop(c);
    if (keep)
        c->all[c->count++] = (kept){ep.episode, ep.step - ep.length, level};
}

static bool holds(const course *c, int64_t episode) {
    for (int32_t i = 0; i < c->count; i++)
        if (c->all[i].episode == episode)
            return true;
    return false;
}

// No gap between moments is more than a few times the even one.
static void assert_spread(const course *c) {
    int64_t even = c->step / (c->retention.capacity - RETENTION_ROLES) + RETENTION_SPACING,
            last = 0;
    int64_t most = 4 * even + 2 * (int64_t)c->envs * c->longest;
    for (int32_t i = 0; i < c->count; i++) {
        if (c->all[i].level < 0)
            continue;
        assert_true(c->all[i].begin - last <= most);
        last = c->all[i].begin;
    }
    assert_true(c->step - last <= most);
}

static void moments_are_bounded_and_spread(void **state) {
    (void)state;
    static const int32_t capacities[] = {RETENTION_LEAST, 7, 20, 300}, envs[] = {1, 3, 40};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++)
        for (size_t k = 0; k < sizeof envs / sizeof *envs; k++) {
            course c = {.envs = envs[k],
                        .longest = i % 2 ? 51 : 5,
                        .first_success = -1,
                        .high = -1,
                        .low = 2000};
            trm_retention_init(&c.retention, capacities[i]);
            trm_rng_seed(&c.rng, i, k);
            c.all = malloc(sizeof *c.all * ((size_t)capacities[i] + 1));
            for (int32_t n = 0; n < 20000 / (less() > 1 ? 5 : 1); n++) {
                go(&c);
                assert_true(c.count <= capacities[i]);
                assert_true(holds(&c, 0));
                assert_true(c.first_success < 0 || holds(&c, c.first_success));
                assert_true(holds(&c, c.best) && holds(&c, c.worst) && holds(&c, c.most));
                if (n % 97 == 0)
                    assert_spread(&c);
            }
            // Used for what it is there for: of an eventful time at least a third stays in use.
            assert_true(3 * c.count >= capacities[i]);
            free(c.all);
        }
}

// ---- the files ----------------------------------------------------------------------------------

static int64_t folder_bytes(const char *path) {
    struct stat st;
    int64_t sum = 0;
    DIR *d = opendir(path);
    for (const struct dirent *entry; d && (entry = readdir(d));)
        if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            sum += st.st_size;
    if (d)
        closedir(d);
    return sum;
}

static int64_t record_bytes(const char *run) {
    struct stat st;
    int64_t lines = stat(inside(run, "episodes.jsonl"), &st) == 0 ? st.st_size : 0;
    return lines + folder_bytes(inside(run, "weights"));
}

static int64_t largest_seen;

// At most 1 MiB, by episodes and by epochs.
static trm_config large(training_kind kind, const char *size, const char *seed) {
    return kind == BY_EPISODES
               ? CONFIG("maze-mlp", "run.record_mib=1", size, seed)
               : CONFIG(SUPERVISED, "run.record_mib=1", "model.sup_steps=1", size, seed);
}

static void look_at_size(const char *run) {
    int64_t bytes = record_bytes(run);
    largest_seen = bytes > largest_seen ? bytes : largest_seen;
    assert_true(bytes <= 1 << 20);
}

static void the_size_is_never_exceeded(void **state) {
    (void)state;
    static const char *const hidden[] = {"model.hidden=64", "model.hidden=100", "model.hidden=128"};
    for (int i = 0; i < 3 * TRAINING_KINDS; i++) {
        trm_config c = large((training_kind)(i / 3), hidden[i % 3], "seed=2");
        char name[16];
        snprintf(name, sizeof name, "run-%d", i);
        largest_seen = 0;
        run_until(&c, temp_path(name), i < 3 ? 60 : 30, look_at_size);
        assert_true(largest_seen > 1 << 19);
        trm_record *r = open_record(temp_path(name));
        assert_true(trm_record_bytes(r) == record_bytes(temp_path(name)));
        trm_record_free(r);
    }
}

static void too_large_a_model_is_not_recorded(void **state) {
    (void)state;
    trm_error e;
    for (training_kind kind = 0; kind < TRAINING_KINDS; kind++) {
        trm_config c = large(kind, "model.hidden=600", "seed=1");
        const char *path = temp_path(kind ? "supervised" : "run"),
                   *off = temp_path(kind ? "supervised-off" : "off");
        run_until(&c, path, 3, NULL);
        assert_null(trm_record_open(path, &e));
        assert_error(&e, TRM_E_INPUT, path, "no record of its course", "run.record_mib=1",
                     kind ? "before supervised runs kept one" : "before runs kept one", NULL);
        assert_false(trm_file_exists(inside(path, "weights")));
        c = small_training(kind, "run.record_mib=0");
        run_until(&c, off, 3, NULL);
        assert_null(trm_record_open(off, &e));
        assert_error(&e, TRM_E_INPUT, off, "run.record_mib is 0", NULL);
    }
    assert_null(trm_record_open(temp_path("none"), &e));
    assert_error(&e, TRM_E_INPUT, "not the folder of a run", NULL);
}

// Recording changes nothing of what is trained, and what was recorded plays again.
static void every_moment_plays_again(void **state) {
    (void)state;
    const trm_config configs[] = {
        CONFIG("maze", "model.h_dim=16", "model.l_dim=8", "seed=1"),
        CONFIG("maze-mlp", "model.hidden=16", "train.envs=20", "train.threads=2", "train.lr=0.02"),
        CONFIG("maze", "model.type=trm-rl", "model.hidden=12", "model.z_dim=8", "train.envs=3"),
        CONFIG("original-maze", "env.type=sudoku-empty", "env.size=4", "model.h_dim=16"),
        CONFIG("maze-mlp", "env.type=sudoku-medium", "env.size=4", "model.hidden=16"),
        CONFIG("sudoku-medium", "model.h_dim=16", "model.l_dim=8"),
        CONFIG("maze-mlp", "train.mask_actions=true", "model.hidden=16", "train.envs=4"),
    };
    trm_error e;
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        char name[16];
        snprintf(name, sizeof name, "run-%zu", i);
        const char *path = temp_path(name);
        run_until(&configs[i], path, 120, NULL);
        trm_record *r = open_record(path);
        trm_model *m = trm_record_model(r, &e);
        const trm_env *env = trm_record_env(r);
        trm_agent agent;
        trm_agent_init(&agent, env, m);
        trm_episode_trace episode_trace;
        trm_episode_trace_init(&episode_trace, env, m);
        assert_true(trm_record_count(r) > 5);
        for (int32_t k = 0; k < trm_record_count(r); k++) {
            const trm_moment *moment = trm_record_moment(r, k);
            if (!trm_record_weights(r, k, m, &e) ||
                !trm_record_play(r, k, &agent, &episode_trace, &e))
                fail_msg("%s", e.message);
            assert_int_equal(episode_trace.length, moment->episode.length);
            assert_int_equal(episode_trace.success, moment->episode.success);
            assert_int_equal(episode_trace.steps[episode_trace.length - 1].action,
                             moment->actions[episode_trace.length - 1]);
            assert_int_equal(trm_record_at(r, moment->episode.episode), k);
        }
        // Another moment's weights are not taken for this one's.
        assert_true(trm_record_weights(r, trm_record_count(r) - 1, m, &e));
        if (i == 0) {
            assert_false(trm_record_play(r, 0, &agent, &episode_trace, &e));
            assert_error(&e, TRM_E_INPUT, "would not sample", NULL);
        }
        trm_episode_trace_done(&episode_trace);
        trm_agent_done(&agent);
        trm_model_free(m);
        trm_record_free(r);
    }
}

static void assert_equal_records(trm_config c, int64_t length) {
    const char *one = temp_path("one"), *two = temp_path("two"), *none = temp_path("none");
    run_until(&c, one, length, NULL);
    c.train.threads = 2;
    run_until(&c, two, length, look_at_size);
    c.record_mib = 0;
    run_until(&c, none, length, NULL);
    assert_same_record(one, two);
    assert_same_file(one, two, "checkpoint.safetensors");
    assert_same_file(one, none, "checkpoint.safetensors");
    assert_same_file(one, none, "metrics.jsonl");
}

static void equal_runs_have_equal_records(void **state) {
    (void)state;
    assert_equal_records(
        CONFIG("maze-mlp", "model.hidden=100", "train.envs=18", "run.record_mib=1"), 400);
}

static void equal_supervised_runs_have_equal_records(void **state) {
    (void)state;
    assert_equal_records(large(BY_EPOCHS, "model.hidden=100", "train.ema=0.9"), 40);
}

static void marks_are_those_of_all_episodes(void **state) {
    (void)state;
    trm_error e;
    trm_config c = CONFIG("maze-mlp", "model.hidden=100", "run.record_mib=1", "seed=4");
    const char *path = temp_path("run");
    run_until(&c, path, 300, NULL);
    trm_record *r = open_record(path);
    trm_history *h = malloc(sizeof *h);
    assert_true(trm_record_history(r, h, &e));
    assert_int_equal(h->episodes, 300);
    int32_t best = trm_record_marked(r, TRM_MARK_BEST);
    int32_t first = trm_record_marked(r, TRM_MARK_FIRST_SUCCESS);
    assert_int_equal(trm_record_moment(r, best)->episode.episode, h->best_episode);
    assert_int_equal(trm_record_moment(r, first)->episode.episode, h->first_success);
    free(h);
    trm_record_free(r);
}

// ---- reading while it is written ----------------------------------------------------------------

static trm_record *reader;
static int32_t renewals;

static void look_at_record(const char *run) {
    trm_error e;
    if (!trm_file_exists(inside(run, "episodes.jsonl")))
        return;
    if (!reader)
        reader = open_record(run);
    else
        renewals += trm_record_renew(reader, &e);
    trm_record *fresh = open_record(run);
    assert_int_equal(trm_record_count(reader), trm_record_count(fresh));
    assert_true(trm_record_steps(reader) == trm_record_steps(fresh));
    assert_true(trm_record_bytes(reader) == trm_record_bytes(fresh));
    for (int k = 0; k < TRM_MARK_COUNT; k++)
        assert_int_equal(trm_record_marked(reader, (trm_mark)k),
                         trm_record_marked(fresh, (trm_mark)k));
    trm_record_free(fresh);
}

static void a_record_is_renewed(void **state) {
    (void)state;
    for (training_kind kind = 0; kind < TRAINING_KINDS; kind++) {
        trm_config c = large(kind, "model.hidden=100", "seed=1");
        reader = NULL;
        renewals = 0;
        run_until(&c, temp_path(kind ? "supervised" : "run"), kind ? 30 : 80, look_at_record);
        assert_true(renewals > 10);
        trm_record_free(reader);
    }
}

// ---- what cannot be -----------------------------------------------------------------------------

static const char *small_run(training_kind kind) {
    trm_config c = small_training(kind, "seed=2");
    const char *path = temp_path(kind ? "supervised" : "run");
    run_until(&c, path, kind ? 12 : 40, NULL);
    return path;
}

// The first line with `from` replaced by `to`.
static void assert_line_refused(const char *run, const char *text, const char *from, const char *to,
                                const char *says) {
    trm_error e;
    const char *at = strstr(text, from);
    assert_non_null(at);
    FILE *f = fopen(inside(run, "episodes.jsonl"), "w");
    fwrite(text, 1, (size_t)(at - text), f);
    fputs(to, f);
    fputs(at + strlen(from), f);
    fclose(f);
    trm_record *r = trm_record_open(run, &e);
    if (r)
        fail_msg("taken: %s instead of %s", to, from);
    assert_error(&e, TRM_E_INPUT, "episodes.jsonl:1: ", says, NULL);
}

typedef struct hostile_line {
    const char *from, *to, *says;
} hostile_line;

static void assert_lines_refused(training_kind kind, const hostile_line *cases, size_t count) {
    const char *run = small_run(kind);
    size_t size;
    char *text = read_bytes(inside(run, "episodes.jsonl"), &size);
    for (size_t i = 0; i < count; i++)
        assert_line_refused(run, text, cases[i].from, cases[i].to, cases[i].says);
    free(text);
}

static void hostile_lines_are_refused(void **state) {
    (void)state;
    static const hostile_line cases[] = {
        {"{\"episode\":0", "{\"episode\":-1", "episode: expected a whole number"},
        {"{\"episode\":0", "{\"episode\":1e300", "episode: expected a whole number"},
        {"{\"episode\":0", "[\"episode\",0", "not a JSON object"},
        {"\"update\":0", "\"update\":0.5", "update: expected"},
        {"\"length\":", "\"length\":9", "length: expected"},
        {"\"length\":", "\"length\":0, \"x\":", "length: expected"},
        {"\"success\":", "\"success\":2, \"x\":", "success: expected"},
        {"\"level\":47", "\"level\":1e9", "level: expected"},
        {"\"start\":\"", "\"start\":\"zz", "start: expected 64 hexadecimal"},
        {"\"start\":\"", "\"start\":7, \"x\":\"", "start: expected 64 hexadecimal"},
        {"\"actions\":[", "\"actions\":[4,", "actions: expected an array of"},
        {"\"actions\":[", "\"actions\":{}, \"x\":[", "actions: expected an array of"},
        {"\"rewards\":[", "\"rewards\":[1e999, ", "rewards: expected an array of"},
        {"\"reasons\":[\"", "\"reasons\":[7,\"", "reasons: expected texts"},
        {"\"reasons\":[\"", "\"reasons\":[], \"x\":[\"", "why: step 1: expected one of the 0"},
        {"\"why\":[0", "\"why\":[255", "why: step 1: expected one of the"},
        {"\"reward\":", "\"reward\":\"x\", \"y\":", "reward: expected a number"},
        {"}\n", "} x\n", "not a JSON object"},
    };
    assert_lines_refused(BY_EPISODES, cases, sizeof cases / sizeof *cases);
}

static void hostile_lines_of_epochs_are_refused(void **state) {
    (void)state;
    static const hostile_line cases[] = {
        {"{\"epoch\":0", "{\"epoch\":-1", "epoch: expected a whole number"},
        {"{\"epoch\":0", "{\"epoch\":1e300", "epoch: expected a whole number"},
        {"{\"epoch\":0", "{\"episode\":0", "epoch: expected a whole number"},
        {"\"update\":2", "\"update\":2.5", "update: expected"},
        {"\"level\":47", "\"level\":1e9", "level: expected"},
        {"\"samples\":[0,", "\"samples\":[0,0,", "samples: sample 2: expected more than 0"},
        {"\"samples\":[0,1,2,3,4,5,6,7]", "\"samples\":[0,1,2,3,4,5,6,10]",
         "samples: sample 8: expected 0 to 9"},
        {"\"samples\":[", "\"samples\":[], \"x\":[", "samples: expected an array of 1 to 10"},
        {"\"samples\":[", "\"samples\":{}, \"x\":[", "samples: expected an array of 1 to 10"},
        {"\"samples\":[0,", "\"samples\":[", "right: expected an array of 7, one a sample"},
        {"\"right\":[", "\"right\":[1e999,", "right: expected an array of 8"},
        {"\"right\":[", "\"right\":\"\", \"x\":[", "right: expected an array of 8"},
        {"\"right\":[", "\"right\":[65,65,65,65,65,65,65,65], \"x\":[",
         "right: sample 1: expected 0 to 64"},
        {"\"exact\":[0", "\"exact\":[2", "exact: sample 1: expected 0 to 1"},
        {"\"exact\":[0", "\"exact\":[1", "exact: sample 1: expected 0, as"},
        {"}\n", "} x\n", "not a JSON object"},
    };
    assert_lines_refused(BY_EPOCHS, cases, sizeof cases / sizeof *cases);
}

static void open_noisy(const char *run, int32_t *opened, int32_t *refused) {
    trm_error e;
    trm_record *r = trm_record_open(run, &e);
    if (!r) {
        assert_null(strchr(e.message, '\n'));
        ++*refused;
        return;
    }
    trm_model *m = trm_record_model(r, &e);
    trm_agent agent;
    trm_agent_init(&agent, trm_record_env(r), m);
    for (int32_t k = 0; k < trm_record_count(r); k += 5)
        (void)(trm_record_weights(r, k, m, &e) && trm_record_check(r, k, &agent, &e));
    ++*opened;
    trm_agent_done(&agent);
    trm_model_free(m);
    trm_record_free(r);
}

static void torn_and_noisy_files_never_crash(void **state) {
    (void)state;
    for (training_kind kind = 0; kind < TRAINING_KINDS; kind++) {
        const char *run = small_run(kind);
        trm_rng rng;
        size_t size;
        char *text = read_bytes(inside(run, "episodes.jsonl"), &size), *noisy = malloc(size);
        trm_rng_seed(&rng, 1, 1);
        int32_t opened = 0, refused = 0;
        for (int i = 0; i < 300; i++) {
            memcpy(noisy, text, size);
            size_t length = i % 3 ? size : trm_rng_below(&rng, (uint32_t)size);
            for (int k = 0; k < i % 3; k++)
                noisy[trm_rng_below(&rng, (uint32_t)size)] = (char)trm_rng_below(&rng, 256);
            write_bytes(inside(run, "episodes.jsonl"), noisy, length);
            open_noisy(run, &opened, &refused);
        }
        assert_true(opened > 20 && refused > 20);
        free(noisy);
        free(text);
    }
}

// What a killed writer leaves: part of a line, weights without a line, a line without weights.
static void assert_passed_over_and_removed(training_kind kind) {
    const char *run = small_run(kind), *whole = temp_path(kind ? "supervised-whole" : "whole");
    trm_error e;
    trm_config c;
    trm_history *history = malloc(sizeof *history);
    char note[256];
    double seconds;
    trm_record *r = open_record(run);
    int32_t count = trm_record_count(r);
    char third[64];
    snprintf(third, sizeof third, "weights/%09lld.safetensors",
             (long long)trm_record_moment(r, 2)->update);
    trm_record_free(r);
    assert_true(trm_rundir_copy(run, whole, &e));
    unlink(inside(run, third));
    FILE *f = fopen(inside(run, "episodes.jsonl"), "a");
    fputs(kind ? "{\"epoch\":38,\"upd" : "{\"episode\":38,\"upd", f);
    fclose(f);
    write_text(inside(run, "weights/000000039.safetensors.tmp"), "x");
    write_text(inside(run, "weights/000099999.safetensors"), "x");
    r = open_record(run);
    assert_int_equal(trm_record_count(r), count - 1);
    trm_record_free(r);

    trm_rundir *d = trm_rundir_open(&c, run, &e);
    trm_course *l = new_course(&c);
    assert_true(trm_rundir_resume(d, l, history, &seconds, note, sizeof note, &e));
    assert_string_equal(note, "episodes.jsonl and weights lack 1 moments of the run's course");
    trm_course_free(l);
    trm_rundir_close(d);
    assert_int_equal(count_lines(inside(run, "episodes.jsonl")), count - 1);
    assert_false(trm_file_exists(inside(run, "weights/000000039.safetensors.tmp")));
    assert_false(trm_file_exists(inside(run, "weights/000099999.safetensors")));
    // The copy, which may share files with it, is untouched.
    r = open_record(whole);
    assert_int_equal(trm_record_count(r), count);
    trm_record_free(r);
    free(history);
}

static void what_is_not_whole_is_passed_over_and_removed(void **state) {
    (void)state;
    for (training_kind kind = 0; kind < TRAINING_KINDS; kind++)
        assert_passed_over_and_removed(kind);
}

static void assert_rewound(const char *run, const trm_lines_kind *kind, size_t lines,
                           size_t bytes) {
    trm_store s;
    trm_retention k;
    trm_error e;
    int64_t lacking;
    size_t size = 0;
    trm_retention_init(&k, 1000);
    assert_true(trm_store_init(&s, run, 1000, &e));
    if (!trm_store_rewind(&s, &k, kind, 1000, &lacking, &e))
        fail_msg("%s", e.message);
    assert_int_equal(s.count, lines);
    assert_int_equal(lacking, 0);
    trm_store_done(&s);
    if (lines > 0)
        free(read_bytes(inside(run, "episodes.jsonl"), &size));
    else
        assert_false(trm_file_exists(inside(run, "episodes.jsonl")));
    assert_int_equal(size, bytes);
}

// Wherever the file is cut, what stays are its whole lines.
static void assert_whole_lines_stay(const char *run, const trm_config *c, trm_env *env,
                                    int64_t length) {
    const trm_lines_kind kind = trm_lines_kind_of(c, env);
    size_t size, lines = 0, whole;
    run_until(c, run, length, NULL);
    char *text = read_bytes(inside(run, "episodes.jsonl"), &size);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    assert_true(lines > 2);
    // Downwards, as the weights of what is cut off go with it.
    whole = size;
    for (size_t cut = size; cut-- > 0;) {
        if (cut < whole) {
            lines--;
            for (whole--; whole > 0 && text[whole - 1] != '\n';)
                whole--;
        }
        if (cut % (size_t)less() != 0)
            continue;
        write_bytes(inside(run, "episodes.jsonl"), text, cut);
        assert_rewound(run, &kind, lines, whole);
    }
    free(text);
}

static void cut_at_every_byte_whole_lines_stay(void **state) {
    (void)state;
    trm_error e;
    trm_config c = CONFIG("maze-mlp", "model.hidden=4", "env.size=2", "seed=2");
    trm_env *env = trm_env_new(&c.env, &e);
    assert_whole_lines_stay(temp_path("run"), &c, env, 16);
    trm_env_free(env);
    c = small_training(BY_EPOCHS, "seed=2");
    assert_whole_lines_stay(temp_path("supervised"), &c, NULL, 5);
}

// A resumed run whose metrics someone removed still keeps within its size.
static void metrics_that_are_gone_are_made_up_for(void **state) {
    (void)state;
    trm_error e;
    trm_advance u;
    trm_config c = CONFIG("maze-mlp", "model.hidden=100", "run.record_mib=1", "seed=3");
    trm_history *history = malloc(sizeof *history);
    char note[256];
    double seconds;
    const char *path = temp_path("run");
    run_until(&c, path, 200, NULL);
    trm_record *r = open_record(path);
    int64_t best = trm_record_moment(r, trm_record_marked(r, TRM_MARK_BEST))->episode.episode;
    trm_record_free(r);
    write_text(inside(path, "metrics.jsonl"), "");
    trm_rundir *d = trm_rundir_open(&c, path, &e);
    trm_course *l = new_course(&c);
    assert_true(trm_rundir_resume(d, l, history, &seconds, note, sizeof note, &e));
    trm_trainer_hooks h = trm_rundir_hooks(d, &c);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(trm_course_advance(l, NULL, &u, &e), TRM_UPDATE_DONE);
        assert_true(h.advance(h.ctx, l, &u, 1, &e));
        if (i % 20 == 0)
            assert_true(h.checkpoint(h.ctx, l, &(trm_saving){.final = false, .seconds = 1}, &e));
        assert_true(record_bytes(path) <= 1 << 20);
    }
    trm_course_free(l);
    trm_rundir_close(d);
    r = open_record(path);
    assert_true(trm_record_at(r, best) >= 0);
    trm_record_free(r);
    free(history);
}

static void what_the_disk_refuses_is_told(void **state) {
    (void)state;
    trm_error e;
    trm_advance u;
    trm_config c = CONFIG("maze-mlp", "model.hidden=8");
    const char *path = temp_path("run");
    trm_rundir *r = trm_rundir_create(&c, path, &e);
    trm_trainer_hooks h = trm_rundir_hooks(r, &c);
    trm_course *l = new_course(&c);
    write_text(inside(path, "weights"), "in the way");
    assert_int_equal(trm_course_advance(l, NULL, &u, &e), TRM_UPDATE_DONE);
    h.advance(h.ctx, l, &u, 1, &e);
    assert_false(h.checkpoint(h.ctx, l, &(trm_saving){.final = true, .seconds = 1}, &e));
    assert_error(&e, TRM_E_IO, "weights/", "Not a directory", NULL);
    trm_course_free(l);
    trm_rundir_close(r);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_bounded_and_spread),
        TEMP(the_size_is_never_exceeded),
        TEMP(too_large_a_model_is_not_recorded),
        TEMP(every_moment_plays_again),
        TEMP(equal_runs_have_equal_records),
        TEMP(equal_supervised_runs_have_equal_records),
        TEMP(marks_are_those_of_all_episodes),
        TEMP(a_record_is_renewed),
        TEMP(hostile_lines_are_refused),
        TEMP(hostile_lines_of_epochs_are_refused),
        TEMP(torn_and_noisy_files_never_crash),
        TEMP(what_is_not_whole_is_passed_over_and_removed),
        TEMP(cut_at_every_byte_whole_lines_stay),
        TEMP(metrics_that_are_gone_are_made_up_for),
        TEMP(what_the_disk_refuses_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
