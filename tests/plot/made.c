// SPDX-License-Identifier: Apache-2.0
#include "made.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/file.h"

static void write_metrics(const char *path, bool supervised, int32_t lines, int32_t from) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (int32_t i = 0; i < lines; i++) {
        const double share = (double)i / lines;
        if (supervised)
            fprintf(out,
                    "{\"epoch\":%d,\"seconds\":%d,\"train_loss\":%g,\"validation_loss\":%g,"
                    "\"cell_accuracy\":%g,\"exact_accuracy\":%g,\"path_recall\":null,"
                    "\"grad_norm\":1,\"lr\":0.001}\n",
                    i, i + 1, 1 - share / 2, 1.1 - share / 2, share, share / 2);
        else
            fprintf(out,
                    "{\"episode\":%d,\"update\":%d,\"step\":%d,\"seconds\":%g,\"reward\":%g,"
                    "\"success\":%d,\"length\":9,\"loss\":0.1,\"entropy\":1,\"grad_norm\":1,"
                    "\"lr\":0.001}\n",
                    i, i, (i + 1) * 9, 0.5 * (i + 1), i / 10.0, i >= from);
    }
    assert_int_equal(fclose(out), 0);
}

const char *made_path(const char *name) {
    static char paths[32][PATH_SIZE];
    static int turn;
    char *path = paths[turn++ % 32];
    snprintf(path, PATH_SIZE, "%s", temp_path(name));
    return path;
}

const char *made_run_with(const char *name, const char *preset, int64_t seed, int32_t lines,
                          int32_t from, const char *word) {
    const char *path = made_path(name);
    char file[PATH_SIZE + 32];
    trm_config c;
    trm_error e = {0};
    assert_true(trm_config_preset(&c, preset, &e));
    if (word && !trm_config_override(&c, word, &e))
        fail_msg("%s", e.message);
    c.seed = seed;
    assert_true(trm_file_mkdirs(path, &e));
    char *text = trm_config_print(&c);
    snprintf(file, sizeof file, "%s/config.json", path);
    write_text(file, text);
    free(text);
    snprintf(file, sizeof file, "%s/metrics.jsonl", path);
    write_metrics(file, trm_config_supervised(&c), lines, from);
    return path;
}

const char *made_run(const char *name, const char *preset, int64_t seed, int32_t lines,
                     int32_t from) {
    return made_run_with(name, preset, seed, lines, from, NULL);
}
