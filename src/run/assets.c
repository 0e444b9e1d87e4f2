// SPDX-License-Identifier: Apache-2.0
#include "trm/run/assets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

#if __has_include("run/models.h")
#include "run/models.h" // of the build
#else
#define TRM_MODELS "/usr/local/share/trm/models"
#endif

enum { PATH = 4096, FOLDERS_ABOVE = 6 };

static const char ENDING[] = ".safetensors";

// Cuts the last part off; false at the root.
static bool go_up(char *folder) {
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return false;
    *slash = '\0';
    return true;
}

// Where models may be, in the order of looking: place i; false past the last. Beside the program
// first, so that it can be moved; where it was built to be, for systems that do not tell where it
// is.
static bool folder_at(int i, char out[PATH]) {
    static const char *const built[] = {TRM_MODELS};
    enum { BUILT = sizeof built / sizeof *built };
    char folder[PATH];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (length <= 0 || i > FOLDERS_ABOVE) {
        i -= length <= 0 ? 0 : FOLDERS_ABOVE + 1;
        return i < BUILT && trm_text_copy(out, PATH, built[i]);
    }
    folder[length] = '\0';
    go_up(folder);
    for (int up = 0; up < i; up++)
        go_up(folder); // stays at the root
    const char *models = i == 0 ? "../share/trm/models" : "assets/models";
    return trm_text_format(out, PATH, "%s/%s", folder, models) + 1 < PATH;
}

void trm_model_asset_folder(char *out, size_t size) {
    char folder[PATH];
    bool found = false;
    for (int i = 0; !found && folder_at(i, folder); i++) {
        found = trm_file_is_folder(folder);
        trm_text_copy(out, size, folder);
    }
}

bool trm_model_asset_path(const char *name, char *out, size_t size) {
    char folder[PATH];
    if (strcmp(name, "maze") == 0) // as it was called before
        name = "maze-open";
    bool plain = name[0] && name[0] != '.' && !strchr(name, '/');
    for (int i = 0; plain && folder_at(i, folder); i++)
        if (trm_text_format(out, size, "%s/%s%s", folder, name, ENDING) + 1 < size &&
            trm_file_exists(out))
            return true;
    out[0] = '\0';
    return false;
}

bool trm_model_asset_card(const char *name, const char *key, char out[TRM_MODEL_CARD_TEXT]) {
    enum { MOST = 1 << 20 };
    char path[PATH], want[64];
    char *text = NULL;
    size_t size;
    trm_error e;
    out[0] = '\0';
    if (!trm_model_asset_path(name, path, sizeof path - sizeof ".md"))
        return false;
    memcpy(path + strlen(path) - strlen(ENDING), ".md", sizeof ".md");
    if (!trm_file_read(path, MOST, &text, &size, &e))
        return false;
    trm_text_format(want, sizeof want, "\n| %s | ", key);
    const char *row = strstr(text, want);
    if (row) {
        row += strlen(want);
        const char *end = strstr(row, " |");
        const size_t n = end ? (size_t)(end - row) : strcspn(row, "\n");
        trm_text_format(out, TRM_MODEL_CARD_TEXT, "%.*s", (int)n, row);
    }
    free(text);
    return row != NULL;
}

// Other people's checkpoints have any name: a file that is no text, or one that often stands in the
// place of weights (a pointer of Git LFS, a web page), of which reading says more.
static bool holds_weights(const char *path) {
    enum { LOOK = 64 };
    static const char pointer[] = "version https://git-lfs";
    char head[LOOK] = "";
    FILE *in = trm_file_stream(path, NULL);
    if (!in)
        return false;
    const size_t n = fread(head, 1, sizeof head, in);
    fclose(in);
    return memchr(head, 0, n) || strncmp(head, pointer, sizeof pointer - 1) == 0 || head[0] == '<';
}

bool trm_model_named(const char *word) {
    char path[PATH];
    return trm_text_ends(word, ENDING) || holds_weights(word) ||
           (!trm_file_exists(word) && trm_model_asset_path(word, path, sizeof path));
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

static int32_t list(const char *folder, char (*names)[TRM_MODEL_ASSET_NAME]) {
    int32_t n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && n < TRM_MODEL_ASSETS && (entry = readdir(d)) != NULL;) {
        size_t length = strlen(entry->d_name) - strlen(ENDING);
        if (!trm_text_ends(entry->d_name, ENDING) || length == 0 || length >= TRM_MODEL_ASSET_NAME)
            continue;
        memcpy(names[n], entry->d_name, length);
        names[n++][length] = '\0';
    }
    if (d)
        closedir(d);
    qsort(names, (size_t)n, sizeof *names, by_name);
    return n;
}

int32_t trm_model_asset_names(char (*names)[TRM_MODEL_ASSET_NAME]) {
    char folder[PATH];
    int32_t n = 0;
    for (int i = 0; n == 0 && folder_at(i, folder); i++)
        n = list(folder, names);
    return n;
}
