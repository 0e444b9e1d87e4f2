// SPDX-License-Identifier: Apache-2.0
// Gives the target every file of the folders named.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "target.h"
#include "trm/base/file.h"

enum { MOST = 1 << 24 };

static int replay(const char *folder) {
    struct dirent **entries;
    int played = 0, n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0) {
        perror(folder);
        exit(1);
    }
    for (int i = 0; i < n; i++) {
        char name[4096], *bytes;
        size_t size;
        trm_error e;
        snprintf(name, sizeof name, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            if (!trm_file_read(name, MOST, &bytes, &size, &e)) {
                fprintf(stderr, "%s\n", e.message);
                exit(1);
            }
            fprintf(stderr, "%s\n", name);
            LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
            free(bytes);
            played++;
        }
        free(entries[i]);
    }
    free(entries);
    return played;
}

int main(int argc, char **argv) {
    int played = 0;
    for (int i = 1; i < argc; i++)
        played += replay(argv[i]);
    printf("%d inputs\n", played);
    return played > 0 ? 0 : 1;
}
