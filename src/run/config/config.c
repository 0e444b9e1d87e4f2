// SPDX-License-Identifier: Apache-2.0
#include "trm/run/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "run/config/keys.h"
#include "run/json.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/train/sizes.h"

enum {
    MAX_CONFIG_BYTES = 1 << 20,
    MAX_KEYS = 160,
    DEFAULT_CHECKPOINT_EVERY = 100,
    DEFAULT_RECORD = 64
};

void trm_config_leave_paths_out(trm_config *c) {
    if (c->env.puzzles[0] != '\0')
        c->data.generated = 0;
    c->env.puzzles[0] = c->env.mazes[0] = '\0';
    if (strchr(c->from, '/'))
        c->from[0] = '\0';
}

trm_config trm_config_default(void) {
    return (trm_config){
        .env = trm_env_config_default(),
        .data = {.type = "none", .difficulty = "any", .train = 300, .validation = 60, .test = 50},
        .model = trm_model_config_default(),
        .train = trm_train_config_default(),
        .checkpoint_every = DEFAULT_CHECKPOINT_EVERY,
        .record_mib = DEFAULT_RECORD,
    };
}

// ---- reading ------------------------------------------------------------------------------------

// Line and column (in characters), both from 1, of byte `at`.
static void locate(const char *text, size_t at, int *line, int *column) {
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// cJSON points one too far where a key should stand and something else does.
static size_t step_back(const char *text, size_t at) {
    if (at < 2 || text[at - 1] == '"' || is_space(text[at - 1]))
        return at;
    size_t before = at - 2;
    while (before > 0 && is_space(text[before]))
        before--;
    return text[before] == '{' || text[before] == ',' ? at - 1 : at;
}

static bool syntax_error(const char *name, const char *text, size_t at, trm_error *e) {
    int line, column;
    size_t size = strlen(text);
    at = step_back(text, at < size ? at : size);
    locate(text, at, &line, &column);
    if (text[at] == '\0')
        return trm_error_set(e, TRM_E_INPUT, "%s:%d:%d: not valid JSON: the text ends too early",
                             name, line, column);
    const size_t length = trm_utf8_decode(text + at, size - at, NULL);
    return trm_error_set(e, TRM_E_INPUT, "%s:%d:%d: not valid JSON from \"%.*s\" on", name, line,
                         column, length > 0 ? (int)length : 1, text + at);
}

static trm_config_value value_of(const cJSON *item) {
    trm_config_value v = {.kind = VALUE_NULL};
    if (cJSON_IsBool(item)) {
        v.kind = VALUE_BOOL;
        v.truth = cJSON_IsTrue(item);
    } else if (cJSON_IsNumber(item)) {
        v.kind = VALUE_NUMBER;
        v.number = item->valuedouble;
    } else if (cJSON_IsString(item)) {
        v.kind = VALUE_STRING;
        v.string = item->valuestring;
    } else if (cJSON_IsArray(item)) {
        v.kind = VALUE_ARRAY;
    } else if (cJSON_IsObject(item)) {
        v.kind = VALUE_OBJECT;
    }
    return v;
}

static const char *kind_name(const cJSON *item) {
    return cJSON_IsString(item)   ? "a string"
           : cJSON_IsNumber(item) ? "a number"
           : cJSON_IsArray(item)  ? "an array"
           : cJSON_IsBool(item)   ? "true or false"
                                  : "null";
}

// First key of a section, or NULL if there is no such section.
static const trm_config_row *section_key(const char *section) {
    size_t length = strlen(section);
    const trm_config_row *k;
    for (size_t i = 0; (k = trm_config_row_at(i)); i++)
        if (strncmp(k->path, section, length) == 0 && k->path[length] == '.')
            return k;
    return NULL;
}

static bool unknown_key(const char *path, trm_error *e) {
    const char *near = trm_config_key_nearest(path);
    if (near)
        return trm_error_set(e, TRM_E_INPUT, "unknown key %s (did you mean %s?)", path, near);
    return trm_error_set(
        e, TRM_E_INPUT, "unknown key %s (`trm presets --describe` lists the keys there are)", path);
}

typedef struct reading {
    trm_config config;
    bool seen[MAX_KEYS]; // by index in the key table
} reading;

static bool read_key(reading *r, const char *path, const cJSON *item, trm_error *e) {
    const trm_config_row *k = trm_config_key_find(path);
    if (!k)
        return unknown_key(path, e);
    size_t index = (size_t)(k - trm_config_row_at(0));
    assert(index < MAX_KEYS);
    if (r->seen[index])
        return trm_error_set(e, TRM_E_INPUT, "%s: appears twice: keep one", path);
    r->seen[index] = true;
    trm_config_value v = value_of(item);
    return trm_config_key_set(k, &r->config, &v, e);
}

static bool read_section(reading *r, const cJSON *section, trm_error *e) {
    if (!cJSON_IsObject(section))
        return trm_error_set(e, TRM_E_INPUT, "%s: expected an object, found %s", section->string,
                             kind_name(section));
    for (const cJSON *other = section->prev; other && other->next; other = other->prev)
        if (strcmp(other->string, section->string) == 0)
            return trm_error_set(e, TRM_E_INPUT, "%s: appears twice: keep one", section->string);
    const cJSON *item;
    cJSON_ArrayForEach(item, section) {
        char path[256];
        trm_text_format(path, sizeof path, "%s.%s", section->string, item->string);
        if (strchr(item->string, '.'))
            return unknown_key(path, e);
        if (!read_key(r, path, item, e))
            return false;
    }
    return true;
}

static bool read_root(reading *r, const cJSON *root, trm_error *e) {
    if (!cJSON_IsObject(root))
        return trm_error_set(e, TRM_E_INPUT, "expected an object, found %s", kind_name(root));
    const cJSON *item;
    cJSON_ArrayForEach(item, root) {
        const char *dot = strchr(item->string, '.');
        if (dot && trm_config_key_find(item->string))
            return trm_error_set(e, TRM_E_INPUT, "%s: write it nested: {\"%.*s\": {\"%s\": ...}}",
                                 item->string, (int)(dot - item->string), item->string, dot + 1);
        bool ok = section_key(item->string) ? read_section(r, item, e)
                                            : read_key(r, item->string, item, e);
        if (!ok)
            return false;
    }
    return true;
}

bool trm_config_parse(trm_config *c, const char *name, const char *text, trm_error *e) {
    size_t size = strlen(text), bad = trm_utf8_check(text, size);
    int line, column;
    if (bad < size) {
        locate(text, bad, &line, &column);
        return trm_error_set(e, TRM_E_INPUT, "%s:%d:%d: not UTF-8", name, line, column);
    }
    const char *end = text;
    cJSON *root = trm_json_parse(text, size + 1, &end, true);
    if (!root)
        return syntax_error(name, text, (size_t)(end - text), e);
    reading r = {.config = *c};
    bool ok = read_root(&r, root, e);
    cJSON_Delete(root);
    if (!ok)
        return trm_error_prefix(e, "%s", name);
    *c = r.config;
    return true;
}

bool trm_config_override(trm_config *c, const char *word, trm_error *e) {
    char path[256];
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return trm_error_set(e, TRM_E_INPUT, "\"%s\" is not a key=value word", word);
    trm_text_format(path, sizeof path, "%.*s", (int)(equals - word < 255 ? equals - word : 255),
                    word);
    const trm_config_row *k = trm_config_key_find(path);
    if (!k)
        return unknown_key(path, e);
    trm_config_value v = trm_config_key_read(k, equals + 1);
    return trm_config_key_set(k, c, &v, e);
}

bool trm_config_check(const trm_config *c, trm_error *e) {
    if (c->train.broadcast_bug && c->train.envs != 1)
        return trm_error_set(e, TRM_E_INPUT,
                             "train.broadcast_bug needs train.envs=1 (the original has one "
                             "environment), found %d",
                             (int)c->train.envs);
    bool supervised = trm_config_supervised(c), data = strcmp(c->data.type, "none") != 0;
    if (supervised && !data)
        return trm_error_set(e, TRM_E_INPUT, "train.algorithm=supervised needs a data.type");
    if (!supervised && data)
        return trm_error_set(e, TRM_E_INPUT, "data.type=%s needs train.algorithm=supervised",
                             c->data.type);
    int64_t samples = (int64_t)c->data.train * (c->data.augment ? c->data.augment : 1);
    if (supervised && c->train.batch > samples)
        return trm_error_set(
            e, TRM_E_INPUT,
            "train.batch: %d is more than the %lld training samples of an epoch: set a smaller one",
            (int)c->train.batch, (long long)samples);
    return true;
}

bool trm_config_supervised(const trm_config *c) {
    return strcmp(c->train.algorithm, "supervised") == 0;
}

trm_dataset_config trm_config_data(const trm_config *c) {
    trm_dataset_config data = c->data;
    const char *files = trm_dataset_reads(data.type, "puzzles") ? c->env.puzzles
                        : trm_dataset_reads(data.type, "mazes") ? c->env.mazes
                                                                : "";
    trm_text_copy(data.files, sizeof data.files, files);
    data.threads = c->train.threads;
    if (trm_arch_reads_tokens(c->model.type)) {
        data.encoding = TRM_ENCODING_TOKENS;
        data.numbered = c->model.puzzle_dim > 0;
        data.puzzles = c->model.puzzles;
    }
    return data;
}

bool trm_config_model(const trm_config *c, trm_model_config *out, trm_error *e) {
    *out = c->model;
    if (trm_config_supervised(c)) {
        trm_dataset shape;
        const trm_dataset_config data = trm_config_data(c);
        if (!trm_dataset_shape(&data, &shape, e))
            return false;
        trm_model_take_dataset(out, &shape);
        return true;
    }
    trm_env *env = trm_env_new(&c->env, e);
    if (!env)
        return false;
    trm_model_take_env(out, env);
    out->value_head = trm_algorithm_values(c->train.algorithm);
    out->halting_head = c->train.halting;
    out->q_values = trm_algorithm_learns_q(c->train.algorithm);
    out->dueling_head = out->q_values && c->train.dueling;
    trm_env_free(env);
    return true;
}

// ---- where from ---------------------------------------------------------------------------------

// A file that does not say what it came from is labelled with its own name.
static void label_by_name(trm_config *c, const char *path) {
    const char *slash = strrchr(path, '/');
    char name[TRM_CONFIG_NAME + 5];
    if (!trm_text_copy(name, sizeof name, slash ? slash + 1 : path) ||
        !trm_text_ends(name, ".json"))
        return;
    name[strlen(name) - 5] = '\0';
    if (trm_config_label_valid(name, sizeof c->preset))
        trm_text_copy(c->preset, sizeof c->preset, name);
}

static bool load_file(trm_config *c, const char *path, trm_error *e) {
    char *text;
    size_t size;
    trm_config read = trm_config_default();
    if (trm_text_ends(path, ".safetensors"))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: a model, not a configuration: expected a preset, a folder of a "
                             "run, or a .json file",
                             path);
    if (!trm_file_read(path, MAX_CONFIG_BYTES, &text, &size, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        return false;
    }
    bool ok = strlen(text) == size
                  ? trm_config_parse(&read, path, text, e)
                  : trm_error_set(e, TRM_E_INPUT, "%s: not JSON: it holds zero bytes", path);
    free(text);
    if (!ok)
        return false;
    if (!read.preset[0])
        label_by_name(&read, path);
    *c = read;
    return true;
}

bool trm_config_load(trm_config *c, const char *preset_or_path, trm_error *e) {
    const char *word = preset_or_path;
    char path[4096];
    bool folder = trm_file_is_folder(word);
    if (!folder && (strchr(word, '/') || trm_text_ends(word, ".json")))
        return load_file(c, word, e);
    if (!folder)
        return trm_config_preset(c, word, e);
    if (trm_text_format(path, sizeof path, "%s/config.json", word) + 1 >= sizeof path)
        return trm_error_set(e, TRM_E_INPUT, "%s: the path is too long", word);
    if (!trm_file_exists(path))
        return trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)",
                             word);
    return load_file(c, path, e);
}

// ---- writing ------------------------------------------------------------------------------------

char *trm_config_print(const trm_config *c) {
    trm_json_buffer out = {0};
    const char *section = "";
    int length = 0; // of the section that is open; 0: none
    const trm_config defaults = trm_config_default();
    const trm_config_row *k;
    trm_json_append(&out, "{");
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        if (k->quiet && trm_config_key_equal(k, c, &defaults))
            continue;
        const char *dot = strchr(k->path, '.');
        bool same = length > 0 && dot && strncmp(k->path, section, (size_t)length + 1) == 0;
        if (length > 0 && !same)
            trm_json_append(&out, "\n  }");
        trm_json_append(&out, i && (same || !dot || out.data[out.size - 1] != '{') ? ",\n" : "\n");
        if (!same)
            length = dot ? (int)(dot - k->path) : 0;
        if (dot && !same) {
            section = k->path;
            trm_json_append(&out, "  \"%.*s\": {\n", length, section);
        }
        trm_json_append(&out, dot ? "    \"%s\": " : "  \"%s\": ", dot ? dot + 1 : k->path);
        trm_config_key_print(k, c, &out);
    }
    trm_json_append(&out, length > 0 ? "\n  }\n}\n" : "\n}\n");
    return out.data;
}

// Columns of the table for people.
enum { PATH, TYPE, DEFAULT, DOC, COLUMNS };

static void describe_key(const trm_config_row *k, const trm_config *defaults,
                         trm_json_buffer out[COLUMNS]) {
    for (int i = 0; i < COLUMNS; i++)
        out[i].size = 0;
    trm_json_append(&out[PATH], "%s", k->path);
    trm_config_key_print_type(k, &out[TYPE]);
    trm_config_key_print(k, defaults, &out[DEFAULT]);
    trm_config_key_print_where(k, &out[DOC]);
    trm_json_append(&out[DOC], "%s%s", out[DOC].size ? ": " : "", k->doc);
}

void trm_config_describe(FILE *out) {
    static const char *const heads[COLUMNS] = {"key", "value", "default", "where: what it is"};
    trm_config defaults = trm_config_default();
    trm_json_buffer cells[COLUMNS] = {{0}};
    size_t widths[COLUMNS] = {0};
    const trm_config_row *k;
    for (int i = 0; i < COLUMNS; i++)
        widths[i] = strlen(heads[i]);
    for (size_t row = 0; (k = trm_config_row_at(row)); row++) {
        describe_key(k, &defaults, cells);
        for (int i = 0; i < COLUMNS; i++)
            widths[i] = cells[i].size > widths[i] ? cells[i].size : widths[i];
    }
    fprintf(out, "%-*s  %-*s  %-*s  %s\n", (int)widths[PATH], heads[PATH], (int)widths[TYPE],
            heads[TYPE], (int)widths[DEFAULT], heads[DEFAULT], heads[DOC]);
    for (size_t row = 0; (k = trm_config_row_at(row)); row++) {
        describe_key(k, &defaults, cells);
        fprintf(out, "%-*s  %-*s  %-*s  %s\n", (int)widths[PATH], cells[PATH].data,
                (int)widths[TYPE], cells[TYPE].data, (int)widths[DEFAULT], cells[DEFAULT].data,
                cells[DOC].data);
    }
    for (int i = 0; i < COLUMNS; i++)
        free(cells[i].data);
}
