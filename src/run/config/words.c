// SPDX-License-Identifier: Apache-2.0
// Where a key matters, and key=value words that have no effect.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "trm/base/text.h"

static const char *leaf(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static trm_config_reader reader_of(const trm_config_row *k) {
    static const struct {
        const char *section;
        trm_config_reader reader;
    } sections[] = {{"env.", CONFIG_BY_ENV},
                    {"data.", CONFIG_BY_DATA},
                    {"model.", CONFIG_BY_MODEL},
                    {"train.", CONFIG_BY_ALGORITHM}};
    if (k->reader != CONFIG_BY_SECTION)
        return k->reader;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (strncmp(k->path, sections[i].section, strlen(sections[i].section)) == 0)
            return sections[i].reader;
    return CONFIG_BY_NONE;
}

// ---- does it matter? ----------------------------------------------------------------------------

static bool is_read(const trm_config_row *k, const trm_config *c, unsigned uses) {
    const bool supervised = trm_config_supervised(c);
    switch (reader_of(k)) {
    case CONFIG_BY_ENV:
        return !supervised && trm_env_reads(c->env.type, leaf(k->path));
    case CONFIG_BY_DATA:
        return supervised && trm_dataset_reads(c->data.type, leaf(k->path));
    case CONFIG_BY_MODEL:
        return trm_arch_reads(c->model.type, leaf(k->path));
    case CONFIG_BY_ALGORITHM:
        return trm_algorithm_reads(c->train.algorithm, leaf(k->path));
    case CONFIG_BY_PUZZLES:
        return supervised ? trm_dataset_reads(c->data.type, leaf(k->path))
                          : trm_env_reads(c->env.type, leaf(k->path));
    case CONFIG_BY_GIVENS:
        return supervised ? (uses & TRM_USE_BOARD) && trm_dataset_reads(c->data.type, "givens_min")
                          : trm_env_reads(c->env.type, "givens");
    case CONFIG_BY_SECTION:
    case CONFIG_BY_NONE:
        break;
    }
    return true;
}

bool trm_config_key_applies(const trm_config_row *k, const trm_config *c, unsigned uses) {
    return (k->uses & uses) && is_read(k, c, uses) && (!k->only || k->only->holds(c));
}

// ---- for people ---------------------------------------------------------------------------------

// What reads a key, by the names that a choice has.
typedef struct readers {
    const char *key; // "env.type"
    const char *(*name)(int32_t i);
    bool (*reads)(const char *name, const char *field);
    const char *field, *all; // all: what they are called together
} readers;

static bool readers_of(const trm_config_row *k, readers *out) {
    const char *field = leaf(k->path);
    switch (reader_of(k)) {
    case CONFIG_BY_ENV:
        *out = (readers){"env.type", trm_env_name, trm_env_reads, field, "in an environment"};
        return true;
    case CONFIG_BY_DATA:
        *out = (readers){"data.type", trm_dataset_name, trm_dataset_reads, field, "supervised"};
        return true;
    case CONFIG_BY_MODEL:
        *out = (readers){"model.type", trm_arch_name, trm_arch_reads, field, ""};
        return true;
    case CONFIG_BY_ALGORITHM:
        *out = (readers){"train.algorithm", trm_algorithm_name, trm_algorithm_reads, field, ""};
        return true;
    case CONFIG_BY_PUZZLES:
    case CONFIG_BY_GIVENS:
        *out = (readers){"env.type", trm_env_name, trm_env_reads, field, ""};
        return true;
    case CONFIG_BY_SECTION:
    case CONFIG_BY_NONE:
        break;
    }
    return false;
}

// "maze", "a, b or c": the names that read the key; `all` where every one does.
static void print_readers(const readers *r, const char *last, trm_json_buffer *out) {
    const bool supervised = r->reads("supervised", r->field); // an algorithm apart from the others
    int32_t count = 0, all = 0, shown = 0;
    for (; r->name(all); all++)
        count += r->reads(r->name(all), r->field);
    if (count == all || (r->name == trm_algorithm_name && !supervised && count == all - 1)) {
        trm_json_append(out, "%s", count == all ? r->all : "in an environment");
        return;
    }
    for (int32_t i = 0; i < all; i++) {
        if (!r->reads(r->name(i), r->field))
            continue;
        trm_json_append(out, "%s%s",
                        shown == 0           ? ""
                        : shown == count - 1 ? last
                                             : ", ",
                        r->name(i));
        shown++;
    }
}

void trm_config_key_print_where(const trm_config_row *k, trm_json_buffer *out) {
    readers r;
    if (readers_of(k, &r))
        print_readers(&r, ", ", out);
    if (k->only)
        trm_json_append(out, "%s%s", out->size ? ", with " : "with ", k->only->says);
}

static void print_purpose(trm_config_purpose purpose, trm_json_buffer *out) {
    static const char *const texts[] = {[CONFIG_KIND] = "what is learned is",
                                        [CONFIG_BOARD] = "the board is",
                                        [CONFIG_REWARD] = "the reward is",
                                        [CONFIG_SEEN] = "what the model sees and may do is",
                                        [CONFIG_SAMPLES] = "the samples are",
                                        [CONFIG_MODEL] = "the model's size is",
                                        [CONFIG_CYCLES] = "the recursion is",
                                        [CONFIG_HALTING] = "halting is",
                                        [CONFIG_START] = "the first weights are",
                                        [CONFIG_LENGTH] = "the length of the training is",
                                        [CONFIG_UPDATE] = "an update is",
                                        [CONFIG_LOSS] = "the loss is",
                                        [CONFIG_RETURNS] = "what a return weighs is",
                                        [CONFIG_RATE] = "the learning rate is",
                                        [CONFIG_STEADY] = "how steady the steps are is",
                                        [CONFIG_RECORD] = "the record is"};
    trm_json_append(out, "%s set by ", texts[purpose]);
}

// ---- words --------------------------------------------------------------------------------------

static const trm_config_row *key_of(const char *word) {
    char path[256];
    const size_t length = strcspn(word, "=");
    trm_text_format(path, sizeof path, "%.*s", (int)(length < 255 ? length : 255), word);
    return trm_config_key_find(path);
}

bool trm_config_override_all(trm_config *c, char *const *words, int n, trm_error *e) {
    for (int i = 0; i < n; i++)
        if (!trm_config_override(c, words[i], e))
            return false;
    return true;
}

bool trm_config_words_set(char *const *words, int n, const char *key) {
    for (int i = 0; i < n; i++)
        if (key_of(words[i]) && strcmp(key_of(words[i])->path, key) == 0)
            return true;
    return false;
}

// A model is asked, and nothing is learned.
enum { ASKS = TRM_USE_EVAL | TRM_USE_MODEL | TRM_USE_BOARD };

static bool only_asks(unsigned uses) {
    return !(uses & ~(unsigned)ASKS);
}

// Why the key does not matter: "it is for env.type=maze, and this is maze-open".
static void print_reason(const trm_config_row *k, const trm_config *c, unsigned uses,
                         trm_json_buffer *out) {
    readers r;
    const bool supervised = trm_config_supervised(c);
    if (!(k->uses & uses)) {
        trm_json_append(out, "%s",
                        only_asks(uses) && !(k->uses & ASKS) ? "it matters in training only"
                        : k->uses == TRM_USE_TRAIN           ? "it is for runs that are recorded"
                                                             : "this command does not use it");
    } else if (is_read(k, c, uses)) {
        trm_json_append(out, "it counts only with %s", k->only->says);
    } else if (readers_of(k, &r)) {
        trm_json_buffer names = {0};
        trm_json_append(&names, "%s", "");
        print_readers(&r, " or ", &names);
        if (supervised && (r.name == trm_env_name || strcmp(names.data, "in an environment") == 0))
            trm_json_append(out, "it is for learning in an environment, and this is supervised");
        else if (r.name == trm_dataset_name && !supervised)
            trm_json_append(out, "it is for data sets, and this learns in an environment");
        else
            trm_json_append(out, "it is for %s=%s, and this is %s", r.key, names.data,
                            r.name == trm_env_name       ? c->env.type
                            : r.name == trm_dataset_name ? c->data.type
                            : r.name == trm_arch_name    ? c->model.type
                                                         : c->train.algorithm);
        free(names.data);
    }
}

// Appends the keys that do matter, of `k`'s purpose or, with `all`, of any. Returns how many.
static int print_others(const trm_config_row *k, const trm_config *c, unsigned uses, bool all,
                        trm_json_buffer *out) {
    int count = 0;
    const trm_config_row *other;
    for (size_t i = 0; (other = trm_config_row_at(i)); i++)
        if ((all || other->purpose == k->purpose) && trm_config_key_applies(other, c, uses))
            trm_json_append(out, "%s%s", count++ ? ", " : "", other->path);
    return count;
}

static bool refuse(const char *word, const trm_config_row *k, const trm_config_asked *asked,
                   trm_error *e) {
    const trm_config *c = asked->config;
    const bool all = !(k->uses & asked->uses) && only_asks(asked->uses); // these are few
    trm_json_buffer reason = {0}, others = {0};
    trm_json_append(&reason, "%s", "");
    trm_json_append(&others, "%s", "");
    print_reason(k, c, asked->uses, &reason);
    trm_json_append(&others, "; ");
    if (all)
        trm_json_append(&others, "what counts here: ");
    else
        print_purpose(k->purpose, &others);
    if (print_others(k, c, asked->uses, all, &others) == 0) {
        others.size = 0;
        trm_json_append(&others, "; `trm presets --describe` tells where each setting applies");
    }
    trm_error_set(e, TRM_E_INPUT, "%.80s has no effect: %s%s", word, reason.data, others.data);
    free(reason.data);
    free(others.data);
    return false;
}

bool trm_config_check_words(const trm_config_asked *asked, int count, char *const *words, int n,
                            trm_error *e) {
    assert(count > 0);
    for (int i = 0; i < n; i++) {
        const trm_config_row *k = key_of(words[i]);
        bool applies = k == NULL; // an unknown one has been refused by then
        for (int a = 0; a < count; a++)
            applies = applies || trm_config_key_applies(k, asked[a].config, asked[a].uses);
        if (!applies)
            return refuse(words[i], k, &asked[0], e);
    }
    return true;
}
