// SPDX-License-Identifier: Apache-2.0
#include "trm/run/assets.h"

#include <string.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

enum { PATH = 4096, FOLDERS_ABOVE = 6 };

static bool try_path(const char *folder, const char *models, const char *name, char *out,
                     size_t size) {
    size_t length = trm_text_format(out, size, "%s/%s/%s.safetensors", folder, models, name);
    return length + 1 < size && trm_file_exists(out);
}

// Cuts the last part off; false at the root.
static bool go_up(char *folder) {
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return false;
    *slash = '\0';
    return true;
}

bool trm_model_asset_path(const char *name, char *out, size_t size) {
    char folder[PATH];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    bool plain = name[0] && name[0] != '.' && !strchr(name, '/');
    if (length > 0 && plain) {
        folder[length] = '\0';
        go_up(folder);
        if (try_path(folder, "../share/trm/models", name, out, size))
            return true;
        for (int i = 0; i < FOLDERS_ABOVE && go_up(folder); i++)
            if (try_path(folder, "assets/models", name, out, size))
                return true;
    }
    out[0] = '\0';
    return false;
}
