// SPDX-License-Identifier: Apache-2.0
// The folders that the paper's code trains from: all__inputs.npy, all__labels.npy, if there are
// such all__puzzle_identifiers.npy and dataset.json, which says what the arrays hold.
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/files/collection.h"
#include "env/files/npy.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"

enum { PATH = 4096, CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX, JSON_BYTES = 1 << 20 };

enum { INPUTS, LABELS, IDS, INDICES, ARRAYS };
static const char *const names[ARRAYS] = {"all__inputs.npy", "all__labels.npy",
                                          "all__puzzle_identifiers.npy", "all__puzzle_indices.npy"};

static bool join(char out[PATH], const char *folder, const char *name, trm_error *e) {
    return trm_text_format(out, PATH, "%s/%s", folder, name) + 1 < PATH ||
           trm_error_set(e, TRM_E_INPUT, "%s: the path is too long", folder);
}

bool trm_collection_is_arrays(const char *folder) {
    char path[PATH];
    return join(path, folder, names[INPUTS], NULL) && trm_file_exists(path);
}

// ---- dataset.json -------------------------------------------------------------------------------

// What it says; -1: nothing.
typedef struct said {
    int64_t seq_len, vocab_size, puzzles, pad, ignored, blank;
} said;

static bool take(const cJSON *json, const char *key, int64_t *out, trm_error *e) {
    const cJSON *x = cJSON_GetObjectItemCaseSensitive(json, key);
    if (x == NULL || cJSON_IsNull(x))
        return true;
    if (!cJSON_IsNumber(x) || floor(x->valuedouble) != x->valuedouble ||
        fabs(x->valuedouble) > 2147483647)
        return trm_error_set(e, TRM_E_INPUT, "\"%s\" is not a whole number", key);
    *out = (int64_t)x->valuedouble;
    return true;
}

static bool take_sets(const cJSON *json, trm_error *e) {
    const cJSON *sets = cJSON_GetObjectItemCaseSensitive(json, "sets"), *set;
    bool all = sets == NULL;
    cJSON_ArrayForEach(set, sets) all |=
        cJSON_IsString(set) && strcmp(set->valuestring, "all") == 0;
    return all || trm_error_set(e, TRM_E_INPUT,
                                "\"sets\" does not name the set \"all\", which is read here");
}

static bool take_all(const cJSON *json, said *s, trm_error *e) {
    const struct {
        const char *key;
        int64_t *to;
    } numbers[] = {{"seq_len", &s->seq_len},
                   {"vocab_size", &s->vocab_size},
                   {"num_puzzle_identifiers", &s->puzzles},
                   {"pad_id", &s->pad},
                   {"ignore_label_id", &s->ignored},
                   {"blank_identifier_id", &s->blank}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!take(json, numbers[i].key, numbers[i].to, e))
            return false;
    return take_sets(json, e);
}

static bool read_json(const char *path, said *s, trm_error *e) {
    char *text;
    size_t size;
    *s = (said){-1, -1, -1, -1, -1, -1};
    if (!trm_file_exists(path))
        return true;
    if (!trm_file_read(path, JSON_BYTES, &text, &size, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        return false;
    }
    cJSON *json = cJSON_ParseWithLength(text, size);
    const bool ok = cJSON_IsObject(json)
                        ? take_all(json, s, e)
                        : trm_error_set(e, TRM_E_INPUT, "this is not a JSON object");
    cJSON_Delete(json);
    free(text);
    return ok;
}

// Does it say of the arrays what they are?
static bool check_said(const said *s, const trm_npy arrays[ARRAYS], trm_error *e) {
    const long long cells = (long long)arrays[INPUTS].shape[1];
    if (s->seq_len >= 0 && s->seq_len != cells)
        return trm_error_set(e, TRM_E_INPUT, "\"seq_len\" is %lld, and the samples have %lld cells",
                             (long long)s->seq_len, cells);
    if (s->pad > TRM_TOKEN_PAD)
        return trm_error_set(e, TRM_E_INPUT,
                             "\"pad_id\" is %lld, expected %d: sudokus and mazes "
                             "have no other",
                             (long long)s->pad, (int)TRM_TOKEN_PAD);
    if (s->ignored > TRM_TOKEN_PAD)
        return trm_error_set(
            e, TRM_E_INPUT,
            "\"ignore_label_id\" is %lld, expected %d: every cell of a sudoku or a "
            "maze has a label",
            (long long)s->ignored, (int)TRM_TOKEN_PAD);
    for (int i = INPUTS; i <= LABELS; i++)
        for (int64_t k = 0; s->vocab_size >= 0 && k < arrays[i].count; k++)
            if (trm_npy_at(&arrays[i], k) >= s->vocab_size)
                return trm_error_set(e, TRM_E_INPUT,
                                     "\"vocab_size\" is %lld, and sample %lld of %s has the token "
                                     "%lld",
                                     (long long)s->vocab_size, (long long)k / cells, names[i],
                                     (long long)trm_npy_at(&arrays[i], k));
    for (int64_t k = 0; s->puzzles >= 0 && k < arrays[IDS].count; k++)
        if (trm_npy_at(&arrays[IDS], k) >= s->puzzles)
            return trm_error_set(
                e, TRM_E_INPUT, "\"num_puzzle_identifiers\" is %lld, and %s has the number %lld",
                (long long)s->puzzles, names[IDS], (long long)trm_npy_at(&arrays[IDS], k));
    return true;
}

// ---- arrays -------------------------------------------------------------------------------------

static bool check_arrays(const trm_npy arrays[ARRAYS], trm_error *e) {
    const trm_npy *inputs = &arrays[INPUTS], *labels = &arrays[LABELS], *ids = &arrays[IDS];
    if (inputs->dims != 2 || labels->dims != 2 || inputs->shape[0] != labels->shape[0] ||
        inputs->shape[1] != labels->shape[1])
        return trm_error_set(e, TRM_E_INPUT,
                             "%s and %s differ in shape, expected [samples, cells] of both",
                             names[INPUTS], names[LABELS]);
    if (inputs->shape[1] < 1 || inputs->shape[1] > CELLS)
        return trm_error_set(e, TRM_E_INPUT, "samples of %lld cells, expected 1 to %d",
                             (long long)inputs->shape[1], (int)CELLS);
    if (ids->count > inputs->shape[0])
        return trm_error_set(e, TRM_E_INPUT, "%s has %lld numbers for %lld samples", names[IDS],
                             (long long)ids->count, (long long)inputs->shape[0]);
    for (int64_t i = 0; i < ids->count; i++)
        if (trm_npy_at(ids, i) < 0 || trm_npy_at(ids, i) > INT32_MAX)
            return trm_error_set(
                e, TRM_E_INPUT, "%s: %lld cannot be the number of a puzzle, expected 0 to 2^31 - 1",
                names[IDS], (long long)trm_npy_at(ids, i));
    return true;
}

static bool read_sample(trm_collection *c, const trm_npy arrays[ARRAYS], int64_t i, trm_error *e) {
    uint8_t tokens[2][CELLS];
    const int64_t cells = arrays[INPUTS].shape[1];
    for (int64_t k = 0; k < 2 * cells; k++) {
        const int64_t token = trm_npy_at(&arrays[k / cells], i * cells + k % cells);
        if (token < 0 || token > UINT8_MAX)
            return trm_error_set(e, TRM_E_INPUT, "%lld cannot be a token", (long long)token);
        tokens[k / cells][k % cells] = (uint8_t)token;
    }
    return c->kind->tokens(c, tokens[0], tokens[1], (int32_t)cells, e);
}

// The puzzle that sample i belongs to, on from that of the sample before; where nothing says which
// samples a puzzle has, each is one.
static int64_t puzzle_of(const trm_npy arrays[ARRAYS], int64_t i, int64_t puzzle) {
    const trm_npy *indices = &arrays[INDICES], *ids = &arrays[IDS];
    while (puzzle + 1 < indices->count && trm_npy_at(indices, puzzle + 1) <= i)
        puzzle++;
    puzzle = indices->count > 0 ? puzzle : i;
    return puzzle < ids->count ? puzzle : ids->count - 1;
}

static bool read_samples(trm_collection *c, const trm_npy arrays[ARRAYS], trm_error *e) {
    int64_t puzzle = 0;
    for (int64_t i = 0; i < arrays[INPUTS].shape[0]; i++) {
        if (!read_sample(c, arrays, i, e))
            return trm_error_prefix(e, "sample %lld", (long long)i);
        if (arrays[IDS].count == 0)
            continue;
        puzzle = puzzle_of(arrays, i, puzzle);
        trm_collection_set_number(c, c->count - 1, (int32_t)trm_npy_at(&arrays[IDS], puzzle));
    }
    return true;
}

bool trm_collection_read_arrays(trm_collection *c, const char *folder, trm_error *e) {
    trm_npy arrays[ARRAYS] = {{0}};
    char file[PATH];
    said s;
    bool ok = true;
    for (int i = 0; i < ARRAYS && ok; i++)
        ok = join(file, folder, names[i], e) &&
             ((i >= IDS && !trm_file_exists(file)) || trm_npy_read(file, &arrays[i], e));
    ok = ok && (check_arrays(arrays, e) || trm_error_prefix(e, "%s", folder));
    ok = ok && join(file, folder, "dataset.json", e) &&
         ((read_json(file, &s, e) && check_said(&s, arrays, e)) || trm_error_prefix(e, "%s", file));
    ok = ok && (read_samples(c, arrays, e) || trm_error_prefix(e, "%s", folder));
    for (int i = 0; i < ARRAYS; i++)
        trm_npy_done(&arrays[i]);
    return ok;
}
